//! What is wrong with a payload is said, all of it, field by field.

use contract::{EventType, Incoming, Issue, Reported, decode, id_issue, parse_time};
use lifecycle::Happening;
use serde_json::{Value, json, to_value};

use crate::{
    samples::incoming,
    story::{began, is_queue, read},
};

/// The code and the path of everything that is wrong.
pub(crate) fn wrong(payload: &Value) -> Vec<(String, String)> {
    let issues = decode(payload, began(), &is_queue).expect_err("it should be refused");
    for Issue { message, code, .. } in &issues {
        assert!(!message.is_empty(), "{code} says nothing to a person");
    }
    issues.into_iter().map(|issue| (issue.code, issue.path.join("."))).collect()
}

fn one_wrong(payload: &Value, code: &str, path: &str) {
    assert_eq!(wrong(payload), [(code.to_owned(), path.to_owned())], "{payload}");
}

/// A valid payload of each event, as JSON.
fn valid() -> Vec<Value> {
    incoming::events().into_iter().map(|(_, event)| to_value(event).expect("JSON")).collect()
}

fn with(mut payload: Value, key: &str, value: Value) -> Value {
    payload[key] = value;
    payload
}

fn without(mut payload: Value, key: &str) -> Value {
    payload.as_object_mut().expect("an object").remove(key);
    payload
}

fn valid_as(event: &str) -> Value {
    to_value(incoming::event(event)).expect("JSON")
}

#[test]
fn what_is_not_an_object_is_refused_as_a_whole() {
    for body in [json!(null), json!([]), json!("call_hold"), json!(7), json!(true)] {
        one_wrong(&body, "invalid_type", "");
    }
}

#[test]
fn an_event_has_to_say_which_it_is() {
    one_wrong(&json!({}), "invalid_type", "event");
    one_wrong(&json!({ "type": "call_hold", "callId": "c1" }), "invalid_type", "event");
    one_wrong(&json!({ "event": null, "callId": "c1" }), "invalid_type", "event");
    for event in [json!("call_started"), json!(""), json!(7), json!(["call_hold"]), json!({})] {
        let payload = json!({ "event": event, "callId": "c1" });
        one_wrong(&payload, "invalid_union_discriminator", "event");
    }
}

#[test]
fn what_the_system_records_by_itself_does_not_come_from_outside() {
    for kind in EventType::ALL {
        let outside = incoming::events().iter().any(|(_, event)| event.event == kind.name());
        if !outside {
            let payload = json!({ "event": kind.name(), "callId": "c1", "agentId": "ana" });
            one_wrong(&payload, "invalid_union_discriminator", "event");
        }
    }
}

#[test]
fn each_field_that_is_needed_is_missed() {
    let needed = [
        ("call_initiated", &["callId", "type", "queueId"][..]),
        ("call_routed", &["callId", "agentId", "routingTime"]),
        ("call_answered", &["callId", "waitTime"]),
        ("call_hold", &["callId", "holdDuration"]),
        ("call_resumed", &["callId"]),
        ("call_transferred", &["callId", "kind"]),
        ("call_ended", &["callId", "endReason", "duration"]),
    ];
    for (event, keys) in needed {
        for key in keys {
            one_wrong(&without(valid_as(event), key), "invalid_type", key);
            one_wrong(&with(valid_as(event), key, json!(null)), "invalid_type", key);
        }
    }
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let payload =
        json!({ "event": "call_ended", "callId": "", "endReason": "done", "duration": "5" });
    let all = [
        ("too_small", "callId"),
        ("invalid_enum_value", "endReason"),
        ("invalid_type", "duration"),
    ];
    assert_eq!(wrong(&payload), all.map(|(code, path)| (code.to_owned(), path.to_owned())));
}

#[test]
fn a_text_is_never_taken_for_a_number() {
    for (event, key) in [
        ("call_routed", "routingTime"),
        ("call_answered", "waitTime"),
        ("call_hold", "holdDuration"),
        ("call_ended", "duration"),
        ("call_answered_offer", "offer"),
    ] {
        for bad in [json!("9"), json!("9.5"), json!(""), json!(true), json!([9]), json!({})] {
            one_wrong(&with(valid_as(event), key, bad), "invalid_type", key);
        }
        one_wrong(&with(valid_as(event), key, json!(-1)), "too_small", key);
        one_wrong(&with(valid_as(event), key, json!(-0.001)), "too_small", key);
    }
    for bad in [json!(1.5), json!(4_294_967_296_u64), json!(1e300)] {
        one_wrong(&with(valid_as("call_answered_offer"), "offer", bad), "invalid_type", "offer");
    }
}

#[test]
fn a_number_from_0_is_taken_as_it_is() {
    for (given, understood) in [
        (json!(0), 0.0),
        (json!(-0.0), 0.0),
        (json!(0.25), 0.25),
        (json!(30), 30.0),
        (json!(1e15), 1e15),
        (json!(1.5e300), 1.5e300),
        (json!(u64::MAX), 18_446_744_073_709_551_615.0),
    ] {
        let event = read(&with(valid_as("call_hold"), "holdDuration", given.clone()));
        let held = Reported::Happening(Happening::Held { held_s: understood });
        assert_eq!(event.reported, held, "{given}");
    }
}

#[test]
fn equal_numbers_are_kept_as_equal_text() {
    let kept = |given: Value| {
        let payload = read(&with(valid_as("call_hold"), "holdDuration", given)).payload;
        payload.as_text().to_owned()
    };
    assert_eq!(kept(json!(5.0)), r#"{"holdDuration":5}"#);
    assert_eq!(kept(json!(5)), r#"{"holdDuration":5}"#);
    assert_eq!(kept(json!(-0.0)), r#"{"holdDuration":0}"#);
    assert_eq!(kept(json!(0.5)), r#"{"holdDuration":0.5}"#);
}

#[test]
fn an_id_is_1_to_255_characters_of_any_printable_text() {
    let longest = "é".repeat(255);
    let too_long = "x".repeat(256);
    let odd = "Ω call:*, with [brackets] 📞 __proto__ ' \" \\ / ?";
    for id in ["1", odd, &longest, "CA8a2f0c4d6e1b4f7a9c3d5e7f1a2b3c4d5-1"] {
        assert_eq!(id_issue(id, &[]), None, "{id}");
        assert_eq!(&*read(&json!({ "event": "call_resumed", "callId": id })).call_id, id);
    }
    for (bad, code) in [
        ("", "too_small"),
        (too_long.as_str(), "too_big"),
        ("a\nb", "invalid_string"),
        ("a\u{0}", "invalid_string"),
        ("\u{7f}", "invalid_string"),
        ("\u{85}", "invalid_string"),
    ] {
        for (event, key) in [
            ("call_resumed", "callId"),
            ("call_initiated_video", "eventId"),
            ("call_initiated", "queueId"),
            ("call_routed", "agentId"),
        ] {
            one_wrong(&with(valid_as(event), key, json!(bad)), code, key);
        }
    }
    for bad in [json!(7), json!(true), json!([]), json!({})] {
        one_wrong(&with(valid_as("call_resumed"), "callId", bad), "invalid_type", "callId");
    }
}

#[test]
fn a_queue_that_does_not_exist_is_named() {
    for event in ["call_initiated", "call_transferred"] {
        let payload = with(valid_as(event), "queueId", json!("dental"));
        one_wrong(&payload, "unknown_queue", "queueId");
        let issues = decode(&payload, began(), &is_queue).expect_err("it is unknown");
        assert!(issues[0].message.contains("`dental`"), "{}", issues[0].message);
    }
}

#[test]
fn a_word_that_is_not_on_the_list_is_refused() {
    for (event, key) in
        [("call_initiated", "type"), ("call_ended", "endReason"), ("call_transferred", "kind")]
    {
        for bad in ["", "Voice", "VOICE", "voice ", "other"] {
            one_wrong(&with(valid_as(event), key, json!(bad)), "invalid_enum_value", key);
        }
        one_wrong(&with(valid_as(event), key, json!(1)), "invalid_type", key);
    }
}

#[test]
fn a_transfer_goes_somewhere() {
    let nowhere = without(valid_as("call_transferred"), "queueId");
    one_wrong(&nowhere, "missing_target", "queueId");
    let both = with(valid_as("call_transferred"), "agentId", json!("ben"));
    let Reported::Happening(Happening::TransferredBlind { queue, agent }) = read(&both).reported
    else {
        panic!("it is a blind transfer");
    };
    assert_eq!((queue.as_deref(), agent.as_deref()), (Some("medical_english"), Some("ben")));
}

#[test]
fn a_time_is_iso_8601_and_not_more_than_5_minutes_ahead() {
    let at = |time: &str| with(valid_as("call_resumed"), "occurredAt", json!(time));
    for good in [
        "2026-11-21T09:30:00Z",
        "2026-11-21T09:34:59.999Z",
        "2026-11-21T09:35:00.000Z",
        "2026-11-21T12:35:00+03:00",
        "1999-12-31T23:59:59Z",
    ] {
        let event = read(&at(good));
        assert_eq!(event.occurred_at, parse_time(good), "{good}");
        assert_eq!(event.payload.as_text(), format!(r#"{{"occurredAt":"{good}"}}"#));
    }
    for bad in [
        "2026-11-21T09:35:00.001Z",
        "2027-01-01T00:00:00Z",
        "2026-11-21T09:30:00",
        "2026-11-21",
        "2026-02-30T09:30:00Z",
        "yesterday",
        "",
        "1795253400",
    ] {
        one_wrong(&at(bad), "invalid_time", "occurredAt");
    }
    let number = with(valid_as("call_resumed"), "occurredAt", json!(1_795_253_400));
    one_wrong(&number, "invalid_type", "occurredAt");
}

#[test]
fn unknown_keys_are_dropped() {
    for payload in valid() {
        let mut more = payload.clone();
        for key in ["trunk", "flags", "seq", "status", "__proto__", "", "call_Id"] {
            more[key] = json!({ "deep": [1, null, "x"] });
        }
        assert_eq!(read(&more), read(&payload));
    }
}

#[test]
fn keys_of_another_event_are_unknown_keys() {
    let hold = with(valid_as("call_hold"), "agentId", json!(7));
    assert_eq!(read(&hold), read(&valid_as("call_hold")));
}

#[test]
fn the_payload_that_is_kept_names_neither_the_event_nor_the_call_nor_the_key() {
    for payload in valid() {
        let event = read(&payload);
        let kept: Value = serde_json::from_str(event.payload.as_text()).expect("it is JSON");
        let mut left = payload;
        for key in ["event", "callId", "eventId"] {
            left = without(left, key);
        }
        assert!(same_numbers(&kept, &left), "{kept} is not {left}");
    }
}

/// Equal, where `5.0` is `5`.
fn same_numbers(one: &Value, other: &Value) -> bool {
    let (Some(one), Some(other)) = (one.as_object(), other.as_object()) else { return false };
    let same = |key: &String, value: &Value| match (value.as_f64(), other.get(key)) {
        (Some(number), Some(other)) => other.as_f64() == Some(number),
        (None, other) => other == Some(value),
        (Some(_), None) => false,
    };
    one.len() == other.len() && one.iter().all(|(key, value)| same(key, value))
}

#[test]
fn the_order_of_keys_makes_no_difference() {
    let one = r#"{"event":"call_ended","callId":"c1","endReason":"failed","duration":1}"#;
    let other = r#"{"duration":1.0,"endReason":"failed","callId":"c1","event":"call_ended"}"#;
    let parse = |text| serde_json::from_str::<Value>(text).expect("it is JSON");
    assert_eq!(read(&parse(one)), read(&parse(other)));
}

#[test]
fn a_typed_event_is_written_so_that_it_is_understood() {
    let event = Incoming { wait_time: Some(0.1), ..crate::story::incoming("call_answered") };
    let read = read(&to_value(event).expect("JSON"));
    let answered = Happening::Answered { waited_s: 0.1, agent: None, offer: None };
    assert_eq!(read.reported, Reported::Happening(answered));
}

//! Whatever comes in is understood, or refused with a reason; never worse.

use contract::{IncomingEvent, decode};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, Number, Value, to_value};

use crate::{
    samples::incoming,
    story::{began, is_queue},
};

/// Any JSON.
fn json() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        any::<f64>().prop_filter_map("JSON has no such number", Number::from_f64),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        select(words()).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let key = prop_oneof![any::<String>(), select(keys()).prop_map(str::to_owned)];
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((key, inner), 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn words() -> Vec<&'static str> {
    vec![
        "call_initiated",
        "call_routed",
        "call_answered",
        "call_hold",
        "call_resumed",
        "call_transferred",
        "call_ended",
        "call_retransfer",
        "voice",
        "video",
        "blind",
        "attended",
        "completed",
        "abandoned",
        "failed",
        "medical_spanish",
        "legal_english",
        "2026-11-21T09:30:00Z",
    ]
}

fn keys() -> Vec<&'static str> {
    vec![
        "event",
        "event_type",
        "event_name",
        "metadata",
        "data",
        "callId",
        "call_id",
        "eventId",
        "event_id",
        "occurredAt",
        "occurred_at",
        "type",
        "queueId",
        "queue_id",
        "agentId",
        "agent_id",
        "routingTime",
        "routing_time",
        "waitTime",
        "wait_time",
        "offer",
        "holdDuration",
        "hold_duration",
        "kind",
        "endReason",
        "end_reason",
        "duration",
    ]
}

/// A valid event of which some fields are others, and to which some are added.
fn spoiled() -> impl Strategy<Value = Value> {
    let valid = incoming::events().into_iter().map(|(_, event)| to_value(event).expect("JSON"));
    let changes = vec((select(keys()), json()), 0..4);
    (select(valid.collect::<Vec<_>>()), changes).prop_map(|(mut event, changes)| {
        for (key, value) in changes {
            event[key] = value;
        }
        event
    })
}

/// A valid event of any numbers and ids.
fn valid() -> impl Strategy<Value = Value> {
    let id = || "[^\\x00-\\x1f\\x7f-\\x9f]{1,255}";
    let events = incoming::events().into_iter().map(|(_, event)| event).collect::<Vec<_>>();
    let seconds = prop_oneof![0.0..100.0, (0_u32..100).prop_map(f64::from), 0.0..f64::MAX];
    (select(events), id(), id(), id(), seconds).prop_map(
        |(mut event, call, agent, key, seconds)| {
            event.call_id = call;
            event.event_id = Some(key);
            event.agent_id = event.agent_id.map(|_| agent);
            for given in [
                &mut event.routing_time,
                &mut event.wait_time,
                &mut event.hold_duration,
                &mut event.duration,
            ] {
                *given = given.map(|_| seconds);
            }
            to_value(event).expect("JSON")
        },
    )
}

/// The event as a client would have to send it for what was understood.
fn written(event: &IncomingEvent) -> Value {
    let mut body: Map<String, Value> =
        serde_json::from_str(event.payload.as_text()).expect("it is JSON");
    body.insert("event".to_owned(), event.kind.name().into());
    body.insert("callId".to_owned(), event.call_id.as_ref().into());
    if let Some(key) = &event.key {
        body.insert("eventId".to_owned(), key.as_ref().into());
    }
    Value::Object(body)
}

/// Refused with a reason, or understood; and then what was understood is understood again.
fn judge(body: &Value) -> Result<bool, TestCaseError> {
    match decode(body, began(), &is_queue) {
        Err(issues) => {
            prop_assert!(!issues.is_empty(), "refused without a reason");
            Ok(false)
        }
        Ok(event) => {
            let again = decode(&written(&event), began(), &is_queue);
            prop_assert_eq!(again, Ok(event));
            Ok(true)
        }
    }
}

#[test]
fn a_number_is_kept_to_its_last_digit() {
    let text = r#"{"event":"call_hold","callId":"c1","holdDuration":90.96609168230145}"#;
    let body = serde_json::from_str(text).expect("it is JSON");
    let event = decode(&body, began(), &is_queue).expect("it is valid");
    assert_eq!(event.payload.as_text(), r#"{"holdDuration":90.96609168230145}"#);
}

proptest! {
    #[test]
    fn any_json_is_understood_or_refused(body in json()) {
        judge(&body)?;
    }

    #[test]
    fn an_event_with_spoiled_fields_is_understood_or_refused(body in spoiled()) {
        judge(&body)?;
    }

    #[test]
    fn a_valid_event_is_understood_the_same_after_it_was_written_again(body in valid()) {
        prop_assert!(judge(&body)?, "{} was refused", body);
    }
}

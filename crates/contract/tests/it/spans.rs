//! Moments, seconds, and the promises of a queue.

use contract::{CallStatus, EventType, Moment, Queue, QueueChange, Seconds, parse_time};
use lifecycle::{Policy, Timestamp};
use proptest::prelude::*;
use serde_json::{from_value, json, to_value};

fn seconds(written: serde_json::Value) -> Option<i64> {
    from_value::<Seconds>(written).ok().map(|seconds| seconds.ms)
}

#[test]
fn a_moment_always_has_three_digits_and_a_z() {
    for (ms, written) in [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (1_795_253_400_000, "2026-11-21T09:30:00.000Z"),
        (1_795_253_400_120, "2026-11-21T09:30:00.120Z"),
        (253_402_207_200_999, "9999-12-30T22:00:00.999Z"),
    ] {
        let moment = Moment(Timestamp(ms));
        assert_eq!(moment.to_string(), written);
        assert_eq!(to_value(moment).expect("JSON"), json!(written));
        assert_eq!(from_value::<Moment>(json!(written)).expect("a moment"), moment);
    }
}

#[test]
fn a_moment_beyond_the_calendar_is_its_last_or_first() {
    assert!(Moment(Timestamp(i64::MAX)).to_string().starts_with("9999-12-30T"));
    assert!(Moment(Timestamp(i64::MIN)).to_string().starts_with("-009999-01-02T"));
}

#[test]
fn a_time_is_read_with_any_offset_and_kept_to_the_millisecond() {
    let ms = |text| parse_time(text).map(|at| at.0);
    assert_eq!(ms("2026-11-21T09:30:00Z"), Some(1_795_253_400_000));
    assert_eq!(ms("2026-11-21T12:30:00+03:00"), Some(1_795_253_400_000));
    assert_eq!(ms("2026-11-21T09:30:00.123456789Z"), Some(1_795_253_400_123));
    for bad in ["2026-11-21T09:30:00", "2026-11-21", "09:30", "", "now", "2026-13-01T00:00:00Z"] {
        assert_eq!(ms(bad), None, "{bad}");
    }
}

#[test]
fn whole_seconds_are_written_as_whole_numbers() {
    for (ms, written) in
        [(0, json!(0)), (30_000, json!(30)), (12_500, json!(12.5)), (1, json!(0.001))]
    {
        assert_eq!(to_value(Seconds { ms }).expect("JSON"), written);
        assert_eq!(seconds(written), Some(ms));
    }
}

#[test]
fn seconds_are_numbers_from_0() {
    assert_eq!(seconds(json!(0.000_4)), Some(0));
    assert_eq!(seconds(json!(0.000_6)), Some(1));
    for bad in [json!(-1), json!("30"), json!(null), json!(true), json!([30]), json!(1e300)] {
        assert_eq!(seconds(bad.clone()), None, "{bad}");
    }
}

#[test]
fn a_queue_starts_with_the_promises_of_the_rules() {
    let queue = Queue::new("dental");
    assert_eq!(queue.policy(), Policy::default());
    let written = json!({
        "id": "dental", "name": "dental", "slaSeconds": 30, "ringSeconds": 15,
        "maxHoldSeconds": 60, "shortCallSeconds": 10, "maxReroutes": 3, "wrapUpSeconds": 0,
    });
    assert_eq!(to_value(queue).expect("JSON"), written);
}

#[test]
fn four_queues_exist_from_the_first_start() {
    let ids = Queue::first().map(|queue| queue.id).collect::<Vec<_>>();
    assert_eq!(ids, ["medical_spanish", "medical_english", "legal_spanish", "legal_english"]);
}

#[test]
fn a_part_of_a_queue_is_changed_and_the_rest_stays() {
    let change = from_value::<QueueChange>(json!({ "slaSeconds": 20, "name": "Dentists" }));
    let changed = Queue::new("dental").changed(change.expect("it can be read"));
    let expected = Queue {
        name: "Dentists".to_owned(),
        sla_seconds: Seconds { ms: 20_000 },
        ..Queue::new("dental")
    };
    assert_eq!(changed, expected);
}

#[test]
fn a_promise_is_up_to_a_day_and_only_a_short_call_may_be_0() {
    let issues = |change| {
        let issues = QueueChange::read(&change).err().unwrap_or_default();
        issues.into_iter().map(|it| (it.code, it.path.join("."))).collect::<Vec<_>>()
    };
    for key in ["slaSeconds", "ringSeconds", "maxHoldSeconds", "shortCallSeconds"] {
        assert_eq!(issues(json!({ key: 86_400 })), []);
        let out_of_range = [("out_of_range".to_owned(), key.to_owned())];
        assert_eq!(issues(json!({ key: 86_400.001 })), out_of_range);
        if key == "shortCallSeconds" {
            assert_eq!(issues(json!({ key: 0 })), []);
        } else {
            assert_eq!(issues(json!({ key: 0 })), out_of_range);
            assert_eq!(issues(json!({ key: 0.001 })), []);
        }
    }
    assert_eq!(issues(json!({ "maxReroutes": 0 })), []);
    let too_many = issues(json!({ "maxReroutes": 1_001 }));
    assert_eq!(too_many, [("out_of_range".to_owned(), "maxReroutes".to_owned())]);
    let no_name = issues(json!({ "name": "" }));
    assert_eq!(no_name, [("too_small".to_owned(), "name".to_owned())]);
}

#[test]
fn names_and_written_words_are_one() {
    for kind in EventType::ALL {
        assert_eq!(to_value(kind).expect("JSON"), json!(kind.name()));
        assert_eq!(EventType::named(kind.name()), Some(kind));
    }
    for status in CallStatus::ALL {
        assert_eq!(to_value(status).expect("JSON"), json!(status.name()));
        assert_eq!(CallStatus::named(status.name()), Some(status));
    }
    assert_eq!(EventType::named("CALL_HOLD"), None);
    assert_eq!(CallStatus::named("all"), None);
}

proptest! {
    #[test]
    fn a_moment_that_is_written_is_read_as_itself(ms in -62_000_000_000_000..253_000_000_000_000_i64) {
        let moment = Moment(Timestamp(ms));
        let text = moment.to_string();
        prop_assert_eq!(text.len(), 24, "{}", text);
        prop_assert_eq!(parse_time(&text), Some(moment.0));
    }

    #[test]
    fn a_day_of_seconds_is_written_and_read_to_the_millisecond(ms in 0..=86_400_000_i64) {
        let written = to_value(Seconds { ms }).expect("JSON");
        prop_assert_eq!(seconds(written), Some(ms));
    }

    #[test]
    fn any_text_is_read_as_a_time_or_not_and_nothing_worse(text in any::<String>()) {
        let _ = parse_time(&text);
    }
}

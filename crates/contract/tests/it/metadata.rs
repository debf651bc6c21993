//! What is stored beside an event: what was told, and what the rules added.

use std::sync::Arc;

use contract::{EventType, Metadata, happening_metadata, same_payload};
use lifecycle::{Call, Flag, Kind, Opening, Policy, Record, Rule, Timestamp, What, open};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn call() -> Arc<Call> {
    let opening = Opening { kind: Kind::Voice, queue: "medical_spanish".into(), priority: 0 };
    open(opening, Timestamp(0), Timestamp(0), &Policy::default()).call
}

fn record(what: What, flags: &[Rule]) -> Record {
    let flag = |rule: &Rule| Flag { rule: *rule, message: "it \"was\" late".to_owned() };
    Record { what, seq: 1, flags: flags.iter().map(flag).collect(), after: call() }
}

fn stored(payload: Option<&str>, record: &Record) -> Option<String> {
    let payload = payload.and_then(|text| Metadata::from_text(text.to_owned()));
    let metadata = happening_metadata(payload.as_ref(), record);
    metadata.map(|metadata| metadata.as_text().to_owned())
}

fn metadata(payload: Option<&str>, record: &Record) -> Option<Value> {
    let text = stored(payload, record)?;
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}")))
}

const REPORTED: What = What::Reported { offer: None };

#[test]
fn where_there_is_nothing_to_say_there_is_no_metadata() {
    assert_eq!(metadata(None, &record(REPORTED, &[])), None);
    assert_eq!(metadata(Some("{}"), &record(REPORTED, &[])), None);
    assert_eq!(metadata(Some("{}"), &record(What::SurveyRequested, &[])), None);
}

#[test]
fn what_was_told_is_stored_as_it_is() {
    let payload = r#"{"holdDuration":5.50}"#;
    assert_eq!(stored(Some(payload), &record(REPORTED, &[])).as_deref(), Some(payload));
}

#[test]
fn flags_and_offers_are_added_to_what_was_told() {
    let flag = json!([{ "rule": "hold_exceeded", "message": "it \"was\" late" }]);
    let flagged = record(REPORTED, &[Rule::HoldExceeded]);
    let told = metadata(Some(r#"{"holdDuration":61}"#), &flagged);
    assert_eq!(told, Some(json!({ "holdDuration": 61, "flags": flag })));
    assert_eq!(metadata(Some("{}"), &flagged), Some(json!({ "flags": flag })));
    assert_eq!(metadata(None, &flagged), Some(json!({ "flags": flag })));
    let offered = record(What::Reported { offer: Some(2) }, &[]);
    let told = metadata(Some(r#"{"agentId":"ana"}"#), &offered);
    assert_eq!(told, Some(json!({ "agentId": "ana", "offer": 2 })));
}

#[test]
fn a_timer_says_when_it_was_due_and_how_late_it_was() {
    let (due_at, late_ms) = (Timestamp(30_000), 7);
    let due = json!({ "dueAt": "1970-01-01T00:00:30.000Z", "lateMs": 7 });
    for what in [What::SlaBreached { due_at, late_ms }, What::HoldExceeded { due_at, late_ms }] {
        assert_eq!(metadata(None, &record(what, &[])), Some(due.clone()));
    }
    let retransfer = What::Retransfer { agent: "ana".into(), attempt: 2, due_at, late_ms };
    let told = json!({ "agentId": "ana", "attempt": 2, "reason": "ring_no_answer",
                       "dueAt": "1970-01-01T00:00:30.000Z", "lateMs": 7 });
    assert_eq!(metadata(None, &record(retransfer, &[])), Some(told));
}

#[test]
fn an_offer_that_was_withdrawn_says_by_whom_and_why() {
    let withdrawn = record(What::Withdrawn { agent: "ana".into(), waits: true }, &[]);
    let told = r#"{"queueId":"q","kind":"reassigned","by":"maria","reason":"a \"quiet\" line"}"#;
    let by_maria = json!({ "agentId": "ana", "by": "maria", "reason": "a \"quiet\" line" });
    assert_eq!(metadata(Some(told), &withdrawn), Some(by_maria));
}

#[test]
fn a_repeat_is_known_in_spite_of_what_was_added() {
    let stored = Some(r#"{"duration":5,"endReason":"completed","flags":[]}"#);
    let same = |payload| same_payload(EventType::CallEnded, stored, payload);
    assert!(same(r#"{"endReason":"completed","duration":5}"#));
    assert!(!same(r#"{"endReason":"completed","duration":6}"#));
    assert!(!same(r#"{"endReason":"completed"}"#));
    assert!(!same(r#"{"endReason":"completed","duration":5,"occurredAt":"x"}"#));
    assert!(same_payload(EventType::CallResumed, None, "{}"));
    assert!(!same_payload(EventType::CallResumed, None, "not JSON"));
    assert!(!same_payload(EventType::CallResumed, Some("not JSON"), "{}"));
}

#[test]
fn an_offer_is_what_the_rules_add_unless_it_was_answered() {
    let (offered, told) = (Some(r#"{"agentId":"ana","offer":1}"#), r#"{"agentId":"ana"}"#);
    assert!(same_payload(EventType::CallRouted, offered, told));
    assert!(same_payload(EventType::CallTransferred, offered, told));
    assert!(!same_payload(EventType::CallAnswered, offered, told));
    let told = r#"{"agentId":"ana","offer":1}"#;
    assert!(same_payload(EventType::CallAnswered, offered, told));
}

fn objects() -> impl Strategy<Value = Map<String, Value>> {
    let value =
        prop_oneof![any::<String>().prop_map(Value::from), any::<i64>().prop_map(Value::from)];
    let key =
        any::<String>().prop_filter("added by the rules", |key| key != "flags" && key != "offer");
    proptest::collection::btree_map(key, value, 0..5).prop_map(|map| map.into_iter().collect())
}

proptest! {
    #[test]
    fn what_is_stored_is_recognised_as_what_was_told(
        told in objects(),
        offer in proptest::option::of(any::<u32>()),
        flagged in any::<bool>(),
    ) {
        let payload = Value::Object(told.clone()).to_string();
        let flags = if flagged { &[Rule::ShortCall][..] } else { &[] };
        let record = record(What::Reported { offer }, flags);
        let text = stored(Some(&payload), &record);
        prop_assert!(same_payload(EventType::CallRouted, text.as_deref(), &payload));
        let stored = metadata(Some(&payload), &record).unwrap_or_else(|| json!({}));
        for (key, value) in &told {
            prop_assert_eq!(&stored[key], value);
        }
        let added = usize::from(offer.is_some()) + usize::from(flagged);
        prop_assert_eq!(stored.as_object().map(Map::len), Some(told.len() + added));
    }
}

//! What the server accepted, and what it must not get away with showing.

use std::collections::BTreeMap;

use super::super::ledger::{Answered, Ledger, Stored};
use super::super::script::{Meant, Plan, Report, Script, What};
use super::super::verify::unlike_history;
use super::{centre, plan};

/// A script with one call, and that call's recorded reports.
fn one_call() -> (Script, Vec<Report>) {
    // A seed whose first call is served.
    let script = (1..1_000)
        .map(|seed| centre::write(Plan { calls_max: Some(1), ..plan(seed) }))
        .find(|script| {
            script.reports.len() == 4
                && script.reports.iter().all(|it| it.meant == Meant::Recorded)
                && matches!(script.reports[3].what, What::Ended { lasted_ms: 10_000.., .. })
        })
        .expect("some day has such a call");
    let reports = script.reports.clone();
    (script, reports)
}

fn stored(id: &str, kind: &str, seq: u32, more: &str) -> Stored {
    let text = format!(r#"{{"id":"{id}","type":"{kind}","seq":{seq},"metadata":{{{more}}}}}"#);
    serde_json::from_str(&text).expect("an event")
}

fn answer(status: u16, event: Option<Stored>) -> Answered {
    Answered { status, replayed: false, retried: false, event, text: String::new() }
}

fn accepted() -> Ledger {
    let (script, reports) = one_call();
    let mut ledger = Ledger::new(&script);
    for (report, seq) in reports.iter().zip(1..) {
        let kind = report.what.kind().expect("it can be read").name();
        ledger.note(report, answer(201, Some(stored(&format!("e{seq}"), kind, seq, ""))), "");
    }
    assert_eq!(ledger.told, Vec::<String>::new());
    ledger
}

fn history() -> Vec<Stored> {
    vec![
        stored("e1", "call_initiated", 1, ""),
        stored("e2", "call_routed", 2, ""),
        stored("e3", "call_answered", 3, ""),
        stored("e4", "call_ended", 4, r#""endReason":"completed""#),
        stored("s1", "survey_requested", 5, ""),
    ]
}

#[track_caller]
fn check(spoil: impl FnOnce(&mut Vec<Stored>), expected: Option<&str>) {
    let (ledger, mut history) = (accepted(), history());
    spoil(&mut history);
    for (event, seq) in history.iter_mut().zip(1..) {
        event.seq = Some(seq);
    }
    let told = unlike_history(&ledger.calls[0], &history, &mut BTreeMap::new());
    assert_eq!(told.as_deref(), expected);
}

#[test]
fn the_history_that_was_accepted_is_as_it_must_be() {
    check(|_| {}, None);
}

#[test]
fn what_the_server_adds_by_its_own_clock_is_no_difference() {
    check(|history| history.insert(2, stored("t1", "call_retransfer", 0, "")), None);
}

#[test]
fn an_event_that_was_accepted_and_lost_is_told() {
    check(|history| drop(history.remove(2)), Some("event 3, `call_ended`, is not in its order"));
    check(
        |history| history.truncate(3),
        Some("`call_ended` was answered with 201 and is not there"),
    );
}

#[test]
fn an_event_that_was_doubled_is_told() {
    check(
        |history| history.insert(2, stored("x1", "call_answered", 0, "")),
        Some("event 3, `call_answered`, was never sent"),
    );
}

#[test]
fn a_flag_nobody_earned_is_told() {
    let flagged = r#""flags":[{"rule":"wait_exceeded","message":""}]"#;
    check(
        |history| history[2] = stored("e3", "call_answered", 0, flagged),
        Some(r#"event 3 is `call_answered` ["wait_exceeded"], not `call_answered` with no rule"#),
    );
}

#[test]
fn another_reason_and_a_missing_survey_are_told() {
    check(
        |history| history[3] = stored("e4", "call_ended", 0, r#""endReason":"failed""#),
        Some("the endReason is not `completed`"),
    );
    check(|history| drop(history.pop()), Some("0 survey_requested instead of 1"));
}

#[test]
fn an_answer_that_was_not_meant_is_told_with_its_request() {
    let (script, reports) = one_call();
    let mut ledger = Ledger::new(&script);
    ledger.note(&reports[0], answer(409, None), "the request");
    let repeat = Report { meant: Meant::Replayed, ..reports[0] };
    ledger.note(&repeat, answer(201, Some(stored("e1", "call_initiated", 1, ""))), "a repeat");
    assert_eq!(
        ledger.told,
        [
            "409 instead of 201:  to the request",
            "a repeat without Idempotency-Replayed:  to a repeat"
        ]
    );
}

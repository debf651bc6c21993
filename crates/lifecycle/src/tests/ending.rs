//! The end of a call, and what follows from how long it was.

use super::story::{after, check};
use crate::Timestamp;

#[test]
fn a_completed_call_asks_the_caller_how_it_went() {
    check(
        "
         0  opened
         5  answered 5
        60  ended 55 completed
        ",
        "
         0  waiting wait@30  | opened
         5  active           | answered
        60  ended            | ended survey_requested
        ",
    );
}

#[test]
fn a_call_that_was_abandoned_or_failed_asks_nobody() {
    for reason in ["abandoned", "failed"] {
        check(
            &format!(
                "
                 0  opened
                 5  answered 5
                60  ended 55 {reason}
                "
            ),
            "
             0  waiting wait@30  | opened
             5  active           | answered
            60  ended            | ended
            ",
        );
    }
}

#[test]
fn ten_seconds_are_no_short_call() {
    check(
        "
         0  opened
         5  answered 5
        15  ended 10 completed
        ",
        "
         0  waiting wait@30  | opened
         5  active           | answered
        15  ended            | ended survey_requested
        ",
    );
}

#[test]
fn nine_seconds_are_a_short_call_and_nobody_is_asked_or_alerted() {
    check(
        "
         0  opened
         5  answered 5
        14  ended 9 completed
        ",
        "
         0  waiting wait@30  | opened
         5  active           | answered
        14  ended            | ended[short_call]
        ",
    );
}

#[test]
fn a_fraction_under_ten_seconds_is_a_short_call() {
    check(
        "
         0  opened
        15  ended 9.9999 completed
        ",
        "
         0  waiting wait@30  | opened
        15  ended            | ended[short_call]
        ",
    );
}

#[test]
fn a_short_call_is_flagged_whatever_its_reason() {
    for reason in ["abandoned", "failed"] {
        check(
            &format!("0 opened \n 5 ended 0 {reason}"),
            "
            0  waiting wait@30  | opened
            5  ended            | ended[short_call]
            ",
        );
    }
}

#[test]
fn a_short_call_is_judged_by_what_was_told_and_not_by_the_clock() {
    check(
        "
          0  opened
          1  answered 1
        500  ended 3 completed
        ",
        "
          0  waiting wait@30  | opened
          1  active           | answered
        500  ended            | ended[short_call]
        ",
    );
    check(
        "
          0  opened
          1  ended 500 completed
        ",
        "
          0  waiting wait@30  | opened
          1  ended            | ended survey_requested
        ",
    );
}

#[test]
fn nothing_is_recorded_after_the_end() {
    check(
        "
         0  opened
        20  ended 20 failed
        21  routed ana
        22  answered 5
        23  ended 20 failed
        99  elapsed wait
        ",
        "
         0  waiting wait@30  | opened
        20  ended            | ended
        21  ended            refused: `call_routed` is refused: the call is already ended
        22  ended            refused: `call_answered` is refused: the call is already ended
        23  ended            refused: `call_ended` is refused: the call is already ended
        99  ended
        ",
    );
}

#[test]
fn a_call_that_ended_still_names_the_agent_who_talked() {
    let call = after("0 opened \n 1 routed ana \n 2 answered 2 \n 30 ended 28 completed");
    assert_eq!(call.named_agent().map(|agent| &**agent), Some("ana"));
}

#[test]
fn a_call_that_ends_while_it_waits_again_names_nobody() {
    let call =
        after("0 opened \n 2 answered 2 agent=ana \n 9 blind queue=legal \n 30 ended 28 abandoned");
    assert_eq!(call.named_agent(), None);
}

#[test]
fn a_short_call_says_how_short() {
    let call = after("0 opened \n 5 ended 0.5 abandoned");
    assert_eq!(call.flags[0].message, "the call lasted 0.5 s; under 10 s it is looked at");
}

#[test]
fn a_call_began_and_ended_when_its_source_says() {
    let call = after("100 opened occurred=40 \n 200 ended 20 completed occurred=60");
    assert_eq!((call.started_at, call.ended_at), (Timestamp(40_000), Some(Timestamp(60_000))));
}

#[test]
fn no_call_ends_before_it_began() {
    let call = after("100 opened \n 101 ended 1 failed occurred=7");
    assert_eq!(call.ended_at, Some(call.started_at));
}

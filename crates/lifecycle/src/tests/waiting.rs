//! The promise to answer.

use super::story::{after, check};

#[test]
fn a_call_that_nobody_answers_breaks_the_promise_once() {
    check(
        "
         0  opened
        30  elapsed wait
        31  elapsed wait
        90  elapsed wait
        ",
        "
         0  waiting wait@30  | opened
        30  waiting          | sla_breached(due 30)[sla_breached] ! sla_breached
        31  waiting
        90  waiting
        ",
    );
}

#[test]
fn a_call_answered_in_time_has_no_promise_left_to_break() {
    check(
        "
         0  opened
        12  answered 12
        30  elapsed wait
        31  elapsed wait
        ",
        "
         0  waiting wait@30  | opened
        12  active           | answered
        30  active
        31  active
        ",
    );
}

#[test]
fn thirty_seconds_are_still_fine() {
    check(
        "
         0  opened
        30  answered 30
        ",
        "
         0  waiting wait@30  | opened
        30  active           | answered
        ",
    );
}

#[test]
fn thirty_one_seconds_are_too_long() {
    check(
        "
         0  opened
        20  answered 31
        ",
        "
         0  waiting wait@30  | opened
        20  active           | answered[wait_exceeded] ! wait_exceeded
        ",
    );
}

#[test]
fn a_fraction_over_thirty_seconds_is_too_long() {
    check(
        "
         0  opened
        20  answered 30.001
        ",
        "
         0  waiting wait@30  | opened
        20  active           | answered[wait_exceeded] ! wait_exceeded
        ",
    );
}

#[test]
fn a_fraction_under_thirty_seconds_is_fine() {
    check(
        "
         0  opened
        20  answered 29.999
        ",
        "
         0  waiting wait@30  | opened
        20  active           | answered
        ",
    );
}

#[test]
fn a_late_answer_is_flagged_but_the_breach_has_alerted_already() {
    check(
        "
         0  opened
        30  elapsed wait
        35  answered 35
        ",
        "
         0  waiting wait@30  | opened
        30  waiting          | sla_breached(due 30)[sla_breached] ! sla_breached
        35  active           | answered[wait_exceeded]
        ",
    );
}

#[test]
fn a_late_answer_said_to_be_quick_is_a_breach_without_a_flag_of_its_own() {
    check(
        "
         0  opened
        30  elapsed wait
        35  answered 5
        ",
        "
         0  waiting wait@30  | opened
        30  waiting          | sla_breached(due 30)[sla_breached] ! sla_breached
        35  active           | answered
        ",
    );
}

#[test]
fn a_breach_nobody_noticed_is_recorded_before_the_answer() {
    check(
        "
         0  opened
        35  answered 35
        36  elapsed wait
        ",
        "
         0  waiting wait@30  | opened
        35  active           | sla_breached(due 30, late 5)[sla_breached] answered[wait_exceeded] ! sla_breached
        36  active
        ",
    );
}

#[test]
fn a_breach_one_millisecond_old_is_recorded_before_the_answer() {
    check(
        "
         0      opened
        30.001  answered 30
        ",
        "
         0      waiting wait@30  | opened
        30.001  active           | sla_breached(due 30, late 0.001)[sla_breached] answered ! sla_breached
        ",
    );
}

#[test]
fn a_breach_nobody_noticed_is_recorded_before_the_end() {
    check(
        "
         0  opened
        40  ended 40 abandoned
        ",
        "
         0  waiting wait@30  | opened
        40  ended            | sla_breached(due 30, late 10)[sla_breached] ended ! sla_breached
        ",
    );
}

#[test]
fn a_caller_who_gives_up_in_time_was_promised_nothing_more() {
    check(
        "
         0  opened
        30  ended 30 abandoned
        31  elapsed wait
        ",
        "
         0  waiting wait@30  | opened
        30  ended            | ended
        31  ended
        ",
    );
}

#[test]
fn a_refused_event_leaves_an_overdue_breach_to_its_timer() {
    check(
        "
         0  opened
        40  resumed
        41  elapsed wait
        ",
        "
         0  waiting wait@30  | opened
        40  waiting wait@30  refused: `call_resumed` is refused while the call is waiting
        41  waiting          | sla_breached(due 30, late 11)[sla_breached] ! sla_breached
        ",
    );
}

#[test]
fn an_offer_ends_no_wait_and_leaves_an_overdue_breach_to_its_timer() {
    check(
        "
         0  opened
        40  routed ana
        41  elapsed wait
        ",
        "
         0  waiting              wait@30  | opened
        40  waiting(ana) ring@55 wait@30  | routed(offer 1)
        41  waiting(ana) ring@55          | sla_breached(due 30, late 11)[sla_breached] ! sla_breached
        ",
    );
}

#[test]
fn a_timer_that_fires_late_says_how_late() {
    check(
        "
         0        opened
        3600.250  elapsed wait
        ",
        "
         0        waiting wait@30  | opened
        3600.250  waiting          | sla_breached(due 30, late 3570.25)[sla_breached] ! sla_breached
        ",
    );
}

#[test]
fn a_flag_says_what_was_promised_and_what_happened() {
    let call = after("0 opened \n 30 elapsed wait \n 35 answered 35.5");
    let messages: Vec<_> = call.flags.iter().map(|flag| flag.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "nobody answered within the promised time",
            "the caller waited 35.5 s; 30 s were promised",
        ]
    );
}

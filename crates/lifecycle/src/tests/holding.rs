//! The promise to come back.

use super::story::{after, check};

#[test]
fn a_hold_that_nobody_ends_is_reported_once() {
    check(
        "
          0  opened
          5  answered 5
         10  held 0
         70  elapsed hold
         71  elapsed hold
        200  resumed
        ",
        "
          0  waiting wait@30  | opened
          5  active           | answered
         10  on_hold hold@70  | held
         70  on_hold          | hold_exceeded(due 70)[hold_exceeded] ! hold_exceeded
         71  on_hold
        200  active           | resumed
        ",
    );
}

#[test]
fn sixty_seconds_on_hold_are_still_fine() {
    check(
        "
         0  opened
         5  answered 5
        10  held 60
        70  resumed
        ",
        "
         0  waiting wait@30  | opened
         5  active           | answered
        10  on_hold hold@70  | held
        70  active           | resumed
        ",
    );
}

#[test]
fn sixty_one_seconds_on_hold_are_flagged_at_once_and_arm_no_timer() {
    check(
        "
         0  opened
         5  answered 5
        10  held 61
        70  elapsed hold
        90  resumed
        ",
        "
         0  waiting wait@30  | opened
         5  active           | answered
        10  on_hold          | held[hold_exceeded] ! hold_exceeded
        70  on_hold
        90  active           | resumed
        ",
    );
}

#[test]
fn a_fraction_over_sixty_seconds_on_hold_is_too_long() {
    check(
        "
         0  opened
         5  answered 5
        10  held 60.0001
        ",
        "
         0  waiting wait@30  | opened
         5  active           | answered
        10  on_hold          | held[hold_exceeded] ! hold_exceeded
        ",
    );
}

#[test]
fn a_hold_too_long_and_not_noticed_is_recorded_before_the_resume() {
    check(
        "
         0  opened
         5  answered 5
        10  held 0
        75  resumed
        76  elapsed hold
        ",
        "
         0  waiting wait@30  | opened
         5  active           | answered
        10  on_hold hold@70  | held
        75  active           | hold_exceeded(due 70, late 5)[hold_exceeded] resumed ! hold_exceeded
        76  active
        ",
    );
}

#[test]
fn a_hold_too_long_and_not_noticed_is_recorded_before_the_answer_that_ends_it() {
    check(
        "
         0  opened
         5  answered 5
        10  held 0
        75  answered 5
        ",
        "
         0  waiting wait@30  | opened
         5  active           | answered
        10  on_hold hold@70  | held
        75  active           | hold_exceeded(due 70, late 5)[hold_exceeded] answered ! hold_exceeded
        ",
    );
}

#[test]
fn a_hold_too_long_and_not_noticed_is_recorded_before_the_end() {
    check(
        "
         0      opened
         5      answered 5
        10      held 0
        70.001  ended 70 completed
        ",
        "
         0      waiting wait@30  | opened
         5      active           | answered
        10      on_hold hold@70  | held
        70.001  ended            | hold_exceeded(due 70, late 0.001)[hold_exceeded] ended survey_requested ! hold_exceeded
        ",
    );
}

#[test]
fn a_hold_too_long_and_not_noticed_is_recorded_before_the_transfer() {
    check(
        "
         0  opened
         5  answered 5
        10  held 0
        75  blind queue=legal
        76  answered 1
        77  held 0
       140  attended agent=eva
        ",
        "
         0  waiting             wait@30   | opened
         5  active                        | answered
        10  on_hold             hold@70   | held
        75  waiting #legal      wait@105  | hold_exceeded(due 70, late 5)[hold_exceeded] blind ! hold_exceeded
        76  active #legal                 | answered
        77  on_hold #legal      hold@137  | held
       140  active(eva) #legal            | hold_exceeded(due 137, late 3)[hold_exceeded] attended ! hold_exceeded
        ",
    );
}

#[test]
fn a_hold_already_flagged_is_not_recorded_again_when_it_ends() {
    check(
        "
         0  opened
         5  answered 5
        10  held 61
        99  ended 99 completed
        ",
        "
         0  waiting wait@30  | opened
         5  active           | answered
        10  on_hold          | held[hold_exceeded] ! hold_exceeded
        99  ended            | ended survey_requested
        ",
    );
}

#[test]
fn each_of_several_holds_has_its_own_sixty_seconds() {
    check(
        "
          0  opened
          5  answered 5
         10  held 0
         40  resumed
         50  held 0
         70  elapsed hold
        110  elapsed hold
        111  resumed
        112  held 61
        113  resumed
        114  held 0
        174  elapsed hold
        ",
        "
          0  waiting wait@30   | opened
          5  active            | answered
         10  on_hold hold@70   | held
         40  active            | resumed
         50  on_hold hold@110  | held
         70  on_hold hold@110
        110  on_hold           | hold_exceeded(due 110)[hold_exceeded] ! hold_exceeded
        111  active            | resumed
        112  on_hold           | held[hold_exceeded] ! hold_exceeded
        113  active            | resumed
        114  on_hold hold@174  | held
        174  on_hold           | hold_exceeded(due 174)[hold_exceeded] ! hold_exceeded
        ",
    );
}

#[test]
fn a_refused_event_leaves_an_overdue_hold_to_its_timer() {
    check(
        "
         0  opened
         5  answered 5
        10  held 0
        80  held 0
        81  routed ana
        82  elapsed hold
        ",
        "
         0  waiting wait@30  | opened
         5  active           | answered
        10  on_hold hold@70  | held
        80  on_hold hold@70  refused: `call_hold` is refused while the call is on_hold
        81  on_hold hold@70  refused: `call_routed` is refused while the call is on_hold
        82  on_hold          | hold_exceeded(due 70, late 12)[hold_exceeded] ! hold_exceeded
        ",
    );
}

#[test]
fn a_wait_told_again_after_a_hold_is_flagged_again_but_alerts_once() {
    check(
        "
         0  opened
        20  answered 31
        40  held 0
        50  answered 31
        ",
        "
         0  waiting wait@30   | opened
        20  active            | answered[wait_exceeded] ! wait_exceeded
        40  on_hold hold@100  | held
        50  active            | answered[wait_exceeded]
        ",
    );
}

#[test]
fn a_flagged_hold_says_how_long_it_was_and_what_was_promised() {
    let call = after(
        "0 opened \n 5 answered 5 \n 10 held 61.5 \n 11 resumed \n 12 held 0 \n 72 elapsed hold",
    );
    let messages: Vec<_> = call.flags.iter().map(|flag| flag.message.as_str()).collect();
    assert_eq!(
        messages,
        ["a hold of 61.5 s; 60 s were promised", "the caller is on hold for longer than promised",]
    );
}

//! What counts for the figures, moment by moment.

use proptest::prelude::*;

use super::properties::{inputs_of_any_kind, life};
use super::story::{after, check_counts};
use crate::{Counted, Fact, Phase, Timestamp};

#[test]
fn a_call_that_goes_well_counts_once_at_each_turn() {
    check_counts(
        "
          0 opened
          3 routed ana
          8 answered 8
         68 held 0
         98 resumed
        128 ended 120 completed
        ",
        "
          0 #medical offered
          3 #medical ana rang
          8 #medical ana answered, waited 8
         98 #medical ana held 30
        128 #medical ana handled, talked 90 held 30
        ",
    );
}

#[test]
fn a_wait_that_ends_with_the_call_is_abandoned_whatever_the_reason() {
    for reason in ["abandoned", "completed", "failed"] {
        check_counts(
            &format!("0 opened\n 5 routed ana\n 12.5 ended 12 {reason}"),
            "0 #medical offered\n 5 #medical ana rang\n 12.5 #medical abandoned, waited 12.5",
        );
    }
}

#[test]
fn an_offer_that_nobody_answers_is_missed_and_the_wait_goes_on() {
    check_counts(
        "
          0 opened
          2 routed ana
         17 elapsed ring
         18 routed luis
         20 answered 20
         50 ended 30 completed
        ",
        "
          0 #medical offered
          2 #medical ana rang
         17 #medical ana missed
         18 #medical luis rang
         20 #medical luis answered, waited 20
         50 #medical luis handled, talked 30 held 0
        ",
    );
}

#[test]
fn an_offer_that_another_replaces_is_neither_answered_nor_missed() {
    check_counts(
        "
          0 opened
          2 routed ana
          4 routed luis
          9 answered 9
        ",
        "
          0 #medical offered
          2 #medical ana rang
          4 #medical luis rang
          9 #medical luis answered, waited 9
        ",
    );
}

#[test]
fn talk_and_hold_are_cut_at_an_attended_transfer() {
    check_counts(
        "
          0 opened
          8 answered 8 agent=ana
         18 held 0
         30 attended agent=luis queue=legal
         50 held 0
         55 resumed
         70 ended 62 completed
        ",
        "
          0 #medical offered
          8 #medical ana took it, waited 8
         30 #medical ana held 12
         30 #medical ana handled, talked 10 held 12
         30 #medical ana transferred
         55 #legal luis held 5
         70 #legal luis handled, talked 35 held 5
        ",
    );
}

#[test]
fn a_blind_transfer_is_offered_to_the_queue_it_goes_to() {
    check_counts(
        "
          0 opened
          8 answered 8 agent=ana
         20 blind queue=legal agent=luis
         26 answered 6
         40 ended 32 completed
        ",
        "
          0 #medical offered
          8 #medical ana took it, waited 8
         20 #medical ana handled, talked 12 held 0
         20 #medical ana transferred
         20 #legal offered
         20 #legal luis rang
         26 #legal luis answered, waited 6
         40 #legal luis handled, talked 14 held 0
        ",
    );
}

#[test]
fn a_call_counts_as_transferred_once_for_each_answer() {
    check_counts(
        "
          0 opened
          5 answered 5 agent=ana
         10 attended agent=luis
         15 attended agent=eva
         20 blind queue=legal
         25 answered 5 agent=tom
         30 blind queue=medical
        ",
        "
          0 #medical offered
          5 #medical ana took it, waited 5
         10 #medical ana handled, talked 5 held 0
         10 #medical ana transferred
         15 #medical luis handled, talked 5 held 0
         20 #medical eva handled, talked 5 held 0
         20 #legal offered
         25 #legal tom took it, waited 5
         30 #legal tom handled, talked 5 held 0
         30 #legal tom transferred
         30 #medical offered
        ",
    );
}

#[test]
fn an_agent_who_keeps_the_call_has_nothing_to_wrap_up_yet() {
    check_counts(
        "
          0 opened
          5 answered 5 agent=ana
         10 attended queue=legal
         15 attended agent=ana queue=medical
         20 ended 15 completed
        ",
        "
          0 #medical offered
          5 #medical ana took it, waited 5
         10 #medical ana handled, talked 5 held 0, goes on
         10 #medical ana transferred
         15 #legal ana handled, talked 5 held 0, goes on
         20 #medical ana handled, talked 5 held 0
        ",
    );
}

#[test]
fn an_answer_from_hold_ends_the_hold_and_no_wait() {
    check_counts(
        "
          0 opened
          5 answered 5 agent=ana
         10 held 0
         50 answered 5 agent=ana
         60 held 0
        100 ended 95 abandoned
        ",
        "
          0 #medical offered
          5 #medical ana took it, waited 5
         50 #medical ana held 40
        100 #medical ana held 40
        100 #medical ana handled, talked 15 held 80
        ",
    );
}

#[test]
fn what_happened_earlier_counts_at_its_own_moment() {
    check_counts(
        "
        3600 opened occurred=0
        3601 answered 9 agent=ana occurred=9
        3602 ended 91 completed occurred=100
        ",
        "
           0 #medical offered
           9 #medical ana took it, waited 9
         100 #medical ana handled, talked 91 held 0
        ",
    );
}

#[test]
fn a_clock_that_is_wrong_makes_no_span_shorter_than_nothing() {
    check_counts(
        "
         100 opened occurred=130
         110 answered 0 agent=ana
         120 held 0 occurred=90
         150 resumed
         151 ended 0 completed occurred=140
        ",
        "
         130 #medical offered
         130 #medical ana took it, waited 0
         150 #medical ana held 20
         150 #medical ana handled, talked 0 held 20
        ",
    );
}

#[test]
fn what_is_refused_or_comes_too_late_counts_nothing() {
    check_counts(
        "
          0 opened
          1 resumed
          2 elapsed ring
         30 elapsed wait
         40 ended 40 failed
         41 answered 41 agent=ana
        ",
        "
          0 #medical offered
         40 #medical abandoned, waited 40
        ",
    );
}

#[test]
fn a_wait_begins_anew_after_a_transfer() {
    let call = after("0 opened\n 5 answered 5 agent=ana\n 40 blind queue=legal");
    assert_eq!((call.spent.since, call.spent.passed_on), (Timestamp(40_000), true));
    let call = after("0 opened\n 5 answered 5 agent=ana\n 40 blind queue=legal\n 42 answered 2");
    assert_eq!((call.spent.since, call.spent.passed_on), (Timestamp(42_000), false));
}

proptest! {
    #[test]
    fn every_wait_is_offered_and_ends_answered_or_abandoned(inputs in inputs_of_any_kind()) {
        let (call, facts) = life(&inputs);
        let count = |is: fn(&Counted) -> bool| facts.iter().filter(|it| is(&it.what)).count();
        let offered = count(|it| matches!(it, Counted::Offered));
        let answered = count(|it| matches!(it, Counted::Answered { .. }));
        let abandoned = count(|it| matches!(it, Counted::Abandoned { .. }));
        let waits = usize::from(matches!(call.phase, Phase::Waiting { .. }));
        prop_assert_eq!(offered, answered + abandoned + waits);
        prop_assert!(count(|it| matches!(it, Counted::Transferred)) <= answered);
    }

    #[test]
    fn waits_talks_and_holds_add_up_to_the_length_of_the_call(inputs in inputs_of_any_kind()) {
        let (call, facts) = life(&inputs);
        let spans = |Fact { what, .. }: &Fact| match what {
            Counted::Answered { waited_ms, .. } | Counted::Abandoned { waited_ms } => *waited_ms,
            Counted::Handled { talked_ms, held_ms, .. } => talked_ms + held_ms,
            _ => 0,
        };
        let over = facts.iter().map(spans).sum::<i64>();
        let gathered = call.spent.talked_ms + call.spent.held_ms;
        prop_assert_eq!(over + gathered, call.spent.since - call.started_at);
        prop_assert!(facts.iter().all(|fact| call.started_at <= fact.at));
        prop_assert!(facts.iter().all(|fact| 0 <= spans(fact)));
    }

    #[test]
    fn each_hold_is_part_of_what_was_handled(inputs in inputs_of_any_kind()) {
        let (call, facts) = life(&inputs);
        let held = facts.iter().map(|it| if let Counted::Held { ms } = it.what { ms } else { 0 });
        let handled = facts.iter().map(|it| match it.what {
            Counted::Handled { held_ms, .. } => held_ms,
            _ => 0,
        });
        prop_assert_eq!(held.sum::<i64>(), handled.sum::<i64>() + call.spent.held_ms);
    }
}

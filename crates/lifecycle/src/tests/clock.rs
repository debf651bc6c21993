//! Time as the rules see it: it stands still or goes forward.

use super::story::{after, check, check_counts};
use crate::Timestamp;

#[test]
fn time_never_runs_backwards_within_a_call() {
    check(
        "
        10  opened
        20  routed ana
         5  routed luis
        12  answered 2
         0  held 0
         0  resumed
        ",
        "
        10  waiting               wait@40  | opened
        20  waiting(ana)  ring@35 wait@40  | routed(offer 1)
         5  waiting(luis) ring@35 wait@40  | routed(offer 2)
        12  active(luis)                   | answered
         0  on_hold(luis)         hold@80  | held
         0  active(luis)                   | resumed
        ",
    );
    assert_eq!(after("10 opened \n 20 routed ana \n 5 routed luis").moved_at, Timestamp(20_000));
}

#[test]
fn a_refused_event_does_not_move_time() {
    let call = after("10 opened \n 500 resumed");
    assert_eq!(call, after("10 opened"));
}

#[test]
fn a_timer_with_nothing_to_do_does_not_move_time() {
    let call = after("10 opened \n 500 elapsed hold \n 501 elapsed ring");
    assert_eq!(call, after("10 opened"));
}

#[test]
fn timers_run_from_the_moment_of_recording_and_not_from_when_it_happened() {
    check(
        "
        100  opened occurred=10
        110  routed ana occurred=12
        120  answered 5 occurred=13
        130  held 0 occurred=14
        ",
        "
        100  waiting              wait@130          | opened
        110  waiting(ana) ring@125 wait@130         | routed(offer 1)
        120  active(ana)                            | answered
        130  on_hold(ana) hold@190                  | held
        ",
    );
}

#[test]
fn a_clock_that_is_ahead_is_flagged_once_and_makes_no_negative_wait() {
    check(
        "
          0  opened occurred=30
          3  routed ana occurred=33
          8  answered 8
          9  held 0 occurred=39
         10  resumed
         11  ended 5 abandoned occurred=12
        ",
        "
          0  waiting              wait@30 | opened[clock_ahead]
          3  waiting(ana) ring@18 wait@30 | routed(offer 1)
          8  active(ana)                  | answered
          9  on_hold(ana) hold@69         | held
         10  active(ana)                  | resumed
         11  ended(ana)                   | ended[short_call]
        ",
    );
    check_counts(
        "
          0  opened occurred=30
          3  routed ana occurred=33
          8  answered 8
          9  held 0 occurred=39
         10  resumed
         11  ended 5 abandoned occurred=12
        ",
        "
          30 #medical offered
          33 #medical ana rang
          30 #medical ana answered, waited 0
          39 #medical ana held 0
          39 #medical ana handled, talked 9 held 0
        ",
    );
    let call = after("0 opened occurred=30 \n 1 ended 11 abandoned");
    assert_eq!(call.ended_at, Some(call.started_at), "it does not end before it began");
}

#[test]
fn a_clock_that_is_ahead_a_little_is_ordinary() {
    for (occurred, flags) in [("5", 0), ("5.001", 1)] {
        assert_eq!(
            after(&format!("0 opened occurred={occurred}")).flags.len(),
            flags,
            "{occurred}"
        );
    }
    let both = &after("0 opened \n 1 answered 1 \n 2 ended 5 failed occurred=32").flags;
    assert_eq!(both.len(), 2, "a short call is one all the same");
}

#[test]
fn timers_that_all_come_due_in_an_outage_are_each_recorded_once() {
    check(
        "
           0  opened
           5  routed ana
        3600  elapsed ring
        3600  elapsed wait
        3600  elapsed ring
        3600  elapsed wait
        ",
        "
           0  waiting              wait@30  | opened
           5  waiting(ana) ring@20 wait@30  | routed(offer 1)
        3600  waiting              wait@30  | call_retransfer(ana, attempt 1, late 3580)
        3600  waiting                       | sla_breached(due 30, late 3570)[sla_breached] ! sla_breached
        3600  waiting
        3600  waiting
        ",
    );
}

#[test]
fn the_timer_that_comes_due_first_is_the_next_one() {
    let next = |story| after(story).next_timer().map(|(timer, due_at)| (timer, due_at.0 / 1_000));
    assert_eq!(next("0 opened"), Some((crate::Timer::Wait, 30)));
    assert_eq!(next("0 opened \n 5 routed ana"), Some((crate::Timer::Ring, 20)));
    assert_eq!(next("0 opened \n 20 routed ana"), Some((crate::Timer::Wait, 30)));
    assert_eq!(next("0 opened \n 5 answered 5"), None);
    assert_eq!(next("0 opened \n 5 answered 5 \n 6 held 0"), Some((crate::Timer::Hold, 66)));
}

#[test]
fn a_record_shows_the_call_just_after_it() {
    let story = "0 opened \n 5 answered 5 \n 10 held 0";
    let decision = super::story::then(story, "99 ended 99 completed").expect("allowed");
    let statuses: Vec<_> = decision
        .records
        .iter()
        .map(|record| (record.seq, record.after.version, record.after.phase.status()))
        .collect();
    assert_eq!(statuses, [(4, 4, "on_hold"), (5, 5, "ended"), (6, 6, "ended")]);
    assert_eq!(decision.records[2].after, decision.call);
}

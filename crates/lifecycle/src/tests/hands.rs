//! A supervisor's hands: reassigning, freeing and ending, and what that means for agents.

use super::story::{after, check, check_counts, happening, then};
use crate::{Agent, Id, Meaning, Presence, Timestamp, Unfit, meanings};

#[test]
fn a_ringing_call_is_taken_from_one_agent_and_rings_at_another() {
    check(
        "
         0 opened
         5 routed ana
         9 reassigned agent=luis
        10 answered 10 agent=ana offer=1
        10 answered 10 agent=luis offer=1
        11 answered 11 agent=luis offer=2
        ",
        "
         0 waiting wait@30 | opened
         5 waiting(ana) ring@20 wait@30 | routed(offer 1)
         9 waiting(luis) ring@24 wait@30 | withdrawn(ana, rings elsewhere) reassigned(offer 2)
        10 waiting(luis) ring@24 wait@30 refused: `call_answered` is refused while the call is waiting: the phone of `luis` rings, not that of `ana`
        10 waiting(luis) ring@24 wait@30 refused: `call_answered` is refused while the call is waiting: offer 1 is not the one that stands, which is 2
        11 active(luis) | answered
        ",
    );
}

#[test]
fn a_caller_who_joins_another_queue_keeps_the_promise_that_runs() {
    check(
        "
         0 opened
         5 routed ana
         9 reassigned queue=vip
        10 answered 10 agent=ana offer=1
        30 elapsed wait
        31 routed luis
        ",
        "
         0 waiting wait@30 | opened
         5 waiting(ana) ring@20 wait@30 | routed(offer 1)
         9 waiting #vip wait@30 | withdrawn(ana) reassigned
        10 waiting #vip wait@30 refused: `call_answered` is refused while the call is waiting: the offer to `ana` was withdrawn; route the call to `ana` again, or let another agent answer
        30 waiting #vip | sla_breached(due 30)[sla_breached] ! sla_breached
        31 waiting(luis) #vip ring@36 | routed(offer 2)
        ",
    );
}

#[test]
fn who_was_asked_in_vain_answers_too_late_and_another_takes_the_call() {
    let refused = "refused: `call_answered` is refused while the call is waiting: the offer to";
    let to_do = "again, or let another agent answer";
    let outcome = "
         0 waiting wait@30 | opened
         1 waiting(ana) ring@16 wait@30 | routed(offer 1)
         2 waiting #vip wait@30 | withdrawn(ana) reassigned
         3 waiting #vip wait@30 {ana}
         4 waiting(ben) #vip ring@9 wait@30 | routed(offer 2)
         5 waiting #vip wait@30 | withdrawn(ben)
         6 waiting #vip wait@30 {ana}
         7 waiting #vip wait@30 {ben}
         8 active(luis) #vip | answered
        ";
    let [ana, ben] = ["ana", "ben"].map(|late| {
        format!("{refused} `{late}` was withdrawn; route the call to `{late}` {to_do}")
    });
    check(
        "
         0 opened
         1 routed ana
         2 reassigned queue=vip
         3 answered 3 agent=ana
         4 routed ben
         5 freed ben
         6 answered 6 agent=ana
         7 answered 7 agent=ben
         8 answered 8 agent=luis
        ",
        &outcome.replace("{ana}", &ana).replace("{ben}", &ben),
    );
}

#[test]
fn whoever_is_asked_anew_may_answer() {
    let withdrawn = "0 opened \n 1 routed ana \n 2 freed ana";
    assert!(then(withdrawn, "3 answered 3 agent=ana").is_err());
    assert!(then(withdrawn, "3 answered 3").is_ok(), "an answer that names nobody is no late one");
    let anew = format!("{withdrawn} \n 3 routed ana");
    assert!(then(&anew, "4 answered 4 agent=ana offer=2").is_ok());
    let later = format!("{withdrawn} \n 3 answered 3 agent=luis \n 4 blind queue=vip");
    assert!(then(&later, "5 answered 1 agent=ana").is_ok(), "another stretch of waiting");
}

#[test]
fn what_was_offered_and_lapsed_is_answered_late_and_all_else_is_no_late_answer() {
    let late = |story: &str, answer: &str| {
        let answer = happening(&format!("answered 1 {answer}"));
        after(story).late_answer(&answer).map(|late| late.stands)
    };
    let ringing = "0 opened \n 1 routed ana \n 2 routed luis";
    assert_eq!(late(ringing, "agent=ana offer=1"), Some(Some(2)));
    assert_eq!(late(ringing, "agent=ana"), Some(Some(2)));
    assert_eq!(late(ringing, "offer=1"), Some(Some(2)));
    for other in ["", "agent=eva", "agent=eva offer=2", "agent=luis offer=3", "offer=0"] {
        assert_eq!(late(ringing, other), None, "{other}");
    }
    let waits = format!("{ringing} \n 3 freed luis");
    assert_eq!(late(&waits, "agent=luis offer=2"), Some(None));
    let talks = format!("{ringing} \n 3 answered 3");
    assert_eq!(late(&talks, "agent=ana offer=1"), Some(None));
    assert_eq!(late(&talks, "agent=luis offer=2"), None, "a repeat of the one that was taken");
    assert_eq!(after(&waits).late_answer(&happening("closed")), None);
}

#[test]
fn whoever_picks_up_just_after_the_caller_hung_up_is_late() {
    let late = |story: &str, answer: &str| {
        let answer = happening(&format!("answered 1 {answer}"));
        after(story).late_answer(&answer).is_some()
    };
    for over in ["ended 3 abandoned", "closed"] {
        let hung_up = format!("0 opened \n 1 routed ana \n 2 routed luis \n 3 {over}");
        for asked in ["agent=luis offer=2", "agent=luis", "agent=ana", "offer=1"] {
            assert!(late(&hung_up, asked), "{over}: {asked}");
        }
        for nobody in ["", "agent=eva", "offer=3"] {
            assert!(!late(&hung_up, nobody), "{over}: {nobody}");
        }
        let talked = format!("0 opened \n 1 routed ana \n 2 answered 2 \n 3 {over}");
        assert!(!late(&talked, "agent=ana offer=1"), "{over}: a repeat of the one that was taken");
    }
}

#[test]
fn an_offer_lapses_however_it_ends() {
    for ends in ["2 routed luis \n 3 freed luis", "16 elapsed ring"] {
        let story = format!("0 opened \n 1 routed ana \n {ends} \n 20 reassigned queue=vip");
        let late = then(&story, "21 answered 21 agent=ana");
        assert!(late.is_err(), "{ends}");
        assert!(then(&story, "21 answered 21 agent=eva").is_ok(), "{ends}");
    }
}

#[test]
fn only_so_many_lapsed_offers_are_remembered() {
    let asked = |n: usize| format!("{n} routed agent{n}\n");
    let story = format!("0 opened\n{}90 freed agent20", (1..=20).map(asked).collect::<String>());
    assert_eq!(after(&story).lapsed.len(), crate::LAPSED_MAX);
    assert!(then(&story, "91 answered 91 agent=agent5").is_err());
}

#[test]
fn an_overdue_wait_is_reported_once_wherever_the_caller_waits() {
    check(
        "
         0 opened
        31 reassigned queue=vip
        32 elapsed wait
        33 reassigned queue=odd
        99 elapsed wait
        ",
        "
         0 waiting wait@30 | opened
        31 waiting #vip wait@30 | reassigned
        32 waiting #vip | sla_breached(due 30, late 2)[sla_breached] ! sla_breached
        33 waiting #odd | reassigned
        99 waiting #odd
        ",
    );
}

#[test]
fn a_call_that_was_given_up_has_every_chance_again() {
    let given_up = "0 opened
        1 routed ana \n 16 elapsed ring \n 17 routed ana \n 32 elapsed ring
        33 routed ana \n 48 elapsed ring \n 49 routed ana \n 64 elapsed ring";
    assert_eq!(after(given_up).attempt, 4);
    for to in ["queue=medical", "agent=luis"] {
        let decision = then(given_up, &format!("70 reassigned {to}")).expect("it waits");
        assert_eq!((decision.call.attempt, decision.alerts), (0, vec![]), "{to}");
    }
}

#[test]
fn who_is_freed_leaves_no_caller_behind() {
    check(
        "
         0 opened
         5 routed ana
         6 freed luis
         7 freed ana
         8 routed luis
         9 answered 9
        40 freed luis
        41 routed ana
        42 answered 2
        43 held 0
       110 freed ana
        ",
        "
         0 waiting wait@30 | opened
         5 waiting(ana) ring@20 wait@30 | routed(offer 1)
         6 waiting(ana) ring@20 wait@30 refused: `free` is refused while the call is waiting
         7 waiting wait@30 | withdrawn(ana)
         8 waiting(luis) ring@23 wait@30 | routed(offer 2)
         9 active(luis) | answered
        40 waiting wait@70 | freed
        41 waiting(ana) ring@56 wait@70 | routed(offer 3)
        42 active(ana) | answered
        43 on_hold(ana) hold@103 | held
       110 waiting wait@140 | hold_exceeded(due 103, late 7)[hold_exceeded] freed ! hold_exceeded
        ",
    );
}

#[test]
fn a_call_that_hangs_is_ended_without_a_survey_or_a_flag() {
    for story in ["0 opened", "0 opened\n 1 routed ana", "0 opened\n 1 answered 1 agent=ana"] {
        let decision = then(story, "5 closed").expect("it is open");
        assert_eq!(decision.call.phase.status(), "ended", "{story}");
        assert_eq!((decision.records.len(), decision.alerts.len()), (1, 0), "{story}");
        assert_eq!(
            (&decision.call.flags, decision.call.ended_at),
            (&vec![], Some(Timestamp(5_000)))
        );
    }
    let overdue = then("0 opened", "31 closed").expect("it is open");
    assert_eq!(overdue.records.len(), 2, "the broken promise comes first");
}

#[test]
fn what_a_supervisor_may_do_when_is_this_table() {
    let phases = [
        ("waiting", "0 opened"),
        ("ringing", "0 opened \n 1 routed ana"),
        ("active", "0 opened \n 1 routed ana \n 2 answered 2"),
        ("on_hold", "0 opened \n 1 routed ana \n 2 answered 2 \n 3 held 0"),
        ("ended", "0 opened \n 1 routed ana \n 2 answered 2 \n 3 closed"),
    ];
    let hands = ["reassigned agent=luis", "reassigned queue=vip", "freed ana", "closed"];
    let row = |(phase, story): (&str, &str)| {
        let cells = hands.map(|hand| match then(story, &format!("4 {hand}")) {
            Ok(decision) => format!("{:<9}", decision.call.phase.status()),
            Err(refusal) => {
                let named = format!("`{}` is refused", happening(hand).name());
                assert!(refusal.to_string().starts_with(&named), "{phase}: {refusal}");
                format!("{:<9}", "-")
            }
        });
        format!("{phase:<9}{}", cells.concat()).trim_end().to_owned() + "\n"
    };
    let expected = "\
waiting  waiting  waiting  -        ended
ringing  waiting  waiting  waiting  ended
active   -        -        waiting  ended
on_hold  -        -        waiting  ended
ended    -        -        -        -
";
    let grid = phases.map(row).concat();
    assert!(grid == expected, "\nthe table is\n\n{grid}\nbut was expected to be\n\n{expected}");
}

/// What the last line of a story means for the agents it concerns.
fn meant(story: &str, line: &str) -> Vec<(Id, Meaning)> {
    let mut before = after(story);
    let mut meant = Vec::new();
    for record in then(story, line).expect("the rules accept it").records {
        meant.extend(meanings(Some(&before), &record).map(|(agent, it)| (agent.clone(), it)));
        before = record.after;
    }
    meant
}

#[test]
fn a_withdrawn_offer_is_no_miss() {
    let ringing = "0 opened\n 5 routed ana";
    let named = |agent: &str, meaning| (agent.into(), meaning);
    assert_eq!(
        meant(ringing, "9 reassigned agent=luis"),
        [named("ana", Meaning::Withdrawn), named("luis", Meaning::Named)]
    );
    assert_eq!(meant(ringing, "9 reassigned queue=vip"), [named("ana", Meaning::Withdrawn)]);
    assert_eq!(meant(ringing, "9 freed ana"), [named("ana", Meaning::Withdrawn)]);
    let talking = "0 opened\n 5 routed ana\n 6 answered 6";
    assert_eq!(meant(talking, "9 freed ana"), [named("ana", Meaning::Released)]);
    assert_eq!(meant(talking, "9 closed"), [named("ana", Meaning::Released)]);

    let mut ana = Agent::new(Timestamp(0));
    ana.says(Presence::Available, None, Timestamp(0));
    ana.learns(Meaning::Withdrawn, Timestamp(9), 30_000);
    assert!(ana.is_free(None, Timestamp(9)), "free at once");
    assert_eq!((ana.missed, ana.idle_since), (0, Timestamp(9)), "another is asked first");
}

#[test]
fn a_supervisor_rings_whoever_is_there_and_not_engaged() {
    let mut ana = Agent::new(Timestamp(0));
    assert_eq!(ana.unfit(false, Timestamp(1)), Some(Unfit::Offline));
    assert_eq!(ana.unfit(true, Timestamp(1)), Some(Unfit::Engaged));
    for presence in [Presence::Available, Presence::Away] {
        ana.says(presence, None, Timestamp(0));
        assert_eq!(ana.unfit(false, Timestamp(1)), None, "{presence:?}");
    }
    ana.learns(Meaning::Released, Timestamp(1), 30_000);
    assert_eq!(ana.unfit(false, Timestamp(2)), None, "wrapping up");
    ana.lease = Some(crate::Lease { ms: 5_000, renewed_at: Timestamp(0) });
    assert_eq!(ana.unfit(false, Timestamp(5_001)), Some(Unfit::Unreachable));
}

#[test]
fn a_hand_counts_no_miss_and_loses_no_wait() {
    check_counts(
        "
         0 opened
         5 routed ana
         9 reassigned agent=luis
        11 answered 11
        41 freed luis
        45 reassigned queue=vip
        50 closed
        ",
        "
         0 #medical offered
         5 #medical ana rang
         9 #medical luis rang
        11 #medical luis answered, waited 11
        41 #medical luis handled, talked 30 held 0
        41 #medical luis transferred
        41 #medical offered
        50 #vip abandoned, waited 9
        ",
    );
}

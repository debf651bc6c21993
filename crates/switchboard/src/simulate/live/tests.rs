//! The staff and the callers of a day, told as rules of a centre.

use std::collections::HashSet;

use super::super::script::{Plan, Routing};
use super::super::tests::plan;
use super::super::traffic::HOUR_MS;
use super::roster::{Person, Step};
use super::{callers, staff};

fn day(seed: u64) -> Plan {
    Plan { scale: 4.0, routing: Routing::Server, ..plan(seed) }
}

/// Whether somebody takes calls in that moment, by their own word.
fn is_there(person: &Person, at_ms: u64) -> bool {
    let said = |step: &Step| !matches!(step, Step::ToolDies { .. });
    let mut turns = person.turns.iter().filter(|turn| turn.at_ms <= at_ms && said(&turn.step));
    matches!(turns.next_back().map(|turn| turn.step), Some(Step::SignIn | Step::Return))
}

#[test]
fn a_day_of_the_default_scale_has_a_team_of_a_supervisor() {
    for seed in 0..20 {
        let people = staff(&day(seed)).len();
        assert!((20..=45).contains(&people), "{people} people");
    }
}

#[test]
fn staffing_follows_the_arrivals() {
    let staff = staff(&Plan { from_ms: 0, to_ms: 24 * HOUR_MS, ..day(1) });
    let there =
        |hour: u64| staff.iter().filter(|it| is_there(it, hour * HOUR_MS + 1_800_000)).count();
    assert!(there(3) < 8 && 11 < there(10), "{} at night, {} at ten", there(3), there(10));
}

#[test]
fn every_queue_has_somebody_whenever_callers_come() {
    for seed in 0..10 {
        let (plan, staff) = (day(seed), staff(&day(seed)));
        for hour in 8..18 {
            for queue in 0..plan.queues.len() {
                let serves = |person: &&Person| person.queues.iter().any(|(of, _)| *of == queue);
                let at_ms = hour * HOUR_MS + 1_800_000;
                let there = staff.iter().filter(serves).filter(|it| is_there(it, at_ms)).count();
                assert!(0 < there, "seed {seed}: nobody in queue {queue} at {hour}:30");
            }
        }
    }
}

#[test]
fn everybody_has_a_name_of_their_own_and_one_to_three_queues() {
    let staff = staff(&Plan { scale: 60.0, ..day(5) });
    assert_eq!(staff.iter().map(|it| &it.name).collect::<HashSet<_>>().len(), staff.len());
    assert!(staff.iter().all(|it| (1..=3).contains(&it.queues.len())));
}

#[test]
fn a_day_has_breaks_and_dead_tools_in_it() {
    let staff = staff(&day(2));
    let steps = || staff.iter().flat_map(|it| &it.turns).map(|turn| turn.step);
    for why in ["lunch", "break", "training"] {
        assert!(steps().any(|step| step == Step::Leave(why)), "nobody has {why}");
    }
    assert!(steps().any(|step| matches!(step, Step::ToolDies { .. })));
    assert!(steps().any(|step| step == Step::SignOff));
    for person in &staff {
        assert!(person.turns.is_sorted_by_key(|turn| turn.at_ms), "{person:?}");
    }
}

#[test]
fn the_same_seed_brings_the_same_people() {
    assert_eq!(staff(&day(7)), staff(&day(7)));
    assert_ne!(staff(&day(7)), staff(&day(8)));
    let who = |seed| {
        let callers = callers(&day(seed)).into_iter();
        callers.map(|it| (it.at_ms, it.queue, it.video, it.priority)).collect::<Vec<_>>()
    };
    assert_eq!(who(7), who(7));
    assert_ne!(who(7), who(8));
}

#[test]
fn a_few_callers_go_before_others() {
    let callers = callers(&day(4));
    let urgent = callers.iter().filter(|it| 0 < it.priority).count();
    assert!(20 < urgent && urgent < callers.len() / 10, "{urgent} of {}", callers.len());
}

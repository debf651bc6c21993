//! The script, told as rules of the day it plays.

mod distribution;
mod legal;
mod options;
mod verdict;

use contract::Queue;

use super::centre;
use super::script::{Plan, Routing, Script};

pub(super) fn plan(seed: u64) -> Plan {
    Plan {
        seed,
        from_ms: 8 * 3_600_000,
        to_ms: 18 * 3_600_000,
        scale: 1.0,
        agents: 24,
        calls_max: None,
        queues: Queue::first().collect(),
        missed: 0.04,
        routing: Routing::External,
    }
}

fn day(seed: u64) -> Script {
    centre::write(plan(seed))
}

fn bodies(script: &Script) -> Vec<String> {
    let prefix = script.plan.prefix();
    script.reports.iter().map(|report| script.body(&prefix, report)).collect()
}

#[test]
fn the_same_seed_plays_the_same_day() {
    let (one, other) = (day(7), day(7));
    assert_eq!(one.reports, other.reports);
    assert_eq!(bodies(&one), bodies(&other));
}

#[test]
fn another_seed_plays_another_day_under_other_ids() {
    let (one, other) = (day(7), day(8));
    assert_ne!(one.reports, other.reports);
    assert_ne!(one.plan.prefix(), other.plan.prefix());
}

#[test]
fn other_options_give_other_ids_to_the_same_seed() {
    let busier = Plan { scale: 2.0, ..plan(7) };
    assert_ne!(plan(7).prefix(), busier.prefix());
}

#[test]
fn no_more_calls_begin_than_were_asked_for() {
    let script = centre::write(Plan { calls_max: Some(12), ..plan(7) });
    assert_eq!(script.calls, 12);
}

#[test]
fn a_night_goes_over_midnight() {
    let script = centre::write(Plan { from_ms: 22 * 3_600_000, to_ms: 26 * 3_600_000, ..plan(7) });
    // 42.7 + 34.0 + 4.4 + 1.2 are expected.
    assert!((50..=115).contains(&script.calls), "{} calls", script.calls);
}

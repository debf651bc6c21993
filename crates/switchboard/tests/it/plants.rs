//! The suite is put to the proof: each bug that is planted on purpose is found.
//!
//! The scenarios are the very ones that hold without the bug elsewhere in this suite. Release builds
//! have no planted bugs.

use std::{thread, time::Duration};

use serde_json::Value;

use crate::{
    crash::killed_under_load,
    disk::{answers_after_the_sync, can_watch},
    faults::{both_or_neither, only_what_is_kept_is_acknowledged},
    hands::at_once::no_deed_without_its_record,
    http::Request,
    load::Chance,
    races::answered_or_rerouted,
    say::{initiated, routed},
    storm::storm,
    world::World,
};

/// What is said where a bug was seen. A scenario that failed in other words saw something else.
const SIGNS: [(&str, &[&str]); 7] = [
    ("answer_before_commit", &["lost: ", "but kept ", "was told ", "before it was on disk"]),
    ("synchronous_off", &["before it was on disk"]),
    ("timer_without_lock", &["not allowed while", "but its history is"]),
    ("receipt_outside_transaction", &["without a receipt it was told", "twice under one key"]),
    ("action_outside_transaction", &["deeds and records differ"]),
    ("agent_without_lock", &["had call number"]),
    ("unsorted_locks", &["deadlocks: "]),
];

/// Plants the bug and has the scenario look for it, several times where chance decides.
#[track_caller]
fn is_found(
    bug: &str,
    attempts: u32,
    world: impl Fn() -> Option<World>,
    scenario: impl Fn(&World) -> Result<(), String>,
) {
    if !cfg!(debug_assertions) {
        return;
    }
    let signs = SIGNS.iter().find(|(of, _)| *of == bug).map_or(&[][..], |(_, signs)| signs);
    let mut other = Vec::new();
    for _ in 0..attempts {
        let Some(world) = world() else { return };
        match scenario(&world.planted(Some(bug))) {
            Err(why) if signs.iter().any(|sign| why.contains(sign)) => {
                eprintln!("`{bug}` was found: {why}");
                return;
            }
            done => other.extend(done.err()),
        }
    }
    panic!("`{bug}` was planted and is not found; what else was said: {other:?}");
}

#[expect(clippy::unnecessary_wraps, reason = "as for the database that may be missing")]
fn sqlite() -> Option<World> {
    Some(World::sqlite())
}

#[test]
fn an_answer_before_the_commit_is_found() {
    is_found("answer_before_commit", 1, sqlite, only_what_is_kept_is_acknowledged);
    is_found("answer_before_commit", 1, World::postgres, only_what_is_kept_is_acknowledged);
}

#[test]
fn what_a_kill_loses_is_found_by_the_auditor() {
    is_found("answer_before_commit", 10, sqlite, the_auditor_is_content);
    is_found("answer_before_commit", 10, World::postgres, the_auditor_is_content);
}

#[test]
fn a_timer_that_fires_wrongly_is_found_by_the_auditor() {
    is_found("timer_without_lock", 5, sqlite, the_auditor_is_content);
}

fn the_auditor_is_content(world: &World) -> Result<(), String> {
    killed_under_load(world).map(|_| ())
}

#[test]
fn an_answer_before_the_sync_is_found() {
    if can_watch() {
        is_found("answer_before_commit", 3, sqlite, answers_after_the_sync);
        is_found("synchronous_off", 1, sqlite, answers_after_the_sync);
    }
}

#[test]
fn a_timer_that_decides_before_it_locks_is_found() {
    is_found("timer_without_lock", 3, sqlite, answered_or_rerouted);
    is_found("timer_without_lock", 3, World::postgres, answered_or_rerouted);
}

#[test]
fn a_receipt_outside_the_transaction_is_found() {
    is_found("receipt_outside_transaction", 1, sqlite, both_or_neither);
    is_found("receipt_outside_transaction", 1, World::postgres, both_or_neither);
}

#[test]
fn a_deed_whose_record_comes_after_the_commit_is_found() {
    is_found("action_outside_transaction", 10, sqlite, no_deed_without_its_record);
}

#[test]
fn an_agent_who_is_not_locked_is_found_with_two_calls() {
    let storm = |world: &World| storm(world, Duration::from_secs(6));
    is_found("agent_without_lock", 12, World::postgres, storm);
}

#[test]
fn locks_taken_in_no_order_are_found() {
    is_found("unsorted_locks", 5, World::postgres, nobody_waits_in_a_circle);
}

#[test]
fn two_servers_never_wait_for_each_other_in_a_circle() {
    if let Some(world) = World::postgres() {
        nobody_waits_in_a_circle(&world).unwrap_or_else(|why| panic!("{why}"));
    }
}

/// Two servers record batches about the same calls in every order: the database sees no deadlock.
fn nobody_waits_in_a_circle(world: &World) -> Result<(), String> {
    const CALLS: usize = 40;
    let servers = [world.start(), world.start()];
    for n in 0..CALLS {
        servers[0].record(&initiated(&format!("c{n}")));
    }
    let mut chance = Chance::new();
    thread::scope(|scope| {
        for writer in 0..6 {
            let (server, mut chance) = (&servers[writer % 2], chance.fork());
            scope.spawn(move || {
                let mut line = server.line();
                for _ in 0..12 {
                    let mut order = (0..CALLS).collect::<Vec<_>>();
                    for at in (1..CALLS).rev() {
                        let bound = u64::try_from(at).unwrap_or(0) + 1;
                        order.swap(at, usize::try_from(chance.below(bound)).unwrap_or(0));
                    }
                    let events = order.iter().map(|n| routed(&format!("c{n}"), "ana"));
                    let batch = Value::Array(events.collect());
                    let batch = Request::post("/api/events/batch").json(&batch);
                    line.ask(&batch).expect("an answer").is(200);
                }
            });
        }
    });
    // A session tells of its deadlocks when it ends, at the latest.
    for server in servers {
        server.stop();
    }
    let seen =
        world.rows("select deadlocks from pg_stat_database where datname = current_database()");
    match seen[0]["deadlocks"].as_i64() {
        Some(0) => Ok(()),
        _ => Err(format!("deadlocks: {}", seen[0]["deadlocks"])),
    }
}

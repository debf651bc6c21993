//! Facts become sums: what a batch adds to the figures of queues and agents.

use lifecycle::{Agent, Call, Counted, Fact, Timestamp, was_available, worked_on};
use store::{INTERVAL_MS, Scope, Tallies, Tally, TallyKey, Waits};

use crate::queues::Policies;

/// Of a longer time only the end is counted: nobody takes calls for a week without a break.
const AVAILABLE_MS_MAX: i64 = 7 * 86_400_000;

/// Adds what happened to a batch's sums.
///
/// How long an agent has to wrap up is the promise of the queue that the call was in.
pub(crate) fn count(tallies: &mut Tallies, facts: Vec<Fact>, policies: &Policies) {
    for Fact { at, queue, agent, what } in facts {
        let mut one = one(what);
        if agent.is_some() && matches!(what, Counted::Handled { wraps: true, .. }) {
            one.wrap_up_ms = policies.get(&*queue).map_or(0, |queue| queue.wrap_up_seconds.ms);
        }
        tallies.add(TallyKey::at(Scope::Queue, queue, at), &one);
        if let Some(agent) = agent {
            // Wait by wait they are only told of queues.
            let (answered_waits, abandoned_waits) = Default::default();
            let one = Tally { answered_waits, abandoned_waits, ..one };
            tallies.add(TallyKey::at(Scope::Agent, agent, at), &one);
        }
    }
}

/// Adds the time that an agent took calls and that is over with this change, interval by interval.
pub(crate) fn count_available(
    tallies: &mut Tallies,
    id: &str,
    (before, after): (&Agent, &Agent),
    at: Timestamp,
) {
    add_available(tallies, id, was_available(before, after, at));
}

/// Adds the rest of a call that an agent lets go of, where they went away in the middle of it.
pub(crate) fn count_worked_on(
    tallies: &mut Tallies,
    id: &str,
    (call, agent): (&Call, &Agent),
    at: Timestamp,
    wrap_ms: i64,
) {
    add_available(tallies, id, worked_on(call, agent, at, wrap_ms));
}

fn add_available(tallies: &mut Tallies, id: &str, time: Option<(Timestamp, Timestamp)>) {
    let Some((from, to)) = time else { return };
    let mut from = from.max(to + -AVAILABLE_MS_MAX);
    while from < to {
        let key = TallyKey::at(Scope::Agent, id, from);
        let end = to.min(key.start + INTERVAL_MS);
        tallies.add(key, &Tally { available_ms: end - from, ..Tally::default() });
        from = end;
    }
}

fn one(what: Counted) -> Tally {
    let none = Tally::default();
    match what {
        Counted::Offered => Tally { offered: 1, ..none },
        Counted::Answered { waited_ms, rang } => Tally {
            answered: 1,
            waited_ms,
            answered_waits: Waits::one(waited_ms),
            picked_up: i64::from(rang),
            ..none
        },
        Counted::Abandoned { waited_ms } => {
            Tally { abandoned_waits: Waits::one(waited_ms), ..none }
        }
        Counted::Rang => Tally { rang: 1, ..none },
        Counted::Missed => Tally { missed: 1, ..none },
        Counted::Held { ms } => Tally { holds: 1, held_ms: ms, longest_hold_ms: ms, ..none },
        Counted::Handled { talked_ms, held_ms, wraps: _ } => {
            Tally { handled: 1, handled_talk_ms: talked_ms, handled_hold_ms: held_ms, ..none }
        }
        Counted::Transferred => Tally { transferred: 1, ..none },
    }
}

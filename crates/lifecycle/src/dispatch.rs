//! Which call is offered to whom.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use crate::Timestamp;

/// A call that waits, with nobody's phone ringing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The call.
    pub call: String,
    /// Its queue.
    pub queue: String,
    /// A higher one goes first.
    pub priority: u8,
    /// Since when it waits.
    pub since: Timestamp,
    /// When offers in a row ended in nobody answering as often as the queue allows: from then on it
    /// is offered only to who becomes free later.
    pub given_up_at: Option<Timestamp>,
}

/// An agent to whom a call may be offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Free {
    /// The agent.
    pub agent: String,
    /// Since when nothing was asked of them.
    pub idle_since: Timestamp,
    /// They missed their last offer: whoever did not is asked first.
    pub missed: bool,
    /// The queues they serve, each with how readily: a higher one is asked first.
    pub queues: Vec<(String, u8)>,
}

/// One call for one agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The call.
    pub call: String,
    /// The queue it waits in.
    pub queue: String,
    /// The agent whose phone shall ring.
    pub agent: String,
}

/// Pairs calls with agents: the call of the highest priority that has waited longest, then the next;
/// each to the agent of its queue who did not miss their last offer, serves it most readily and, among
/// equals, was idle longest.
pub fn pair(mut calls: Vec<Waiting>, agents: &[Free]) -> Vec<Pair> {
    calls.sort_by(|one, other| {
        (Reverse(one.priority), one.since, &one.call).cmp(&(
            Reverse(other.priority),
            other.since,
            &other.call,
        ))
    });
    let mut of_queue = HashMap::<&str, BTreeSet<_>>::new();
    for agent in agents {
        for (queue, readiness) in &agent.queues {
            of_queue.entry(queue).or_default().insert(place(agent, *readiness));
        }
    }
    let by_id = agents.iter().map(|it| (it.agent.as_str(), it)).collect::<HashMap<_, _>>();
    let mut pairs = Vec::new();
    for Waiting { call, queue, given_up_at, .. } in calls {
        let Some(servers) = of_queue.get(queue.as_str()) else { continue };
        let later = |idle_since| given_up_at.is_none_or(|given_up_at| given_up_at < idle_since);
        let Some(&(.., agent)) = servers.iter().find(|(.., since, _)| later(*since)) else {
            continue;
        };
        for (served, readiness) in &by_id[agent].queues {
            if let Some(servers) = of_queue.get_mut(served.as_str()) {
                servers.remove(&place(by_id[agent], *readiness));
            }
        }
        pairs.push(Pair { call, queue, agent: agent.to_owned() });
    }
    pairs
}

/// Where an agent stands among those who serve a queue.
fn place(agent: &Free, readiness: u8) -> (bool, Reverse<u8>, Timestamp, &str) {
    (agent.missed, Reverse(readiness), agent.idle_since, &agent.agent)
}

//! What stands in the way of a promise, in words for people.

use std::collections::BTreeMap;

use contract::{Agent, AgentState, Presence, Promised};
use lifecycle::{Call, MISSED_MAX, Phase};

/// A call whose promise runs out, and those who could keep it.
pub(crate) struct Scene<'a> {
    pub(crate) call: &'a Call,
    /// The agents who serve its queue.
    pub(crate) agents: &'a [Agent],
    /// So many offers after the first may go unanswered.
    pub(crate) reroutes_max: u32,
}

impl Scene<'_> {
    /// How much time is left, and what stands in the way; or what follows.
    pub(crate) fn message(&self, promise: Promised, left_s: i64, id: &str) -> String {
        let agent = self.call.named_agent().map(|agent| &**agent);
        match promise {
            Promised::Sla => format!("{left_s} s left to answer; {}", self.unanswered(id)),
            Promised::Ring => {
                let agent = agent.unwrap_or("nobody");
                let then = self.after_a_miss(agent, id);
                format!("{left_s} s left for {agent} to answer; then {then}")
            }
            Promised::Hold => {
                let agent = agent.unwrap_or("the agent");
                format!("{left_s} s left of the hold; the caller waits for {agent} to come back")
            }
        }
    }

    fn unanswered(&self, id: &str) -> String {
        let mut ways = Vec::new();
        match &self.call.phase {
            // Who serves the queue is among those who are counted below.
            Phase::Waiting { ring: Some(ring), .. } if !self.serves(&ring.agent) => {
                ways.push(format!("it rings at {}'s phone", ring.agent));
            }
            Phase::Waiting { ring: None, .. } if self.reroutes_max < self.call.attempt => {
                ways.push(self.call.unanswered());
                if !self.agents.is_empty() {
                    ways.push(ASKED_LATER.to_owned());
                }
            }
            _ => {}
        }
        ways.push(match self.agents {
            [] => OUTSIDE.to_owned(),
            [only] => format!("its only agent {}", doing(only, id).of(1)),
            all => format!("of {} agents {}", all.len(), counted(all.iter(), id)),
        });
        ways.join("; ")
    }

    /// What follows when the phone that rings is not answered.
    fn after_a_miss(&self, agent: &str, id: &str) -> String {
        if self.agents.is_empty() {
            return format!("the call waits again: {OUTSIDE}");
        }
        let offers = self.call.attempt + 1;
        if self.reroutes_max < offers {
            let offers = if offers == 1 { "1 offer" } else { &format!("{offers} offers in a row") };
            return format!("{ASKED_LATER}: {offers} will have gone unanswered");
        }
        let others = self.agents.iter().filter(|it| it.id != agent).collect::<Vec<_>>();
        let is_asked_again = |it: &Agent| {
            it.id == agent
                && it.presence == Presence::Available
                && it.state != AgentState::Unreachable
                && it.missed_in_a_row + 1 < MISSED_MAX
        };
        let follows = if others.iter().any(|it| doing(it, id) == Doing::Idle) {
            "the next free agent is asked".to_owned()
        } else if self.agents.iter().any(is_asked_again) {
            format!("{agent} is asked again, unless another is free first")
        } else {
            "the call waits until an agent becomes free".to_owned()
        };
        let others = match &others[..] {
            [] => "there is no other".to_owned(),
            [only] => format!("the other {}", doing(only, id).of(1)),
            all => format!("of {} others {}", all.len(), counted(all.iter().copied(), id)),
        };
        format!("{follows}; {others}")
    }

    fn serves(&self, agent: &str) -> bool {
        self.agents.iter().any(|it| it.id == agent)
    }
}

const OUTSIDE: &str = "no agent serves this queue, it is routed from outside";
/// Who is asked once a call was given up: not those who are idle already.
const ASKED_LATER: &str =
    "only an agent who becomes free later is asked, unless a supervisor reassigns the call";

/// What an agent does instead of answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Doing {
    Idle,
    OfferedThis,
    OfferedAnother,
    OnCall,
    WrappingUp,
    Away,
    Missed,
    Unreachable,
    Offline,
}

impl Doing {
    /// The words for so many of them.
    fn of(self, count: usize) -> &'static str {
        let [one, several] = match self {
            Self::Idle => ["is idle", "are idle"],
            Self::OfferedThis => ["is offered this call", "are offered this call"],
            Self::OfferedAnother => ["is offered another call", "are offered other calls"],
            Self::OnCall => ["is on a call", "are on calls"],
            Self::WrappingUp => ["wraps up", "wrap up"],
            Self::Away => ["is away", "are away"],
            Self::Missed => ["missed the last two", "missed the last two"],
            Self::Unreachable => ["is unreachable", "are unreachable"],
            Self::Offline => ["is offline", "are offline"],
        };
        if count == 1 { one } else { several }
    }
}

fn doing(agent: &Agent, id: &str) -> Doing {
    match (agent.state, agent.presence) {
        (AgentState::OnCall, _) => Doing::OnCall,
        (AgentState::Offered, _) if agent.call_id.as_deref() == Some(id) => Doing::OfferedThis,
        (AgentState::Offered, _) => Doing::OfferedAnother,
        (AgentState::Unreachable, _) => Doing::Unreachable,
        (_, Presence::Away) if MISSED_MAX <= agent.missed_in_a_row => Doing::Missed,
        (_, Presence::Away) => Doing::Away,
        (_, Presence::Offline) => Doing::Offline,
        (AgentState::Wrapping, Presence::Available) => Doing::WrappingUp,
        (AgentState::Idle, Presence::Available) => Doing::Idle,
    }
}

fn counted<'a>(agents: impl Iterator<Item = &'a Agent>, id: &str) -> String {
    let mut counts = BTreeMap::<Doing, usize>::new();
    for agent in agents {
        *counts.entry(doing(agent, id)).or_default() += 1;
    }
    let counts = counts.into_iter().map(|(doing, count)| format!("{count} {}", doing.of(count)));
    counts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;

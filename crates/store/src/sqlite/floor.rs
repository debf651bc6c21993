//! The floor: open calls and agents as the last commit left them, in every order they are asked for.
//!
//! Open calls are few and move with each event; in the database each of these orders would be an
//! index that every event pays for. Only the writer changes calls and agents, so what it keeps here
//! is what would be read. It puts a change here after its commit and before anybody hears of it.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use foldhash::HashMap;
use lifecycle::{Agent, Call, Engagement, Phase, Timestamp};

use crate::{
    CallFilter, Engaged, FreeAgent, LoadedAgent, OpenCalls, SeenAgent, StoredAgent, WaitingCall,
};

/// So many free agents are looked at in one round of dispatch.
const AGENTS_MAX: usize = 1_000;

/// A call's number. Each order ends with it, so no two calls stand in one place.
type No = i64;
/// A queue or an agent: its place in [`Names`].
type Name = usize;

/// The floor, for the writer and for all who ask.
#[derive(Clone, Default)]
pub(super) struct Shared(Arc<Mutex<Floor>>);

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, Floor> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The open calls and the agents.
#[derive(Default)]
pub(super) struct Floor {
    queues: Names,
    people: Names,
    calls: HashMap<No, Standing>,
    /// By the moment at which their first timer comes due.
    due: BTreeSet<(Timestamp, No)>,
    /// By queue and status.
    listed: BTreeSet<(Name, &'static str, No)>,
    /// Those for whom no phone rings, by queue; the next to be offered first.
    waiting: BTreeSet<(Name, Reverse<u8>, Timestamp, No)>,
    /// By the agent they name.
    engaging: BTreeSet<(Name, No)>,
    agents: HashMap<Name, StoredAgent>,
    /// Who serves which queue.
    serving: HashMap<Name, BTreeSet<Name>>,
}

/// An open call.
struct Standing {
    no: No,
    id: Arc<str>,
    queue: Name,
    agent: Option<Name>,
    status: &'static str,
    rings: bool,
    due_at: Option<Timestamp>,
    priority: u8,
    since: Timestamp,
    attempt: u32,
    moved_at: Timestamp,
    engaged_since: Timestamp,
}

impl Standing {
    fn due(&self) -> Option<(Timestamp, No)> {
        Some((self.due_at?, self.no))
    }

    fn listed(&self) -> (Name, &'static str, No) {
        (self.queue, self.status, self.no)
    }

    fn waiting(&self) -> Option<(Name, Reverse<u8>, Timestamp, No)> {
        let waits = self.status == "waiting" && !self.rings;
        waits.then_some((self.queue, Reverse(self.priority), self.since, self.no))
    }

    fn engaging(&self) -> Option<(Name, No)> {
        Some((self.agent?, self.no))
    }

    fn engagement(&self) -> Engagement {
        if self.status == "waiting" { Engagement::Offered } else { Engagement::OnCall }
    }
}

impl Floor {
    /// Puts a call where it now stands; one that is over leaves.
    pub(super) fn put(&mut self, no: No, id: &Arc<str>, call: &Call) {
        let before = self.calls.remove(&no);
        let now = call.ended_at.is_none().then(|| Standing {
            no,
            id: Arc::clone(id),
            queue: self.queues.number(&call.queue),
            agent: call.named_agent().map(|agent| self.people.number(agent)),
            status: call.phase.status(),
            rings: matches!(call.phase, Phase::Waiting { ring: Some(_), .. }),
            due_at: call.next_timer().map(|(_, due_at)| due_at),
            priority: call.priority,
            since: call.spent.since,
            attempt: call.attempt,
            moved_at: call.moved_at,
            engaged_since: call.engaged_since(),
        });
        let (from, to) = (before.as_ref(), now.as_ref());
        shift(&mut self.due, from.and_then(Standing::due), to.and_then(Standing::due));
        shift(&mut self.listed, from.map(Standing::listed), to.map(Standing::listed));
        shift(&mut self.waiting, from.and_then(Standing::waiting), to.and_then(Standing::waiting));
        let (from, to) = (from.and_then(Standing::engaging), to.and_then(Standing::engaging));
        shift(&mut self.engaging, from, to);
        self.calls.extend(now.map(|now| (no, now)));
    }

    /// An agent as they now are.
    pub(super) fn put_agent(&mut self, agent: StoredAgent) {
        let name = self.people.number(&agent.id);
        for serving in self.serving.values_mut() {
            serving.remove(&name);
        }
        for (queue, _) in &agent.queues {
            self.serving.entry(self.queues.number(queue)).or_default().insert(name);
        }
        self.agents.insert(name, agent);
    }

    /// What a batch changed of an agent.
    pub(super) fn change_agent(&mut self, id: &str, changed: Agent) {
        let known = self.people.find(id).and_then(|name| self.agents.get_mut(&name));
        if let Some(known) = known {
            known.agent = changed;
        }
    }

    /// An agent whom an event named, known or not.
    pub(super) fn name_agent(&mut self, id: &str, at: Timestamp) {
        if self.agent(id).is_none() {
            self.put_agent(StoredAgent::new(id, at));
        }
    }

    pub(super) fn agent(&self, id: &str) -> Option<&StoredAgent> {
        self.agents.get(&self.people.find(id)?)
    }

    /// An agent as a batch needs to know them.
    pub(super) fn loaded_agent(&self, id: &str) -> Option<LoadedAgent> {
        let name = self.people.find(id)?;
        let StoredAgent { agent, queues, .. } = self.agents.get(&name)?;
        Some(LoadedAgent {
            agent: agent.clone(),
            queues: queues.iter().map(|(queue, _)| queue.clone()).collect(),
            engaged: self.engaging(name).map(|call| call.no).collect(),
            version: 0,
        })
    }

    /// The open calls that name an agent.
    pub(super) fn calls_of(&self, agent: &str) -> Vec<String> {
        let calls = self.people.find(agent).into_iter().flat_map(|agent| self.engaging(agent));
        calls.map(|call| call.id.to_string()).collect()
    }

    fn engaging(&self, agent: Name) -> impl Iterator<Item = &Standing> {
        let calls = self.engaging.range((agent, No::MIN)..=(agent, No::MAX));
        calls.filter_map(|(_, no)| self.calls.get(no))
    }

    /// Agents with the call that names them: those of the given ids, or all, by id.
    pub(super) fn seen(&self, ids: Option<&[String]>) -> Vec<SeenAgent> {
        let seen = |(name, stored): (Name, &StoredAgent)| SeenAgent {
            engaged: self
                .engaging(name)
                .min_by_key(|call| (call.status == "waiting", call.no))
                .map(|call| Engaged {
                    call: call.id.to_string(),
                    engagement: call.engagement(),
                    since: call.engaged_since,
                }),
            stored: stored.clone(),
        };
        let mut wanted = match ids {
            None => self.agents.iter().map(|(name, stored)| (*name, stored)).collect(),
            Some(ids) => {
                let names = ids.iter().filter_map(|id| self.people.find(id));
                names.filter_map(|name| Some((name, self.agents.get(&name)?))).collect::<Vec<_>>()
            }
        };
        wanted.sort_unstable_by(|(_, one), (_, other)| one.id.cmp(&other.id));
        wanted.dedup_by_key(|(name, _)| *name);
        wanted.into_iter().map(seen).collect()
    }

    /// Calls of these queues that wait with nobody's phone ringing.
    pub(super) fn waiting(&self, queues: &[String], limit: usize) -> Vec<WaitingCall> {
        let queues = queues.iter().filter_map(|queue| Some((queue, self.queues.find(queue)?)));
        let turns = queues.flat_map(|(queue, name)| {
            let turns =
                self.waiting.range((name, Reverse(u8::MAX), Timestamp(i64::MIN), No::MIN)..);
            let turns = turns.take_while(move |(of, ..)| *of == name).take(limit);
            turns.map(move |(_, priority, since, no)| (queue, priority, since, no))
        });
        let calls = turns.filter_map(|(queue, Reverse(priority), since, no)| {
            let call = self.calls.get(no)?;
            Some(WaitingCall {
                call: call.id.to_string(),
                queue: queue.clone(),
                priority: *priority,
                since: *since,
                attempt: call.attempt,
                moved_at: call.moved_at,
            })
        });
        calls.collect()
    }

    /// Those of the given agents, and of all agents of these queues, to whom a call may be offered
    /// now.
    pub(super) fn free(
        &self,
        queues: &[String],
        agents: &[String],
        now: Timestamp,
    ) -> Vec<FreeAgent> {
        let agents = agents.iter().filter_map(|agent| self.people.find(agent));
        let queues = queues.iter().filter_map(|queue| self.queues.find(queue));
        let serving = queues.filter_map(|queue| self.serving.get(&queue)).flatten();
        let free = serving.copied().chain(agents).filter_map(|name| {
            let agent = &self.agents.get(&name)?.agent;
            let is_free = agent.is_free(None, now) && self.engaging(name).next().is_none();
            is_free.then_some((agent.idle_since, name, 0 < agent.missed))
        });
        let mut free = free.collect::<Vec<_>>();
        free.sort_unstable();
        free.dedup();
        free.truncate(AGENTS_MAX);
        let free = free.into_iter().map(|(idle_since, name, missed)| FreeAgent {
            idle_since,
            id: self.people.names[name].clone(),
            missed,
        });
        free.collect()
    }

    /// When the next wrap-up ends after `after`, and whose it is.
    pub(super) fn next_wrapped(&self, after: Timestamp) -> Option<(Timestamp, Vec<String>)> {
        let wraps = |it: &StoredAgent| it.agent.wraps.map(|wraps| wraps.until);
        let ends = self.agents.values().filter_map(wraps).filter(|until| after < *until).min()?;
        let agents = self.agents.values().filter(|it| wraps(it) == Some(ends));
        let mut agents = agents.map(|it| it.id.clone()).collect::<Vec<_>>();
        agents.sort_unstable();
        Some((ends, agents))
    }

    /// Calls with a timer that is due, the earliest first.
    pub(super) fn due(&self, now: Timestamp, limit: u32) -> Vec<String> {
        let due = self.due.iter().take_while(|(due_at, _)| *due_at <= now).take(limit as usize);
        due.filter_map(|(_, no)| Some(self.calls.get(no)?.id.to_string())).collect()
    }

    /// When the next timer comes due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(due_at, _)| *due_at)
    }

    /// How many calls have a timer armed.
    pub(super) fn armed(&self) -> u64 {
        self.due.len() as u64
    }

    /// The numbers of the newest open calls that a list shows, the newest first.
    pub(super) fn listed(&self, filter: &CallFilter) -> Vec<No> {
        let (before, limit) = (filter.before.unwrap_or(No::MAX), filter.limit as usize);
        let queues = match &filter.queue {
            None => 0..self.queues.names.len(),
            Some(queue) => self.queues.find(queue).map_or(0..0, |name| name..name + 1),
        };
        let statuses = filter.status.map(contract::CallStatus::name);
        let statuses = statuses.map_or(vec!["waiting", "active", "on_hold"], |status| vec![status]);
        let mut newest = Vec::new();
        for queue in queues {
            for status in &statuses {
                let calls = self.listed.range((queue, *status, No::MIN)..(queue, *status, before));
                newest.extend(calls.rev().take(limit).map(|(.., no)| *no));
            }
        }
        newest.sort_unstable_by_key(|no| Reverse(*no));
        newest.truncate(limit);
        newest
    }

    /// What open calls are doing, by queue.
    pub(super) fn open_calls(&self) -> BTreeMap<String, OpenCalls> {
        let mut queues = BTreeMap::<_, OpenCalls>::new();
        for call in self.calls.values() {
            queues.entry(call.queue).or_default().count(call.status, call.rings, 1, call.since.0);
        }
        queues.into_iter().map(|(name, calls)| (self.queues.names[name].clone(), calls)).collect()
    }
}

/// Queues and agents that were named, each with a number.
#[derive(Default)]
struct Names {
    numbers: HashMap<String, Name>,
    names: Vec<String>,
}

impl Names {
    fn find(&self, name: &str) -> Option<Name> {
        self.numbers.get(name).copied()
    }

    fn number(&mut self, name: &str) -> Name {
        self.find(name).unwrap_or_else(|| {
            let number = self.names.len();
            self.numbers.insert(name.to_owned(), number);
            self.names.push(name.to_owned());
            number
        })
    }
}

/// Moves a call in one order.
fn shift<K: Ord>(order: &mut BTreeSet<K>, from: Option<K>, to: Option<K>) {
    if from == to {
        return;
    }
    if let Some(from) = from {
        order.remove(&from);
    }
    order.extend(to);
}

#[cfg(test)]
mod tests;

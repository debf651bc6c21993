//! Who hears what. Pure: it knows neither sockets nor the bus.
//!
//! A client follows scopes. What it follows is kept here, as our own data keyed by the exact strings
//! it sent, so that no string it can think of reaches anything but the call or queue of that name.

use std::{collections::HashMap, hash::Hash};

use bus::Audience;

/// Something that can be followed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One call.
    Call(String),
    /// The calls of one queue, and those that leave it.
    Queue(String),
    /// Every call.
    Calls,
    /// Every alert.
    Alerts,
    /// Every agent.
    Agents,
    /// The figures of one queue, or of all of them.
    Metrics(Option<String>),
}

/// How much one client may follow.
#[derive(Clone, Copy, Debug)]
pub struct InterestLimits {
    /// At most so many single calls.
    pub calls_max: usize,
    /// At most so many queues.
    pub queues_max: usize,
}

/// The client follows as much as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    /// At most so many.
    pub max: usize,
    /// Of these.
    pub what: Kept,
}

/// What a client may follow only so much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Single calls.
    Calls,
    /// Queues.
    Queues,
    /// The figures of queues.
    Metrics,
}

/// What one client follows, each scope with the number after which it is followed.
#[derive(Debug, Default)]
pub struct Interest {
    calls: HashMap<String, u64>,
    queues: HashMap<String, u64>,
    all: Option<u64>,
    alerts: Option<u64>,
    agents: Option<u64>,
    metrics: HashMap<Option<String>, u64>,
}

impl Scope {
    /// Whether an announcement to that audience belongs to this scope. A call that moves from one
    /// queue to another belongs to both, so that no screen keeps a ghost.
    pub fn covers(&self, audience: Audience<'_>) -> bool {
        match (self, audience) {
            (Self::Call(id), Audience::Call { call, .. }) => id == call,
            (Self::Queue(id), Audience::Call { queue, left_queue, .. }) => {
                id == queue || left_queue == Some(id)
            }
            (Self::Metrics(followed), Audience::Metrics(queue)) => followed == queue,
            (Self::Calls, Audience::Call { .. })
            | (Self::Alerts, Audience::Alerts)
            | (Self::Agents, Audience::Agents) => true,
            _ => false,
        }
    }
}

impl Interest {
    /// Follows a scope after that number; the earlier one where it is followed already.
    pub fn insert(
        &mut self,
        scope: Scope,
        after: u64,
        limits: &InterestLimits,
    ) -> Result<(), TooMany> {
        let since = match scope {
            Scope::Call(id) => place(&mut self.calls, id, after, limits.calls_max, Kept::Calls)?,
            Scope::Queue(id) => {
                place(&mut self.queues, id, after, limits.queues_max, Kept::Queues)?
            }
            Scope::Calls => self.all.get_or_insert(after),
            Scope::Alerts => self.alerts.get_or_insert(after),
            Scope::Agents => self.agents.get_or_insert(after),
            Scope::Metrics(queue) => {
                place(&mut self.metrics, queue, after, limits.queues_max, Kept::Metrics)?
            }
        };
        *since = after.min(*since);
        Ok(())
    }

    /// The number after which a scope is followed.
    pub fn get(&self, scope: &Scope) -> Option<u64> {
        match scope {
            Scope::Call(id) => self.calls.get(id).copied(),
            Scope::Queue(id) => self.queues.get(id).copied(),
            Scope::Calls => self.all,
            Scope::Alerts => self.alerts,
            Scope::Agents => self.agents,
            Scope::Metrics(queue) => self.metrics.get(queue).copied(),
        }
    }

    /// Stops following a scope, and says after which number it was followed.
    pub fn remove(&mut self, scope: &Scope) -> Option<u64> {
        match scope {
            Scope::Call(id) => self.calls.remove(id),
            Scope::Queue(id) => self.queues.remove(id),
            Scope::Calls => self.all.take(),
            Scope::Alerts => self.alerts.take(),
            Scope::Agents => self.agents.take(),
            Scope::Metrics(queue) => self.metrics.remove(queue),
        }
    }

    /// Follows a scope that is followed already after an earlier number.
    pub fn move_back(&mut self, scope: &Scope, after: u64) {
        let since = match scope {
            Scope::Call(id) => self.calls.get_mut(id),
            Scope::Queue(id) => self.queues.get_mut(id),
            Scope::Calls => self.all.as_mut(),
            Scope::Alerts => self.alerts.as_mut(),
            Scope::Agents => self.agents.as_mut(),
            Scope::Metrics(queue) => self.metrics.get_mut(queue),
        };
        if let Some(since) = since {
            *since = after.min(*since);
        }
    }

    /// Every queue that is followed.
    pub fn queues(&self) -> impl Iterator<Item = &str> {
        self.queues.keys().map(String::as_str)
    }

    /// Every queue whose figures are followed; `None` for those of all.
    pub fn metrics(&self) -> impl Iterator<Item = &Option<String>> {
        self.metrics.keys()
    }

    /// Follows everything it follows after that number instead.
    pub fn begin_after(&mut self, number: u64) {
        let lists = self.calls.values_mut().chain(self.queues.values_mut());
        let lists = lists.chain(self.metrics.values_mut());
        let wholes = [&mut self.all, &mut self.alerts, &mut self.agents];
        lists.chain(wholes.into_iter().flatten()).for_each(|since| *since = number);
    }

    /// Whether nothing is followed.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
            && self.queues.is_empty()
            && self.all.is_none()
            && self.alerts.is_none()
            && self.agents.is_none()
            && self.metrics.is_empty()
    }

    /// Whether an announcement to that audience is heard, be it through one scope or several.
    pub fn wants(&self, audience: Audience<'_>) -> bool {
        self.since(audience).is_some()
    }

    /// The number after which announcements to that audience are heard.
    pub fn since(&self, audience: Audience<'_>) -> Option<u64> {
        match audience {
            Audience::Alerts => self.alerts,
            Audience::Agents => self.agents,
            Audience::Metrics(queue) => self.metrics.get(queue).copied(),
            Audience::Call { call, queue, left_queue } => [
                self.all,
                self.calls.get(call).copied(),
                self.queues.get(queue).copied(),
                left_queue.and_then(|left| self.queues.get(left)).copied(),
            ]
            .into_iter()
            .flatten()
            .min(),
        }
    }
}

fn place<K: Hash + Eq>(
    list: &mut HashMap<K, u64>,
    id: K,
    after: u64,
    max: usize,
    what: Kept,
) -> Result<&mut u64, TooMany> {
    if max <= list.len() && !list.contains_key(&id) {
        return Err(TooMany { max, what });
    }
    Ok(list.entry(id).or_insert(after))
}

#[cfg(test)]
mod tests;

//! Agents as they are kept, the same in both databases.

use std::{collections::BTreeSet, sync::Arc};

use foldhash::HashMap;
use lifecycle::{Agent, Engagement, Id, Lease, Presence, Timestamp, WrapUp};

use crate::{StoreError, StoredCall, Tallies};

/// An agent in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAgent {
    /// Their id.
    pub id: String,
    /// Their name for people.
    pub name: String,
    /// What the rules know of them.
    pub agent: Agent,
    /// The queues whose calls are offered to them, each with how readily they serve it.
    pub queues: Vec<(String, u8)>,
}

impl StoredAgent {
    /// An agent nobody has said anything about yet.
    pub fn new(id: &str, at: Timestamp) -> Self {
        Self { id: id.to_owned(), name: id.to_owned(), agent: Agent::new(at), queues: Vec::new() }
    }
}

/// An agent with the open call that names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenAgent {
    /// The agent.
    pub stored: StoredAgent,
    /// What is asked of them: the one that talks before the one that rings.
    pub engaged: Option<Engaged>,
}

/// An open call that names an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engaged {
    /// The call.
    pub call: String,
    /// What it asks of them.
    pub engagement: Engagement,
    /// Since when it does.
    pub since: Timestamp,
}

/// Which agents a batch must know. They are locked after its calls, sorted.
#[derive(Clone, Debug, Default)]
pub struct AgentsNeeded {
    /// Those its events name.
    pub named: Vec<Id>,
    /// Those a call is to be offered to: one that is locked elsewhere is left out.
    pub offered: Vec<String>,
    /// Of the agents that its calls name, those worth knowing: who serves which queues.
    pub serving: Arc<HashMap<String, Vec<(String, u8)>>>,
    /// Whether those that events name are engaged must be known.
    pub engaged: bool,
}

impl AgentsNeeded {
    /// Those that its events name, and those that its calls name and are worth knowing.
    pub(crate) fn of<'a>(
        &'a self,
        calls: impl Iterator<Item = &'a StoredCall>,
    ) -> BTreeSet<&'a str> {
        let of_calls = calls.filter_map(|stored| stored.call.named_agent());
        let of_calls = of_calls.filter(|agent| self.serving.contains_key(&***agent));
        self.named.iter().chain(of_calls).map(|agent| &**agent).collect()
    }
}

/// An agent as a batch finds them.
#[derive(Clone, Debug)]
pub struct LoadedAgent {
    /// What the rules know of them.
    pub agent: Agent,
    /// The queues they serve.
    pub queues: Arc<[String]>,
    /// The numbers of the open calls that name them, where that was asked for.
    pub engaged: Vec<i64>,
    /// How often they changed, where others may change them as well.
    pub version: i64,
}

/// An agent that changed, or whom another call names from now on.
#[derive(Debug)]
pub struct ChangedAgent {
    /// Their id.
    pub id: String,
    /// What the rules now know of them.
    pub agent: Agent,
    /// [`LoadedAgent::version`], as it was before this batch.
    pub version: i64,
}

/// An agent to whom a call may be offered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FreeAgent {
    /// Since when they are idle.
    pub idle_since: Timestamp,
    /// Their id.
    pub id: String,
    /// They missed their last offer.
    pub missed: bool,
}

/// A call that waits with nobody's phone ringing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingCall {
    /// The call.
    pub call: String,
    /// Its queue.
    pub queue: String,
    /// A higher one goes first.
    pub priority: u8,
    /// Since when it waits.
    pub since: Timestamp,
    /// Offers in a row that nobody answered.
    pub attempt: u32,
    /// The moment of its last record.
    pub moved_at: Timestamp,
}

/// Makes the change of an agent, given how they were and what time it is; and says what it adds to
/// the figures.
pub type ChangeAgent =
    Box<dyn FnOnce(Option<StoredAgent>, Timestamp) -> (StoredAgent, Tallies) + Send + 'static>;

/// The columns of an agent, apart from the id.
pub(crate) struct AgentRow {
    pub(crate) name: String,
    pub(crate) presence: String,
    pub(crate) presence_since: i64,
    pub(crate) presence_reason: Option<String>,
    pub(crate) missed: i64,
    pub(crate) idle_since: i64,
    pub(crate) wraps_since: Option<i64>,
    pub(crate) wraps_until: Option<i64>,
    pub(crate) lease_ms: Option<i64>,
    pub(crate) renewed_at: Option<i64>,
    /// `[["queue", 0], ...]`
    pub(crate) queues: Option<String>,
}

impl AgentRow {
    pub(crate) fn of(name: &str, agent: &Agent) -> Self {
        Self {
            name: name.to_owned(),
            presence: agent.presence.name().to_owned(),
            presence_since: agent.presence_since.0,
            presence_reason: agent.presence_reason.clone(),
            missed: agent.missed.into(),
            idle_since: agent.idle_since.0,
            wraps_since: agent.wraps.map(|wraps| wraps.since.0),
            wraps_until: agent.wraps.map(|wraps| wraps.until.0),
            lease_ms: agent.lease.map(|lease| lease.ms),
            renewed_at: agent.lease.map(|lease| lease.renewed_at.0),
            queues: None,
        }
    }

    pub(crate) fn into_agent(self, id: String) -> Result<StoredAgent, StoreError> {
        let corrupt = |why: &str| StoreError::Corrupt {
            table: "agents",
            row: format!("`{id}`"),
            why: why.to_owned(),
        };
        let agent = Agent {
            presence: Presence::named(&self.presence)
                .ok_or_else(|| corrupt("an unknown presence"))?,
            presence_since: Timestamp(self.presence_since),
            presence_reason: self.presence_reason,
            missed: u32::try_from(self.missed).map_err(|_| corrupt("a count below zero"))?,
            idle_since: Timestamp(self.idle_since),
            wraps: self
                .wraps_since
                .zip(self.wraps_until)
                .map(|(since, until)| WrapUp { since: Timestamp(since), until: Timestamp(until) }),
            lease: self
                .lease_ms
                .zip(self.renewed_at)
                .map(|(ms, renewed_at)| Lease { ms, renewed_at: Timestamp(renewed_at) }),
        };
        let queues = self.queues.as_deref().unwrap_or("[]");
        let queues = queues_of(queues).ok_or_else(|| corrupt("queues that are not"))?;
        Ok(StoredAgent { id, name: self.name, agent, queues })
    }
}

/// `[["queue", 0], ...]`
pub(crate) fn queues_of(text: &str) -> Option<Vec<(String, u8)>> {
    serde_json::from_str(text).ok()
}

//! The agents, and who serves which queue.
//!
//! What is kept at hand is who is known and who serves what: every event that names an agent asks.
//! What an agent is doing is asked of the store each time, because it follows from the calls.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use bus::News;
use contract::{Agent, AgentChange, Moment, Seconds};
use foldhash::{HashMap, HashSet};
use lifecycle::{Lease, Timestamp};
use store::{AnyStore, NewAction, SeenAgent, StoreError, StoredAgent, Tallies};
use tokio::task::JoinHandle;
use tracing::warn;

use crate::{Engine, dispatch::Stir, figures};

/// How often other processes' changes are looked for, and what changes by itself: a wrap-up ends, a
/// tool falls silent.
const FRESH_WITHIN: Duration = Duration::from_secs(1);
/// How often the agents who moved are told about.
const TOLD_WITHIN: Duration = Duration::from_millis(100);

type Serving = HashMap<String, Vec<(String, u8)>>;

/// Who is known, and who serves which queues.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    serving: Arc<Serving>,
    served: HashSet<String>,
    known: Arc<RwLock<HashSet<String>>>,
}

impl Directory {
    fn of(serving: Serving, known: Arc<RwLock<HashSet<String>>>) -> Self {
        let served = serving.values().flatten().map(|(queue, _)| queue.clone()).collect();
        Self { serving: Arc::new(serving), served, known }
    }

    pub(crate) fn knows(&self, agent: &str) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).contains(agent)
    }

    pub(crate) fn queues_of(&self, agent: &str) -> Option<&[(String, u8)]> {
        self.serving.get(agent).map(Vec::as_slice)
    }

    /// Who serves the queue.
    pub(crate) fn serving_queue(&self, queue: &str) -> Vec<String> {
        let serves = |queues: &Vec<(String, u8)>| queues.iter().any(|(served, _)| served == queue);
        let agents = self.serving.iter().filter(|(_, queues)| serves(queues));
        agents.map(|(agent, _)| agent.clone()).collect()
    }

    pub(crate) fn is_served(&self, queue: &str) -> bool {
        self.served.contains(queue)
    }

    pub(crate) fn serving(&self) -> Arc<Serving> {
        Arc::clone(&self.serving)
    }

    pub(crate) fn served(&self) -> impl Iterator<Item = &String> {
        self.served.iter()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Agents {
    directory: RwLock<Arc<Directory>>,
    known: Arc<RwLock<HashSet<String>>>,
    moved: Mutex<HashSet<String>>,
}

impl Agents {
    pub(crate) async fn load(store: &AnyStore) -> Result<Self, StoreError> {
        let agents = Self::default();
        agents.refresh(store).await?;
        Ok(agents)
    }

    pub(crate) fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.directory.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) async fn refresh(&self, store: &AnyStore) -> Result<(), StoreError> {
        let all = store.agents(None).await?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.extend(all.iter().map(|agent| agent.stored.id.clone()));
        let serving = all.into_iter().map(|it| (it.stored.id, it.stored.queues));
        let serving = serving.filter(|(_, queues)| !queues.is_empty()).collect();
        let directory = Directory::of(serving, Arc::clone(&self.known));
        *self.directory.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(directory);
        Ok(())
    }

    /// An agent serves other queues than before.
    fn serves(&self, agent: &str, queues: &[(String, u8)]) {
        let mut directory = self.directory.write().unwrap_or_else(PoisonError::into_inner);
        let mut serving = (*directory.serving).clone();
        if queues.is_empty() {
            serving.remove(agent);
        } else {
            serving.insert(agent.to_owned(), queues.to_vec());
        }
        *directory = Arc::new(Directory::of(serving, Arc::clone(&self.known)));
    }

    /// Notes who was named, and whose state may have changed.
    pub(crate) fn note(&self, named: Vec<String>, moved: HashSet<String>) {
        if !named.is_empty() {
            self.known.write().unwrap_or_else(PoisonError::into_inner).extend(named);
        }
        if !moved.is_empty() {
            self.moved.lock().unwrap_or_else(PoisonError::into_inner).extend(moved);
        }
    }

    fn take_moved(&self) -> HashSet<String> {
        std::mem::take(&mut *self.moved.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Engine {
    /// Every agent, by id.
    pub async fn agents(&self) -> Result<Vec<Agent>, StoreError> {
        self.seen(None).await
    }

    /// One agent.
    pub async fn agent(&self, id: &str) -> Result<Option<Agent>, StoreError> {
        Ok(self.seen(Some(vec![id.to_owned()])).await?.pop())
    }

    pub(crate) async fn seen(&self, ids: Option<Vec<String>>) -> Result<Vec<Agent>, StoreError> {
        let (seen, now) = (self.store.agents(ids).await?, self.store.now().await?);
        Ok(seen.into_iter().map(|seen| shown(seen, now)).collect())
    }

    /// Changes an agent, or creates one.
    pub async fn put_agent(
        &self,
        id: &str,
        change: AgentChange,
        action: NewAction,
    ) -> Result<Agent, StoreError> {
        let new = id.to_owned();
        let changed = move |before: Option<StoredAgent>, now| {
            changed(before.unwrap_or_else(|| StoredAgent::new(&new, now)), change, now)
        };
        self.change_agent(id, changed, Some(action)).await
    }

    /// An agent's tool reports that it is there. `None` for no such agent.
    pub async fn heartbeat(&self, id: &str) -> Result<Option<Agent>, StoreError> {
        if !self.knows_agent(id).await? {
            return Ok(None);
        }
        let new = id.to_owned();
        let renewed = move |before: Option<StoredAgent>, now| {
            let mut agent = before.unwrap_or_else(|| StoredAgent::new(&new, now));
            agent.agent.reports(now);
            agent
        };
        self.change_agent(id, renewed, None).await.map(Some)
    }

    pub(crate) async fn knows_agent(&self, id: &str) -> Result<bool, StoreError> {
        Ok(self.agents.directory().knows(id) || self.agent(id).await?.is_some())
    }

    pub(crate) async fn change_agent(
        &self,
        id: &str,
        change: impl FnOnce(Option<StoredAgent>, Timestamp) -> StoredAgent + Send + 'static,
        action: Option<NewAction>,
    ) -> Result<Agent, StoreError> {
        let counted = |before: Option<StoredAgent>, now| {
            let was = before.as_ref().map(|before| before.agent.clone());
            let (after, mut tallies) = (change(before, now), Tallies::default());
            if let Some(was) = was {
                let change = (&was, &after.agent);
                figures::count_available(&mut tallies, &after.id, change, now);
            }
            (after, tallies)
        };
        let stored = self.store.change_agent(id, Box::new(counted), action).await?;
        if self.agents.directory().queues_of(id).unwrap_or_default() != stored.queues {
            self.agents.serves(id, &stored.queues);
        }
        self.agents.note(vec![id.to_owned()], HashSet::from_iter([id.to_owned()]));
        self.dispatcher.stir(Stir::agent(id));
        let seen = self.agent(id).await?;
        seen.ok_or_else(|| StoreError::Away("the agent is gone".to_owned()))
    }

    /// Reads anew who serves which queue, where another process changed it since `version`.
    async fn follow_others(&self, version: &mut i64) -> Result<(), StoreError> {
        let now = self.store.serving_version().await?;
        if *version != now {
            self.agents.refresh(&self.store).await?;
            *version = now;
        }
        Ok(())
    }

    /// Tells of the agents who moved since the last time; where all are looked at, also of those who
    /// stand otherwise than they were `known` to. Where nobody follows them, nobody reads how they
    /// stand; whoever comes hears of all who moved meanwhile.
    async fn tell_agents(
        &self,
        known: &mut HashMap<String, Agent>,
        all: bool,
    ) -> Result<(), StoreError> {
        if !self.bus.agents_are_followed() {
            known.clear();
            return Ok(());
        }
        let begins = known.is_empty();
        let moved = self.agents.take_moved();
        if moved.is_empty() && !all && !begins {
            return Ok(());
        }
        let asked = (!all && !begins).then(|| moved.iter().cloned().collect());
        let mut agents = self.seen(asked).await?;
        agents.retain(|agent| {
            // A reason counts seconds.
            let stands = Agent { reason: String::new(), ..agent.clone() };
            let before = known.insert(agent.id.clone(), stands);
            let differs = !begins && before.as_ref() != known.get(&agent.id);
            differs || moved.contains(&agent.id)
        });
        self.bus.publish(agents.into_iter().map(|agent| News::Agent(Box::new(agent))));
        Ok(())
    }
}

fn changed(mut agent: StoredAgent, change: AgentChange, now: Timestamp) -> StoredAgent {
    agent.name = change.name.unwrap_or(agent.name);
    let mut readiness = agent.queues.iter().cloned().collect::<BTreeMap<_, _>>();
    if let Some(priorities) = change.priorities {
        readiness = priorities;
    }
    let queues = change
        .queues
        .unwrap_or_else(|| agent.queues.iter().map(|(queue, _)| queue.clone()).collect());
    let queues = queues.into_iter().map(|queue| {
        let ready = readiness.get(&queue).copied().unwrap_or_default();
        (queue, ready)
    });
    let queues = queues.collect::<BTreeMap<_, _>>();
    if queues.keys().any(|queue| agent.queues.iter().all(|(served, _)| served != queue)) {
        // For the callers of that queue they are free from now on.
        agent.agent.idle_since = agent.agent.idle_since.max(now);
    }
    agent.queues = queues.into_iter().collect();
    if let Some(lease) = change.lease_seconds {
        let lease = (0 < lease.ms).then_some(Lease { ms: lease.ms, renewed_at: now });
        agent.agent.lease = lease;
    }
    if let Some(presence) = change.presence {
        agent.agent.says(presence.into(), change.reason, now);
        agent.agent.reports(now);
    }
    agent
}

/// An agent as the world sees them.
fn shown(seen: SeenAgent, now: Timestamp) -> Agent {
    let SeenAgent { stored: StoredAgent { id, name, agent, queues }, engaged } = seen;
    let engagement = engaged.as_ref().map(|engaged| engaged.engagement);
    let since = engaged.as_ref().map(|engaged| (engaged.engagement, engaged.since));
    Agent {
        state: agent.state(engagement, now).into(),
        since: Moment(agent.since(since, now)),
        reason: agent.reason(engagement, queues.len(), now),
        priorities: queues.iter().filter(|(_, ready)| 0 < *ready).cloned().collect(),
        queues: queues.into_iter().map(|(queue, _)| queue).collect(),
        presence: agent.presence.into(),
        presence_reason: agent.presence_reason,
        lease_seconds: agent.lease.map(|lease| Seconds { ms: lease.ms }),
        missed_in_a_row: agent.missed,
        call_id: engaged.map(|engaged| engaged.call),
        metrics: None,
        name,
        id,
    }
}

/// Tells of agents as they move, and looks for what other processes changed of them.
pub(crate) fn watch(engine: Arc<Engine>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut fresh_at = tokio::time::Instant::now();
        let (mut version, mut known) = (0, HashMap::default());
        loop {
            tokio::time::sleep(TOLD_WITHIN).await;
            let all = FRESH_WITHIN <= fresh_at.elapsed();
            if let Err(problem) = engine.tell_agents(&mut known, all).await {
                warn!(error = %problem, "Agents may be shown out of date: {problem}");
            }
            if !all {
                continue;
            }
            fresh_at = tokio::time::Instant::now();
            if engine.store.shared()
                && let Err(problem) = engine.follow_others(&mut version).await
            {
                warn!(error = %problem, "Who serves which queue may be out of date: {problem}");
            }
        }
    })
}

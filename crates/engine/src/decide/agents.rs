//! What a batch means for agents, and which of them may be offered a call.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashSet};
use lifecycle::{Call, Meaning, Pair, Phase, Record, Timestamp, Unfit, meanings};
use store::{ChangedAgent, LoadedAgent, Tallies};

use crate::{SubmitError, agents::Directory, dispatch::Stir, figures};

/// The agents of a batch.
pub(super) struct Agents<'a> {
    loaded: HashMap<String, LoadedAgent>,
    directory: &'a Directory,
    changed: BTreeSet<String>,
    named: BTreeSet<String>,
    stirred: Stirred,
}

/// Where something moved.
#[derive(Debug, Default)]
pub(crate) struct Stirred {
    /// Where a call may now find an agent.
    pub(crate) stir: Stir,
    /// Agents whose state may have changed.
    pub(crate) agents: HashSet<String>,
    /// Agents who were named for the first time.
    pub(crate) named: Vec<String>,
}

impl<'a> Agents<'a> {
    pub(super) fn new(loaded: HashMap<String, LoadedAgent>, directory: &'a Directory) -> Self {
        let (changed, named) = (BTreeSet::new(), BTreeSet::new());
        Self { loaded, directory, changed, named, stirred: Stirred::default() }
    }

    /// A call moved. `wrap_ms`: how long the queue it was in leaves to wrap up.
    pub(super) fn learn(
        &mut self,
        before: Option<&Call>,
        record: &Record,
        wrap_ms: i64,
        tallies: &mut Tallies,
    ) {
        let at = record.after.moved_at;
        let (was, is) = (before.and_then(Call::engagement), record.after.engagement());
        let is = is.map(|(agent, _)| agent);
        for (agent, meaning) in meanings(before, record) {
            if !self.directory.knows(agent) {
                self.named.insert(agent.to_string());
            }
            if let Some(loaded) = self.loaded.get_mut(&**agent) {
                let knew = loaded.agent.clone();
                if let (Meaning::Released, Some(call)) = (meaning, before) {
                    figures::count_worked_on(tallies, agent, (call, &knew), at, wrap_ms);
                }
                loaded.agent.learns(meaning, at, wrap_ms);
                figures::count_available(tallies, agent, (&knew, &loaded.agent), at);
                let engages = is == Some(agent) && was.is_none_or(|(was, _)| was != agent);
                if engages || loaded.agent != knew {
                    self.changed.insert(agent.to_string());
                }
            }
            self.stir(
                agent,
                matches!(meaning, Meaning::Missed | Meaning::Withdrawn | Meaning::Released),
            );
        }
        if matches!(record.after.phase, Phase::Waiting { ring: None, .. })
            && self.directory.is_served(&record.after.queue)
        {
            self.stirred.stir.queues.insert(record.after.queue.to_string());
        }
    }

    fn stir(&mut self, agent: &str, free: bool) {
        if self.directory.queues_of(agent).is_none() {
            return;
        }
        self.stirred.agents.insert(agent.to_owned());
        if free {
            self.stirred.stir.agents.insert(agent.to_owned());
        }
    }

    /// Whether the agent of the pair is still free. They are not for the rest of the batch.
    pub(super) fn takes(&mut self, pair: &Pair, call_no: i64, at: Timestamp) -> bool {
        let Some(loaded) = self.loaded.get_mut(&pair.agent) else { return false };
        let takes = loaded.engaged.is_empty()
            && loaded.agent.is_free(None, at)
            && loaded.queues.contains(&pair.queue);
        if takes {
            loaded.engaged.push(call_no);
        }
        takes
    }

    /// Whether a supervisor may have the call ring at the agent's.
    pub(super) fn may_ring(
        &self,
        agent: &str,
        call_no: i64,
        at: Timestamp,
    ) -> Result<(), SubmitError> {
        let Some(loaded) = self.loaded.get(agent) else {
            return Err(SubmitError::UnknownAgent(agent.to_owned()));
        };
        let Some(unfit) = loaded.agent.unfit(!loaded.engaged.is_empty(), at) else {
            return Ok(());
        };
        let why = match unfit {
            Unfit::Engaged if loaded.engaged == [call_no] => {
                "this call rings there already; choose another agent".to_owned()
            }
            Unfit::Engaged => format!(
                "they have another call; choose another agent, or free them first with \
                 POST /api/agents/{agent}/free"
            ),
            Unfit::Offline => format!(
                "they are offline; choose another agent, or, where they are there, set their \
                 presence first with POST /api/agents/{agent}/presence"
            ),
            Unfit::Unreachable => "their tool has stopped reporting, so nobody would hear it \
                                   ring; choose another agent, or wait until it reports"
                .to_owned(),
        };
        Err(SubmitError::AgentUnavailable { agent: agent.to_owned(), why })
    }

    /// Every agent that changed or was engaged, who was named for the first time, and where
    /// something moved.
    pub(super) fn changed(mut self) -> (Vec<ChangedAgent>, Stirred) {
        let changed = self.changed.into_iter().filter_map(|id| {
            let LoadedAgent { agent, version, .. } = self.loaded.remove(&id)?;
            Some(ChangedAgent { id, agent, version })
        });
        let changed = changed.collect();
        self.stirred.named = self.named.into_iter().collect();
        (changed, self.stirred)
    }
}

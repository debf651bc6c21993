//! What this process remembers of what it recorded, so that most batches need not be read first.
//!
//! Other processes write to the same database. So a batch that was decided from memory is recorded
//! only where memory was right: every call's audit chain still ends as it is remembered, every call
//! that is not remembered begins, and every agent was changed last as it is remembered. Where it was
//! wrong, nothing is recorded, and the batch is decided anew with its calls and agents read and locked.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use foldhash::{HashMap, HashSet, HashSetExt as _};
use lifecycle::Timestamp;

use crate::{
    ChangedAgent, ChangedCall, Changes, Link, Loaded, LoadedAgent, Need, Needs, recent::Recent,
};

/// Numbers of calls that were set aside are good for so long: calls are listed by number, so one
/// that begins later in another process should not have a lower one for long.
const NUMBERS_KEPT: Duration = Duration::from_millis(200);
/// The database's clock is read at least so often, or else with the next batch.
const MOMENT_KEPT: Duration = Duration::from_secs(1);
/// So many batches in a row are read, at most, before memory is tried again.
const DOUBT_MAX: u32 = 1_024;
/// So long after it was wrong others are thought to be at work on the same.
const CONTENDED: Duration = Duration::from_secs(5);
/// So many agents are remembered, at most.
const AGENTS_MAX: usize = 65_536;

/// What is remembered.
#[derive(Default)]
pub(super) struct Memory {
    recent: Recent,
    agents: HashMap<String, LoadedAgent>,
    numbers: VecDeque<i64>,
    numbers_at: Option<Instant>,
    /// A moment of the database's clock, and when it was heard of.
    moment: Option<(Instant, Timestamp)>,
    /// How many batches were read after memory was last wrong.
    doubt: u32,
    doubt_left: u32,
    wrong_at: Option<Instant>,
}

/// What came of a batch that was recorded.
pub(super) struct Recorded {
    /// Every call that changed.
    pub(super) calls: Vec<ChangedCall>,
    /// The new last link of each.
    pub(super) links: Vec<Link>,
    /// Every agent that changed.
    pub(super) agents: Vec<ChangedAgent>,
    /// The database's clock.
    pub(super) moment: Timestamp,
    /// Numbers that were set aside.
    pub(super) numbers: Vec<i64>,
}

/// What is remembered of what a batch needs, and what is left to read.
#[derive(Default)]
pub(super) struct Recalled {
    /// What is remembered.
    pub(super) loaded: Loaded,
    /// Other processes are at work on the same calls, so all is read.
    pub(super) doubts: bool,
    /// Calls that are not remembered.
    pub(super) unread: BTreeSet<Arc<str>>,
    /// Which items may have been recorded before.
    pub(super) unsure: Vec<usize>,
    /// Agents who are not remembered.
    pub(super) unmet: Vec<String>,
}

impl Memory {
    /// What is remembered of what a batch needs. `None` where it has to hold locks.
    pub(super) fn recall(&mut self, needs: &Needs, wound: Option<Timestamp>) -> Option<Recalled> {
        // Who waits wants locks, and which calls name an agent is not remembered.
        if needs.wait || needs.agents.engaged {
            return None;
        }
        let now = wound.or_else(|| self.now(Instant::now()))?;
        let mut recalled = Recalled { doubts: 0 < self.doubt_left, ..Recalled::default() };
        self.doubt_left = self.doubt_left.saturating_sub(1);
        recalled.loaded.now = now;
        let mut begin = HashSet::new();
        for (Need { call, receipt, begins }, n) in needs.items.iter().zip(0..) {
            let known = if recalled.doubts { None } else { self.recent.get(call) };
            let Some(known) = known else {
                // One that is read for the sake of another event may have begun before.
                if *begins && !recalled.doubts && !recalled.unread.contains(call) {
                    begin.insert(call);
                } else if !begin.contains(call) {
                    recalled.unread.insert(call.clone());
                    recalled.unsure.extend(receipt.is_some().then_some(n));
                }
                continue;
            };
            if receipt.as_ref().is_some_and(|receipt| !known.lacks(receipt)) {
                recalled.unsure.push(n);
            }
            let calls = &mut recalled.loaded.calls;
            if !calls.contains_key(call) {
                calls.insert(call.clone(), known.stored.clone());
            }
        }
        Some(recalled)
    }

    /// What is remembered of agents; those who are not, or who are in doubt, are to be read.
    pub(super) fn recall_agents(&self, needs: &Needs, recalled: &mut Recalled) {
        let Recalled { loaded, doubts, unmet, .. } = recalled;
        let offered = needs.agents.offered.iter().map(String::as_str);
        for id in needs.agents.of(loaded.calls.values()).into_iter().chain(offered) {
            match self.agents.get(id).filter(|_| !*doubts) {
                Some(agent) => {
                    loaded.agents.insert(id.to_owned(), agent.clone());
                }
                None => unmet.push(id.to_owned()),
            }
        }
    }

    /// How many numbers to set aside with a batch in which so many calls begin: none while they
    /// begin one by one.
    pub(super) fn wanted(&self, begun: usize) -> usize {
        if begun < 2 { 0 } else { (4 * begun + 16).saturating_sub(self.numbers.len()) }
    }

    /// A batch was recorded; `was_right`: as it was remembered.
    pub(super) fn learn(&mut self, recorded: Recorded, was_right: bool) {
        let Recorded { calls, links, agents, moment, numbers } = recorded;
        let heard = Instant::now();
        let is_old = |(at, _)| MOMENT_KEPT < heard - at;
        if self.moment.is_none_or(is_old) || self.now(heard).is_none_or(|now| now < moment) {
            self.moment = Some((heard, moment));
        }
        if !numbers.is_empty() {
            self.numbers.extend(numbers);
            self.numbers_at = Some(heard);
        }
        for (changed, link) in calls.into_iter().zip(links) {
            self.recent.committed(changed, link);
        }
        for ChangedAgent { id, agent, version } in agents {
            if let Some(known) = self.agents.get_mut(&id).filter(|it| it.version == version) {
                (known.agent, known.version) = (agent, version + 1);
            }
        }
        if was_right {
            self.doubt = 0;
        }
    }

    /// An agent as they were read.
    pub(super) fn meet(&mut self, id: &str, agent: &LoadedAgent) {
        if let Some(known) = self.agents.get_mut(id) {
            if known.version < agent.version {
                *known = LoadedAgent { engaged: Vec::new(), ..agent.clone() };
            }
            return;
        }
        if AGENTS_MAX <= self.agents.len() {
            self.agents.clear();
        }
        self.agents.insert(id.to_owned(), LoadedAgent { engaged: Vec::new(), ..agent.clone() });
    }

    /// Another process was at work on a call of the batch. The longer they share their calls, the
    /// more batches are read before memory is trusted again.
    pub(super) fn was_wrong(&mut self, needs: &Needs) {
        self.forget(needs);
        self.doubt = (2 * self.doubt).clamp(1, DOUBT_MAX);
        self.doubt_left = self.doubt;
        self.wrong_at = Some(Instant::now());
    }

    pub(super) fn was_wrong_lately(&self) -> bool {
        self.wrong_at.is_some_and(|at| at.elapsed() < CONTENDED)
    }

    /// Whether the batch was recorded is not known.
    pub(super) fn forget(&mut self, needs: &Needs) {
        for need in &needs.items {
            self.recent.forget(&need.call);
        }
    }

    fn now(&self, at: Instant) -> Option<Timestamp> {
        let (heard, moment) = self.moment?;
        let since = at.checked_duration_since(heard)?;
        let since = i64::try_from(since.as_millis()).ok()?;
        (since < 2 * i64::try_from(MOMENT_KEPT.as_millis()).ok()?).then(|| moment + since)
    }

    /// So many numbers of those that were set aside, if there are.
    pub(super) fn take_numbers(&mut self, many: usize) -> Option<Vec<i64>> {
        if self.numbers_at.is_some_and(|at| NUMBERS_KEPT < at.elapsed()) {
            self.numbers.clear();
        }
        (many <= self.numbers.len()).then(|| self.numbers.drain(..many).collect())
    }
}

/// Whether recording the changes also shows that memory was right about every call of the batch.
/// A refusal shows nothing, and new agents and people's actions are kept by other statements.
pub(super) fn suffices(needs: &Needs, changes: &Changes) -> bool {
    let shown = changes.calls.iter().map(|call| &call.id).collect::<HashSet<_>>();
    changes.named.is_empty()
        && changes.actions.is_empty()
        && needs.items.iter().all(|need| shown.contains(&need.call))
}

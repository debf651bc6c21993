//! What this process remembers of what it recorded, so that most batches need not be read first.
//!
//! Other processes write to the same database. So a batch that was decided from memory is recorded
//! only where memory was right: every call's audit chain still ends as it is remembered, and every
//! call that is not remembered begins. Where it was wrong, nothing is recorded, and the batch is
//! decided anew with its calls read and locked.

use std::{
    collections::{HashSet, VecDeque},
    time::{Duration, Instant},
};

use lifecycle::Timestamp;

use crate::{ChangedCall, Changes, Link, Loaded, Need, Needs, recent::Recent};

/// Numbers of calls that were set aside are good for so long: calls are listed by number, so one
/// that begins later in another process should not have a lower one for long.
const NUMBERS_KEPT: Duration = Duration::from_millis(200);
/// The database's clock is read at least so often, or else with the next batch.
const MOMENT_KEPT: Duration = Duration::from_secs(1);
/// So many batches in a row are read, at most, before memory is tried again.
const DOUBT_MAX: u32 = 1_024;

/// What is remembered.
#[derive(Default)]
pub(super) struct Memory {
    recent: Recent,
    numbers: VecDeque<i64>,
    numbers_at: Option<Instant>,
    /// A moment of the database's clock, and when it was heard of.
    moment: Option<(Instant, Timestamp)>,
    /// How many batches were read after memory was last wrong.
    doubt: u32,
    doubt_left: u32,
}

/// What came of a batch that was recorded.
pub(super) struct Recorded {
    /// Every call that changed.
    pub(super) calls: Vec<ChangedCall>,
    /// The new last link of each.
    pub(super) links: Vec<Link>,
    /// The database's clock.
    pub(super) moment: Timestamp,
    /// Numbers that were set aside.
    pub(super) numbers: Vec<i64>,
}

impl Memory {
    /// What a batch needs, where all of it is remembered.
    pub(super) fn recall(&mut self, needs: &Needs, wound: Option<Timestamp>) -> Option<Loaded> {
        if self.doubt_left > 0 {
            self.doubt_left -= 1;
            return None;
        }
        // Agents are locked, and so are calls that another process is at work on.
        let agents = &needs.agents;
        if needs.wait || agents.offers || agents.engaged || !agents.named.is_empty() {
            return None;
        }
        let now = wound.or_else(|| self.now(Instant::now()))?;
        let mut loaded = Loaded { now, ..Loaded::default() };
        let mut new = HashSet::new();
        for Need { call, receipt } in &needs.items {
            let Some(known) = self.recent.get(call) else {
                new.insert(call.as_str());
                continue;
            };
            let named = known.stored.call.named_agent();
            if named.is_some_and(|agent| agents.serving.contains_key(agent))
                || receipt.as_ref().is_some_and(|receipt| !known.lacks(receipt))
            {
                return None;
            }
            if !loaded.calls.contains_key(call) {
                loaded.calls.insert(call.clone(), known.stored.clone());
            }
        }
        loaded.fresh = self.take_numbers(new.len())?;
        Some(loaded)
    }

    /// How many numbers to set aside with a batch in which so many calls begin: none while they
    /// begin one by one.
    pub(super) fn wanted(&self, begun: usize) -> usize {
        if begun < 2 { 0 } else { (4 * begun + 16).saturating_sub(self.numbers.len()) }
    }

    /// A batch was recorded.
    pub(super) fn learn(&mut self, recorded: Recorded, at_once: bool) {
        let Recorded { calls, links, moment, numbers } = recorded;
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
        if at_once {
            self.doubt = 0;
        }
    }

    /// Another process was at work on a call of the batch. The longer they share their calls, the
    /// seldomer memory is asked.
    pub(super) fn was_wrong(&mut self, needs: &Needs) {
        self.forget(needs);
        self.doubt = (2 * self.doubt).clamp(1, DOUBT_MAX);
        self.doubt_left = self.doubt;
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

    fn take_numbers(&mut self, many: usize) -> Option<Vec<i64>> {
        if self.numbers_at.is_some_and(|at| NUMBERS_KEPT < at.elapsed()) {
            self.numbers.clear();
        }
        (many <= self.numbers.len()).then(|| self.numbers.drain(..many).collect())
    }
}

/// Whether recording the changes also shows that memory was right about every call of the batch.
/// A refusal shows nothing, and agents and people's actions are kept by other statements.
pub(super) fn suffices(needs: &Needs, changes: &Changes) -> bool {
    let shown = changes.calls.iter().map(|call| call.id.as_str()).collect::<HashSet<_>>();
    changes.agents.is_empty()
        && changes.named.is_empty()
        && changes.actions.is_empty()
        && needs.items.iter().all(|need| shown.contains(need.call.as_str()))
}

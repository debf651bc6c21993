//! Tallies that were read before, kept at hand.
//!
//! A day of fifty queues is some thousand tallies, of which a moment changes a few: only those are
//! read again. What batches noted since the last fold is read every time. Most intervals are over and
//! change no more: their sums are kept, too.

use std::{collections::BTreeMap, sync::Arc};

use foldhash::HashMap;
use lifecycle::{Id, Timestamp};
use store::{Books, Scope, Store, StoreError, Tally};

/// The tallies of an interval, by queue or agent.
pub(crate) type Interval = HashMap<Id, Tally>;

/// Intervals by when they begin. One that is the same as before is the same one.
pub(crate) type Intervals = BTreeMap<Timestamp, Arc<Interval>>;

/// What is known of one scope, from a moment on.
#[derive(Debug)]
pub(crate) struct Ledger {
    scope: Scope,
    since: Timestamp,
    fold: i64,
    known: Intervals,
    past: Past,
}

/// The tallies of one scope from a moment on, as they are at another.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) intervals: Intervals,
    recent: Timestamp,
    past: Arc<Interval>,
}

/// The sums of some intervals.
#[derive(Debug, Default)]
struct Past {
    of: Vec<Arc<Interval>>,
    sums: Arc<Interval>,
}

impl Ledger {
    pub(crate) fn new(scope: Scope) -> Self {
        Self {
            scope,
            since: Timestamp(i64::MAX),
            fold: 0,
            known: Intervals::new(),
            past: Past::default(),
        }
    }

    /// Everything from a moment on, as it is now. What is not recent changes seldom.
    pub(crate) async fn read(
        &mut self,
        store: &dyn Store,
        since: Timestamp,
        recent: Timestamp,
    ) -> Result<Known, StoreError> {
        if since < self.since {
            *self = Self { since, ..Self::new(self.scope) };
        }
        let Books { fold, changed, unfolded } = store.books(self.scope, since, self.fold).await?;
        if self.since < since {
            self.known = self.known.split_off(&since);
        }
        (self.since, self.fold) = (since, fold);
        for (key, tally) in changed {
            Arc::make_mut(self.known.entry(key.start).or_default()).insert(key.id, tally);
        }
        let mut past = self.past.sums(self.known.range(..recent).map(|(_, interval)| interval));
        let mut all = self.known.clone();
        for (key, more) in unfolded.0 {
            if key.start < recent {
                Arc::make_mut(&mut past).entry(key.id.clone()).or_default().add(&more);
            }
            let interval = Arc::make_mut(all.entry(key.start).or_default());
            interval.entry(key.id).or_default().add(&more);
        }
        Ok(Known { intervals: all, recent, past })
    }
}

impl Past {
    fn sums<'a>(
        &mut self,
        intervals: impl Iterator<Item = &'a Arc<Interval>> + Clone,
    ) -> Arc<Interval> {
        if !self.of.iter().map(Arc::as_ptr).eq(intervals.clone().map(Arc::as_ptr)) {
            let mut sums = Interval::default();
            for (id, tally) in intervals.clone().flat_map(|interval| interval.iter()) {
                sums.entry(id.clone()).or_default().add(tally);
            }
            *self = Self { of: intervals.cloned().collect(), sums: Arc::new(sums) };
        }
        Arc::clone(&self.sums)
    }
}

impl Known {
    /// What one did from a moment on, until another: from the first that is known, or a recent one.
    pub(crate) fn sum(&self, id: &str, since: Timestamp, until: Timestamp) -> Tally {
        let past = (since < self.recent).then(|| self.past.get(id)).flatten();
        let mut sum = past.cloned().unwrap_or_default();
        for (_, interval) in self.intervals.range(since.max(self.recent)..=until) {
            if let Some(tally) = interval.get(id) {
                sum.add(tally);
            }
        }
        sum
    }

    /// Everybody who did something.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        let recent = self.intervals.range(self.recent..).flat_map(|(_, interval)| interval.keys());
        self.past.keys().chain(recent).map(|id| &**id)
    }
}

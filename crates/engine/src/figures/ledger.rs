//! Tallies that were read before, kept at hand.
//!
//! A day of fifty queues is some thousand tallies, of which a moment changes a few: only those are
//! read again. What batches noted since the last fold is read every time.

use std::{collections::BTreeMap, sync::Arc};

use foldhash::{HashMap, HashMapExt as _};
use lifecycle::Timestamp;
use store::{Books, Scope, Store, StoreError, Tally};

/// The tallies of one queue or agent, by when their intervals begin.
pub(crate) type Intervals = BTreeMap<Timestamp, Tally>;

/// The intervals of every queue or agent, by id. A copy costs nothing.
pub(crate) type Days = HashMap<String, Arc<Intervals>>;

/// What is known of one scope, from a moment on.
#[derive(Debug)]
pub(crate) struct Ledger {
    scope: Scope,
    since: Timestamp,
    fold: i64,
    known: Days,
}

impl Ledger {
    pub(crate) fn new(scope: Scope) -> Self {
        Self { scope, since: Timestamp(i64::MAX), fold: 0, known: HashMap::new() }
    }

    /// Everything from a moment on, as it is now.
    pub(crate) async fn read(
        &mut self,
        store: &dyn Store,
        since: Timestamp,
    ) -> Result<Days, StoreError> {
        if since < self.since {
            *self = Self { since, ..Self::new(self.scope) };
        }
        let Books { fold, changed, unfolded } = store.books(self.scope, since, self.fold).await?;
        if self.since < since {
            self.known.retain(|_, intervals| {
                let intervals = Arc::make_mut(intervals);
                *intervals = intervals.split_off(&since);
                !intervals.is_empty()
            });
        }
        (self.since, self.fold) = (since, fold);
        for (key, tally) in changed {
            Arc::make_mut(self.known.entry(key.id).or_default()).insert(key.start, tally);
        }
        let mut all = self.known.clone();
        for (key, more) in unfolded.0 {
            let intervals = Arc::make_mut(all.entry(key.id).or_default());
            intervals.entry(key.start).or_default().add(&more);
        }
        Ok(all)
    }
}

//! The figures of a day's intervals, kept for who asks next.
//!
//! An interval that did not change is the same one in memory, so whether it did is one comparison.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use contract::{Figures, Queue};
use foldhash::HashMap;
use lifecycle::Timestamp;

use super::{
    compute::{Judged, Judgement},
    ledger::{Interval, Intervals},
};

/// The figures of a day's intervals.
#[derive(Debug, Default)]
pub(crate) struct DayFigures {
    queues: Vec<Queue>,
    by: Judgement,
    intervals: BTreeMap<Timestamp, Told>,
}

#[derive(Debug)]
struct Told {
    of: Arc<Interval>,
    queues: HashMap<String, Figures>,
    all: Figures,
}

impl DayFigures {
    /// Takes in how intervals stand, and by what their queues are judged.
    pub(crate) fn judge(
        &mut self,
        queues: Vec<Queue>,
        by: Judgement,
        intervals: &Intervals,
        since: Timestamp,
    ) {
        if (&self.queues, self.by) != (&queues, by) {
            *self = Self { queues, by, intervals: BTreeMap::new() };
        }
        self.intervals = self.intervals.split_off(&since);
        for (start, interval) in intervals.range(since..) {
            let known = self.intervals.get(start);
            if known.is_none_or(|known| !Arc::ptr_eq(&known.of, interval)) {
                self.intervals.insert(*start, self.told(interval));
            }
        }
    }

    fn told(&self, interval: &Arc<Interval>) -> Told {
        let mut all = Judged::default();
        let figures = self.queues.iter().filter_map(|queue| {
            let tally = Cow::Borrowed(interval.get(&*queue.id)?);
            let judged = Judged::new(tally, queue.sla_seconds, self.by);
            all.add(&judged);
            Some((queue.id.clone(), judged.figures()))
        });
        let queues = figures.collect();
        Told { of: Arc::clone(interval), queues, all: all.figures() }
    }

    /// The figures of an interval: of one queue, or of all.
    pub(crate) fn figures(&self, start: Timestamp, only: Option<&str>) -> Figures {
        let told = self.intervals.get(&start);
        let figures = told.and_then(|told| match only {
            Some(queue) => told.queues.get(queue),
            None => Some(&told.all),
        });
        figures.cloned().unwrap_or_default()
    }
}

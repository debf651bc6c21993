//! When each event was sent, so that whoever hears of it can say how long that took.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::lives::Place;

/// One instant for each event of a run; places that were never sent have none.
#[derive(Debug)]
pub struct Ledger {
    begun: Instant,
    sent: Vec<AtomicU64>,
}

impl Ledger {
    /// Room for this many places, by [`Place::ordinal`].
    pub fn new(places: usize) -> Self {
        let sent = (0..places).map(|_| AtomicU64::new(0)).collect();
        Self { begun: Instant::now(), sent }
    }

    pub fn note_sent(&self, place: Place, at: Instant) {
        if let Some(sent) = self.sent.get(place.ordinal()) {
            let nanos = u64::try_from((at - self.begun).as_nanos()).unwrap_or(u64::MAX);
            sent.store(nanos.max(1), Ordering::Relaxed);
        }
    }

    /// The event was refused: nobody will hear of it.
    pub fn forget(&self, place: Place) {
        if let Some(sent) = self.sent.get(place.ordinal()) {
            sent.store(0, Ordering::Relaxed);
        }
    }

    /// How long ago the event was sent, if it was.
    pub fn since_sent(&self, place: Place, now: Instant) -> Option<Duration> {
        let nanos = self.sent.get(place.ordinal())?.load(Ordering::Relaxed);
        (nanos > 0).then(|| (now - self.begun).saturating_sub(Duration::from_nanos(nanos)))
    }

    /// The ordinals of everything that was sent.
    pub fn ordinals(&self) -> impl Iterator<Item = usize> + '_ {
        let is_sent = |(ordinal, sent): (usize, &AtomicU64)| {
            (sent.load(Ordering::Relaxed) > 0).then_some(ordinal)
        };
        self.sent.iter().enumerate().filter_map(is_sent)
    }

    pub fn len(&self) -> usize {
        self.sent.len()
    }
}

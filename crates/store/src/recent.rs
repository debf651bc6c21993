//! Calls that were recorded lately, as they stood on disk.
//!
//! Most events are about such a call, and need not read it first. Nobody else writes to a SQLite
//! database, so there what is remembered is what would be read; to PostgreSQL others write as well,
//! and what was decided from memory is recorded only where memory was right. Memory is bounded: calls
//! that were not asked for in a while are forgotten, those that are over first, and read again when they are.

use std::sync::Arc;

use contract::EventType;
use foldhash::HashMap;
use lifecycle::Phase;

use crate::{ChangedCall, ReceiptOf, StoredCall, audit::Link};

/// Two generations of so many calls are remembered.
const GENERATION: usize = 4_096;
/// Of a generation that goes, so many open calls stay; where there are more, none do.
const STAY_MAX: usize = GENERATION / 2;
/// The keys of a call with more of them are looked up on disk.
const KEYS_MAX: usize = 64;

/// What is known of a call.
pub(crate) struct Known {
    pub(crate) stored: StoredCall,
    /// Every key its events were given, with the event's `seq`; `None` where some are not known.
    keys: Option<Vec<(Arc<str>, u32)>>,
}

impl Known {
    /// A call as it was read.
    pub(crate) fn read(stored: StoredCall) -> Self {
        Self { stored, keys: None }
    }

    fn add(&mut self, keys: impl Iterator<Item = (Arc<str>, u32)>) {
        if let Some(known) = &mut self.keys {
            known.extend(keys);
        }
        self.keys = self.keys.take().filter(|keys| keys.len() <= KEYS_MAX);
    }

    /// Whether it is sure that no event has this receipt.
    pub(crate) fn lacks(&self, receipt: &ReceiptOf) -> bool {
        match (receipt, &self.keys) {
            (ReceiptOf::Key(key), Some(keys)) => keys.iter().all(|(known, _)| known != key),
            (ReceiptOf::Only(EventType::CallEnded), _) => {
                !matches!(self.stored.call.phase, Phase::Ended)
            }
            _ => false,
        }
    }
}

/// The calls that are remembered.
#[derive(Default)]
pub(crate) struct Recent {
    young: HashMap<Arc<str>, Known>,
    old: HashMap<Arc<str>, Known>,
}

impl Recent {
    /// Whether anything is known of the call; whatever it is, is known for longer.
    pub(crate) fn knows(&mut self, id: &str) -> bool {
        self.young.contains_key(id)
            || self.old.remove_entry(id).map(|(id, known)| self.put(id, known)).is_some()
    }

    /// What is known of a call that is known.
    pub(crate) fn known(&self, id: &str) -> Option<&Known> {
        self.young.get(id)
    }

    /// What is known of the call.
    pub(crate) fn get(&mut self, id: &str) -> Option<&Known> {
        if self.knows(id) { self.known(id) } else { None }
    }

    /// Remembers a call.
    pub(crate) fn put(&mut self, id: Arc<str>, known: Known) {
        if GENERATION <= self.young.len() {
            let mut gone = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
            gone.retain(|_, known| !matches!(known.stored.call.phase, Phase::Ended));
            if gone.len() <= STAY_MAX {
                self.young = gone;
            }
        }
        self.young.insert(id, known);
    }

    /// Forgets a call.
    pub(crate) fn forget(&mut self, id: &str) {
        self.take(id);
    }

    fn take(&mut self, id: &str) -> Option<Known> {
        self.young.remove(id).or_else(|| self.old.remove(id))
    }

    /// Remembers what was just committed, with the last link of its chain.
    pub(crate) fn committed(&mut self, changed: ChangedCall, chain: Link) {
        let ChangedCall { no, id, begins, chain: followed, call, events, .. } = changed;
        let stored = StoredCall { no, call, chain };
        let new = events.into_iter().filter_map(|event| Some((event.key?, event.event.seq)));
        if let Some(known) =
            self.young.get_mut(&id).filter(|it| !begins && it.stored.chain == followed)
        {
            known.stored = stored;
            known.add(new);
            return;
        }
        let before = self.take(&id).filter(|known| known.stored.chain == followed);
        // Where the new events follow others than those remembered, some keys are not known.
        let keys = if begins { Some(Vec::new()) } else { before.and_then(|known| known.keys) };
        let mut known = Known { stored, keys };
        known.add(new);
        self.put(id, known);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use lifecycle::{Kind, Opening, Policy, Timestamp, open};

    use super::*;

    fn known(phase: Phase) -> Known {
        let opening = Opening { kind: Kind::Voice, queue: "spanish".into(), priority: 0 };
        let at = Timestamp(0);
        let mut call = open(opening, at, at, &Policy::default()).call;
        Arc::make_mut(&mut call).phase = phase;
        Known::read(StoredCall { no: 1, call, chain: Link::default() })
    }

    fn passed_by(recent: &mut Recent, many: usize, phase: &Phase) {
        (0..many).for_each(|n| recent.put(format!("{phase:?} {n}").into(), known(phase.clone())));
    }

    #[test]
    fn a_call_that_goes_on_is_remembered_while_others_come_and_go() {
        let mut recent = Recent::default();
        recent.put("talks".into(), known(Phase::Talking));
        recent.put("over".into(), known(Phase::Ended));
        passed_by(&mut recent, 5 * GENERATION, &Phase::Ended);
        assert!(recent.get("talks").is_some());
        assert!(recent.get("over").is_none());
        assert!(recent.young.len() + recent.old.len() <= 2 * GENERATION);
    }

    #[test]
    fn more_open_calls_than_may_stay_are_forgotten() {
        let mut recent = Recent::default();
        passed_by(&mut recent, 9 * GENERATION, &Phase::Talking);
        assert!(recent.young.len() + recent.old.len() <= 2 * GENERATION);
    }
}

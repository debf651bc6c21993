//! Calls that were recorded lately, as they stand on disk.
//!
//! Nobody else writes to this database, so what the writer remembers after a commit is what it would
//! read. Most events are about such a call, and are spared two look-ups. Memory is bounded: calls
//! that were not asked for in a while are forgotten, and read again when they are.

use std::collections::HashMap;

use contract::EventType;
use lifecycle::Phase;

use crate::{ChangedCall, ReceiptOf, StoredCall, audit::Link};

/// Two generations of so many calls are remembered.
const GENERATION: usize = 4_096;
/// The keys of a call with more of them are looked up on disk.
const KEYS_MAX: usize = 64;

/// What is known of a call.
pub(super) struct Known {
    pub(super) stored: StoredCall,
    /// Every key its events were given, with the event's `seq`; `None` where some are not known.
    keys: Option<Vec<(String, u32)>>,
}

impl Known {
    /// A call as it was read.
    pub(super) fn read(stored: StoredCall) -> Self {
        Self { stored, keys: None }
    }

    /// Whether it is sure that no event has this receipt.
    pub(super) fn lacks(&self, receipt: &ReceiptOf) -> bool {
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
pub(super) struct Recent {
    young: HashMap<String, Known>,
    old: HashMap<String, Known>,
}

impl Recent {
    /// What is known of the call.
    pub(super) fn get(&mut self, id: &str) -> Option<&Known> {
        if !self.young.contains_key(id) {
            let (id, known) = self.old.remove_entry(id)?;
            self.put(id, known);
        }
        self.young.get(id)
    }

    /// Remembers a call.
    pub(super) fn put(&mut self, id: String, known: Known) {
        if GENERATION <= self.young.len() {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(id, known);
    }

    /// Remembers what was just committed, with the last link of its chain.
    pub(super) fn committed(&mut self, changed: ChangedCall, chain: Link) {
        let ChangedCall { no, id, begins, call, events, .. } = changed;
        let before = self.young.remove(&id).or_else(|| self.old.remove(&id));
        let mut keys = if begins { Some(Vec::new()) } else { before.and_then(|known| known.keys) };
        if let Some(known) = &mut keys {
            known.extend(events.into_iter().filter_map(|event| Some((event.key?, event.seq))));
        }
        let keys = keys.filter(|keys| keys.len() <= KEYS_MAX);
        self.put(id, Known { stored: StoredCall { no, call, chain }, keys });
    }
}

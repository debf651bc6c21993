//! What makes a repeat harmless: the receipt that a recording leaves.

use std::sync::Arc;

use contract::EventType;

/// How an earlier recording of the same event is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReceiptOf<K = Arc<str>> {
    /// By the client's key.
    Key(K),
    /// There is only one event of this type in a call.
    Only(EventType),
}

impl<K> ReceiptOf<K> {
    /// That of an event without a key, where a call has only one of its type.
    pub fn only(kind: EventType) -> Option<Self> {
        matches!(kind, EventType::CallInitiated | EventType::CallEnded).then_some(Self::Only(kind))
    }
}

impl ReceiptOf {
    /// The same, with the key borrowed.
    pub fn as_ref(&self) -> ReceiptOf<&Arc<str>> {
        match self {
            Self::Key(key) => ReceiptOf::Key(key),
            Self::Only(kind) => ReceiptOf::Only(*kind),
        }
    }
}

impl ReceiptOf<&Arc<str>> {
    /// The same, with the key shared.
    pub fn cloned(self) -> ReceiptOf {
        match self {
            Self::Key(key) => ReceiptOf::Key(Arc::clone(key)),
            Self::Only(kind) => ReceiptOf::Only(kind),
        }
    }
}

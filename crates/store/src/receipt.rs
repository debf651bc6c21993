//! What makes a repeat harmless: the receipt that a recording leaves.

use contract::EventType;

/// How an earlier recording of the same event is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReceiptOf<K = String> {
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
    pub fn as_deref(&self) -> ReceiptOf<&str> {
        match self {
            Self::Key(key) => ReceiptOf::Key(key),
            Self::Only(kind) => ReceiptOf::Only(*kind),
        }
    }
}

impl From<ReceiptOf<&str>> for ReceiptOf {
    fn from(receipt: ReceiptOf<&str>) -> Self {
        match receipt {
            ReceiptOf::Key(key) => Self::Key(key.to_owned()),
            ReceiptOf::Only(kind) => Self::Only(kind),
        }
    }
}

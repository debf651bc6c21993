//! What goes through a lane: one thing to do, and who waits for its answer.

use std::sync::{Arc, Mutex, PoisonError};

use contract::{IncomingEvent, Reported};
use lifecycle::{Happening, Id, Pair};
use store::{Actor, ReceiptOf, Store, planted};
use tokio::{sync::oneshot, time::Instant};

use crate::{Receipt, SubmitError, hands::Hand};

/// What a lane has to do.
#[derive(Debug)]
pub(crate) enum Work {
    /// An event came in, from whoever has this key.
    Event(IncomingEvent, Actor),
    /// Timers of a call are due.
    Settle {
        /// The call.
        call: String,
        /// What the call was when its timer was found due. Only a planted bug looks at it.
        seen: Option<Box<contract::Call>>,
    },
    /// A call is to be offered to an agent.
    Offer(Pair),
    /// A supervisor wants something of a call.
    Hand(Box<Hand>),
}

impl Work {
    pub(crate) async fn settle(store: &dyn Store, call: String) -> Self {
        let seen = if planted("timer_without_lock") {
            let seen = store.call(&call).await.ok().flatten().map(Box::new);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            seen
        } else {
            None
        };
        Self::Settle { call, seen }
    }

    pub(crate) fn call(&self) -> &str {
        match self {
            Self::Event(event, _) => &event.call_id,
            Self::Settle { call, .. } => call,
            Self::Offer(pair) => &pair.call,
            Self::Hand(hand) => &hand.call,
        }
    }

    pub(crate) fn shared_call(&self) -> Arc<str> {
        match self {
            Self::Event(event, _) => Arc::clone(&event.call_id),
            other => other.call().into(),
        }
    }

    pub(crate) fn begins(&self) -> bool {
        matches!(self, Self::Event(IncomingEvent { reported: Reported::Opening(_), .. }, _))
    }

    /// The agent it names.
    pub(crate) fn agent(&self) -> Option<&Id> {
        match self {
            Self::Offer(_) | Self::Settle { .. } => None,
            Self::Hand(hand) => hand.agent(),
            Self::Event(event, _) => match &event.reported {
                Reported::Happening(
                    Happening::Routed { agent }
                    | Happening::Answered { agent: Some(agent), .. }
                    | Happening::TransferredBlind { agent: Some(agent), .. }
                    | Happening::TransferredAttended { agent: Some(agent), .. },
                ) => Some(agent),
                _ => None,
            },
        }
    }

    /// How an earlier recording of the same event would be found.
    pub(crate) fn receipt(&self) -> Option<ReceiptOf<&Arc<str>>> {
        let event = match self {
            Self::Event(event, _) => event,
            Self::Hand(hand) => return hand.key.as_ref().map(ReceiptOf::Key),
            Self::Settle { .. } | Self::Offer(_) => return None,
        };
        event.key.as_ref().map(ReceiptOf::Key).or(ReceiptOf::only(event.kind))
    }
}

/// The answer to one input: a receipt for an event, nothing for a timer.
pub(crate) type Answer = Result<Option<Receipt>, SubmitError>;

/// One thing to do, and who waits for it.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) work: Work,
    pub(crate) deadline: Instant,
    answer: Mutex<Option<oneshot::Sender<Answer>>>,
}

impl Input {
    pub(crate) fn new(work: Work, deadline: Instant, answer: oneshot::Sender<Answer>) -> Self {
        Self { work, deadline, answer: Mutex::new(Some(answer)) }
    }

    pub(crate) fn answer(&self, answer: Answer) {
        if let Some(sender) = self.answer.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // Whoever asked may have hung up. What was recorded stays recorded.
            let _ = sender.send(answer);
        }
    }
}

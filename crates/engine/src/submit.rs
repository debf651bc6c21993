//! The way in: an event goes to its call's lane, and its answer comes back after the commit.

use std::{
    hash::Hasher,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use contract::{CallEvent, IncomingEvent};
use lifecycle::{Pair, Refusal};
use store::{Actor, StoreError};
use thiserror::Error;
use tokio::{sync::oneshot, time::Instant};

use crate::{
    Engine,
    hands::Hand,
    input::{Answer, Input, Work},
};

/// How long a due timer may wait in its lane before it is looked for again.
const TIMER_WITHIN: Duration = Duration::from_secs(10);

/// Proof that an event was recorded.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The event, as it is stored.
    pub event: Arc<CallEvent>,
    /// It was recorded by an earlier request.
    pub replayed: bool,
}

/// Why an event was not recorded.
#[derive(Clone, Debug, Error)]
pub enum SubmitError {
    /// The rules do not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A call begins twice, in different words.
    #[error("`call_initiated` is refused: call `{id}` exists already and is {status}")]
    CallExists {
        /// The call.
        id: String,
        /// Its status.
        status: &'static str,
    },
    /// The event names a call that never began.
    #[error("there is no call `{0}`; its `call_initiated` comes first")]
    UnknownCall(String),
    /// There is no such agent.
    #[error("there is no agent `{0}`; GET /api/agents lists those there are")]
    UnknownAgent(String),
    /// No call can ring at the agent's phone now.
    #[error("no call can ring at the phone of `{agent}`: {why}")]
    AgentUnavailable {
        /// The agent.
        agent: String,
        /// Why not, and what to do.
        why: String,
    },
    /// The key was used for another event of this call.
    #[error("the key `{0}` was used for another event of this call; a new event needs a new key")]
    KeyReused(String),
    /// Too much waits already.
    #[error("more events wait than are taken in; send it again in a moment")]
    LaneFull,
    /// The process is about to stop.
    #[error("this server is stopping; send it again in a moment")]
    Stopping,
    /// It could not be kept.
    #[error("calls cannot be recorded right now; send it again in a moment")]
    Away(String),
    /// It may or may not have been kept.
    #[error(
        "whether it was recorded is not known yet; send it again with the same key, and it is \
         recorded once"
    )]
    Unknown(String),
    /// It can never be kept as it is.
    #[error("this event cannot be stored")]
    Unstorable(String),
}

impl From<StoreError> for SubmitError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict | StoreError::Away(_) => Self::Away(error.to_string()),
            StoreError::Unknown(_) => Self::Unknown(error.to_string()),
            StoreError::Poison(_) | StoreError::Corrupt { .. } => {
                Self::Unstorable(error.to_string())
            }
        }
    }
}

impl SubmitError {
    /// The result's name in counters.
    fn name(&self) -> &'static str {
        match self {
            Self::Refused(_) | Self::CallExists { .. } => "refused",
            Self::UnknownCall(_) => "unknown_call",
            Self::UnknownAgent(_) => "unknown_agent",
            Self::AgentUnavailable { .. } => "agent_unavailable",
            Self::KeyReused(_) => "key_reused",
            Self::LaneFull => "lane_full",
            Self::Stopping => "stopping",
            Self::Away(_) => "store_away",
            Self::Unknown(_) => "unknown",
            Self::Unstorable(_) => "unstorable",
        }
    }
}

impl Engine {
    /// Records an event and everything that follows from it. Returns after the commit. `by` is whose
    /// key it came with.
    pub async fn submit(&self, event: IncomingEvent, by: Actor) -> Result<Receipt, SubmitError> {
        self.enqueue(event, by).await
    }

    /// Hands an event to its lane, at once and in the order of these calls; what is returned waits
    /// for the answer.
    ///
    /// The event does not belong to whoever waits for it: dropping the future neither undoes nor
    /// tears it.
    pub fn enqueue(
        &self,
        event: IncomingEvent,
        by: Actor,
    ) -> impl Future<Output = Result<Receipt, SubmitError>> + Send + use<> {
        let kind = event.kind.name();
        let sent = self.send(event, by);
        async move {
            let done = match sent {
                Ok((deadline, answered)) => answer(deadline, answered).await,
                Err(refused) => Err(refused),
            };
            let result = match &done {
                Ok(Receipt { replayed: false, .. }) => "recorded",
                Ok(_) => "replayed",
                Err(error) => error.name(),
            };
            metrics::counter!("switchboard_events_total", "type" => kind, "result" => result)
                .increment(1);
            done
        }
    }

    fn send(
        &self,
        event: IncomingEvent,
        by: Actor,
    ) -> Result<(Instant, oneshot::Receiver<Answer>), SubmitError> {
        if self.stopping.load(Ordering::Acquire) {
            return Err(SubmitError::Stopping);
        }
        let deadline = Instant::now() + Duration::from_millis(self.settings.answer_within_ms);
        let lane = &self.lanes[self.lane_of(&event.call_id)];
        let (answer, answered) = oneshot::channel();
        lane.send(Input::new(Work::Event(event, by), deadline, answer))?;
        Ok((deadline, answered))
    }

    /// Offers a call to an agent: the dispatcher's way in. The answer is a receipt, or nothing where
    /// the call or the agent had moved on.
    pub(crate) async fn offer(&self, pair: Pair) -> Result<oneshot::Receiver<Answer>, SubmitError> {
        let deadline = Instant::now() + TIMER_WITHIN;
        let (answer, answered) = oneshot::channel();
        let lane = &self.lanes[self.lane_of(&pair.call)];
        lane.send_timer(Input::new(Work::Offer(pair), deadline, answer)).await?;
        Ok(answered)
    }

    /// Settles what is overdue in a call: the timers' way in.
    pub(crate) async fn settle(
        &self,
        call: String,
    ) -> Result<oneshot::Receiver<Answer>, SubmitError> {
        let deadline = Instant::now() + TIMER_WITHIN;
        let (answer, answered) = oneshot::channel();
        let lane = &self.lanes[self.lane_of(&call)];
        let work = Work::settle(&*self.store, call).await;
        lane.send_timer(Input::new(work, deadline, answer)).await?;
        Ok(answered)
    }

    /// Hands what a supervisor does to the call's lane, like an event.
    pub(crate) async fn lay(&self, hand: Hand) -> Result<Receipt, SubmitError> {
        if self.stopping.load(Ordering::Acquire) {
            return Err(SubmitError::Stopping);
        }
        let deadline = Instant::now() + Duration::from_millis(self.settings.answer_within_ms);
        let lane = &self.lanes[self.lane_of(&hand.call)];
        let (sender, answered) = oneshot::channel();
        lane.send(Input::new(Work::Hand(Box::new(hand)), deadline, sender))?;
        answer(deadline, answered).await
    }

    fn lane_of(&self, call: &str) -> usize {
        let mut hash = std::hash::DefaultHasher::new();
        hash.write(call.as_bytes());
        let lanes = u64::try_from(self.lanes.len()).unwrap_or(1);
        usize::try_from(hash.finish() % lanes).unwrap_or(0)
    }
}

async fn answer(
    deadline: Instant,
    answered: oneshot::Receiver<Answer>,
) -> Result<Receipt, SubmitError> {
    match tokio::time::timeout_at(deadline, answered).await {
        Ok(Ok(done)) => done.map(|receipt| receipt.expect("an event is answered with a receipt")),
        Ok(Err(_)) => Err(SubmitError::Unknown("the lane failed; see the log".to_owned())),
        Err(_) => Err(SubmitError::Unknown("the store took too long".to_owned())),
    }
}

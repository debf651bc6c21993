//! A supervisor's hands: a call is sent elsewhere or ended, an agent is freed or set away.
//!
//! What is done to a call goes to its lane like everything else, in a transaction of its own: the
//! call's events, what they mean for agents, and the record of who did it and why.

use std::sync::Arc;

use contract::{Agent, Presence};
use lifecycle::{Happening, Id, Target};
use serde_json::json;
use store::{NewAction, StoreError, StoredAgent};
use thiserror::Error;
use uuid::Uuid;

use crate::{Engine, Receipt, SubmitError};

/// What a supervisor does to a call.
#[derive(Clone, Debug)]
pub(crate) struct Hand {
    pub(crate) call: String,
    pub(crate) what: Happening,
    /// The record of it: who and why.
    pub(crate) action: NewAction,
    /// Makes a repeat harmless.
    pub(crate) key: Option<Arc<str>>,
}

impl Hand {
    /// The agent it names.
    pub(crate) fn agent(&self) -> Option<&Id> {
        match &self.what {
            Happening::Reassigned(Target::Agent(agent)) | Happening::Freed { agent } => Some(agent),
            _ => None,
        }
    }
}

/// Why an agent was not freed.
#[derive(Debug, Error)]
pub enum NotFreed {
    /// There is no such agent.
    #[error("there is no such agent")]
    Unknown,
    /// No open call names them.
    #[error("no open call names them")]
    NotEngaged,
    /// A call could not be recorded.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Engine {
    /// Has a call that waits ring at an agent's, or wait in a queue.
    pub async fn reassign(
        &self,
        call: &str,
        to: Target,
        action: NewAction,
        key: Option<Arc<str>>,
    ) -> Result<Receipt, SubmitError> {
        let action = action.with(&match &to {
            Target::Agent(agent) => json!({ "agentId": agent }),
            Target::Queue(queue) => json!({ "queueId": queue }),
        });
        let what = Happening::Reassigned(to);
        self.lay(Hand { call: call.to_owned(), what, action, key }).await
    }

    /// Ends a call that hangs.
    pub async fn end_call(
        &self,
        call: &str,
        action: NewAction,
        key: Option<Arc<str>>,
    ) -> Result<Receipt, SubmitError> {
        let what = Happening::Closed;
        self.lay(Hand { call: call.to_owned(), what, action, key }).await
    }

    /// Takes from an agent every open call that names them now; whoever called waits again. Each
    /// call is a transaction of its own, with an action of its own.
    pub async fn free_agent(&self, id: &str, action: NewAction) -> Result<Agent, NotFreed> {
        let mut freed = false;
        for call in self.store.calls_of(id).await? {
            let what = Happening::Freed { agent: id.into() };
            let action = NewAction { id: Uuid::now_v7().to_string(), ..action.clone() };
            let action = action.with(&json!({ "callId": call }));
            match self.lay(Hand { call, what, action, key: None }).await {
                Ok(_) => freed = true,
                // It was theirs no longer.
                Err(SubmitError::Refused(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let agent = self.agent(id).await?.ok_or(NotFreed::Unknown)?;
        if freed { Ok(agent) } else { Err(NotFreed::NotEngaged) }
    }

    /// Says for an agent whether they take calls. `None` for no such agent. Their tool has not
    /// reported by that: a lease runs on.
    pub async fn set_presence(
        &self,
        id: &str,
        presence: Presence,
        action: NewAction,
    ) -> Result<Option<Agent>, StoreError> {
        if !self.knows_agent(id).await? {
            return Ok(None);
        }
        let (new, reason) = (id.to_owned(), action.reason.clone());
        let action = action.with(&json!({ "presence": presence }));
        let said = move |before: Option<StoredAgent>, now| {
            let mut agent = before.unwrap_or_else(|| StoredAgent::new(&new, now));
            agent.agent.says(presence.into(), reason, now);
            agent
        };
        self.change_agent(id, said, Some(action)).await.map(Some)
    }
}

//! What a supervisor asks for, and what a call's history says of it: always with the reason.

use std::sync::Arc;

use lifecycle::{Happening, Target};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::{
    EventType, IncomingEvent, Issue, Metadata, Presence, Reported,
    fields::{Fields, Form},
};

/// Where a caller who waits shall go: to one agent, or into one queue.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Reassignment {
    /// The agent whose phone shall ring now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// The queue to wait in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_id: Option<String>,
    /// Why: 1 to 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = true)]
    pub reason: Option<String>,
}

/// Why something is done on purpose.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct OnPurpose {
    /// Why: 1 to 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = true)]
    pub reason: Option<String>,
}

/// What an agent is said to be, by somebody else.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PresenceChange {
    /// Whether they take calls from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = true)]
    pub presence: Option<Presence>,
    /// Why: 1 to 255 characters. It is shown with the presence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = true)]
    pub reason: Option<String>,
}

impl Reassignment {
    /// Reads where to and why, or says everything that is wrong with it.
    pub fn read(
        body: &Value,
        is_queue: &dyn Fn(&str) -> bool,
    ) -> Result<(Target, String), Vec<Issue>> {
        let mut fields = Fields::of(body, Form::Ours)?;
        let is_given = ["agentId", "queueId"].map(|key| fields.find(key).1.is_some());
        let agent = fields.id("agentId", false).map(|agent| Target::Agent(agent.into()));
        let queue =
            fields.queue("queueId", false, is_queue).map(|queue| Target::Queue(queue.into()));
        match is_given {
            [false, false] => {
                let message = "`agentId` or `queueId` is needed: where the caller shall go";
                fields.wrong("missing_target", &["agentId"], message);
            }
            [true, true] => {
                let message = "either `agentId` or `queueId`, not both";
                fields.wrong("two_targets", &["queueId"], message);
            }
            _ => {}
        }
        let reason = fields.why();
        fields.finish(agent.or(queue).zip(reason), &[])
    }
}

impl OnPurpose {
    /// Reads why, or says what is wrong with it.
    pub fn read(body: &Value) -> Result<String, Vec<Issue>> {
        let mut fields = Fields::of(body, Form::Ours)?;
        let reason = fields.why();
        fields.finish(reason, &[])
    }
}

impl PresenceChange {
    /// Reads which and why, or says everything that is wrong with it.
    pub fn read(body: &Value) -> Result<(Presence, String), Vec<Issue>> {
        let mut fields = Fields::of(body, Form::Ours)?;
        let presence = fields.presence(true);
        let reason = fields.why();
        fields.finish(presence.zip(reason), &[])
    }
}

impl Fields<'_> {
    /// Why something is done on purpose.
    fn why(&mut self) -> Option<String> {
        if self.find("reason").1.is_none() {
            let message = "required: say why, in 1 to 255 characters; it is kept with what you do";
            self.wrong("invalid_type", &["reason"], message);
        }
        self.id("reason", false)
    }
}

/// Something done on purpose, as the history of its call tells it. `queue`: the one the call is in.
pub fn by_hand(
    call: &str,
    queue: &str,
    what: Happening,
    (by, reason): (&str, &str),
    key: Option<Arc<str>>,
) -> IncomingEvent {
    let (kind, payload) = match &what {
        Happening::Reassigned(Target::Agent(agent)) => {
            (EventType::CallRouted, json!({ "agentId": agent, "by": by, "reason": reason }))
        }
        Happening::Reassigned(Target::Queue(queue)) => (
            EventType::CallTransferred,
            json!({ "queueId": queue, "kind": "reassigned", "by": by, "reason": reason }),
        ),
        Happening::Freed { agent } => (
            EventType::CallTransferred,
            json!({ "queueId": queue, "kind": "blind", "freedAgentId": agent, "by": by,
                    "reason": reason }),
        ),
        _ => (EventType::CallEnded, json!({ "endReason": "failed", "by": by, "reason": reason })),
    };
    IncomingEvent {
        call_id: call.into(),
        kind,
        key,
        occurred_at: None,
        reported: Reported::Happening(what),
        payload: Metadata::of(&payload),
    }
}

//! What a supervisor asks for, and what a call's history says of it: always with the reason.

use lifecycle::{Happening, Target};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{EventType, IncomingEvent, Issue, Presence, Reported, id_issue};

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
    /// Where to and why, or everything that is wrong with it.
    pub fn valid(self, is_queue: &dyn Fn(&str) -> bool) -> Result<(Target, String), Vec<Issue>> {
        let target = match (self.agent_id, self.queue_id) {
            (Some(agent), None) => match id_issue(&agent, &["agentId"]) {
                Some(issue) => Err(issue),
                None => Ok(Target::Agent(agent)),
            },
            (None, Some(queue)) if is_queue(&queue) => Ok(Target::Queue(queue)),
            (None, Some(queue)) => {
                let message =
                    format!("there is no queue `{queue}`; GET /api/queues lists those there are");
                Err(Issue::new("unknown_queue", &["queueId"], message))
            }
            (None, None) => {
                let message = "`agentId` or `queueId` is needed: where the caller shall go";
                Err(Issue::new("missing_target", &["agentId"], message))
            }
            (Some(_), Some(_)) => {
                let message = "either `agentId` or `queueId`, not both";
                Err(Issue::new("two_targets", &["queueId"], message))
            }
        };
        both(target, reason(self.reason))
    }
}

impl OnPurpose {
    /// Why, or what is wrong with it.
    pub fn valid(self) -> Result<String, Vec<Issue>> {
        reason(self.reason).map_err(|issue| vec![issue])
    }
}

impl PresenceChange {
    /// Which and why, or everything that is wrong with it.
    pub fn valid(self) -> Result<(Presence, String), Vec<Issue>> {
        let message = "required: `available`, `away` or `offline`";
        let needed = || Issue::new("invalid_type", &["presence"], message);
        both(self.presence.ok_or_else(needed), reason(self.reason))
    }
}

/// Something done on purpose, as the history of its call tells it. `queue`: the one the call is in.
pub fn by_hand(
    call: &str,
    queue: &str,
    what: Happening,
    (by, reason): (&str, &str),
    key: Option<String>,
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
        call_id: call.to_owned(),
        kind,
        key,
        occurred_at: None,
        reported: Reported::Happening(what),
        payload: payload.to_string(),
    }
}

fn both<T>(one: Result<T, Issue>, why: Result<String, Issue>) -> Result<(T, String), Vec<Issue>> {
    match (one, why) {
        (Ok(one), Ok(why)) => Ok((one, why)),
        (one, why) => Err(one.err().into_iter().chain(why.err()).collect()),
    }
}

fn reason(given: Option<String>) -> Result<String, Issue> {
    let message = "required: say why, in 1 to 255 characters; it is kept with what you do";
    let given = given.ok_or_else(|| Issue::new("invalid_type", &["reason"], message))?;
    match id_issue(&given, &["reason"]) {
        Some(issue) => Err(issue),
        None => Ok(given),
    }
}

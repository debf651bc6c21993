//! Events as they come in: the canonical form, and the older one in `snake_case`.
//!
//! [`decode()`] accepts both and answers with one [`IncomingEvent`], or with everything that is
//! wrong. Unknown keys are dropped. The payload it keeps is written anew from the fields that are
//! known, in a fixed order, so that equal events are equal text.

use std::sync::Arc;

use lifecycle::{Happening, Opening, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    EventType, Issue, Metadata,
    fields::{Fields, Form},
};

mod fields;

/// An event as a client sends it, in the canonical form. Which fields are needed depends on
/// `event`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Incoming {
    /// `call_initiated`, `call_routed`, `call_answered`, `call_hold`, `call_resumed`,
    /// `call_transferred` or `call_ended`.
    pub event: String,
    /// The call: 1 to 255 characters, none of them a control character.
    pub call_id: String,
    /// Makes a repeat harmless: the same event again gets the same answer, and nothing is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// When it happened, where that is not now: ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub occurred_at: Option<String>,
    /// `call_initiated`: `voice` or `video`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<crate::CallType>)]
    pub kind: Option<String>,
    /// `call_initiated`, `call_transferred`: the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_id: Option<String>,
    /// `call_initiated`: 0 to 9; a higher one is offered to agents first. Default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// `call_routed`, `call_transferred`, and where it is known `call_answered`: the agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// `call_routed`: seconds it took to choose the agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing_time: Option<f64>,
    /// `call_answered`: seconds the caller waited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_time: Option<f64>,
    /// `call_answered`: the number of the offer that is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<u32>,
    /// `call_hold`: seconds the hold lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_duration: Option<f64>,
    /// `call_transferred`: `blind` or `attended`.
    #[serde(rename = "kind", skip_serializing_if = "Option::is_none")]
    pub transfer_kind: Option<String>,
    /// `call_ended`: `completed`, `abandoned` or `failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<crate::EndReason>)]
    pub end_reason: Option<String>,
    /// `call_ended`: seconds the call lasted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<f64>,
}

/// A valid event, ready for the rules.
#[derive(Clone, Debug, PartialEq)]
pub struct IncomingEvent {
    /// The call it belongs to.
    pub call_id: Arc<str>,
    /// Its type.
    pub kind: EventType,
    /// What makes a repeat harmless.
    pub key: Option<Arc<str>>,
    /// When it happened, where the client said so.
    pub occurred_at: Option<Timestamp>,
    /// What it says.
    pub reported: Reported,
    /// The payload without `event`, `callId` and `eventId`.
    pub payload: Metadata,
}

/// What an event says, in the words of the rules.
#[derive(Clone, Debug, PartialEq)]
pub enum Reported {
    /// A call begins.
    Opening(Opening),
    /// Something happened to a call.
    Happening(Happening),
}

const AHEAD_MS_MAX: i64 = 5 * 60 * 1_000;
const FROM_OUTSIDE: &str = "`call_initiated`, `call_routed`, `call_answered`, `call_hold`, \
                            `call_resumed`, `call_transferred` or `call_ended`";

/// Reads an event, or says everything that is wrong with it.
pub fn decode(
    body: &Value,
    now: Timestamp,
    is_queue: &dyn Fn(&str) -> bool,
) -> Result<IncomingEvent, Vec<Issue>> {
    let mut fields = Fields::of(body, Form::Event)?;
    let Some(kind) = fields.event() else { return Err(fields.issues) };

    let call_id = fields.id("callId", true);
    let key = fields.id("eventId", false);
    let occurred_at = fields.time("occurredAt", now);
    let mut payload = Map::new();
    let reported = match kind {
        EventType::CallInitiated => fields.opening(&mut payload, is_queue),
        EventType::CallTransferred => fields.transfer(&mut payload, is_queue),
        _ => fields.happening(kind, &mut payload),
    };
    if let Some((text, _)) = &occurred_at {
        payload.insert("occurredAt".to_owned(), Value::String(text.clone()));
    }
    match (call_id, reported, fields.issues.is_empty()) {
        (Some(call_id), Some(reported), true) => Ok(IncomingEvent {
            call_id: call_id.into(),
            kind,
            key: key.map(Arc::from),
            occurred_at: occurred_at.map(|(_, at)| at),
            reported,
            payload: Metadata::of(&payload),
        }),
        _ => Err(fields.issues),
    }
}

/// What is wrong with an id, if anything is.
pub fn id_issue(id: &str, path: &[&str]) -> Option<Issue> {
    let wrong = match id.chars().count() {
        0 => Some(("too_small", "at least 1 character is needed")),
        256.. => Some(("too_big", "at most 255 characters are allowed")),
        _ if id.chars().any(char::is_control) => {
            Some(("invalid_string", "control characters are not allowed"))
        }
        _ => None,
    };
    wrong.map(|(code, message)| Issue::new(code, path, message))
}

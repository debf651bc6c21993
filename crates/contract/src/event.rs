//! A recorded event, as it is stored and answered.

use std::sync::Arc;

use lifecycle::{Record, What};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{
    Map, Value,
    value::{RawValue, to_raw_value},
};
use utoipa::ToSchema;

use crate::{Flag, Moment};

/// One event of a call's history.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CallEvent {
    /// Unique among all events.
    pub id: String,
    /// The call it belongs to.
    #[schema(value_type = String)]
    pub call_id: Arc<str>,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// When it was recorded.
    pub timestamp: Moment,
    /// When it happened, where its source said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Moment>,
    /// Its place in the call's history: 1, 2, 3 ... without gaps.
    pub seq: u32,
    /// What was reported, and what the rules added: `flags`, `offer`, and for a timer `dueAt` and
    /// `lateMs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
}

impl CallEvent {
    /// Its metadata as text.
    pub fn metadata_text(&self) -> Option<&str> {
        self.metadata.as_ref().map(Metadata::as_text)
    }
}

/// A JSON object that is stored, answered and sent as the text it was written in.
#[derive(Clone, Debug)]
pub struct Metadata(Arc<RawValue>);

impl Metadata {
    /// Wraps the text of a JSON object; `None` where it is not JSON.
    pub fn from_text(text: String) -> Option<Self> {
        RawValue::from_string(text).ok().map(|text| Self(text.into()))
    }

    /// Writes a JSON object.
    pub fn of(object: &impl Serialize) -> Self {
        Self(to_raw_value(object).expect("text is its keys' type").into())
    }

    /// The text as it is stored.
    pub fn as_text(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for Metadata {
    fn eq(&self, other: &Self) -> bool {
        self.as_text() == other.as_text()
    }
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|text| Self(text.into()))
    }
}

impl utoipa::PartialSchema for Metadata {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Object)
            .additional_properties(Some(utoipa::openapi::schema::AdditionalProperties::FreeForm(
                true,
            )))
            .into()
    }
}

impl ToSchema for Metadata {}

/// What an event says happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventType {
    /// A caller joined a queue.
    CallInitiated,
    /// An agent's phone rings.
    CallRouted,
    /// An agent picked up.
    CallAnswered,
    /// The caller was set aside.
    CallHold,
    /// The agent came back.
    CallResumed,
    /// The call went to another queue or agent.
    CallTransferred,
    /// The call is over.
    CallEnded,
    /// An agent's phone rang out, or somebody silenced it; the call waits again.
    CallRetransfer,
    /// Nobody answered within the promised time.
    SlaBreached,
    /// A hold went on longer than promised.
    HoldExceeded,
    /// The caller shall be asked how it went.
    SurveyRequested,
}

impl EventType {
    /// Every type of event.
    pub const ALL: [Self; 11] = [
        Self::CallInitiated,
        Self::CallRouted,
        Self::CallAnswered,
        Self::CallHold,
        Self::CallResumed,
        Self::CallTransferred,
        Self::CallEnded,
        Self::CallRetransfer,
        Self::SlaBreached,
        Self::HoldExceeded,
        Self::SurveyRequested,
    ];

    /// The type as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::CallInitiated => "call_initiated",
            Self::CallRouted => "call_routed",
            Self::CallAnswered => "call_answered",
            Self::CallHold => "call_hold",
            Self::CallResumed => "call_resumed",
            Self::CallTransferred => "call_transferred",
            Self::CallEnded => "call_ended",
            Self::CallRetransfer => "call_retransfer",
            Self::SlaBreached => "sla_breached",
            Self::HoldExceeded => "hold_exceeded",
            Self::SurveyRequested => "survey_requested",
        }
    }

    /// The type of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The type of a record that the rules made; `reported` is the type of what came in.
    pub fn of(what: &What, reported: Self) -> Self {
        match what {
            What::Reported { .. } => reported,
            What::Retransfer { .. } | What::Withdrawn { .. } => Self::CallRetransfer,
            What::SlaBreached { .. } => Self::SlaBreached,
            What::HoldExceeded { .. } => Self::HoldExceeded,
            What::SurveyRequested => Self::SurveyRequested,
        }
    }
}

/// What the rules add to the payload of an event.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Added<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offer: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    late_ms: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<Flag>,
}

/// Who did something on purpose, and why, in the payload of what they did.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Why {
    by: String,
    reason: String,
}

/// The metadata of a record: the payload as it came in, and what the rules added. `None` where there
/// is nothing to say.
pub fn happening_metadata(payload: Option<&Metadata>, record: &Record) -> Option<Metadata> {
    let flags = record.flags.iter().map(Flag::from).collect::<Vec<_>>();
    let payload = payload.filter(|payload| payload.as_text() != "{}");
    let mut added = Added { flags, ..Added::default() };
    let why: Why;
    let payload = match &record.what {
        What::Reported { offer } => {
            added.offer = *offer;
            if offer.is_none() && added.flags.is_empty() {
                return payload.cloned();
            }
            payload
        }
        What::Retransfer { agent, attempt, due_at, late_ms } => {
            added.agent_id = Some(agent);
            added.attempt = Some(*attempt);
            added.reason = Some("ring_no_answer");
            added.due_at = Some((*due_at).into());
            added.late_ms = Some(*late_ms);
            None
        }
        What::Withdrawn { agent, .. } => {
            why =
                payload.and_then(|it| serde_json::from_str(it.as_text()).ok()).unwrap_or_default();
            added.agent_id = Some(agent);
            added.reason = Some(&why.reason);
            added.by = Some(&why.by);
            None
        }
        What::SlaBreached { due_at, late_ms } | What::HoldExceeded { due_at, late_ms } => {
            added.due_at = Some((*due_at).into());
            added.late_ms = Some(*late_ms);
            None
        }
        What::SurveyRequested => return None,
    };
    let Some(payload) = payload.map(Metadata::as_text) else { return Some(Metadata::of(&added)) };
    let added = serde_json::to_string(&added).unwrap_or_else(|_| "{}".to_owned());
    Metadata::from_text(format!("{},{}", &payload[..payload.len() - 1], &added[1..]))
}

/// Whether a stored event was made from this payload: the keys that the rules add are left aside.
pub fn same_payload(kind: EventType, stored: Option<&str>, payload: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Map<String, Value>>(text).ok();
    let Some(mut stored) = read(stored.unwrap_or("{}")) else { return false };
    stored.remove("flags");
    if matches!(kind, EventType::CallRouted | EventType::CallTransferred) {
        stored.remove("offer");
    }
    read(payload).is_some_and(|payload| payload == stored)
}

//! A call, as the world sees it.

use lifecycle::{Kind, Phase};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Moment;

/// A call as it stands after its last recorded event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// The id its source gave it.
    pub id: String,
    /// Voice or video.
    #[serde(rename = "type")]
    pub kind: CallType,
    /// What it is doing.
    pub status: CallStatus,
    /// The queue it waits in or was answered from.
    pub queue_id: String,
    /// When it began.
    pub start_time: Moment,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Moment>,
    /// The `seq` of its last event. A higher version is newer.
    pub version: u32,
    /// Whose phone rings, or who talks or last talked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// The number of the offer that stands, while a phone rings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<u32>,
    /// A higher one is offered to agents first, 0 to 9. Left out where it is 0.
    #[serde(default, skip_serializing_if = "is_ordinary")]
    pub priority: u8,
    /// Every flag its events raised, in order.
    pub flags: Vec<Flag>,
    /// While it waits: when the promise to answer runs out, or ran out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sla_due_at: Option<Moment>,
    /// While a phone rings: when it stops.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ring_due_at: Option<Moment>,
    /// While it is on hold: when the promise to come back runs out, or ran out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_due_at: Option<Moment>,
}

/// What a call is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallStatus {
    /// The caller waits; an agent's phone may ring.
    Waiting,
    /// Caller and agent talk.
    Active,
    /// The caller is on hold.
    OnHold,
    /// It is over.
    Ended,
}

/// The medium of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallType {
    /// Sound alone.
    Voice,
    /// Sound and picture.
    Video,
}

/// Why a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// It ran its course.
    Completed,
    /// The caller gave up.
    Abandoned,
    /// Something broke.
    Failed,
}

/// A rule that was broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Flag {
    /// `sla_breached`, `wait_exceeded`, `hold_exceeded`, `short_call`, `clock_ahead` or `no_agent`.
    pub rule: String,
    /// What happened, in a sentence.
    pub message: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_ordinary(priority: &u8) -> bool {
    *priority == 0
}

impl Call {
    /// The call of that id, from what the rules know of it.
    pub fn new(id: &str, call: &lifecycle::Call) -> Self {
        let (sla_due_at, ring, hold_due_at) = match &call.phase {
            Phase::Waiting { due_at, ring } => (Some(*due_at), ring.as_ref(), None),
            Phase::OnHold { due_at, .. } => (None, None, Some(*due_at)),
            Phase::Talking | Phase::Ended => (None, None, None),
        };
        Self {
            id: id.to_owned(),
            kind: call.kind.into(),
            status: (&call.phase).into(),
            queue_id: call.queue.to_string(),
            start_time: call.started_at.into(),
            end_time: call.ended_at.map(Moment),
            version: call.version,
            agent_id: call.named_agent().map(ToString::to_string),
            offer: ring.map(|_| call.offer),
            priority: call.priority,
            flags: call.flags.iter().map(Flag::from).collect(),
            sla_due_at: sla_due_at.map(Moment),
            ring_due_at: ring.map(|ring| ring.due_at.into()),
            hold_due_at: hold_due_at.map(Moment),
        }
    }
}

impl CallStatus {
    /// Every status, in the order of a call's life.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Active, Self::OnHold, Self::Ended];

    /// The status as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Active => "active",
            Self::OnHold => "on_hold",
            Self::Ended => "ended",
        }
    }

    /// The status of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

impl From<&Phase> for CallStatus {
    fn from(phase: &Phase) -> Self {
        match phase {
            Phase::Waiting { .. } => Self::Waiting,
            Phase::Talking => Self::Active,
            Phase::OnHold { .. } => Self::OnHold,
            Phase::Ended => Self::Ended,
        }
    }
}

impl From<Kind> for CallType {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Voice => Self::Voice,
            Kind::Video => Self::Video,
        }
    }
}

impl From<&lifecycle::Flag> for Flag {
    fn from(flag: &lifecycle::Flag) -> Self {
        Self { rule: flag.rule.name().to_owned(), message: flag.message.clone() }
    }
}

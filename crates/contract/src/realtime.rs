//! What is said over Socket.IO.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Agent, Alert, Call, CallStatus, EventType, Metadata, Moment};

/// `call_status_update`: one per recorded event. It carries the whole call, so that whoever gets it
/// needs nothing else; one whose `seq` is not above the `version` already known is old news.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CallStatusUpdate {
    /// The call.
    pub call_id: String,
    /// Its status just after the event.
    pub status: CallStatus,
    /// What happened.
    pub event_type: EventType,
    /// When it was recorded.
    pub timestamp: Moment,
    /// The metadata of the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// The event's place in the call's history.
    pub seq: u32,
    /// The update's place among all updates, to come back with in `after`. Opaque.
    pub position: String,
    /// The queue the call left with this event, where it changed queues.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_queue_id: Option<String>,
    /// The whole call, just after the event.
    pub call: Call,
}

/// `alert_update`: an alert was raised, or somebody took note of it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AlertUpdate {
    /// The whole alert.
    #[serde(flatten)]
    pub alert: Alert,
    /// The update's place among all updates, to come back with in `after`. Opaque.
    pub position: String,
}

/// `agent_update`: something changed for an agent.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AgentUpdate {
    /// The agent as they now stand.
    #[serde(flatten)]
    pub agent: Agent,
    /// The update's place among all updates, to come back with in `after`. Opaque.
    pub position: String,
}

/// `warning`: a promise is about to be broken. It goes to whoever follows the call; nothing is
/// recorded, and nobody is alerted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Warning {
    /// The call.
    pub call_id: String,
    /// Its queue.
    pub queue_id: String,
    /// Which promise.
    pub promise: Promised,
    /// When it will be broken.
    pub due_at: Moment,
    /// The `version` of the call that is warned of.
    pub version: u32,
    /// How much time is left, and what stands in the way.
    pub message: String,
    /// The update's place among all updates. Opaque.
    pub position: String,
}

/// A promise that a timer keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Promised {
    /// An answer within the queue's `slaSeconds`.
    Sla,
    /// The phone that rings is answered within `ringSeconds`.
    Ring,
    /// The caller is back from hold within `maxHoldSeconds`.
    Hold,
}

/// `subscribe_calls`: updates of one queue, or of all calls.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SubscribeCalls {
    /// The queue; all calls where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_id: Option<String>,
    /// The last position heard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// `subscribe_alerts`: every alert, raised or acknowledged.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SubscribeAlerts {
    /// The last position heard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// `subscribe_agents`: every agent, as they change.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SubscribeAgents {
    /// The last position heard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// What a subscription is acknowledged with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Subscribed {
    /// Where the subscription begins.
    pub position: String,
    /// Everything missed since `after` follows, in order. Where it is false, fetch again.
    pub recovered: bool,
}

/// `resync`: updates were missed; fetch again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Resync {
    /// Where updates go on.
    pub position: String,
    /// Why.
    pub reason: String,
}

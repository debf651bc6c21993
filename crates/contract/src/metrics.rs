//! Service figures: of queues, and of agents.
//!
//! What each figure means, how it is computed and whose definition that is, stands in
//! `docs/figures.md`, and in short in every answer. Rates are from 0 to 1, rounded to four places. A
//! figure that would divide by nothing is left out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Moment, Seconds};

/// The ways to compute a service level. Each contact centre has one in its contracts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServiceLevelFormula {
    /// Answered in time, of those answered.
    SlAnswered,
    /// Answered or abandoned in time, of those answered or abandoned.
    SlBoth,
    /// Answered or abandoned in time, of those who came.
    SlQueueExit,
    /// Answered in time, of those answered or abandoned.
    #[default]
    SlOffered,
    /// Answered in time, of those answered or abandoned without those abandoned at once.
    SlOfferedNoshort,
}

/// How a figure is computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FigureFormula {
    /// In the words of the other figures.
    pub formula: String,
    /// Who computes it so.
    pub source: String,
    /// `calls`, `seconds` or `rate`.
    pub unit: String,
}

/// What happened within some time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// Callers who began to wait.
    pub offered: u64,
    /// Waits that were answered.
    pub answered: u64,
    /// Waits that ended with the call.
    pub abandoned: u64,
    /// Those of them that were shorter than `shortAbandonSeconds`.
    pub short_abandoned: u64,
    /// The part of the callers who were served in time, by the formula named in `formula`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_level: Option<f64>,
    /// Average speed of answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asa_seconds: Option<Seconds>,
    /// Average handle time: talk, hold and wrap-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aht_seconds: Option<Seconds>,
    /// How long a hold lasted on average.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_hold_seconds: Option<Seconds>,
    /// How long the longest hold lasted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_hold_seconds: Option<Seconds>,
    /// The part of the answered calls that were passed on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_rate: Option<f64>,
    /// The part of the phones that rang out, of those that rang out or were answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ring_no_answer_rate: Option<f64>,
    /// Within how many seconds so many of a hundred answered callers were answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_seconds: Option<WaitPercentiles>,
}

/// Percentiles of waits that were answered: the nearest rank, in whole seconds, rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WaitPercentiles {
    /// Half of the callers.
    pub p50: u32,
    /// 90 of a hundred.
    pub p90: u32,
    /// 95 of a hundred.
    pub p95: u32,
    /// 99 of a hundred.
    pub p99: u32,
}

/// What open calls are doing now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CallsNow {
    /// Callers who wait, ringing included.
    pub waiting: u64,
    /// Those of them for whom a phone rings.
    pub ringing: u64,
    /// Callers who talk with an agent.
    pub active: u64,
    /// Callers on hold.
    pub on_hold: u64,
    /// How long the one has waited who has waited longest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_wait_seconds: Option<Seconds>,
    /// Since when, for a clock that goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<Moment>,
}

/// The figures of a quarter of an hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IntervalFigures {
    /// When it begins.
    pub start: Moment,
    /// What happened in it.
    #[serde(flatten)]
    pub figures: Figures,
}

/// How a queue stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueFigures {
    /// The queue.
    pub queue_id: String,
    /// Its name for people.
    pub name: String,
    /// What counts as in time: its `slaSeconds`.
    pub target_seconds: Seconds,
    /// Now.
    pub now: CallsNow,
    /// Since midnight in `timeZone`.
    pub today: Figures,
    /// In the last four whole quarters of an hour and the one that runs.
    pub last_hour: Figures,
}

/// How a queue stands, and its day by quarters of an hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QueueMetrics {
    /// How it stands.
    #[serde(flatten)]
    pub figures: QueueFigures,
    /// Every quarter of an hour since midnight, the one that runs included.
    pub intervals: Vec<IntervalFigures>,
}

/// How all queues of an answer stand together. Each call is judged by the target of its own queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TotalFigures {
    /// Now.
    pub now: CallsNow,
    /// Since midnight in `timeZone`.
    pub today: Figures,
    /// In the last four whole quarters of an hour and the one that runs.
    pub last_hour: Figures,
}

/// All of them together, and their day by quarters of an hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TotalMetrics {
    /// How they stand.
    #[serde(flatten)]
    pub figures: TotalFigures,
    /// Every quarter of an hour since midnight, the one that runs included.
    pub intervals: Vec<IntervalFigures>,
}

/// The figures of queues.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueuesMetrics {
    /// The moment they are true for.
    pub as_of: Moment,
    /// Whose midnight `today` begins with: an IANA name.
    pub time_zone: String,
    /// How `serviceLevel` is computed.
    pub formula: ServiceLevelFormula,
    /// Who gives up within less than so many seconds is counted as `shortAbandoned`.
    pub short_abandon_seconds: Seconds,
    /// How each figure is computed, by its name.
    pub formulas: BTreeMap<String, FigureFormula>,
    /// The queues, by id.
    pub queues: Vec<QueueMetrics>,
    /// All of them together.
    pub total: TotalMetrics,
}

/// What an agent did today. A call counts once the agent has let go of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentMetrics {
    /// How often the agent's phone rang.
    pub offered: u64,
    /// Calls answered.
    pub answered: u64,
    /// How often the phone rang out.
    pub missed: u64,
    /// How long the agent talked.
    pub talk_seconds: Seconds,
    /// How long the agent left callers on hold.
    pub hold_seconds: Seconds,
    /// How long the agent had to wrap up.
    pub wrap_up_seconds: Seconds,
    /// How long those callers had waited on average whom the agent answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_wait_seconds: Option<Seconds>,
    /// The part of the time the agent was available that went into calls. Left out where they were
    /// not available today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occupancy: Option<f64>,
}

/// The figures of one agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentFigures {
    /// The agent, as events name them.
    pub agent_id: String,
    /// Since midnight in `timeZone`.
    pub metrics: AgentMetrics,
}

/// The figures of every agent whom an event named today.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentsMetrics {
    /// The moment they are true for.
    pub as_of: Moment,
    /// Whose midnight the day begins with: an IANA name.
    pub time_zone: String,
    /// How each figure is computed, by its name.
    pub formulas: BTreeMap<String, FigureFormula>,
    /// The agents, by id.
    pub agents: Vec<AgentFigures>,
}

/// `metrics_update`: how queues stand, at most once a second, and only when something changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MetricsUpdate {
    /// The moment it is true for.
    pub as_of: Moment,
    /// Whose midnight the day begins with: an IANA name.
    pub time_zone: String,
    /// How the service level is computed.
    pub formula: ServiceLevelFormula,
    /// Who gave up sooner did not really wait.
    pub short_abandon_seconds: Seconds,
    /// The queues that are followed, by id.
    pub queues: Vec<QueueFigures>,
    /// All of them together.
    pub total: TotalFigures,
    /// The update's place among all updates. Opaque.
    pub position: String,
}

/// `subscribe_metrics`: the figures of one queue, or of all.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SubscribeMetrics {
    /// The queue; all of them where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_id: Option<String>,
}

impl ServiceLevelFormula {
    /// Every formula.
    pub const ALL: [Self; 5] = [
        Self::SlAnswered,
        Self::SlBoth,
        Self::SlQueueExit,
        Self::SlOffered,
        Self::SlOfferedNoshort,
    ];

    /// The formula as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::SlAnswered => "sl_answered",
            Self::SlBoth => "sl_both",
            Self::SlQueueExit => "sl_queue_exit",
            Self::SlOffered => "sl_offered",
            Self::SlOfferedNoshort => "sl_offered_noshort",
        }
    }

    /// The formula of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|formula| formula.name() == name)
    }
}

//! An agent, as the world sees them.

use std::collections::BTreeMap;

use lifecycle::PRIORITY_MAX;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{AgentMetrics, Issue, Moment, Seconds, id_issue};

/// An agent as they stand now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Agent {
    /// Their id.
    pub id: String,
    /// Their name for people.
    pub name: String,
    /// The queues whose calls are offered to them.
    pub queues: Vec<String>,
    /// How readily they serve a queue, 0 to 9: of two free agents the higher is asked first. 0 where
    /// a queue is left out.
    pub priorities: BTreeMap<String, u8>,
    /// What they say.
    pub presence: Presence,
    /// Why, where somebody or something said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence_reason: Option<String>,
    /// How often their tool has to report, where it has to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lease_seconds: Option<Seconds>,
    /// What they are doing, derived from their calls.
    pub state: AgentState,
    /// Since when.
    pub since: Moment,
    /// The call that rings at their phone, or that they are on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// Why calls are or are not offered to them now, and what will change it.
    pub reason: String,
    /// Offers in a row that they let ring out.
    pub missed_in_a_row: u32,
    /// What they did today. Left out in updates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<AgentMetrics>,
}

/// What an agent says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Takes calls.
    Available,
    /// Is there, but takes no calls.
    Away,
    /// Is not there.
    Offline,
}

/// What an agent is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    /// No call asks anything of them.
    Idle,
    /// A call rings at their phone.
    Offered,
    /// They talk, or have a caller on hold.
    OnCall,
    /// They finish what the last call left to do.
    Wrapping,
    /// Their tool has stopped reporting.
    Unreachable,
}

/// What to change of an agent, or how a new one shall be. What is left out stays, or takes its
/// default.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AgentChange {
    /// Their name for people; at first their id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The queues whose calls are offered to them: all of them, not those to add. At first none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queues: Option<Vec<String>>,
    /// How readily they serve a queue, 0 to 9; all of them, like `queues`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priorities: Option<BTreeMap<String, u8>>,
    /// What they say; at first `offline`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence: Option<Presence>,
    /// Why, in a few words; kept with the presence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How often their tool will report; 0 for not at all, which is the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lease_seconds: Option<Seconds>,
}

const LEASE_MS: std::ops::RangeInclusive<i64> = 5_000..=3_600_000;
const QUEUES_MAX: usize = 100;
const REASON_MAX: usize = 255;

impl AgentChange {
    /// What is wrong with it.
    pub fn issues(&self, is_queue: &dyn Fn(&str) -> bool) -> Vec<Issue> {
        let mut issues = Vec::new();
        issues.extend(self.name.as_deref().and_then(|name| id_issue(name, &["name"])));
        let queues = self.queues.as_deref().unwrap_or_default();
        if QUEUES_MAX < queues.len() {
            issues.push(Issue::new("too_big", &["queues"], "at most 100 queues"));
        }
        for (place, queue) in queues.iter().enumerate().filter(|(_, queue)| !is_queue(queue)) {
            issues.push(unknown(queue, &["queues", &place.to_string()]));
        }
        for (queue, readiness) in self.priorities.iter().flatten() {
            if !is_queue(queue) {
                issues.push(unknown(queue, &["priorities", queue]));
            }
            if PRIORITY_MAX < *readiness {
                issues.push(Issue::new("out_of_range", &["priorities", queue], "0 to 9"));
            }
        }
        if self.reason.as_ref().is_some_and(|reason| REASON_MAX < reason.chars().count()) {
            issues.push(Issue::new("too_big", &["reason"], "at most 255 characters are allowed"));
        }
        if self.lease_seconds.is_some_and(|lease| lease.ms != 0 && !LEASE_MS.contains(&lease.ms)) {
            let message = "0, or a number of seconds from 5 to 3600";
            issues.push(Issue::new("out_of_range", &["leaseSeconds"], message));
        }
        issues
    }
}

fn unknown(queue: &str, path: &[&str]) -> Issue {
    let message = format!("there is no queue `{queue}`; GET /api/queues lists those there are");
    Issue::new("unknown_queue", path, message)
}

impl From<Presence> for lifecycle::Presence {
    fn from(presence: Presence) -> Self {
        match presence {
            Presence::Available => Self::Available,
            Presence::Away => Self::Away,
            Presence::Offline => Self::Offline,
        }
    }
}

impl From<lifecycle::Presence> for Presence {
    fn from(presence: lifecycle::Presence) -> Self {
        match presence {
            lifecycle::Presence::Available => Self::Available,
            lifecycle::Presence::Away => Self::Away,
            lifecycle::Presence::Offline => Self::Offline,
        }
    }
}

impl From<lifecycle::AgentState> for AgentState {
    fn from(state: lifecycle::AgentState) -> Self {
        match state {
            lifecycle::AgentState::Idle => Self::Idle,
            lifecycle::AgentState::Offered => Self::Offered,
            lifecycle::AgentState::OnCall => Self::OnCall,
            lifecycle::AgentState::Wrapping => Self::Wrapping,
            lifecycle::AgentState::Unreachable => Self::Unreachable,
        }
    }
}

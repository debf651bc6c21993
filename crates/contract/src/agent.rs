//! An agent, as the world sees them.

use std::collections::BTreeMap;

use lifecycle::PRIORITY_MAX;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    AgentMetrics, Issue, Moment, Seconds,
    fields::{Fields, Form},
};

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

/// What answers show of an agent, and a change does not set.
const SHOWN: [&str; 7] =
    ["id", "state", "since", "callId", "presenceReason", "missedInARow", "metrics"];
const PRESENCES: [(&str, Presence); 3] =
    [("available", Presence::Available), ("away", Presence::Away), ("offline", Presence::Offline)];

impl AgentChange {
    /// Reads a change, or says everything that is wrong with it. `serves`: the queues of the agent so
    /// far, which priorities are for where none come with them.
    pub fn read(
        body: &Value,
        serves: &[String],
        is_queue: &dyn Fn(&str) -> bool,
    ) -> Result<Self, Vec<Issue>> {
        let mut fields = Fields::of(body, Form::Ours)?;
        let name = fields.id("name", false);
        let queues = fields.queues(is_queue);
        // Where the queues that came cannot be read, nobody knows which are meant.
        let are_sent = fields.find("queues").1.is_some();
        let serves = if are_sent { queues.as_deref() } else { Some(serves) };
        let priorities = fields.priorities(serves, is_queue);
        let presence = fields.presence(false);
        let reason = fields.string("reason", false).map(|(_, reason)| reason.to_owned());
        if reason.as_ref().is_some_and(|reason| REASON_MAX < reason.chars().count()) {
            fields.wrong("too_big", &["reason"], "at most 255 characters are allowed");
        }
        let expected = "0, or a number of seconds from 5 to 3600,";
        let is_lease = |ms| ms == 0 || LEASE_MS.contains(&ms);
        let lease_seconds = fields.span("leaseSeconds", expected, is_lease);
        let change = Self { name, queues, priorities, presence, reason, lease_seconds };
        fields.finish(Some(change), &SHOWN)
    }
}

/// What is wrong with what came with a heartbeat: it says that somebody is there, and no more.
pub fn heartbeat(body: &Value) -> Result<(), Vec<Issue>> {
    let fields = Fields::of(body, Form::Ours)?;
    let message = "a heartbeat has no fields; PUT /api/agents/:id changes an agent";
    match fields.body.keys().next() {
        Some(key) => Err(vec![Issue::new("unknown_field", &[key], message)]),
        None => Ok(()),
    }
}

impl Fields<'_> {
    /// What an agent is or shall be.
    pub(crate) fn presence(&mut self, needed: bool) -> Option<Presence> {
        self.word("presence", needed, &PRESENCES).map(|(_, presence)| presence)
    }

    fn queues(&mut self, is_queue: &dyn Fn(&str) -> bool) -> Option<Vec<String>> {
        let (path, value) = self.find("queues");
        let Value::Array(items) = value? else {
            let message = "a list of ids of queues is expected; `[]` for none";
            self.wrong_at("invalid_type", path, message.to_owned());
            return None;
        };
        if QUEUES_MAX < items.len() {
            self.wrong("too_big", &["queues"], "at most 100 queues");
            return None;
        }
        for (place, item) in items.iter().enumerate() {
            let path = vec!["queues".to_owned(), place.to_string()];
            if let Some(queue) = item.as_str() {
                self.is_queue(queue, path, is_queue);
            } else {
                self.wrong_at("invalid_type", path, "the id of a queue is expected".to_owned());
            }
        }
        Some(items.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    fn priorities(
        &mut self,
        serves: Option<&[String]>,
        is_queue: &dyn Fn(&str) -> bool,
    ) -> Option<BTreeMap<String, u8>> {
        let (path, value) = self.find("priorities");
        let Value::Object(given) = value? else {
            let message =
                "an object is expected: the id of a queue, and a whole number from 0 to 9";
            self.wrong_at("invalid_type", path, message.to_owned());
            return None;
        };
        let mut priorities = BTreeMap::new();
        for (queue, priority) in given {
            let path = vec!["priorities".to_owned(), queue.clone()];
            let is_unserved = serves.is_some_and(|serves| !serves.contains(queue));
            if self.is_queue(queue, path.clone(), is_queue) && is_unserved {
                let message = format!(
                    "the agent does not serve `{queue}`; send it in `queues` as well, which names \
                     all that they serve"
                );
                self.wrong_at("unserved_queue", path.clone(), message);
            }
            let priority = self.whole_at(path, priority, PRIORITY_MAX.into());
            let priority = priority.and_then(|priority| u8::try_from(priority).ok());
            priorities.extend(priority.map(|priority| (queue.clone(), priority)));
        }
        Some(priorities)
    }
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

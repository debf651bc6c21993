//! A call as columns, the same in both databases.

use std::{borrow::Cow, fmt::Write as _, sync::Arc};

use contract::{CallEvent, EventType, Flag, Metadata, Moment};
use lifecycle::{Call, Id, Kind, Phase, Ring, Rule, Spent, Timestamp};

use crate::{Changes, StoreError};

/// The columns of a call, apart from its number, its id and its chain.
#[derive(Clone, Debug)]
pub(crate) struct CallRow<'a> {
    pub(crate) kind: Cow<'a, str>,
    pub(crate) status: Cow<'a, str>,
    pub(crate) queue_id: Cow<'a, str>,
    pub(crate) agent_id: Option<Cow<'a, str>>,
    pub(crate) start_time: i64,
    pub(crate) end_time: Option<i64>,
    pub(crate) version: i64,
    pub(crate) sla_due_at: Option<i64>,
    pub(crate) ring_due_at: Option<i64>,
    pub(crate) hold_due_at: Option<i64>,
    pub(crate) wait_reported: bool,
    pub(crate) hold_reported: bool,
    pub(crate) offer: i64,
    pub(crate) attempt: i64,
    pub(crate) lapsed: Option<String>,
    pub(crate) flags: Option<String>,
    pub(crate) moved_at: i64,
    pub(crate) priority: i64,
    pub(crate) due_at: Option<i64>,
    pub(crate) since: i64,
    pub(crate) talked_ms: i64,
    pub(crate) held_ms: i64,
    pub(crate) passed_on: bool,
}

impl<'a> From<&'a Call> for CallRow<'a> {
    fn from(call: &'a Call) -> Self {
        let (sla_due_at, ring_due_at, hold, hold_reported) = match &call.phase {
            Phase::Waiting { due_at, ring } => {
                (Some(due_at.0), ring.as_ref().map(|ring| ring.due_at.0), None, false)
            }
            Phase::OnHold { due_at, reported } => (None, None, Some(due_at.0), *reported),
            Phase::Talking | Phase::Ended => (None, None, None, false),
        };
        Self {
            kind: match call.kind {
                Kind::Voice => "voice".into(),
                Kind::Video => "video".into(),
            },
            status: call.phase.status().into(),
            queue_id: call.queue.as_ref().into(),
            agent_id: call.named_agent().map(|agent| Cow::from(&**agent)),
            start_time: call.started_at.0,
            end_time: call.ended_at.map(|at| at.0),
            version: call.version.into(),
            sla_due_at,
            ring_due_at,
            hold_due_at: hold,
            wait_reported: call.wait_reported,
            hold_reported,
            offer: call.offer.into(),
            attempt: call.attempt.into(),
            lapsed: lapsed_text(call),
            flags: flags_text(call),
            moved_at: call.moved_at.0,
            priority: call.priority.into(),
            due_at: call.next_timer().map(|(_, due_at)| due_at.0),
            since: call.spent.since.0,
            talked_ms: call.spent.talked_ms,
            held_ms: call.spent.held_ms,
            passed_on: call.spent.passed_on,
        }
    }
}

impl CallRow<'_> {
    /// The call these columns say, or what they say that no call can be.
    pub(crate) fn into_call(self, id: &str) -> Result<Arc<Call>, StoreError> {
        let corrupt = |why: &str| StoreError::Corrupt {
            table: "calls",
            row: format!("`{id}`"),
            why: why.to_owned(),
        };
        let small = |value: i64| u32::try_from(value).map_err(|_| corrupt("a count below zero"));
        let due = |at: Option<i64>| at.map(Timestamp).ok_or_else(|| corrupt("a timer is missing"));
        let phase = match &*self.status {
            "waiting" => Phase::Waiting {
                due_at: due(self.sla_due_at)?,
                ring: match (self.ring_due_at, &self.agent_id) {
                    (Some(due_at), Some(agent)) => {
                        Some(Ring { agent: agent.as_ref().into(), due_at: Timestamp(due_at) })
                    }
                    (Some(_), None) => return Err(corrupt("a phone rings, but nobody's")),
                    (None, _) => None,
                },
            },
            "active" => Phase::Talking,
            "on_hold" => {
                Phase::OnHold { due_at: due(self.hold_due_at)?, reported: self.hold_reported }
            }
            "ended" => Phase::Ended,
            _ => return Err(corrupt("an unknown status")),
        };
        let agent = self.agent_id.filter(|_| !matches!(phase, Phase::Waiting { .. }));
        Ok(Arc::new(Call {
            kind: match &*self.kind {
                "voice" => Kind::Voice,
                "video" => Kind::Video,
                _ => return Err(corrupt("an unknown type")),
            },
            queue: self.queue_id.into(),
            phase,
            agent: agent.map(Id::from),
            priority: u8::try_from(self.priority).map_err(|_| corrupt("a priority that is not"))?,
            started_at: Timestamp(self.start_time),
            ended_at: self.end_time.map(Timestamp),
            moved_at: Timestamp(self.moved_at),
            version: small(self.version)?,
            offer: small(self.offer)?,
            attempt: small(self.attempt)?,
            lapsed: lapsed(self.lapsed.as_deref())
                .ok_or_else(|| corrupt("lapsed offers that are not"))?,
            wait_reported: self.wait_reported,
            flags: flags(self.flags.as_deref()).ok_or_else(|| corrupt("flags that are not"))?,
            spent: Spent {
                since: Timestamp(self.since),
                talked_ms: self.talked_ms,
                held_ms: self.held_ms,
                passed_on: self.passed_on,
            },
        }))
    }
}

fn flags_text(call: &Call) -> Option<String> {
    let flags = call.flags.iter().map(Flag::from).collect::<Vec<_>>();
    (!flags.is_empty()).then(|| serde_json::to_string(&flags).unwrap_or_default())
}

fn flags(text: Option<&str>) -> Option<Vec<lifecycle::Flag>> {
    let Some(text) = text else { return Some(Vec::new()) };
    let flags = serde_json::from_str::<Vec<Flag>>(text).ok()?;
    flags
        .into_iter()
        .map(|flag| Some(lifecycle::Flag { rule: Rule::named(&flag.rule)?, message: flag.message }))
        .collect()
}

pub(crate) fn lapsed_text(call: &Call) -> Option<String> {
    let text = || serde_json::to_string(&call.lapsed).unwrap_or_default();
    (!call.lapsed.is_empty()).then(text)
}

fn lapsed(text: Option<&str>) -> Option<Vec<Id>> {
    text.map_or_else(|| Some(Vec::new()), |text| serde_json::from_str(text).ok())
}

/// An event as columns.
#[derive(Clone, Debug)]
pub struct EventRow {
    pub(crate) call_no: i64,
    pub(crate) seq: u32,
    pub(crate) kind: String,
    pub(crate) at: i64,
    pub(crate) occurred_at: Option<i64>,
    pub(crate) metadata: Option<String>,
}

impl EventRow {
    /// The event of that call which these columns say, or what they say that no event can be.
    pub(crate) fn into_event(self, call: &str) -> Result<CallEvent, StoreError> {
        let id = event_id(self.call_no, self.seq);
        let corrupt = |why: &str| StoreError::Corrupt {
            table: "call_events",
            row: id.clone(),
            why: why.to_owned(),
        };
        let metadata = self.metadata.map(|text| {
            Metadata::from_text(text).ok_or_else(|| corrupt("metadata that is not JSON"))
        });
        Ok(CallEvent {
            call_id: call.into(),
            kind: EventType::named(&self.kind).ok_or_else(|| corrupt("an unknown type"))?,
            timestamp: Moment(Timestamp(self.at)),
            occurred_at: self.occurred_at.map(|at| Moment(Timestamp(at))),
            seq: self.seq,
            metadata: metadata.transpose()?,
            id,
        })
    }
}

/// The id of an event: unique, and made of its key.
pub fn event_id(call_no: i64, seq: u32) -> String {
    let mut id = String::with_capacity(24);
    let _ = write!(id, "{call_no}-{seq}");
    id
}

/// Refuses what only one of the databases would keep, so that both answer alike: text with a NUL. (The
/// text of a JSON object has none.)
pub(crate) fn storable(changes: &Changes) -> Result<(), StoreError> {
    let texts = changes.calls.iter().flat_map(|call| {
        let of_events = call.events.iter().filter_map(|it| it.key.as_deref());
        let of_alerts = call.alerts.iter().flat_map(|it| [&*it.id, &it.message]);
        let of_call = [&*call.id, &call.call.queue].into_iter().chain(call.call.agent.as_deref());
        of_events.chain(of_alerts).chain(of_call)
    });
    let of_figures = changes.tallies.0.keys().map(|key| &*key.id);
    for text in texts.chain(of_figures) {
        if text.contains('\0') {
            return Err(StoreError::Poison("a text has the character NUL in it".to_owned()));
        }
    }
    Ok(())
}

//! What was decided, in the words of the wire: events, updates, alerts.

use std::sync::Arc;

use bus::News;
use contract::{
    Alert, Call, CallEvent, CallStatus, CallStatusUpdate, EventType, IncomingEvent, Metadata,
    Moment, Reported, happening_metadata, same_payload,
};
use lifecycle::{Happening, Id, Pair, Record, Target, What};

/// What is told of what was recorded. It is put in the words of the wire by who tells it: a lane has
/// no time for that, and shares the event with the answer to whoever sent it.
#[derive(Debug)]
pub(crate) enum Told {
    /// An event, the call after it, and the queue that the call left with it.
    Event { event: Arc<CallEvent>, after: Arc<lifecycle::Call>, left_queue: Option<Id> },
    /// An alert was raised.
    Alert(Box<Alert>),
}

impl Told {
    /// For everybody who listens.
    pub(crate) fn news(self) -> News {
        match self {
            Self::Alert(alert) => News::Alert(alert),
            Self::Event { event, after, left_queue } => News::Call(Box::new(CallStatusUpdate {
                call_id: event.call_id.to_string(),
                status: CallStatus::from(&after.phase),
                event_type: event.kind,
                timestamp: event.timestamp,
                metadata: event.metadata.clone(),
                seq: event.seq,
                position: String::new(),
                left_queue_id: left_queue.map(|queue| queue.to_string()),
                call: Call::new(&event.call_id, &after),
            })),
        }
    }
}

/// The event of an offer made here.
pub(super) fn offered(pair: &Pair) -> IncomingEvent {
    let payload = serde_json::json!({ "agentId": pair.agent, "by": "dispatch" });
    IncomingEvent {
        call_id: pair.call.as_str().into(),
        kind: EventType::CallRouted,
        key: None,
        occurred_at: None,
        reported: Reported::Happening(Happening::Routed { agent: pair.agent.as_str().into() }),
        payload: Metadata::of(&payload),
    }
}

pub(super) fn is_repeat(earlier: &CallEvent, event: &IncomingEvent) -> bool {
    let stored = earlier.metadata_text();
    earlier.kind == event.kind && same_payload(event.kind, stored, event.payload.as_text())
}

pub(super) fn queue_after<'a>(call: &'a lifecycle::Call, happening: &'a Happening) -> &'a str {
    match happening {
        Happening::TransferredBlind { queue: Some(queue), .. }
        | Happening::TransferredAttended { queue: Some(queue), .. }
        | Happening::Reassigned(Target::Queue(queue)) => queue,
        _ => &call.queue,
    }
}

pub(super) fn stored(
    id: &Arc<str>,
    no: i64,
    record: &Record,
    reported: Option<&IncomingEvent>,
) -> CallEvent {
    let kind = reported.map_or(EventType::CallInitiated, |event| event.kind);
    let payload = reported.map(|event| &event.payload);
    CallEvent {
        id: store::event_id(no, record.seq),
        call_id: Arc::clone(id),
        kind: EventType::of(&record.what, kind),
        timestamp: Moment(record.after.moved_at),
        occurred_at: reported.and_then(|event| event.occurred_at).map(Moment),
        seq: record.seq,
        metadata: happening_metadata(payload, record),
    }
}

/// An alert is about one event and shares its id.
pub(super) fn raise(event: &CallEvent, alert: &lifecycle::Alert) -> Alert {
    Alert {
        id: event.id.clone(),
        call_id: event.call_id.to_string(),
        rule: alert.rule.name().to_owned(),
        message: alert.message.clone(),
        raised_at: event.timestamp,
        acknowledged_at: None,
        acknowledged_by: None,
    }
}

pub(super) fn note_lateness(what: &What) {
    let (timer, late_ms) = match what {
        What::Retransfer { late_ms, .. } => ("ring", *late_ms),
        What::SlaBreached { late_ms, .. } => ("sla", *late_ms),
        What::HoldExceeded { late_ms, .. } => ("hold", *late_ms),
        What::Reported { .. } | What::Withdrawn { .. } | What::SurveyRequested => return,
    };
    #[expect(clippy::cast_precision_loss, reason = "a histogram")]
    metrics::histogram!("switchboard_timer_lateness_seconds", "timer" => timer)
        .record(late_ms as f64 / 1_000.0);
}

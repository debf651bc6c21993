//! A call told in payloads: each goes the way of a real one, so that a sample is what is really sent.

use std::sync::Arc;

use contract::{
    Call, CallEvent, CallStatusUpdate, EventType, Incoming, IncomingEvent, Moment, Queue, Reported,
    by_hand, decode, happening_metadata, parse_time,
};
use lifecycle::{Decision, Happening, Policy, Timer, Timestamp, What, advance, open};
use serde_json::{Value, to_value};

/// Whether there is a queue of that name: the first ones are.
pub(crate) fn is_queue(id: &str) -> bool {
    Queue::first().any(|queue| queue.id == id)
}

/// The moment every story begins at.
pub(crate) fn began() -> Timestamp {
    parse_time("2026-11-21T09:30:00Z").expect("it is a time")
}

/// Reads a payload as it is read when the story begins.
pub(crate) fn read(payload: &Value) -> IncomingEvent {
    decode(payload, began(), &is_queue).unwrap_or_else(|issues| panic!("{payload}: {issues:?}"))
}

/// An event of that type for the call of the samples.
pub(crate) fn incoming(event: &str) -> Incoming {
    let call_id = "CA8a2f0c4d6e1b4f7a9c3d5e7f1a2b3c4d5-1".to_owned();
    Incoming { event: event.to_owned(), call_id, ..Incoming::default() }
}

/// One call, and everything that was recorded of it.
pub(crate) struct Story {
    call: Option<Arc<lifecycle::Call>>,
    /// What was recorded, in order.
    pub(crate) events: Vec<CallEvent>,
    /// What was told, in order.
    pub(crate) updates: Vec<CallStatusUpdate>,
}

impl Story {
    /// A story in which nothing has happened.
    pub(crate) fn new() -> Self {
        Self { call: None, events: Vec::new(), updates: Vec::new() }
    }

    /// The call as it stands.
    pub(crate) fn call(&self) -> Call {
        Call::new(&incoming("").call_id, self.call.as_ref().expect("it was opened"))
    }

    /// The last event of that type.
    pub(crate) fn last(&self, kind: EventType) -> &CallEvent {
        self.events.iter().rfind(|event| event.kind == kind).expect("it happened")
    }

    /// A payload comes in, so many seconds into the story.
    pub(crate) fn told(&mut self, second: i64, payload: &Incoming) -> &mut Self {
        self.comes(second, &read(&to_value(payload).expect("it can be written")))
    }

    /// A supervisor does something.
    pub(crate) fn hand(&mut self, second: i64, what: Happening) -> &mut Self {
        let Call { id, queue_id, .. } = self.call();
        let why = ("maria", "her headset is broken");
        self.comes(second, &by_hand(&id, &queue_id, what, why, None))
    }

    fn comes(&mut self, second: i64, event: &IncomingEvent) -> &mut Self {
        let at = began() + second * 1_000;
        let occurred_at = event.occurred_at.unwrap_or(at);
        let decision = match (self.call.take(), event.reported.clone()) {
            (None, Reported::Opening(opening)) => {
                open(opening, at, occurred_at, &Policy::default())
            }
            (Some(call), Reported::Happening(happening)) => {
                advance(call, happening, at, occurred_at, &Policy::default())
                    .expect("it may happen")
            }
            _ => panic!("a call begins once, and first"),
        };
        self.keep(decision, Some(event))
    }

    /// A timer comes due.
    pub(crate) fn due(&mut self, second: i64, timer: Timer) -> &mut Self {
        let call = self.call.take().expect("it was opened");
        let at = began() + second * 1_000;
        let elapsed = Happening::Elapsed(timer);
        let decision = advance(call, elapsed, at, at, &Policy::default()).expect("it may happen");
        self.keep(decision, None)
    }

    fn keep(&mut self, decision: Decision, told: Option<&IncomingEvent>) -> &mut Self {
        for record in &decision.records {
            let is_told = matches!(record.what, What::Reported { .. } | What::Withdrawn { .. });
            let told = told.filter(|_| is_told);
            let kind = told.map_or(EventType::CallInitiated, |told| told.kind);
            let metadata = happening_metadata(told.map(|told| &told.payload), record);
            let call = Call::new(&incoming("").call_id, &record.after);
            let event = CallEvent {
                id: format!("1-{}", record.seq),
                call_id: call.id.as_str().into(),
                kind: EventType::of(&record.what, kind),
                timestamp: Moment(record.after.moved_at),
                occurred_at: told.and_then(|told| told.occurred_at).map(Moment),
                seq: record.seq,
                metadata,
            };
            let before = self.updates.last().map(|update| update.call.queue_id.clone());
            self.updates.push(CallStatusUpdate {
                call_id: call.id.clone(),
                status: call.status,
                event_type: event.kind,
                timestamp: event.timestamp,
                metadata: event.metadata.clone(),
                seq: event.seq,
                position: format!("q3k7.{}", record.seq),
                left_queue_id: before.filter(|before| *before != call.queue_id),
                call,
            });
            self.events.push(event);
        }
        self.call = Some(decision.call);
        self
    }
}

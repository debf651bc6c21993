//! Stored events and the calls they make.

use contract::EventType;
use lifecycle::Timer;

use super::{Sample, incoming::event, sample};
use crate::story::Story;

/// A call that meets everything that can happen to one.
pub(crate) fn eventful() -> Story {
    let mut story = Story::new();
    story
        .told(0, &event("call_initiated"))
        .told(2, &event("call_routed"))
        .due(17, Timer::Ring)
        .told(18, &event("call_routed"))
        .due(30, Timer::Wait)
        .told(31, &event("call_answered"))
        .told(60, &event("call_hold"))
        .due(120, Timer::Hold)
        .told(121, &event("call_resumed"))
        .told(130, &event("call_transferred"))
        .told(135, &event("call_answered"))
        .told(180, &event("call_ended"));
    story
}

pub(crate) fn samples() -> Vec<Sample> {
    let eventful = eventful();
    let mut samples = EventType::ALL
        .into_iter()
        .map(|kind| sample(format!("CallEvent.{}", kind.name()), eventful.last(kind)))
        .collect::<Vec<_>>();

    let mut late = Story::new();
    late.told(0, &event("call_initiated_video"));
    let began = late.last(EventType::CallInitiated);
    samples.push(sample("CallEvent.call_initiated_occurred_at", began));
    samples.push(sample("Call.waiting", &late.call()));
    late.told(1, &event("call_routed"));
    samples.push(sample("Call.ringing", &late.call()));
    late.told(2, &event("call_answered_offer"));
    let answered = late.last(EventType::CallAnswered);
    samples.push(sample("CallEvent.call_answered_wait_exceeded", answered));
    samples.push(sample("Call.active", &late.call()));
    late.told(3, &event("call_hold"));
    samples.push(sample("Call.on_hold", &late.call()));
    late.told(4, &event("call_transferred_attended"));
    let transferred = late.last(EventType::CallTransferred);
    samples.push(sample("CallEvent.call_transferred_attended", transferred));
    late.told(8, &event("call_ended_failed"));
    let ended = late.last(EventType::CallEnded);
    samples.push(sample("CallEvent.call_ended_short_call", ended));
    samples.push(sample("Call.ended", &late.call()));
    samples
}

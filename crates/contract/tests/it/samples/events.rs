//! Stored events and the calls they make.

use contract::EventType;
use lifecycle::{Happening, Target, Timer};

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

/// What supervisors do.
fn by_hand() -> [Sample; 5] {
    let mut story = Story::new();
    let (luis, english) = ("luis".into(), "medical_english".into());
    story
        .told(0, &event("call_initiated"))
        .told(2, &event("call_routed"))
        .hand(5, Happening::Reassigned(Target::Agent(luis)));
    let [.., withdrawn, routed] = &story.events[..] else { panic!("two are recorded") };
    let withdrawn = sample("CallEvent.call_retransfer_by_hand", withdrawn);
    let routed = sample("CallEvent.call_routed_by_hand", routed);
    story.hand(9, Happening::Reassigned(Target::Queue(english)));
    let reassigned = story.last(EventType::CallTransferred);
    let reassigned = sample("CallEvent.call_transferred_by_hand", reassigned);
    story
        .told(15, &event("call_routed"))
        .told(20, &event("call_answered"))
        .hand(25, Happening::Freed { agent: "ana".into() });
    let freed = sample("CallEvent.call_transferred_freed", story.last(EventType::CallTransferred));
    story.hand(30, Happening::Closed);
    let ended = sample("CallEvent.call_ended_by_hand", story.last(EventType::CallEnded));
    [withdrawn, routed, reassigned, freed, ended]
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
    samples.extend(by_hand());
    samples
}

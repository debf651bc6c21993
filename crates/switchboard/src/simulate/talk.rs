//! What happens in a conversation once somebody picked up, and what is reported wrongly.

use std::collections::VecDeque;

use contract::EndReason;

use super::chance::Chance;
use super::script::{Mistake, What};
use super::traffic::{self, guess, ms};

/// A turn in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Hold { held_ms: u64 },
    Resume,
    ResumeByAnswer,
    HandOn { attended: bool },
    End { reason: EndReason },
}

const HOLDS_MAX: usize = 4;
/// Nobody is put on hold in a shorter conversation.
const HELD_FROM_S: f64 = 30.0;

/// The turns of one conversation, each with the milliseconds since the one before it.
pub(super) fn parts(chance: &mut Chance, may_go_on: bool) -> VecDeque<(u64, Part)> {
    let service_s = traffic::service_s(chance);
    let mut holds = 0;
    while HELD_FROM_S < service_s && holds < HOLDS_MAX && chance.happens(guess::HELD) {
        holds += 1;
    }
    let mut parts = VecDeque::with_capacity(2 * holds + 1);
    let mut left_s = service_s;
    for _ in 0..holds {
        let talk_s = left_s * chance.between(0.2, 0.7);
        left_s -= talk_s;
        let held_ms = ms(traffic::hold_s(chance));
        parts.push_back((ms(talk_s), Part::Hold { held_ms }));
        if chance.happens(guess::HUNG_UP_ON_HOLD) {
            parts.push_back((held_ms * 3 / 4, Part::End { reason: EndReason::Abandoned }));
            return parts;
        }
        parts.push_back((held_ms, resume(chance)));
    }
    let last = if may_go_on && chance.happens(guess::TRANSFERRED) {
        hand_on(chance, ms(left_s), &mut parts)
    } else {
        (ms(left_s), Part::End { reason: ending(chance) })
    };
    parts.push_back(last);
    parts
}

fn ending(chance: &mut Chance) -> EndReason {
    if chance.happens(guess::FAILED) { EndReason::Failed } else { EndReason::Completed }
}

fn resume(chance: &mut Chance) -> Part {
    if chance.happens(guess::RESUMED_BY_ANSWER) { Part::ResumeByAnswer } else { Part::Resume }
}

/// Where the second agent is asked first, the caller is still on hold when handed over.
fn hand_on(chance: &mut Chance, talk_ms: u64, parts: &mut VecDeque<(u64, Part)>) -> (u64, Part) {
    let attended = chance.happens(guess::ATTENDED);
    let resumed = matches!(parts.back(), Some((_, Part::Resume | Part::ResumeByAnswer)));
    let held = parts.pop_back_if(|_| attended && resumed);
    (held.map_or(talk_ms, |(held_ms, _)| held_ms), Part::HandOn { attended })
}

/// Something about a call that is over: the rules refuse all of it.
pub(super) fn too_late(chance: &mut Chance) -> What {
    match chance.one_of(4) {
        0 => What::Answered { waited_ms: 4_000, offer: None },
        1 => What::Held { held_ms: 20_000 },
        2 => What::Routed { agent: 0, routing_ms: 800 },
        _ => What::Resumed,
    }
}

/// One of the ways in which a report cannot be read.
pub(super) fn mistake(chance: &mut Chance) -> Mistake {
    Mistake::ALL[chance.one_of(Mistake::ALL.len())]
}

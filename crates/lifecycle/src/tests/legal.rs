//! What a legal history is, said a second time and in other words than the rules use.

use super::story::policy;
use crate::{Call, EndReason, Happening, Record, Rule, Target, Timer, Timestamp, What};

/// One record with what was told when it was made, and whether its flag went out as an alert.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// What the client told; nothing for the opening.
    pub(super) told: Option<Happening>,
    pub(super) record: Record,
    pub(super) alerted: bool,
}

/// The promises that run, and which of them were reported.
#[derive(Default)]
struct Promises {
    wait_due_at: Timestamp,
    ring_due_at: Timestamp,
    hold_due_at: Timestamp,
    wait_reported: bool,
    hold_reported: bool,
}

/// Fails where `history` is not one that a call may have.
pub(super) fn judge(history: &[Entry]) {
    let mut promises = Promises::default();
    let mut before: Option<&Entry> = None;
    for (index, entry) in history.iter().enumerate() {
        let now = &entry.record.after;
        assert_eq!(entry.record.seq as usize, index + 1, "seq counts 1, 2, 3 ...");
        assert_eq!(now.version, entry.record.seq, "the version is the last seq");

        let last = before.map(|before| &*before.record.after);
        assert!(last.is_none_or(|last| last.moved_at <= now.moved_at), "time runs backwards");
        let from = last.map_or("no such call", |last| last.phase.status());
        let (name, to) = (name(entry), now.phase.status());
        assert!(leads(from, name) == Some(to), "`{name}` led from {from} to {to}");

        judge_lateness(entry, name, from, &promises);
        judge_flags(entry, last, &mut promises);
        promises.make(entry, name);
        judge_timers(now, &promises);
        judge_offer(entry, last);
        before = Some(entry);
    }
    judge_survey(history);
}

/// Where an event leads, by the words of the wire.
fn leads(from: &str, name: &str) -> Option<&'static str> {
    match (from, name) {
        ("no such call", "call_initiated")
        | (
            "waiting",
            "call_routed" | "call_retransfer" | "withdrawn" | "reassigned" | "sla_breached",
        )
        | ("active" | "on_hold", "call_transferred blind") => Some("waiting"),
        ("waiting" | "on_hold", "call_answered")
        | ("on_hold", "call_resumed")
        | ("active" | "on_hold", "call_transferred attended") => Some("active"),
        ("active", "call_hold") | ("on_hold", "hold_exceeded") => Some("on_hold"),
        ("waiting" | "active" | "on_hold", "call_ended") | ("ended", "survey_requested") => {
            Some("ended")
        }
        _ => None,
    }
}

fn name(entry: &Entry) -> &'static str {
    match (&entry.record.what, &entry.told) {
        (What::Retransfer { .. }, _) => "call_retransfer",
        (What::Withdrawn { .. }, _) => "withdrawn",
        (What::SlaBreached { .. }, _) => "sla_breached",
        (What::HoldExceeded { .. }, _) => "hold_exceeded",
        (What::SurveyRequested, _) => "survey_requested",
        (What::Reported { .. }, None) => "call_initiated",
        (
            What::Reported { .. },
            Some(Happening::TransferredBlind { .. } | Happening::Freed { .. }),
        ) => "call_transferred blind",
        (What::Reported { .. }, Some(Happening::Reassigned(Target::Agent(_)))) => "call_routed",
        (What::Reported { .. }, Some(Happening::Reassigned(Target::Queue(_)))) => "reassigned",
        (What::Reported { .. }, Some(Happening::Closed)) => "call_ended",
        (What::Reported { .. }, Some(Happening::TransferredAttended { .. })) => {
            "call_transferred attended"
        }
        (What::Reported { .. }, Some(told)) => told.name(),
    }
}

/// A timer's event says truly when it was due, and nothing ends an overdue promise unreported.
fn judge_lateness(entry: &Entry, name: &str, from: &str, promises: &Promises) {
    let at = entry.record.after.moved_at;
    let timed = match entry.record.what {
        What::Retransfer { due_at, late_ms, .. } => Some((due_at, late_ms, promises.ring_due_at)),
        What::SlaBreached { due_at, late_ms } => Some((due_at, late_ms, promises.wait_due_at)),
        What::HoldExceeded { due_at, late_ms } => Some((due_at, late_ms, promises.hold_due_at)),
        What::Reported { .. } | What::Withdrawn { .. } | What::SurveyRequested => None,
    };
    if let Some((due_at, late_ms, promised_at)) = timed {
        assert_eq!(due_at, promised_at, "`{name}` is about another promise");
        assert_eq!(due_at + late_ms, at, "`{name}` is wrong about its lateness");
        assert!(late_ms >= 0, "`{name}` came early");
    }
    let leaves = entry.record.after.phase.status() != from;
    if from == "waiting" && leaves && promises.wait_due_at < at {
        assert!(promises.wait_reported, "`{name}` hides a broken promise to answer");
    }
    if from == "on_hold" && leaves && promises.hold_due_at < at {
        assert!(promises.hold_reported, "`{name}` hides a hold that was too long");
    }
}

/// The flags are those the numbers ask for, the call keeps them all, and one breach alerts once.
fn judge_flags(entry: &Entry, last: Option<&Call>, promises: &mut Promises) {
    let now = &entry.record.after;
    let policy = policy(&now.queue);
    let told = entry.told.as_ref().filter(|_| matches!(entry.record.what, What::Reported { .. }));
    let expected = match (&entry.record.what, told) {
        (What::SlaBreached { .. }, _) => Some((Rule::SlaBreached, !promises.wait_reported)),
        (What::HoldExceeded { .. }, _) => Some((Rule::HoldExceeded, !promises.hold_reported)),
        (What::Retransfer { attempt, .. }, _) if *attempt == policy.reroutes_max + 1 => {
            Some((Rule::NoAgent, true))
        }
        (_, Some(Happening::Answered { waited_s, .. }))
            if exceeds(*waited_s, policy.wait_ms_max) =>
        {
            Some((Rule::WaitExceeded, !promises.wait_reported))
        }
        (_, Some(Happening::Held { held_s })) if exceeds(*held_s, policy.hold_ms_max) => {
            Some((Rule::HoldExceeded, true))
        }
        (_, Some(Happening::Ended { lasted_s, .. }))
            if !exceeds(*lasted_s, policy.short_call_ms - 1) =>
        {
            Some((Rule::ShortCall, false))
        }
        _ => None,
    };
    let flags: Vec<_> = entry.record.flags.iter().map(|flag| flag.rule).collect();
    assert_eq!(flags, expected.map(|(rule, _)| rule).into_iter().collect::<Vec<_>>());
    assert_eq!(entry.alerted, expected.is_some_and(|(_, alerts)| alerts), "one breach, one alert");

    let kept = last.map(|last| last.flags.as_slice()).unwrap_or_default();
    assert_eq!(now.flags, [kept, &entry.record.flags].concat(), "a call keeps its flags");

    match entry.record.what {
        What::SlaBreached { .. } => {
            assert!(!promises.wait_reported, "a wait is reported twice");
            promises.wait_reported = true;
        }
        What::HoldExceeded { .. } => {
            assert!(!promises.hold_reported, "a hold is reported twice");
            promises.hold_reported = true;
        }
        _ => promises.wait_reported |= flags.contains(&Rule::WaitExceeded),
    }
}

/// What is told is in whole milliseconds here, so that this needs no arithmetic of the rules.
#[expect(clippy::cast_possible_truncation, reason = "what is told here is far below 2^52 ms")]
fn exceeds(told_s: f64, ms: i64) -> bool {
    (told_s * 1_000.0).round() as i64 > ms
}

impl Promises {
    /// The promises that begin with this entry.
    fn make(&mut self, entry: &Entry, name: &str) {
        let (call, at) = (&entry.record.after, entry.record.after.moved_at);
        let promised = policy(&call.queue);
        if matches!(name, "call_initiated" | "call_transferred blind") {
            self.wait_due_at = at + promised.wait_ms_max;
            self.wait_reported = false;
        }
        if matches!(entry.record.what, What::Reported { offer: Some(_) }) {
            self.ring_due_at = at + promised.ring_ms_max;
        }
        if name == "call_hold" {
            self.hold_due_at = at + promised.hold_ms_max;
            self.hold_reported = !entry.record.flags.is_empty();
        }
    }
}

/// A timer is armed where, and only where, a promise runs that was not reported yet.
fn judge_timers(call: &Call, promises: &Promises) {
    let status = call.phase.status();
    let rings = status == "waiting" && call.named_agent().is_some();
    let expected = [
        (rings, Timer::Ring, promises.ring_due_at),
        (status == "waiting" && !promises.wait_reported, Timer::Wait, promises.wait_due_at),
        (status == "on_hold" && !promises.hold_reported, Timer::Hold, promises.hold_due_at),
    ];
    let expected = expected.into_iter().filter(|(armed, ..)| *armed);
    let armed: Vec<_> = call.timers().collect();
    let expected: Vec<_> = expected.map(|(_, timer, due_at)| (timer, due_at)).collect();
    assert_eq!(armed, expected, "the timers of a call that is {status}");
}

/// Offers are numbered 1, 2, 3 ..., and unanswered ones in a row are counted.
fn judge_offer(entry: &Entry, last: Option<&Call>) {
    let now = &entry.record.after;
    let unanswered = match now.phase.status() {
        "waiting" => true,
        status => status == "ended" && now.agent.is_none(),
    };
    assert!(now.lapsed.is_empty() || unanswered, "who was asked before somebody answered");
    if let Some(rang) = last.and_then(Call::named_agent).filter(|_| now.ended_at.is_some()) {
        assert_eq!(
            now.lapsed.iter().any(|it| it == rang),
            now.agent.is_none(),
            "its end ends an offer"
        );
    }
    if name(entry) == "call_transferred blind" && now.phase.status() == "waiting" {
        assert_eq!((now.attempt, &now.agent), (0, &None), "a new stretch of waiting begins afresh");
        assert_eq!(now.lapsed, [], "and whoever was asked before may answer");
    }
    if matches!(
        (&entry.told, &entry.record.what),
        (Some(Happening::Reassigned(_)), What::Reported { .. })
    ) {
        assert_eq!(now.attempt, 0, "who was reassigned has every chance again");
        let promised = |call: &Call| call.timers().find(|(timer, _)| *timer == Timer::Wait);
        assert_eq!(last.and_then(promised), promised(now), "the promise to the caller runs on");
    }
    let (offers, attempts) = last.map_or((0, 0), |last| (last.offer, last.attempt));
    match &entry.record.what {
        What::Reported { offer: Some(offer) } => {
            assert_eq!((*offer, now.offer), (offers + 1, offers + 1), "offers are numbered");
            assert!(now.named_agent().is_some(), "an offer rings a phone");
        }
        What::Retransfer { agent, attempt, .. } => {
            let rang = last.and_then(Call::named_agent);
            assert_eq!(Some(agent), rang, "who did not answer is whose phone rang");
            assert_eq!((*attempt, now.attempt), (attempts + 1, attempts + 1));
            assert_eq!(now.named_agent(), None, "the phone rings no longer");
        }
        What::Withdrawn { agent, .. } => {
            let rang = last.and_then(Call::named_agent);
            assert_eq!(Some(agent), rang, "a phone is silenced that rings");
            assert_eq!((now.attempt, now.named_agent()), (attempts, None), "that is no miss");
            assert!(now.lapsed.contains(agent), "a late answer is known for one");
        }
        _ => assert_eq!(now.offer, offers, "an offer nobody recorded"),
    }
}

/// A survey follows at once on each end that is completed and not short, and on nothing else.
fn judge_survey(history: &[Entry]) {
    let asked = history.iter().filter(|entry| entry.record.what == What::SurveyRequested).count();
    let expected = history.iter().filter(|entry| {
        let completed =
            matches!(entry.told, Some(Happening::Ended { reason: EndReason::Completed, .. }));
        let ends = matches!(entry.record.what, What::Reported { .. });
        completed && ends && entry.record.flags.is_empty()
    });
    assert_eq!(asked, expected.count(), "who is asked how it went");
}

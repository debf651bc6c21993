//! What holds whatever is reported, in whatever order and however often.
//!
//! How an order is cut into batches cannot matter here: the rules take one happening at a time and
//! remember nothing but the call. Where batches are made, in the engine, `batches` looks at it. What can
//! matter here is what the rules leave behind, and that is told below.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::num::f64::{POSITIVE, SUBNORMAL, ZERO};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::legal::{Entry, judge};
use super::story::policy;
use crate::{
    Call, Decision, EndReason, Fact, Happening, Id, Kind, Opening, Refusal, Target, Timer,
    Timestamp, What, advance, open,
};

/// One thing told to the rules, and when.
#[derive(Clone, Debug)]
pub(super) struct Input {
    at: Timestamp,
    told: Happening,
}

proptest! {
    #[test]
    fn any_order_of_any_inputs_makes_a_legal_history(inputs in inputs(any_happening())) {
        judge(&lived(&inputs).history);
    }

    #[test]
    fn the_same_inputs_lead_to_the_same_decisions(inputs in inputs(any_happening())) {
        let (one, other) = (lived(&inputs), lived(&inputs));
        prop_assert_eq!(one.said, other.said);
        prop_assert_eq!(one.call, other.call);
    }

    #[test]
    fn what_was_refused_or_changed_nothing_might_as_well_not_have_come(
        inputs in inputs(any_happening()),
    ) {
        let all = lived(&inputs);
        let mattered = |(_, said): &(&Input, &Result<Decision, Refusal>)| {
            said.as_ref().is_ok_and(|decision| !decision.records.is_empty())
        };
        let kept: Vec<_> = inputs.iter().zip(&all.said).filter(mattered).collect();
        let (kept, decisions): (Vec<_>, Vec<_>) =
            kept.into_iter().map(|(input, said)| (input.clone(), said.clone())).unzip();

        let again = lived(&kept);
        prop_assert_eq!(again.call, all.call);
        prop_assert_eq!(again.said, decisions);
    }

    #[test]
    fn only_a_timer_is_accepted_without_a_record(inputs in inputs(any_happening())) {
        let lived = lived(&inputs);
        let mut before = opened().call;
        for (input, said) in inputs.iter().zip(lived.said) {
            let Ok(decision) = said else { continue };
            if decision.records.is_empty() {
                prop_assert!(matches!(input.told, Happening::Elapsed(_)), "{:?}", input);
                prop_assert_eq!(&decision.call, &before);
                prop_assert!(decision.alerts.is_empty());
            }
            before = decision.call;
        }
    }

    #[test]
    fn a_timer_that_comes_due_makes_one_record_and_is_gone(inputs in inputs(any_happening())) {
        let mut call = lived(&inputs).call;
        let armed = call.timers().count();
        for _ in 0..armed {
            let (timer, due_at) = call.next_timer().expect("a timer less than was armed");
            let decision = fired(call, timer, due_at);
            prop_assert_eq!(decision.records.len(), 1);
            let again = fired(decision.call.clone(), timer, due_at);
            prop_assert_eq!(&again.call, &decision.call);
            call = decision.call;
        }
        prop_assert_eq!(call.next_timer(), None);
    }

    #[test]
    fn noticing_late_changes_when_a_broken_promise_is_recorded_but_not_whether(
        inputs in inputs(happening_that_names_nobody()),
    ) {
        let inputs = by_a_good_clock(inputs);
        let (prompt, late) = (lived(&with_timers(&inputs)), lived(&inputs));
        prop_assert_eq!(broken(&settled(prompt)), broken(&settled(late)));
    }

    #[test]
    fn a_bound_is_strict_for_every_number(told_s in POSITIVE | SUBNORMAL | ZERO) {
        let flagged = |told: Vec<Happening>| {
            let input = |told| Input { at: Timestamp(1_000_001), told };
            let inputs: Vec<_> = told.into_iter().map(input).collect();
            !lived(&inputs).call.flags.is_empty()
        };
        let answered = |waited_s| Happening::Answered { waited_s, agent: None, offer: None };
        let ended = Happening::Ended { reason: EndReason::Failed, lasted_s: told_s };
        prop_assert_eq!(flagged(vec![answered(told_s)]), told_s > 30.0);
        prop_assert_eq!(
            flagged(vec![answered(0.0), Happening::Held { held_s: told_s }]),
            told_s > 60.0
        );
        prop_assert_eq!(flagged(vec![ended]), told_s < 10.0);
    }

    #[test]
    fn no_moment_is_too_far_away(told in vec((any_happening(), any::<i64>()), 0..20)) {
        let input = |(told, at)| Input { at: Timestamp(at), told };
        lived(&told.into_iter().map(input).collect::<Vec<_>>());
    }
}

/// Inputs of every kind, for properties that are told elsewhere.
pub(super) fn inputs_of_any_kind() -> impl Strategy<Value = Vec<Input>> {
    inputs(any_happening())
}

/// How a call stands after the inputs, and what counted.
pub(super) fn life(inputs: &[Input]) -> (Arc<Call>, Vec<Fact>) {
    let lived = lived(inputs);
    let facts = opened().facts.into_iter();
    let said = lived.said.into_iter().flatten();
    (lived.call, facts.chain(said.flat_map(|decision| decision.facts)).collect())
}

/// What became of a call: how it stands, what was said to each input, and its history.
struct Lived {
    call: Arc<Call>,
    said: Vec<Result<Decision, Refusal>>,
    history: Vec<Entry>,
}

impl Lived {
    fn take(&mut self, input: &Input) {
        let said = told(&self.call, input);
        if let Ok(decision) = &said {
            self.call = decision.call.clone();
            self.history.extend(entries(Some(&input.told), decision));
        }
        self.said.push(said);
    }
}

fn lived(inputs: &[Input]) -> Lived {
    let opened = opened();
    let history = entries(None, &opened);
    let mut lived = Lived { call: opened.call, said: Vec::new(), history };
    for input in inputs {
        lived.take(input);
    }
    lived
}

fn opened() -> Decision {
    let opening = Opening { kind: Kind::Video, queue: "medical".into(), priority: 0 };
    open(opening, Timestamp(1_000_000), Timestamp(999_000), &policy("medical"))
}

fn told(call: &Arc<Call>, input: &Input) -> Result<Decision, Refusal> {
    let queue = match &input.told {
        Happening::TransferredBlind { queue: Some(queue), .. }
        | Happening::TransferredAttended { queue: Some(queue), .. }
        | Happening::Reassigned(Target::Queue(queue)) => queue,
        _ => &call.queue,
    };
    advance(Arc::clone(call), input.told.clone(), input.at, input.at, &policy(queue))
}

fn fired(call: Arc<Call>, timer: Timer, at: Timestamp) -> Decision {
    let promises = policy(&call.queue);
    advance(call, Happening::Elapsed(timer), at, at, &promises).expect("a timer is never refused")
}

/// The entries of a decision. Each of its alerts belongs to a flag it raised.
fn entries(told: Option<&Happening>, decision: &Decision) -> Vec<Entry> {
    let mut alerts = decision.alerts.clone();
    let entry = |record: &crate::Record| {
        let alerted = alerts.iter().position(|alert| record.flags.contains(alert));
        alerted.map(|alerted| alerts.remove(alerted));
        Entry { told: told.cloned(), record: record.clone(), alerted: alerted.is_some() }
    };
    let entries = decision.records.iter().map(entry).collect();
    assert!(alerts.is_empty(), "an alert about nothing that was flagged: {alerts:?}");
    entries
}

/// The same inputs, at moments that never run backwards.
fn by_a_good_clock(mut inputs: Vec<Input>) -> Vec<Input> {
    let mut now = Timestamp(0);
    for input in &mut inputs {
        now = now.max(input.at);
        input.at = now;
    }
    inputs
}

/// The same inputs, with every timer fired as soon as it is overdue.
fn with_timers(inputs: &[Input]) -> Vec<Input> {
    let mut lived = lived(&[]);
    let mut prompt = Vec::new();
    for input in inputs {
        // Once for each timer there is: one that stays armed after it fired would go on for ever.
        for _ in 0..3 {
            let overdue = lived.call.next_timer().filter(|(_, due_at)| *due_at < input.at);
            let Some((timer, due_at)) = overdue else { break };
            let fired = Input { at: due_at, told: Happening::Elapsed(timer) };
            lived.take(&fired);
            prompt.push(fired);
        }
        lived.take(input);
        prompt.push(input.clone());
    }
    prompt
}

/// The same call a day later, when every timer has fired.
fn settled(mut lived: Lived) -> Lived {
    let at = lived.call.moved_at + 86_400_000;
    for timer in [Timer::Ring, Timer::Wait, Timer::Hold] {
        lived.take(&Input { at, told: Happening::Elapsed(timer) });
    }
    lived
}

/// How often each promise was recorded as broken, and what was alerted.
fn broken(lived: &Lived) -> (usize, usize, usize, usize) {
    // How often a phone rang out is another matter: a ring noticed late may have been replaced.
    let told = |entry: &&Entry| !matches!(entry.record.what, What::Retransfer { .. });
    let counted = |is: fn(&Entry) -> bool| {
        lived.history.iter().filter(told).filter(|entry| is(entry)).count()
    };
    (
        counted(|entry| matches!(entry.record.what, What::SlaBreached { .. })),
        counted(|entry| matches!(entry.record.what, What::HoldExceeded { .. })),
        counted(|entry| !entry.record.flags.is_empty()),
        counted(|entry| entry.alerted),
    )
}

/// Up to sixty inputs drawn from a few, so that many come twice; now and then the clock is wrong.
fn inputs(happening: impl Strategy<Value = Happening>) -> impl Strategy<Value = Vec<Input>> {
    let steps = prop_oneof![
        6 => select(vec![0, 1, 4_999, 9_000, 15_000, 15_001, 30_000, 30_001, 60_000, 60_001]),
        2 => 0_i64..200_000,
        1 => select(vec![-1, -30_000, -600_000]),
    ];
    (vec(happening, 1..12), vec((any::<Index>(), steps), 0..60)).prop_map(|(pool, picks)| {
        let mut at = Timestamp(1_000_000);
        let input = |(pick, step): (Index, i64)| {
            at = at + step;
            Input { at, told: pick.get(&pool).clone() }
        };
        picks.into_iter().map(input).collect()
    })
}

fn any_happening() -> impl Strategy<Value = Happening> {
    let freed = agents().prop_map(|agent| Happening::Freed { agent });
    let named_answer = (spans(), option::of(agents()), option::of(1_u32..5))
        .prop_map(|(waited_s, agent, offer)| Happening::Answered { waited_s, agent, offer });
    prop_oneof![
        5 => happening_that_names_nobody(),
        1 => named_answer,
        1 => freed,
        2 => select(vec![Timer::Ring, Timer::Wait, Timer::Hold]).prop_map(Happening::Elapsed),
    ]
}

/// What may be told without knowing whose phone rings.
fn happening_that_names_nobody() -> impl Strategy<Value = Happening> {
    let answered = |waited_s| Happening::Answered { waited_s, agent: None, offer: None };
    let blind = |(queue, agent)| Happening::TransferredBlind { queue, agent };
    let attended = |(queue, agent)| Happening::TransferredAttended { queue, agent };
    let ended = |(reason, lasted_s)| Happening::Ended { reason, lasted_s };
    let reasons = select(vec![EndReason::Completed, EndReason::Abandoned, EndReason::Failed]);
    prop_oneof![
        4 => agents().prop_map(|agent| Happening::Routed { agent }),
        4 => spans().prop_map(answered),
        4 => spans().prop_map(|held_s| Happening::Held { held_s }),
        2 => Just(Happening::Resumed),
        2 => (option::of(queues()), option::of(agents())).prop_map(blind),
        1 => (option::of(queues()), option::of(agents())).prop_map(attended),
        1 => (reasons, spans()).prop_map(ended),
        1 => agents().prop_map(Target::Agent).prop_map(Happening::Reassigned),
        1 => queues().prop_map(Target::Queue).prop_map(Happening::Reassigned),
        1 => Just(Happening::Closed),
    ]
}

fn agents() -> impl Strategy<Value = Id> {
    select(vec!["ana", "luis"]).prop_map(Id::from)
}

fn queues() -> impl Strategy<Value = Id> {
    select(vec!["medical", "vip", "odd"]).prop_map(Id::from)
}

/// Spans in seconds, to the millisecond, most of them near a bound.
fn spans() -> impl Strategy<Value = f64> {
    prop_oneof![
        3 => select(vec![0.0, 9.0, 9.999, 10.0, 16.1, 16.101, 29.5, 30.0, 30.001, 31.0, 60.0, 61.0]),
        1 => (0_u32..200_000).prop_map(|ms| f64::from(ms) / 1_000.0),
    ]
}

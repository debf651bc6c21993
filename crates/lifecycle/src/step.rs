//! The verbs of the rules: what each line of the table does to a call.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use crate::{
    Call, Counted, Decision, EndReason, Fact, Flag, Happening, Id, Phase, Policy, Record, Ring,
    Rule, Timer, Timestamp, What,
};

/// So far ahead of ours a clock may be: clocks differ, and some tell whole seconds.
const AHEAD_MS_MAX: i64 = 5_000;

/// A decision in the making. Each method is one verb of the rules.
pub(crate) struct Step {
    pub(crate) call: Draft,
    at: Timestamp,
    pub(crate) occurred_at: Timestamp,
    pub(crate) facts: Vec<Fact>,
    records: Vec<Record>,
    alerts: Vec<Flag>,
}

/// A call that may change: as it was given or recorded, until something of it is written.
pub(crate) struct Draft(Arc<Call>);

impl Deref for Draft {
    type Target = Call;

    fn deref(&self) -> &Call {
        &self.0
    }
}

impl DerefMut for Draft {
    fn deref_mut(&mut self) -> &mut Call {
        Arc::make_mut(&mut self.0)
    }
}

impl Step {
    pub(crate) fn new(call: Arc<Call>, at: Timestamp, occurred_at: Timestamp) -> Self {
        let (call, records) = (Draft(call), Vec::with_capacity(1));
        Self { call, at, occurred_at, facts: Vec::new(), records, alerts: Vec::new() }
    }

    pub(crate) fn decided(self) -> Decision {
        let Self { call, records, alerts, facts, .. } = self;
        Decision { call: call.0, records, alerts, facts }
    }

    pub(crate) fn becomes(mut self, phase: Phase) -> Self {
        self.call.phase = phase;
        self
    }

    pub(crate) fn record(mut self, what: What, flag: Option<Flag>) -> Self {
        self.call.version += 1;
        self.call.moved_at = self.at;
        let flags = flag.into_iter().chain(self.ahead(&what)).collect::<Vec<_>>();
        self.call.flags.extend(flags.iter().cloned());
        let after = Arc::clone(&self.call.0);
        self.records.push(Record { what, seq: after.version, flags, after });
        self
    }

    /// What happened is told to happen later than now: said once for each call. No wait, talk or hold
    /// is computed below zero by it, but the figures of the call are not to be trusted.
    fn ahead(&self, what: &What) -> Option<Flag> {
        let ahead_ms = self.occurred_at - self.at;
        if ahead_ms <= AHEAD_MS_MAX || !matches!(what, What::Reported { .. }) {
            return None;
        }
        let is_known = self.call.flags.iter().any(|flag| flag.rule == Rule::ClockAhead);
        (!is_known).then(|| Flag {
            rule: Rule::ClockAhead,
            message: format!(
                "`occurredAt` is {} s ahead of the server's clock; see to the clock of its source",
                seconds(ahead_ms)
            ),
        })
    }

    pub(crate) fn record_offer(self) -> Self {
        let offer = matches!(self.call.phase, Phase::Waiting { ring: Some(_), .. })
            .then_some(self.call.offer);
        self.record(What::Reported { offer }, None)
    }

    fn alert(mut self, alert: Option<Flag>) -> Self {
        self.alerts.extend(alert);
        self
    }

    /// A timer came due: the phase says whether it still means anything.
    pub(crate) fn elapsed(self, timer: Timer, policy: &Policy) -> Self {
        let Some(due_at) = self.due_at(timer).filter(|due_at| *due_at <= self.at) else {
            return self;
        };
        match timer {
            Timer::Ring => self.ring_out(due_at, policy),
            Timer::Wait => self.breach(due_at),
            Timer::Hold => self.hold_too_long(due_at),
        }
    }

    /// Records the promise that had already run out before this happening would end it.
    pub(crate) fn settle(self, happening: &Happening, policy: &Policy) -> Self {
        let promise = match (&self.call.phase, happening) {
            // Neither an offer nor its withdrawal ends a wait.
            (
                Phase::Waiting { .. },
                Happening::Routed { .. } | Happening::Reassigned(_) | Happening::Freed { .. },
            )
            | (Phase::Talking | Phase::Ended, _) => return self,
            (Phase::Waiting { .. }, _) => Timer::Wait,
            (Phase::OnHold { .. }, _) => Timer::Hold,
        };
        // A bound is strict: what comes at the very moment still keeps the promise.
        match self.due_at(promise) {
            Some(due_at) if due_at < self.at => self.elapsed(promise, policy),
            _ => self,
        }
    }

    fn due_at(&self, timer: Timer) -> Option<Timestamp> {
        self.call.timers().find(|(armed, _)| *armed == timer).map(|(_, due_at)| due_at)
    }

    pub(crate) fn ring(mut self, agent: Id, due_at: Timestamp, policy: &Policy) -> Self {
        self.call.lapse();
        self.call.offer += 1;
        self.counts_phone(&agent, Counted::Rang);
        let ring = Ring { agent, due_at: self.at + policy.ring_ms_max };
        self.becomes(Phase::Waiting { due_at, ring: Some(ring) })
    }

    fn ring_out(mut self, ring_due_at: Timestamp, policy: &Policy) -> Self {
        let Phase::Waiting { due_at, ring: Some(ring) } = self.call.phase.clone() else {
            return self;
        };
        self.call.attempt += 1;
        self.call.lapse();
        self.counts_phone(&ring.agent, Counted::Missed);
        let what = What::Retransfer {
            agent: ring.agent,
            attempt: self.call.attempt,
            due_at: ring_due_at,
            late_ms: self.at - ring_due_at,
        };
        let alert = (self.call.attempt == policy.reroutes_max.saturating_add(1)).then(|| Flag {
            rule: Rule::NoAgent,
            message: format!(
                "{}; only an agent who becomes free from now on is asked, unless a supervisor \
                 reassigns the call or it is routed from outside",
                self.call.unanswered()
            ),
        });
        let step = self.becomes(Phase::Waiting { due_at, ring: None });
        step.record(what, alert.clone()).alert(alert)
    }

    fn breach(mut self, due_at: Timestamp) -> Self {
        self.call.wait_reported = true;
        let late_ms = self.at - due_at;
        let flag = Flag {
            rule: Rule::SlaBreached,
            message: "nobody answered within the promised time".to_owned(),
        };
        self.record(What::SlaBreached { due_at, late_ms }, Some(flag.clone())).alert(Some(flag))
    }

    fn hold_too_long(self, due_at: Timestamp) -> Self {
        let late_ms = self.at - due_at;
        let flag = Flag {
            rule: Rule::HoldExceeded,
            message: "the caller is on hold for longer than promised".to_owned(),
        };
        self.becomes(Phase::OnHold { due_at, reported: true })
            .record(What::HoldExceeded { due_at, late_ms }, Some(flag.clone()))
            .alert(Some(flag))
    }

    pub(crate) fn answer(mut self, waited_s: f64, agent: Option<Id>, policy: &Policy) -> Self {
        let named = self.call.named_agent().cloned();
        self.call.agent = agent.or(named);
        let flag = too_long(waited_s, policy.wait_ms_max).then(|| Flag {
            rule: Rule::WaitExceeded,
            message: format!(
                "the caller waited {waited_s} s; {} s were promised",
                seconds(policy.wait_ms_max)
            ),
        });
        let alert = flag.clone().filter(|_| !self.call.wait_reported);
        self.call.wait_reported |= flag.is_some();
        self.call.lapsed.clear();
        self.counts_answer()
            .becomes(Phase::Talking)
            .record(What::Reported { offer: None }, flag)
            .alert(alert)
    }

    pub(crate) fn hold(self, held_s: f64, policy: &Policy) -> Self {
        let flag = too_long(held_s, policy.hold_ms_max).then(|| Flag {
            rule: Rule::HoldExceeded,
            message: format!(
                "a hold of {held_s} s; {} s were promised",
                seconds(policy.hold_ms_max)
            ),
        });
        let due_at = self.at + policy.hold_ms_max;
        self.counts_stretch()
            .becomes(Phase::OnHold { due_at, reported: flag.is_some() })
            .record(What::Reported { offer: None }, flag.clone())
            .alert(flag)
    }

    pub(crate) fn wait_again(self, queue: Option<Id>, agent: Option<Id>, policy: &Policy) -> Self {
        let mut step = self.counts_transfer(None);
        if let Some(queue) = queue {
            step.call.queue = queue;
        }
        step.call.agent = None;
        step.call.attempt = 0;
        step.call.lapsed.clear();
        step.call.wait_reported = false;
        let due_at = step.at + policy.wait_ms_max;
        let step = step.counts_wait();
        match agent {
            Some(agent) => step.ring(agent, due_at, policy),
            None => step.becomes(Phase::Waiting { due_at, ring: None }),
        }
        .record_offer()
    }

    /// The phone that rings, if one does, rings no longer; the promise to the caller runs on.
    /// `waits`: the call goes back to waiting.
    pub(crate) fn withdraw(mut self, waits: bool) -> Self {
        let Phase::Waiting { due_at, ring: Some(ring) } = self.call.phase.clone() else {
            return self;
        };
        self.call.lapse();
        self.becomes(Phase::Waiting { due_at, ring: None })
            .record(What::Withdrawn { agent: ring.agent, waits }, None)
    }

    /// Offers that nobody answered are counted anew, so that a call that was given up has its
    /// chances again.
    pub(crate) fn counted_anew(mut self) -> Self {
        self.call.attempt = 0;
        self
    }

    pub(crate) fn joins(mut self, queue: Id) -> Self {
        self.call.queue = queue;
        self.record(What::Reported { offer: None }, None)
    }

    pub(crate) fn hand_over(self, queue: Option<Id>, agent: Option<Id>) -> Self {
        let next = agent.or_else(|| self.call.agent.clone());
        let mut step = self.counts_transfer(next.as_deref());
        if let Some(queue) = queue {
            step.call.queue = queue;
        }
        step.call.agent = next;
        step.becomes(Phase::Talking).record(What::Reported { offer: None }, None)
    }

    pub(crate) fn end(
        mut self,
        reason: EndReason,
        lasted_s: f64,
        occurred_at: Timestamp,
        policy: &Policy,
    ) -> Self {
        let short = lasted_s < seconds(policy.short_call_ms);
        let flag = short.then(|| Flag {
            rule: Rule::ShortCall,
            message: format!(
                "the call lasted {lasted_s} s; under {} s it is looked at",
                seconds(policy.short_call_ms)
            ),
        });
        self.call.ended_at = Some(occurred_at.max(self.call.started_at));
        self.call.lapse();
        let step =
            self.counts_end().becomes(Phase::Ended).record(What::Reported { offer: None }, flag);
        if reason == EndReason::Completed && !short {
            return step.record(What::SurveyRequested, None);
        }
        step
    }

    /// An end that nobody reported: nobody told how long the call lasted, so nobody judges that.
    pub(crate) fn close(mut self, occurred_at: Timestamp) -> Self {
        self.call.ended_at = Some(occurred_at.max(self.call.started_at));
        self.call.lapse();
        self.counts_end().becomes(Phase::Ended).record(What::Reported { offer: None }, None)
    }
}

fn too_long(told_s: f64, ms_max: i64) -> bool {
    told_s > seconds(ms_max)
}

/// The promise as a client would have written it in seconds. What was told is compared in seconds
/// and not in milliseconds: 16.1 times 1000 is a little more than 16100, and a bound is strict.
#[expect(clippy::cast_precision_loss, reason = "promises are far below 2^52 milliseconds")]
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1_000.0
}

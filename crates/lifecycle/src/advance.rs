//! The one function that moves a call.
//!
//! ```text
//!              Routed               Answered             Held
//!  (opened) Waiting ◄──► ringing ─────────────► Talking ───────► OnHold
//!               ▲    Elapsed(Ring)                ▲ │  ◄───────    │
//!               └──── Transferred, blind ─────────│─┴── Resumed ───┤
//!                                                 └─ attended ─────┘
//!                             any of them ── Ended ──► Ended
//! ```
//!
//! Three things hold everywhere, and the callers rely on them:
//!
//! - **The phase decides, not the timer.** A timer that reaches a call which has moved on finds
//!   nothing to do and records nothing, so one that arrives late or twice does no harm.
//! - **A broken promise is recorded before whatever ends it.** An answer that arrives after the wait
//!   ran out, but before its timer was seen to, is preceded by the breach.
//! - **A refusal leaves no trace.** The call is handed back only inside a decision.

use thiserror::Error;

use crate::{
    Call, Decision, EndReason, Flag, Kind, Phase, Policy, Record, Ring, Rule, Timer, Timestamp, What,
};

/// How a call begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    /// Voice or video.
    pub kind: Kind,
    /// The queue the caller joins.
    pub queue: String,
}

/// Something that happened to a call that is already open. Spans are seconds, as they were told.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// An agent was chosen and their phone rings.
    Routed {
        /// Who was chosen.
        agent: String,
    },
    /// Someone picked up.
    Answered {
        /// How long the caller is said to have waited.
        waited_s: f64,
        /// Who picked up; the agent whose phone rings where nobody is named.
        agent: Option<String>,
        /// The number of the offer they answer.
        offer: Option<u32>,
    },
    /// The caller was set aside.
    Held {
        /// How long the hold is said to last.
        held_s: f64,
    },
    /// The agent came back.
    Resumed,
    /// The call goes to another queue or agent at once; the caller waits again.
    TransferredBlind {
        /// The queue it goes to; its own where none is named.
        queue: Option<String>,
        /// The agent whose phone rings next.
        agent: Option<String>,
    },
    /// The call was handed over, agent to agent, in conversation.
    TransferredAttended {
        /// The queue it counts for from now on.
        queue: Option<String>,
        /// Who talks from now on.
        agent: String,
    },
    /// Either side hung up.
    Ended {
        /// Why.
        reason: EndReason,
        /// How long it is said to have lasted.
        lasted_s: f64,
    },
    /// A timer came due.
    Elapsed(Timer),
}

/// Why a happening was not accepted. A refusal is an answer, not a fault.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// The call is over.
    #[error("`{happening}` is refused: the call is already ended")]
    AlreadyEnded {
        /// What was reported.
        happening: &'static str,
    },
    /// The happening makes sense, but not yet or no longer.
    #[error("`{happening}` is refused while the call is {status}")]
    OutOfOrder {
        /// The call's status.
        status: &'static str,
        /// What was reported.
        happening: &'static str,
    },
    /// The answer is not from the phone that rings, or not to the offer that stands.
    #[error("`call_answered` is refused while the call is {status}: {why}")]
    OtherOffer {
        /// The call's status.
        status: &'static str,
        /// Whose phone rings, or which offer stands.
        why: String,
    },
}

/// Opens a call: the caller joins a queue and the promise to answer starts. `at` is now;
/// `occurred_at` is when it happened, as told by whoever reports it.
pub fn open(opening: Opening, at: Timestamp, occurred_at: Timestamp, policy: &Policy) -> Decision {
    let call = Call {
        kind: opening.kind,
        queue: opening.queue,
        phase: Phase::Waiting { due_at: at + policy.wait_ms_max, ring: None },
        agent: None,
        started_at: occurred_at,
        ended_at: None,
        moved_at: at,
        version: 0,
        offer: 0,
        attempt: 0,
        wait_reported: false,
        flags: Vec::new(),
    };
    Step::new(call, at).record(What::Reported { offer: None }, None).decided()
}

/// Moves `call` by one happening. Read it as a table: each arm is one line of the rules. `at` is
/// now and never before `call.moved_at`; `policy` is that of the queue the call is in afterwards.
pub fn advance(
    call: Call,
    happening: Happening,
    at: Timestamp,
    occurred_at: Timestamp,
    policy: &Policy,
) -> Result<Decision, Refusal> {
    let name = happening.name();
    let status = call.phase.status();
    let at = at.max(call.moved_at);
    let mut step = Step::new(call, at);

    if let Happening::Elapsed(timer) = happening {
        return Ok(step.elapsed(timer).decided());
    }
    may_answer(&step.call, &happening)?;
    step = step.settle(&happening);

    let step = match (step.call.phase.clone(), happening) {
        (Phase::Ended, _) => return Err(Refusal::AlreadyEnded { happening: name }),

        (Phase::Waiting { due_at, .. }, Happening::Routed { agent }) => {
            step.ring(agent, due_at, policy).record_offer()
        }

        (
            Phase::Waiting { .. } | Phase::OnHold { .. },
            Happening::Answered { waited_s, agent, .. },
        ) => step.answer(waited_s, agent, policy),

        (Phase::Talking, Happening::Held { held_s }) => step.hold(held_s, policy),

        (Phase::OnHold { .. }, Happening::Resumed) => {
            step.becomes(Phase::Talking).record(What::Reported { offer: None }, None)
        }

        (
            Phase::Talking | Phase::OnHold { .. },
            Happening::TransferredBlind { queue, agent },
        ) => step.wait_again(queue, agent, policy),

        (
            Phase::Talking | Phase::OnHold { .. },
            Happening::TransferredAttended { queue, agent },
        ) => step.hand_over(queue, agent),

        (_, Happening::Ended { reason, lasted_s }) => {
            step.end(reason, lasted_s, occurred_at, policy)
        }

        _ => return Err(Refusal::OutOfOrder { status, happening: name }),
    };
    Ok(step.decided())
}

/// An answer names the phone that rings and the offer that stands, or nobody and nothing.
fn may_answer(call: &Call, happening: &Happening) -> Result<(), Refusal> {
    let Happening::Answered { agent, offer, .. } = happening else { return Ok(()) };
    let expected = match &call.phase {
        Phase::Waiting { ring: Some(ring), .. } => Some(&ring.agent),
        // Nobody's phone rings. Where one did, the answer is to an offer that was withdrawn; where
        // none ever did, an agent took the call out of the queue.
        Phase::Waiting { ring: None, .. } if call.attempt == 0 && call.offer == 0 => agent.as_ref(),
        Phase::Waiting { ring: None, .. } => None,
        Phase::OnHold { .. } => call.agent.as_ref().or(agent.as_ref()),
        Phase::Talking | Phase::Ended => return Ok(()),
    };
    let ringing = matches!(call.phase, Phase::Waiting { ring: Some(_), .. });
    let why = match (agent, offer) {
        (Some(agent), _) if expected != Some(agent) => match expected {
            Some(expected) if ringing => {
                format!("the phone of `{expected}` rings, not that of `{agent}`")
            }
            Some(expected) => format!("it is the call of `{expected}`, not of `{agent}`"),
            None => format!("the phone of `{agent}` no longer rings"),
        },
        (_, Some(offer)) if ringing && *offer != call.offer => {
            format!("offer {offer} is not the one that stands, which is {}", call.offer)
        }
        (_, Some(offer)) if !ringing => format!("offer {offer} no longer stands"),
        _ => return Ok(()),
    };
    Err(Refusal::OtherOffer { status: call.phase.status(), why })
}

/// A decision in the making. Each method is one verb of the rules.
struct Step {
    call: Call,
    at: Timestamp,
    records: Vec<Record>,
    alerts: Vec<Flag>,
}

impl Step {
    fn new(call: Call, at: Timestamp) -> Self {
        Self { call, at, records: Vec::with_capacity(1), alerts: Vec::new() }
    }

    fn decided(self) -> Decision {
        Decision { call: self.call, records: self.records, alerts: self.alerts }
    }

    fn becomes(mut self, phase: Phase) -> Self {
        self.call.phase = phase;
        self
    }

    fn record(mut self, what: What, flag: Option<Flag>) -> Self {
        self.call.version += 1;
        self.call.moved_at = self.at;
        self.call.flags.extend(flag.clone());
        self.records.push(Record {
            what,
            seq: self.call.version,
            flags: flag.into_iter().collect(),
            after: self.call.clone(),
        });
        self
    }

    fn record_offer(self) -> Self {
        let offer = matches!(self.call.phase, Phase::Waiting { ring: Some(_), .. })
            .then_some(self.call.offer);
        self.record(What::Reported { offer }, None)
    }

    fn alert(mut self, alert: Option<Flag>) -> Self {
        self.alerts.extend(alert);
        self
    }

    /// A timer came due: the phase says whether it still means anything.
    fn elapsed(self, timer: Timer) -> Self {
        let armed = self.call.timers().find(|(armed, _)| *armed == timer);
        let Some((_, due_at)) = armed.filter(|(_, due_at)| *due_at <= self.at) else { return self };
        match timer {
            Timer::Ring => self.ring_out(due_at),
            Timer::Wait => self.breach(due_at),
            Timer::Hold => self.hold_too_long(due_at),
        }
    }

    /// Records the promise that had already run out before this happening would end it.
    fn settle(self, happening: &Happening) -> Self {
        let overdue = |timer| {
            self.call.timers().any(|(armed, due_at)| armed == timer && due_at < self.at)
        };
        match (&self.call.phase, happening) {
            (Phase::Waiting { .. }, Happening::Answered { .. } | Happening::Ended { .. })
                if overdue(Timer::Wait) =>
            {
                self.elapsed(Timer::Wait)
            }
            (Phase::OnHold { .. }, Happening::Routed { .. } | Happening::Held { .. }) => self,
            (Phase::OnHold { .. }, _) if overdue(Timer::Hold) => self.elapsed(Timer::Hold),
            _ => self,
        }
    }

    fn ring(mut self, agent: String, due_at: Timestamp, policy: &Policy) -> Self {
        self.call.offer += 1;
        let ring = Ring { agent, due_at: self.at + policy.ring_ms_max };
        self.becomes(Phase::Waiting { due_at, ring: Some(ring) })
    }

    fn ring_out(mut self, ring_due_at: Timestamp) -> Self {
        let Phase::Waiting { due_at, ring: Some(ring) } = self.call.phase.clone() else {
            return self;
        };
        self.call.attempt += 1;
        let what = What::Retransfer {
            agent: ring.agent,
            attempt: self.call.attempt,
            due_at: ring_due_at,
            late_ms: self.at - ring_due_at,
        };
        self.becomes(Phase::Waiting { due_at, ring: None }).record(what, None)
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

    fn answer(mut self, waited_s: f64, agent: Option<String>, policy: &Policy) -> Self {
        let named = self.call.named_agent().map(str::to_owned);
        self.call.agent = agent.or(named);
        self.call.attempt = 0;
        let flag = too_long(waited_s, policy.wait_ms_max).then(|| Flag {
            rule: Rule::WaitExceeded,
            message: format!(
                "the caller waited {waited_s} s; {} s were promised",
                seconds(policy.wait_ms_max)
            ),
        });
        let alert = flag.clone().filter(|_| !self.call.wait_reported);
        self.call.wait_reported |= flag.is_some();
        self.becomes(Phase::Talking).record(What::Reported { offer: None }, flag).alert(alert)
    }

    fn hold(self, held_s: f64, policy: &Policy) -> Self {
        let flag = too_long(held_s, policy.hold_ms_max).then(|| Flag {
            rule: Rule::HoldExceeded,
            message: format!(
                "a hold of {held_s} s; {} s were promised",
                seconds(policy.hold_ms_max)
            ),
        });
        let due_at = self.at + policy.hold_ms_max;
        self.becomes(Phase::OnHold { due_at, reported: flag.is_some() })
            .record(What::Reported { offer: None }, flag.clone())
            .alert(flag)
    }

    fn wait_again(
        mut self,
        queue: Option<String>,
        agent: Option<String>,
        policy: &Policy,
    ) -> Self {
        self.call.queue = queue.unwrap_or(self.call.queue);
        self.call.agent = None;
        self.call.attempt = 0;
        self.call.wait_reported = false;
        let due_at = self.at + policy.wait_ms_max;
        match agent {
            Some(agent) => self.ring(agent, due_at, policy),
            None => self.becomes(Phase::Waiting { due_at, ring: None }),
        }
        .record_offer()
    }

    fn hand_over(mut self, queue: Option<String>, agent: String) -> Self {
        self.call.queue = queue.unwrap_or(self.call.queue);
        self.call.agent = Some(agent);
        self.becomes(Phase::Talking).record(What::Reported { offer: None }, None)
    }

    fn end(
        mut self,
        reason: EndReason,
        lasted_s: f64,
        occurred_at: Timestamp,
        policy: &Policy,
    ) -> Self {
        let short = lasted_s * 1_000.0 < as_f64(policy.short_call_ms);
        let flag = short.then(|| Flag {
            rule: Rule::ShortCall,
            message: format!(
                "the call lasted {lasted_s} s; under {} s it is looked at",
                seconds(policy.short_call_ms)
            ),
        });
        self.call.ended_at = Some(occurred_at.max(self.call.started_at));
        let step = self.becomes(Phase::Ended).record(What::Reported { offer: None }, flag);
        if reason == EndReason::Completed && !short {
            return step.record(What::SurveyRequested, None);
        }
        step
    }
}

fn too_long(told_s: f64, ms_max: i64) -> bool {
    told_s * 1_000.0 > as_f64(ms_max)
}

fn seconds(ms: i64) -> f64 {
    as_f64(ms) / 1_000.0
}

#[expect(clippy::cast_precision_loss, reason = "promises are far below 2^52 milliseconds")]
fn as_f64(ms: i64) -> f64 {
    ms as f64
}

impl Happening {
    /// The event's name on the wire, in refusals and in tests.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Routed { .. } => "call_routed",
            Self::Answered { .. } => "call_answered",
            Self::Held { .. } => "call_hold",
            Self::Resumed => "call_resumed",
            Self::TransferredBlind { .. } | Self::TransferredAttended { .. } => "call_transferred",
            Self::Ended { .. } => "call_ended",
            Self::Elapsed(Timer::Ring) => "ring elapsed",
            Self::Elapsed(Timer::Wait) => "wait elapsed",
            Self::Elapsed(Timer::Hold) => "hold elapsed",
        }
    }
}

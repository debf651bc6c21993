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
//! A supervisor's hands: `Reassigned` moves a caller who waits, `Freed` takes a call from its agent,
//! and the caller waits again; `Closed` ends what hangs.
//!
//! Three things hold everywhere, and the callers rely on them:
//!
//! - **The phase decides, not the timer.** A timer that reaches a call which has moved on finds
//!   nothing to do and records nothing, so one that arrives late or twice does no harm.
//! - **A broken promise is recorded before whatever ends it.** An answer that arrives after the wait
//!   ran out, but before its timer was seen to, is preceded by the breach.
//! - **A refusal leaves no trace.** The call is handed back only inside a decision.

use std::sync::Arc;

use thiserror::Error;

use crate::step::Step;
use crate::{Call, Decision, EndReason, Id, Kind, Phase, Policy, Spent, Timer, Timestamp, What};

/// How a call begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    /// Voice or video.
    pub kind: Kind,
    /// The queue the caller joins.
    pub queue: Id,
    /// A higher one is offered to agents first.
    pub priority: u8,
}

/// Something that happened to a call that is already open. Spans are seconds, as they were told.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// An agent was chosen and their phone rings.
    Routed {
        /// Who was chosen.
        agent: Id,
    },
    /// Someone picked up.
    Answered {
        /// How long the caller is said to have waited.
        waited_s: f64,
        /// Who picked up; the agent whose phone rings where nobody is named.
        agent: Option<Id>,
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
        queue: Option<Id>,
        /// The agent whose phone rings next.
        agent: Option<Id>,
    },
    /// The call was handed over, agent to agent, in conversation.
    TransferredAttended {
        /// The queue it counts for from now on.
        queue: Option<Id>,
        /// Who talks from now on; whoever did where nobody is named.
        agent: Option<Id>,
    },
    /// Either side hung up.
    Ended {
        /// Why.
        reason: EndReason,
        /// How long it is said to have lasted.
        lasted_s: f64,
    },
    /// A supervisor sends a caller who waits elsewhere; an offer in progress is withdrawn.
    Reassigned(Target),
    /// A supervisor frees an agent from the call: whoever called waits again.
    Freed {
        /// Who is freed.
        agent: Id,
    },
    /// A supervisor ends a call that hangs.
    Closed,
    /// A timer came due.
    Elapsed(Timer),
}

/// Where a supervisor sends a caller who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// To this agent, whose phone rings now.
    Agent(Id),
    /// Into this queue.
    Queue(Id),
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
        priority: opening.priority,
        started_at: occurred_at,
        ended_at: None,
        moved_at: at,
        version: 0,
        offer: 0,
        attempt: 0,
        lapsed: Vec::new(),
        wait_reported: false,
        flags: Vec::new(),
        spent: Spent { since: occurred_at, ..Spent::default() },
    };
    Step::new(Arc::new(call), at, occurred_at)
        .counts_wait()
        .record(What::Reported { offer: None }, None)
        .decided()
}

/// Moves `call` by one happening. Read it as a table: each arm is one line of the rules. `at` is
/// now and never before `call.moved_at`; `policy` is that of the queue the call is in afterwards.
pub fn advance(
    call: Arc<Call>,
    happening: Happening,
    at: Timestamp,
    occurred_at: Timestamp,
    policy: &Policy,
) -> Result<Decision, Refusal> {
    let name = happening.name();
    let status = call.phase.status();
    let at = at.max(call.moved_at);
    if let Happening::Elapsed(timer) = happening {
        return Ok(Step::new(call, at, at).elapsed(timer, policy).decided());
    }
    let mut step = Step::new(call, at, occurred_at);
    may_answer(&step.call, &happening)?;
    step = step.settle(&happening, policy);

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

        (Phase::OnHold { .. }, Happening::Resumed) => step
            .counts_stretch()
            .becomes(Phase::Talking)
            .record(What::Reported { offer: None }, None),

        (Phase::Talking | Phase::OnHold { .. }, Happening::TransferredBlind { queue, agent }) => {
            step.wait_again(queue, agent, policy)
        }

        (
            Phase::Talking | Phase::OnHold { .. },
            Happening::TransferredAttended { queue, agent },
        ) => step.hand_over(queue, agent),

        (_, Happening::Ended { reason, lasted_s }) => {
            step.end(reason, lasted_s, occurred_at, policy)
        }

        (Phase::Waiting { due_at, .. }, Happening::Reassigned(Target::Agent(agent))) => {
            step.withdraw(false).counted_anew().ring(agent, due_at, policy).record_offer()
        }

        (Phase::Waiting { .. }, Happening::Reassigned(Target::Queue(queue))) => {
            step.withdraw(true).counted_anew().joins(queue)
        }

        (Phase::Waiting { ring: Some(ring), .. }, Happening::Freed { agent })
            if ring.agent == agent =>
        {
            step.withdraw(true)
        }

        (Phase::Talking | Phase::OnHold { .. }, Happening::Freed { agent })
            if step.call.agent.as_deref() == Some(&agent) =>
        {
            step.wait_again(None, None, policy)
        }

        (_, Happening::Closed) => step.close(occurred_at),

        _ => return Err(Refusal::OutOfOrder { status, happening: name }),
    };
    Ok(step.decided())
}

/// An answer names the phone that rings and the offer that stands, or nobody and nothing.
fn may_answer(call: &Call, happening: &Happening) -> Result<(), Refusal> {
    let Happening::Answered { agent, offer, .. } = happening else { return Ok(()) };
    let lapsed = agent.as_ref().filter(|agent| call.lapsed.contains(agent));
    let expected = match &call.phase {
        Phase::Waiting { ring: Some(ring), .. } => Some(&ring.agent),
        // Nobody's phone rings. Who was asked in this stretch of waiting answers an offer that
        // lapsed; anybody else takes the call out of the queue, unless it just rang out.
        Phase::Waiting { ring: None, .. } if call.attempt == 0 && lapsed.is_none() => {
            agent.as_ref()
        }
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
            None if call.attempt == 0 => format!(
                "the offer to `{agent}` was withdrawn; route the call to `{agent}` again, or let \
                 another agent answer"
            ),
            None => format!("the phone of `{agent}` does not ring"),
        },
        (_, Some(offer)) if ringing && *offer != call.offer => {
            format!("offer {offer} is not the one that stands, which is {}", call.offer)
        }
        (_, Some(offer)) if !ringing => format!("offer {offer} does not stand"),
        _ => return Ok(()),
    };
    Err(Refusal::OtherOffer { status: call.phase.status(), why })
}

impl Happening {
    /// The event's name on the wire, in refusals and in tests; the verb of what a supervisor does.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Routed { .. } => "call_routed",
            Self::Answered { .. } => "call_answered",
            Self::Held { .. } => "call_hold",
            Self::Resumed => "call_resumed",
            Self::TransferredBlind { .. } | Self::TransferredAttended { .. } => "call_transferred",
            Self::Ended { .. } => "call_ended",
            Self::Reassigned(_) => "reassign",
            Self::Freed { .. } => "free",
            Self::Closed => "end",
            Self::Elapsed(Timer::Ring) => "ring elapsed",
            Self::Elapsed(Timer::Wait) => "wait elapsed",
            Self::Elapsed(Timer::Hold) => "hold elapsed",
        }
    }
}

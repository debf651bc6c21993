//! What the rules answer with, and the promises they are asked to keep.

use std::sync::Arc;

use crate::{Call, Fact, Id, Timestamp};

/// The outcome of one happening: the call as it now stands, what is recorded in its history, and
/// whom to alert. The store commits all of it in one transaction, or none.
#[must_use = "a decision changes nothing until the store commits it"]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The call as it now stands.
    pub call: Arc<Call>,
    /// The events to record, in order. Empty where a timer found nothing left to do.
    pub records: Vec<Record>,
    /// What supervisors are told.
    pub alerts: Vec<Alert>,
    /// What counts for the figures of queues and agents.
    pub facts: Vec<Fact>,
}

/// One event of a call's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What happened.
    pub what: What,
    /// Its place in the history: 1, 2, 3 ...
    pub seq: u32,
    /// What the rules noticed about it.
    pub flags: Vec<Flag>,
    /// The call just after it.
    pub after: Arc<Call>,
}

/// What a record says happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The very thing that was reported, with the number of the offer it made.
    Reported {
        /// Set where an agent's phone began to ring.
        offer: Option<u32>,
    },
    /// The phone rang out, and the call goes back to waiting.
    Retransfer {
        /// Who did not answer.
        agent: Id,
        /// How many offers in a row went unanswered, this one included.
        attempt: u32,
        /// When the phone should have stopped ringing.
        due_at: Timestamp,
        /// How late that was noticed, in milliseconds.
        late_ms: i64,
    },
    /// A supervisor silenced the phone. Nothing is held against the agent.
    Withdrawn {
        /// Whose phone it was.
        agent: Id,
        /// The call goes back to waiting, where it could come to them again at once.
        waits: bool,
    },
    /// Nobody answered within the promised time.
    SlaBreached {
        /// When the promise ran out.
        due_at: Timestamp,
        /// How late that was noticed, in milliseconds.
        late_ms: i64,
    },
    /// The hold went on longer than promised.
    HoldExceeded {
        /// When the promise ran out.
        due_at: Timestamp,
        /// How late that was noticed, in milliseconds.
        late_ms: i64,
    },
    /// The caller shall be asked how it went.
    SurveyRequested,
}

/// A rule that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Nobody answered within the promised time.
    SlaBreached,
    /// The answer came later than promised.
    WaitExceeded,
    /// A hold was longer than promised.
    HoldExceeded,
    /// The call was so short that someone should look at it.
    ShortCall,
    /// The clock of whoever reports it is ahead of ours.
    ClockAhead,
    /// Offer after offer went unanswered.
    NoAgent,
}

/// A broken rule, with a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The rule.
    pub rule: Rule,
    /// What happened, and what was promised.
    pub message: String,
}

/// Something a supervisor is told at once.
pub type Alert = Flag;

/// The promises of a queue. Passed in, never kept in a call: a timer keeps the promise that held
/// when it was armed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How long a caller may wait to be answered, in milliseconds.
    pub wait_ms_max: i64,
    /// How long an agent's phone rings, in milliseconds.
    pub ring_ms_max: i64,
    /// How long a caller may be left on hold, in milliseconds.
    pub hold_ms_max: i64,
    /// Calls shorter than this are flagged, in milliseconds.
    pub short_call_ms: i64,
    /// How many times a call is offered anew after nobody answered.
    pub reroutes_max: u32,
    /// How long an agent has to wrap up a call before the next one, in milliseconds.
    pub wrap_ms: i64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            wait_ms_max: 30_000,
            ring_ms_max: 15_000,
            hold_ms_max: 60_000,
            short_call_ms: 10_000,
            reroutes_max: 3,
            wrap_ms: 0,
        }
    }
}

impl Rule {
    /// The rule's name on the wire and in the record.
    pub fn name(self) -> &'static str {
        match self {
            Self::SlaBreached => "sla_breached",
            Self::WaitExceeded => "wait_exceeded",
            Self::HoldExceeded => "hold_exceeded",
            Self::ShortCall => "short_call",
            Self::ClockAhead => "clock_ahead",
            Self::NoAgent => "no_agent",
        }
    }

    /// The rule of that name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [
            Self::SlaBreached,
            Self::WaitExceeded,
            Self::HoldExceeded,
            Self::ShortCall,
            Self::ClockAhead,
            Self::NoAgent,
        ];
        all.into_iter().find(|rule| rule.name() == name)
    }
}

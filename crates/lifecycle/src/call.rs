//! What the rules know of a call.

use crate::{Flag, Id, Spent, Timestamp};

/// A call as it stands after its last recorded event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Voice or video.
    pub kind: Kind,
    /// The queue it waits in or was answered from.
    pub queue: Id,
    /// What it is doing.
    pub phase: Phase,
    /// Who talks with the caller, or last did; nobody once the call was sent on to wait again. While
    /// a phone rings, see [`Ring::agent`].
    pub agent: Option<Id>,
    /// A higher one is offered to agents first; 0 to [`PRIORITY_MAX`].
    pub priority: u8,
    /// When it began, as its source tells it.
    pub started_at: Timestamp,
    /// When it ended, as its source tells it; never before it began.
    pub ended_at: Option<Timestamp>,
    /// The moment of the last record. No later record is earlier.
    pub moved_at: Timestamp,
    /// How many events were recorded. The last one's `seq`.
    pub version: u32,
    /// The number of the last offer to an agent; 0 when there was none.
    pub offer: u32,
    /// How many offers in a row nobody answered, in this stretch of waiting or the last one.
    pub attempt: u32,
    /// Whose offers lapsed in this stretch of waiting: withdrawn, replaced, rung out, or over with the
    /// call. What they answer now is such an offer.
    pub lapsed: Vec<Id>,
    /// This stretch of waiting was already reported as too long. One breach makes one alert.
    pub wait_reported: bool,
    /// Every flag that an event of this call raised, in order.
    pub flags: Vec<Flag>,
    /// Where its time went.
    pub spent: Spent,
}

/// The highest priority.
pub const PRIORITY_MAX: u8 = 9;

/// So many agents whose offers lapsed are remembered; the earliest are forgotten first.
pub const LAPSED_MAX: usize = 16;

/// The medium of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Sound alone.
    Voice,
    /// Sound and picture.
    Video,
}

/// What a call is doing, with what is true only then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The caller waits for an answer, promised by `due_at`.
    Waiting {
        /// When the promise to answer runs out.
        due_at: Timestamp,
        /// The phone that rings, if one does.
        ring: Option<Ring>,
    },
    /// Caller and agent talk.
    Talking,
    /// The caller is on hold.
    OnHold {
        /// When the promise to come back runs out.
        due_at: Timestamp,
        /// This hold was already reported as too long.
        reported: bool,
    },
    /// It is over.
    Ended,
}

/// An agent's phone that rings for a waiting call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ring {
    /// Whose phone it is.
    pub agent: Id,
    /// When it stops.
    pub due_at: Timestamp,
}

/// A promise that comes due by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The phone has rung long enough.
    Ring,
    /// The caller has waited as long as was promised.
    Wait,
    /// The hold has lasted as long as was promised.
    Hold,
}

/// Why a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// It ran its course.
    Completed,
    /// The caller gave up.
    Abandoned,
    /// Something broke.
    Failed,
}

impl Call {
    /// The timers that are armed, each with the moment it comes due.
    pub fn timers(&self) -> impl Iterator<Item = (Timer, Timestamp)> {
        let (wait, ring, hold) = match &self.phase {
            Phase::Waiting { due_at, ring } => (
                (!self.wait_reported).then_some(*due_at),
                ring.as_ref().map(|ring| ring.due_at),
                None,
            ),
            Phase::OnHold { due_at, reported } => (None, None, (!reported).then_some(*due_at)),
            Phase::Talking | Phase::Ended => (None, None, None),
        };
        [(Timer::Ring, ring), (Timer::Wait, wait), (Timer::Hold, hold)]
            .into_iter()
            .filter_map(|(timer, due_at)| Some((timer, due_at?)))
    }

    /// The timer that comes due first.
    pub fn next_timer(&self) -> Option<(Timer, Timestamp)> {
        self.timers().min_by_key(|(_, due_at)| *due_at)
    }

    /// Remembers that the offer to the agent whose phone rings, if one does, came to nothing.
    pub(crate) fn lapse(&mut self) {
        let Phase::Waiting { ring: Some(ring), .. } = &self.phase else { return };
        if self.lapsed.contains(&ring.agent) {
            return;
        }
        if self.lapsed.len() == LAPSED_MAX {
            self.lapsed.remove(0);
        }
        self.lapsed.push(ring.agent.clone());
    }

    /// How many offers went unanswered, as the beginning of a sentence.
    pub fn unanswered(&self) -> String {
        match self.attempt {
            1 => "1 offer went unanswered".to_owned(),
            attempt => format!("{attempt} offers in a row went unanswered"),
        }
    }

    /// The agent the call names now: whose phone rings, else who talks or last talked.
    pub fn named_agent(&self) -> Option<&Id> {
        match &self.phase {
            Phase::Waiting { ring, .. } => ring.as_ref().map(|ring| &ring.agent),
            _ => self.agent.as_ref(),
        }
    }
}

impl Phase {
    /// The phase in the contract's four words.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Waiting { .. } => "waiting",
            Self::Talking => "active",
            Self::OnHold { .. } => "on_hold",
            Self::Ended => "ended",
        }
    }
}

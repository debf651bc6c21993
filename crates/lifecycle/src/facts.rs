//! What a call adds to the figures of its queue and its agents.
//!
//! A fact is small and additive: figures are sums of facts, so it does not matter in which order or
//! in which batches they are added. Each counts at the moment it happened, as its source told it, and
//! where that was not told, at the moment it was recorded.
//!
//! A call's time is cut into stretches: the caller waits, talks, or is held. A stretch ends where
//! the next begins, and no source's clock can make one shorter than nothing: what is told to have
//! happened before the stretch began, counts at its beginning. So the stretches of a call add up to
//! its length.

use crate::{Agent, Call, Id, Phase, Presence, Timestamp, step::Step};

/// Something that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The moment it counts for.
    pub at: Timestamp,
    /// The queue it counts for.
    pub queue: Id,
    /// The agent it counts for, where there is one.
    pub agent: Option<Id>,
    /// What happened. Spans are milliseconds and never below zero.
    pub what: Counted,
}

/// What there is to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// A caller began to wait in the queue. Every such wait ends either answered or abandoned.
    Offered,
    /// A wait was answered.
    Answered {
        /// How long the caller waited, ringing included.
        waited_ms: i64,
        /// It was the phone that rang.
        rang: bool,
    },
    /// A wait ended with the call, whatever the reason: nobody had answered.
    Abandoned {
        /// How long the caller waited.
        waited_ms: i64,
    },
    /// The agent's phone began to ring.
    Rang,
    /// The agent's phone rang out.
    Missed,
    /// A hold ended.
    Held {
        /// How long it lasted.
        ms: i64,
    },
    /// The agent let go of the caller: the call ended, or was passed on.
    Handled {
        /// How long they talked, since the agent took the call.
        talked_ms: i64,
        /// How long the caller was held in that time.
        held_ms: i64,
        /// The agent is left to wrap up: the call is not theirs any longer.
        wraps: bool,
    },
    /// The call was passed on, for the first time since it was answered.
    Transferred,
}

/// Where the time of a call went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// When the present stretch began: the caller waits, talks or is held since then.
    pub since: Timestamp,
    /// How long the agent has talked with the caller, in stretches that are over.
    pub talked_ms: i64,
    /// How long the agent has left the caller on hold, in stretches that are over.
    pub held_ms: i64,
    /// The call was passed on since it was answered.
    pub passed_on: bool,
}

impl Spent {
    /// Since when the agent has the caller, who talks or is held.
    pub fn answered_at(&self) -> Timestamp {
        self.since + -self.talked_ms.saturating_add(self.held_ms)
    }
}

/// The time an agent took calls that is over with a change of theirs: from when until when.
pub fn was_available(
    before: &Agent,
    after: &Agent,
    at: Timestamp,
) -> Option<(Timestamp, Timestamp)> {
    let over = before.presence == Presence::Available && after.presence != Presence::Available;
    (over && before.presence_since < at).then_some((before.presence_since, at))
}

/// The rest of a call in the middle of which an agent went away, as they let go of it: from when they
/// took no calls until they have wrapped up. They worked, so it belongs to the time they were there.
pub fn worked_on(
    call: &Call,
    agent: &Agent,
    at: Timestamp,
    wrap_ms: i64,
) -> Option<(Timestamp, Timestamp)> {
    let answered_at = call.spent.answered_at();
    let went_away = agent.presence != Presence::Available && answered_at < agent.presence_since;
    let (from, to) = (agent.presence_since, at + wrap_ms);
    (went_away && from < to).then_some((from, to))
}

impl Step {
    fn moment(&self) -> Timestamp {
        self.occurred_at.max(self.call.spent.since)
    }

    fn count(&mut self, what: Counted, agent: Option<Id>) {
        let (at, queue) = (self.moment(), self.call.queue.clone());
        self.facts.push(Fact { at, queue, agent, what });
    }

    /// The length of the stretch that ends now, and a new one begins.
    fn cut(&mut self) -> i64 {
        let at = self.moment();
        let ms = at - self.call.spent.since;
        self.call.spent.since = at;
        ms
    }

    /// The caller waits from now on.
    pub(crate) fn counts_wait(mut self) -> Self {
        self.cut();
        self.count(Counted::Offered, None);
        self
    }

    /// A phone rings, or rang out.
    pub(crate) fn counts_phone(&mut self, agent: &Id, what: Counted) {
        self.count(what, Some(agent.clone()));
    }

    /// Someone picked up, whose name is known by now: a wait is over, or a hold.
    pub(crate) fn counts_answer(mut self) -> Self {
        let Phase::Waiting { ring, .. } = &self.call.phase else { return self.counts_stretch() };
        let rang = ring.is_some();
        let waited_ms = self.cut();
        let since = self.call.spent.since;
        self.call.spent = Spent { since, ..Spent::default() };
        self.count(Counted::Answered { waited_ms, rang }, self.call.agent.clone());
        self
    }

    /// A stretch of talk or hold is over, and the agent stays.
    pub(crate) fn counts_stretch(mut self) -> Self {
        match self.call.phase {
            Phase::Talking => {
                let ms = self.cut();
                self.call.spent.talked_ms = self.call.spent.talked_ms.saturating_add(ms);
            }
            Phase::OnHold { .. } => {
                let ms = self.cut();
                self.call.spent.held_ms = self.call.spent.held_ms.saturating_add(ms);
                self.count(Counted::Held { ms }, self.call.agent.clone());
            }
            Phase::Waiting { .. } | Phase::Ended => {}
        }
        self
    }

    /// The agent lets go of the caller. Comes before the call changes hands, so that what they did
    /// counts for them and their queue.
    fn counts_release(self, wraps: bool) -> Self {
        let mut step = self.counts_stretch();
        let Spent { since, talked_ms, held_ms, passed_on } = step.call.spent;
        let what = Counted::Handled { talked_ms, held_ms, wraps };
        step.count(what, step.call.agent.clone());
        step.call.spent = Spent { since, passed_on, ..Spent::default() };
        step
    }

    /// The agent passes the caller on: to one they talk with next, or to wait.
    pub(crate) fn counts_transfer(self, next: Option<&str>) -> Self {
        let wraps = next.is_none() || self.call.agent.as_deref() != next;
        let mut step = self.counts_release(wraps);
        if !std::mem::replace(&mut step.call.spent.passed_on, true) {
            step.count(Counted::Transferred, step.call.agent.clone());
        }
        step
    }

    /// The call is over.
    pub(crate) fn counts_end(mut self) -> Self {
        match self.call.phase {
            Phase::Waiting { .. } => {
                let waited_ms = self.cut();
                self.count(Counted::Abandoned { waited_ms }, None);
                self
            }
            Phase::Talking | Phase::OnHold { .. } => self.counts_release(true),
            Phase::Ended => self,
        }
    }
}

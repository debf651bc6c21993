//! What the rules know of an agent, and what a call's events mean for the agents they name.
//!
//! Presence is what a person says. Whether an agent is engaged is not kept here: it follows from the
//! open calls that name them, so it cannot get stuck.

use crate::{Call, Id, Phase, Record, Timestamp, What};

/// An agent, apart from the calls that name them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// What they say.
    pub presence: Presence,
    /// Since when.
    pub presence_since: Timestamp,
    /// Why, where somebody or something said so.
    pub presence_reason: Option<String>,
    /// Offers in a row that they let ring out.
    pub missed: u32,
    /// Since when nothing was asked of them: who has been idle longest is asked first. A missed
    /// offer sends them to the back.
    pub idle_since: Timestamp,
    /// The wrap-up of their last call.
    pub wraps: Option<WrapUp>,
    /// Where their tool has to report: how often, and when it last did.
    pub lease: Option<Lease>,
}

/// The time left to an agent to finish what a call left to do. It ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrapUp {
    /// When the call was theirs no longer.
    pub since: Timestamp,
    /// When the next call may be offered.
    pub until: Timestamp,
}

/// The word of an agent's tool that it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// For how long it holds, in milliseconds.
    pub ms: i64,
    /// When it was given.
    pub renewed_at: Timestamp,
}

/// What an agent says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Takes calls.
    Available,
    /// Is there, but takes no calls.
    Away,
    /// Is not there.
    Offline,
}

/// What an open call asks of the agent it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engagement {
    /// Their phone rings.
    Offered,
    /// They talk, or have the caller on hold.
    OnCall,
}

/// What an agent is doing, as far as it can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentState {
    /// Nothing is asked of them.
    Idle,
    /// Their phone rings.
    Offered,
    /// They are on a call.
    OnCall,
    /// They finish what the last call left to do.
    Wrapping,
    /// Their tool has not reported in time.
    Unreachable,
}

/// What an event means for an agent it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// It names them.
    Named,
    /// They let an offer ring out.
    Missed,
    /// Their phone stopped ringing, and nobody holds it against them: the caller hung up, another
    /// answered, or the offer was taken from them.
    Withdrawn,
    /// They picked up.
    Answered,
    /// The call is theirs no longer.
    Released,
}

/// Why a call cannot ring at an agent's phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// An open call names them.
    Engaged,
    /// They are not there.
    Offline,
    /// Their tool has not reported in time.
    Unreachable,
}

/// So many missed offers in a row set an agent away.
pub const MISSED_MAX: u32 = 2;

impl Agent {
    /// An agent nobody has said anything about yet.
    pub fn new(at: Timestamp) -> Self {
        Self {
            presence: Presence::Offline,
            presence_since: at,
            presence_reason: None,
            missed: 0,
            idle_since: at,
            wraps: None,
            lease: None,
        }
    }

    /// Somebody says whether they take calls. Becoming available starts anew: nothing is held
    /// against them, and they stand at the back.
    pub fn says(&mut self, presence: Presence, reason: Option<String>, at: Timestamp) {
        if presence == Presence::Available && (self.presence != presence || self.is_wrapping(at)) {
            self.missed = 0;
            self.idle_since = at;
            self.wraps = None;
        }
        if self.presence != presence {
            self.presence_since = at;
        }
        self.presence = presence;
        self.presence_reason = reason;
    }

    /// Their tool reports. Who was not heard of is idle from now on.
    pub fn reports(&mut self, at: Timestamp) {
        if self.is_unheard(at) {
            self.idle_since = self.idle_since.max(at);
        }
        self.lease = self.lease.map(|lease| Lease { renewed_at: at, ..lease });
    }

    /// An event of a call named them. `wrap_ms`: how long the call's queue leaves to wrap up.
    pub fn learns(&mut self, meaning: Meaning, at: Timestamp, wrap_ms: i64) {
        match meaning {
            Meaning::Named => {}
            // Idle from now on. At the back, or the call that was taken from them might be theirs
            // again at once.
            Meaning::Withdrawn => self.idle_since = self.idle_since.max(at),
            Meaning::Answered => self.missed = 0,
            Meaning::Released => {
                self.idle_since = self.idle_since.max(at + wrap_ms);
                self.wraps = (0 < wrap_ms).then_some(WrapUp { since: at, until: at + wrap_ms });
            }
            Meaning::Missed => {
                self.missed += 1;
                self.idle_since = self.idle_since.max(at);
                if MISSED_MAX <= self.missed && self.presence == Presence::Available {
                    let reason = format!("missed {} offers in a row", self.missed);
                    self.says(Presence::Away, Some(reason), at);
                }
            }
        }
    }

    /// What they are doing, given the open call that names them.
    pub fn state(&self, engaged: Option<Engagement>, at: Timestamp) -> AgentState {
        match engaged {
            _ if self.is_unreachable(at) => AgentState::Unreachable,
            Some(Engagement::Offered) => AgentState::Offered,
            Some(Engagement::OnCall) => AgentState::OnCall,
            None if self.is_wrapping(at) => AgentState::Wrapping,
            None => AgentState::Idle,
        }
    }

    /// Whether a call may be offered to them now.
    pub fn is_free(&self, engaged: Option<Engagement>, at: Timestamp) -> bool {
        self.presence == Presence::Available && self.state(engaged, at) == AgentState::Idle
    }

    /// Why a supervisor cannot have a call ring at their phone, if so. That they are away or wrap up
    /// a call is no reason: whoever asks them knows.
    pub fn unfit(&self, engaged: bool, at: Timestamp) -> Option<Unfit> {
        if engaged {
            Some(Unfit::Engaged)
        } else if self.presence == Presence::Offline {
            Some(Unfit::Offline)
        } else {
            self.is_unreachable(at).then_some(Unfit::Unreachable)
        }
    }

    pub(crate) fn is_wrapping(&self, at: Timestamp) -> bool {
        self.wraps.is_some_and(|wraps| at < wraps.until)
    }

    fn is_unreachable(&self, at: Timestamp) -> bool {
        self.presence != Presence::Offline && self.is_unheard(at)
    }

    /// Whether their tool has not reported in time.
    pub(crate) fn is_unheard(&self, at: Timestamp) -> bool {
        self.lease.is_some_and(|lease| lease.renewed_at + lease.ms < at)
    }

    /// Since when they do what they do; `engaged_at` is since when the call that names them does.
    pub fn since(&self, engaged: Option<(Engagement, Timestamp)>, at: Timestamp) -> Timestamp {
        match (self.state(engaged.map(|(engagement, _)| engagement), at), engaged) {
            (AgentState::Unreachable, _) => {
                self.lease.map_or(at, |lease| lease.renewed_at + lease.ms)
            }
            (_, Some((_, engaged_at))) => engaged_at,
            (AgentState::Wrapping, None) => self.wraps.map_or(at, |wraps| wraps.since),
            (_, None) if self.presence == Presence::Available => self.idle_since,
            (_, None) => self.presence_since,
        }
    }
}

impl AgentState {
    /// The state's name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Offered => "offered",
            Self::OnCall => "on_call",
            Self::Wrapping => "wrapping",
            Self::Unreachable => "unreachable",
        }
    }
}

impl Presence {
    /// Every presence.
    pub const ALL: [Self; 3] = [Self::Available, Self::Away, Self::Offline];

    /// The presence's name on the wire and in the record.
    pub fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Away => "away",
            Self::Offline => "offline",
        }
    }

    /// The presence of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|presence| presence.name() == name)
    }
}

impl Call {
    /// Since when the call asks that: its last record offered it, or the agent has the caller.
    pub fn engaged_since(&self) -> Timestamp {
        if matches!(self.phase, Phase::Waiting { .. }) {
            self.moved_at
        } else {
            self.spent.answered_at()
        }
    }

    /// What the call asks of the agent it names.
    pub fn engagement(&self) -> Option<(&Id, Engagement)> {
        let engagement = match self.phase {
            Phase::Waiting { .. } => Engagement::Offered,
            Phase::Talking | Phase::OnHold { .. } => Engagement::OnCall,
            Phase::Ended => return None,
        };
        Some((self.named_agent()?, engagement))
    }
}

/// Who had the caller is asked to take the call anew.
const GIVEN_BACK: (Engagement, Engagement) = (Engagement::OnCall, Engagement::Offered);

/// What a record means for the agents that the call names before and after it.
pub fn meanings<'a>(
    before: Option<&'a Call>,
    record: &'a Record,
) -> impl Iterator<Item = (&'a Id, Meaning)> + use<'a> {
    let was = before.and_then(Call::engagement);
    let is = record.after.engagement();
    let left = was.filter(|(agent, before)| {
        is.is_none_or(|(now, after)| now != *agent || (*before, after) == GIVEN_BACK)
    });
    let left = left.map(|(agent, before)| {
        let meaning = match before {
            Engagement::OnCall => Meaning::Released,
            Engagement::Offered if matches!(record.what, What::Retransfer { .. }) => {
                Meaning::Missed
            }
            Engagement::Offered => Meaning::Withdrawn,
        };
        (agent, meaning)
    });
    let named = is.filter(|_| was != is).map(|(agent, engagement)| match engagement {
        Engagement::OnCall => (agent, Meaning::Answered),
        Engagement::Offered => (agent, Meaning::Named),
    });
    left.into_iter().chain(named)
}

//! The script of a day: everything that will be reported, in the order of time.
//!
//! It is data. It knows no server and no clock: moments are milliseconds since the day's midnight,
//! and what a report says is turned into the wire's form only when it is sent. Within a call the
//! reports are numbered, and a repeat has the number of what it repeats, so that both are one text.

use contract::{EndReason, EventType, Incoming, Queue};

use super::chance::fingerprint;

/// What the day shall be like.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    /// Moments of the day, in milliseconds since midnight; the second is after the first.
    pub(super) from_ms: u64,
    pub(super) to_ms: u64,
    /// How many times the traffic of the record.
    pub(super) scale: f64,
    /// Agents on the payroll where the scale is 1.
    pub(super) agents: u32,
    pub(super) calls_max: Option<u32>,
    /// The queues, with their promises.
    pub(super) queues: Vec<Queue>,
    /// The share of offers that agents let ring out.
    pub(super) missed: f64,
    pub(super) routing: Routing,
}

/// Who finds agents for those who wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Routing {
    /// The server: the simulation has phones that ring.
    Server,
    /// The simulation, as a telephony system that routes by itself.
    External,
}

/// A day, told. Where the server routes, nothing is told beforehand: what is reported depends on the
/// offers it makes.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) plan: Plan,
    pub(super) reports: Vec<Report>,
    pub(super) calls: u32,
    /// When offers rang out that nobody picked up: at --speed 1 the server's own clock sees them too.
    pub(super) rung_out_ms: Vec<u64>,
}

/// Something the telephony side reports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Report {
    pub(super) at_ms: u64,
    pub(super) call: u32,
    /// Which report about its call; a repeat has the number of the first.
    pub(super) number: u16,
    pub(super) what: What,
    pub(super) meant: Meant,
}

/// What a report says. Queues and agents are numbers; spans are milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum What {
    Initiated { video: bool, queue: usize, priority: u8 },
    Routed { agent: u32, routing_ms: u64 },
    Answered { waited_ms: u64, offer: Option<Offer> },
    Held { held_ms: u64 },
    Resumed,
    Transferred { queue: Option<usize>, agent: Option<u32>, attended: bool },
    Ended { reason: EndReason, lasted_ms: u64 },
    Unreadable(Mistake),
}

/// A phone that rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) agent: u32,
    /// Which offer of its call.
    pub(super) number: u32,
}

/// How a report can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    NotJson,
    UnknownEvent,
    UnknownQueue,
    NumberAsText,
    NegativeSpan,
    WithoutCall,
}

/// Which answer a report is meant to get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Meant {
    /// 201: it is recorded.
    Recorded,
    /// 201 again: it was recorded before.
    Replayed,
    /// 409: the rules refuse it.
    Refused,
    /// 404: there is no such call.
    Unknown,
    /// 400: it cannot be read.
    Unreadable,
}

impl Mistake {
    pub(super) const ALL: [Self; 6] = [
        Self::NotJson,
        Self::UnknownEvent,
        Self::UnknownQueue,
        Self::NumberAsText,
        Self::NegativeSpan,
        Self::WithoutCall,
    ];
}

impl Meant {
    pub(super) const ALL: [Self; 5] =
        [Self::Recorded, Self::Replayed, Self::Refused, Self::Unknown, Self::Unreadable];

    pub(super) fn status(self) -> u16 {
        match self {
            Self::Recorded | Self::Replayed => 201,
            Self::Refused => 409,
            Self::Unknown => 404,
            Self::Unreadable => 400,
        }
    }
}

impl What {
    /// The type of event; `None` where nobody can tell.
    pub(super) fn kind(&self) -> Option<EventType> {
        Some(match self {
            Self::Initiated { .. } => EventType::CallInitiated,
            Self::Routed { .. } => EventType::CallRouted,
            Self::Answered { .. } => EventType::CallAnswered,
            Self::Held { .. } => EventType::CallHold,
            Self::Resumed => EventType::CallResumed,
            Self::Transferred { .. } => EventType::CallTransferred,
            Self::Ended { .. } => EventType::CallEnded,
            Self::Unreadable(_) => return None,
        })
    }
}

impl Plan {
    /// What the ids of this run's calls begin with. Two runs share it only where they play the same
    /// script, so a run that is played again meets its own calls and nobody else's.
    pub(super) fn prefix(&self) -> String {
        let queues = self.queues.iter().map(|it| (&it.id, it.ring_seconds.ms)).collect::<Vec<_>>();
        let Self { from_ms, to_ms, scale, agents, calls_max, missed, routing, .. } = self;
        let options = format!(
            "{from_ms} {to_ms} {scale} {agents} {calls_max:?} {queues:?} {missed} {routing:?}"
        );
        format!("sim-{}-{:06x}-", self.seed, fingerprint(&options) & 0xff_ffff)
    }

    /// The id of an agent. Agents who are registered are of this run alone.
    pub(super) fn agent_id(&self, prefix: &str, agent: u32) -> String {
        match self.routing {
            Routing::Server => format!("{prefix}agent-{:02}", agent + 1),
            Routing::External => format!("sim-agent-{:02}", agent + 1),
        }
    }
}

impl Script {
    /// The id of a call; a call that was never opened has the id after the last.
    pub(super) fn call_id(&self, prefix: &str, call: u32) -> String {
        let width = self.calls.to_string().len();
        format!("{prefix}{:0width$}", call + 1)
    }

    /// The report as it is sent.
    pub(super) fn body(&self, prefix: &str, report: &Report) -> String {
        let call = if report.meant == Meant::Unknown { self.calls } else { report.call };
        let mut incoming = Incoming {
            call_id: self.call_id(prefix, call),
            event_id: Some(format!("{}/{}", self.call_id(prefix, report.call), report.number)),
            ..Incoming::default()
        };
        if let What::Unreadable(mistake) = report.what {
            return unreadable(mistake, &incoming.call_id);
        }
        self.fill(&mut incoming, prefix, &report.what);
        serde_json::to_string(&incoming).expect("plain fields are always JSON")
    }

    fn fill(&self, incoming: &mut Incoming, prefix: &str, what: &What) {
        let agent_id = |agent: u32| self.plan.agent_id(prefix, agent);
        what.kind().map_or("", EventType::name).clone_into(&mut incoming.event);
        match what {
            What::Initiated { video, queue, priority } => {
                incoming.priority = (0 < *priority).then_some(*priority);
                incoming.kind = Some(if *video { "video" } else { "voice" }.to_owned());
                incoming.queue_id = Some(self.plan.queues[*queue].id.clone());
            }
            What::Routed { agent, routing_ms } => {
                incoming.agent_id = Some(agent_id(*agent));
                incoming.routing_time = Some(seconds(*routing_ms));
            }
            What::Answered { waited_ms, offer } => {
                incoming.wait_time = Some(seconds(*waited_ms));
                incoming.agent_id = offer.map(|offer| agent_id(offer.agent));
                incoming.offer = offer.map(|offer| offer.number);
            }
            What::Held { held_ms } => incoming.hold_duration = Some(seconds(*held_ms)),
            What::Transferred { queue, agent, attended } => {
                let kind = if *attended { "attended" } else { "blind" };
                incoming.transfer_kind = Some(kind.to_owned());
                incoming.queue_id = queue.map(|queue| self.plan.queues[queue].id.clone());
                incoming.agent_id = agent.map(agent_id);
            }
            What::Ended { reason, lasted_ms } => {
                incoming.end_reason = Some(reason_name(*reason).to_owned());
                incoming.duration = Some(seconds(*lasted_ms));
            }
            What::Resumed | What::Unreadable(_) => {}
        }
    }
}

/// Milliseconds as the wire writes them. Both sides judge this number, so they judge alike.
#[expect(clippy::cast_precision_loss, reason = "spans of a day are far below 2^52 milliseconds")]
pub(super) fn seconds(ms: u64) -> f64 {
    ms as f64 / 1_000.0
}

pub(super) fn reason_name(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Completed => "completed",
        EndReason::Abandoned => "abandoned",
        EndReason::Failed => "failed",
    }
}

fn unreadable(mistake: Mistake, call_id: &str) -> String {
    match mistake {
        Mistake::NotJson => format!(r#"{{"event":"call_ended","callId":"{call_id}","#),
        Mistake::UnknownEvent => format!(r#"{{"event":"call_parked","callId":"{call_id}"}}"#),
        Mistake::UnknownQueue => format!(
            r#"{{"event":"call_initiated","callId":"{call_id}","type":"voice","queueId":"sim-no-such-queue"}}"#
        ),
        Mistake::NumberAsText => {
            format!(r#"{{"event":"call_answered","callId":"{call_id}","waitTime":"12"}}"#)
        }
        Mistake::NegativeSpan => {
            format!(r#"{{"event":"call_hold","callId":"{call_id}","holdDuration":-5}}"#)
        }
        Mistake::WithoutCall => {
            r#"{"event":"call_ended","endReason":"completed","duration":60}"#.to_owned()
        }
    }
}

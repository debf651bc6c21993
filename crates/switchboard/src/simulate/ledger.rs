//! What was answered, and what follows from it: what the server must now show.
//!
//! Only what the server accepted counts. Each accepted report is folded into its call by the
//! contract's rules, so that the ledger is right after a whole day as well as after a run that was
//! broken off.

use std::collections::BTreeMap;

use contract::{CallStatus, EndReason, EventType, Queue};
use serde::Deserialize;

use super::client::Answer;
use super::script::{Meant, Offer, Report, Script, What};

/// Unexpected answers that are told in full.
const TOLD_MAX: usize = 10;

/// Everything that was answered so far.
#[derive(Debug)]
pub(super) struct Ledger {
    queues: Vec<Queue>,
    pub(super) calls: Vec<Kept>,
    /// By type of event (nothing where it could not be read): how many got the answer meant.
    pub(super) answered: BTreeMap<(&'static str, Meant), u64>,
    pub(super) sent: u64,
    pub(super) retries: u64,
    /// Recorded by an earlier run of the same script.
    pub(super) already: u64,
    pub(super) unexpected: u64,
    pub(super) told: Vec<String>,
}

/// What became of a phone that rang.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Answered,
    /// It was let ring until it stopped.
    Missed,
    /// It was answered when it had stopped.
    TooLate,
}

/// A call as the server must show it.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) queue: usize,
    pub(super) video: bool,
    /// Nothing where no event of it was accepted.
    pub(super) status: Option<CallStatus>,
    pub(super) reason: Option<EndReason>,
    pub(super) survey: bool,
    /// A report was sent whose answer never came: what the server made of it is unknown.
    pub(super) unsure: bool,
    pub(super) events: Vec<Recorded>,
    /// The phones that rang, in order.
    pub(super) phones: Vec<(u32, Heard)>,
    /// Why the server refused a report that should have been legal. It is right where somebody else
    /// had a hand in the call.
    pub(super) refused: Option<String>,
}

/// An accepted event.
#[derive(Debug)]
pub(super) struct Recorded {
    number: u16,
    pub(super) id: String,
    pub(super) kind: EventType,
    /// The rule that what was reported breaks.
    pub(super) rule: Option<&'static str>,
}

/// The answer to one report.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) replayed: bool,
    /// It was sent before, and no answer came: it may have been recorded then.
    pub(super) retried: bool,
    pub(super) event: Option<Stored>,
    pub(super) text: String,
}

/// What is read of a recorded event.
#[derive(Debug, Deserialize)]
pub(super) struct Stored {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) seq: Option<u32>,
    #[serde(default)]
    pub(super) metadata: Metadata,
}

/// What is read of its metadata.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Metadata {
    pub(super) end_reason: Option<EndReason>,
    pub(super) agent_id: Option<String>,
    pub(super) flags: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Rule {
    pub(super) rule: String,
}

impl Answered {
    /// Reads the answer to one event.
    pub(super) fn read(answer: &Answer, retried: bool) -> Self {
        Self {
            status: answer.status,
            replayed: answer.replayed,
            retried,
            event: serde_json::from_slice(&answer.body).ok(),
            text: answer.text(),
        }
    }
}

impl Stored {
    /// The rules it broke.
    pub(super) fn rules(&self) -> Vec<&str> {
        self.metadata.flags.iter().map(|flag| flag.rule.as_str()).collect()
    }
}

impl Ledger {
    pub(super) fn new(script: &Script) -> Self {
        Self {
            queues: script.plan.queues.clone(),
            calls: std::iter::repeat_with(Kept::default).take(script.calls as usize).collect(),
            answered: BTreeMap::new(),
            sent: 0,
            retries: 0,
            already: 0,
            unexpected: 0,
            told: Vec::new(),
        }
    }

    /// Writes down an answer; `body` is what was sent.
    pub(super) fn note(&mut self, report: &Report, answered: Answered, body: &str) {
        self.sent += 1;
        if let Some(why) = self.unlike(report, &answered) {
            self.tell(&format!("{why}: {} to {body}", answered.text));
        } else {
            let kind = report.what.kind().map_or("(unreadable)", EventType::name);
            *self.answered.entry((kind, report.meant)).or_default() += 1;
        }
        if report.meant == Meant::Recorded && answered.status == 201 {
            self.already += u64::from(answered.replayed && !answered.retried);
            self.fold(report, answered.event);
        }
    }

    /// A report whose answer never came.
    pub(super) fn unsure(&mut self, report: &Report) {
        self.sent += 1;
        self.calls[report.call as usize].unsure = true;
    }

    /// A phone rang.
    pub(super) fn hear(&mut self, call: u32, offer: Offer, heard: Heard) {
        self.calls[call as usize].phones.push((offer.agent, heard));
    }

    /// A report that should have been legal was not.
    pub(super) fn refused(&mut self, call: u32, why: String) {
        self.sent += 1;
        self.calls[call as usize].refused.get_or_insert(why);
    }

    /// How many phones of that agent, or of all, were heard so.
    pub(super) fn heard(&self, agent: Option<u32>, heard: Heard) -> usize {
        let phones = self.calls.iter().flat_map(|call| &call.phones);
        let is_meant =
            |(of, what): &&(u32, Heard)| agent.is_none_or(|agent| agent == *of) && *what == heard;
        phones.filter(is_meant).count()
    }

    /// How many calls have that status.
    pub(super) fn count(&self, status: CallStatus) -> usize {
        self.calls.iter().filter(|call| call.status == Some(status)).count()
    }

    /// The name of a queue of this run.
    pub(super) fn queue_id(&self, queue: usize) -> &str {
        &self.queues[queue].id
    }

    fn tell(&mut self, line: &str) {
        self.unexpected += 1;
        if self.told.len() < TOLD_MAX {
            self.told.push(line.to_owned());
        }
    }

    /// How the answer is not the one that was meant.
    fn unlike(&self, report: &Report, answered: &Answered) -> Option<String> {
        let expected = report.meant.status();
        if answered.status != expected {
            return Some(format!("{} instead of {expected}", answered.status));
        }
        let call = &self.calls[report.call as usize];
        let id = answered.event.as_ref().map(|event| event.id.as_str());
        match report.meant {
            Meant::Recorded if id.is_none() => Some("no event in the answer".to_owned()),
            Meant::Recorded => {
                let rules = answered.event.as_ref().map(Stored::rules).unwrap_or_default();
                let expected = self.rule(report).into_iter().collect::<Vec<_>>();
                (rules != expected).then(|| format!("flags {rules:?} instead of {expected:?}"))
            }
            Meant::Replayed if !answered.replayed => {
                Some("a repeat without Idempotency-Replayed".to_owned())
            }
            Meant::Replayed => {
                let first = call.events.iter().find(|event| event.number == report.number);
                let same = first.is_none_or(|first| Some(first.id.as_str()) == id);
                (!same).then(|| "a repeat that got another event".to_owned())
            }
            Meant::Refused | Meant::Unknown | Meant::Unreadable => None,
        }
    }

    /// The rule that the report breaks by what it says alone.
    fn rule(&self, report: &Report) -> Option<&'static str> {
        let queue = &self.queues[self.calls[report.call as usize].queue];
        match report.what {
            What::Answered { waited_ms, .. } => {
                (queue.sla_seconds.ms < signed(waited_ms)).then_some("wait_exceeded")
            }
            What::Held { held_ms } => {
                (queue.max_hold_seconds.ms < signed(held_ms)).then_some("hold_exceeded")
            }
            What::Ended { lasted_ms, .. } => {
                (signed(lasted_ms) < queue.short_call_seconds.ms).then_some("short_call")
            }
            _ => None,
        }
    }

    fn fold(&mut self, report: &Report, event: Option<Stored>) {
        let rule = self.rule(report);
        let Some((kind, event)) = report.what.kind().zip(event) else { return };
        let call = &mut self.calls[report.call as usize];
        let status = match report.what {
            What::Initiated { video, queue, .. } => {
                (call.video, call.queue) = (video, queue);
                CallStatus::Waiting
            }
            What::Transferred { queue, attended, .. } => {
                call.queue = queue.unwrap_or(call.queue);
                if attended { CallStatus::Active } else { CallStatus::Waiting }
            }
            What::Routed { .. } => CallStatus::Waiting,
            What::Held { .. } => CallStatus::OnHold,
            What::Answered { .. } | What::Resumed | What::Unreadable(_) => CallStatus::Active,
            What::Ended { reason, .. } => {
                call.reason = Some(reason);
                call.survey = reason == EndReason::Completed && rule.is_none();
                CallStatus::Ended
            }
        };
        call.status = Some(status);
        call.events.push(Recorded { number: report.number, id: event.id, kind, rule });
    }
}

fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

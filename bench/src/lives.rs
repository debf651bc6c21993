//! The calls that are sent: whole lives, in order, with random ids and keys.
//!
//! A call id looks like a random UUID (so that a server's index is hit at random), and its last twelve
//! digits say which run and which call it is. A subscriber thus finds an update's place in the ledger
//! without a map.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The queues that exist from the first start.
pub const QUEUES: [&str; 4] =
    ["medical_spanish", "medical_english", "legal_spanish", "legal_english"];

/// Room kept for each call in anything indexed by [`Place::ordinal`].
pub const STEPS_MAX: usize = 8;

/// How many events a life has. The older services do not know `call_resumed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Steps {
    Five,
    #[default]
    Six,
}

/// What every life of a run has in common.
#[derive(Clone, Debug)]
pub struct Plan {
    steps: &'static [Step],
    keyed: bool,
    queues: Arc<[String]>,
    run: u16,
    begun: Arc<AtomicU32>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Initiated,
    Routed,
    Answered,
    Hold,
    Resumed,
    Ended,
}

const FIVE: [Step; 5] = [Step::Initiated, Step::Routed, Step::Answered, Step::Hold, Step::Ended];
const SIX: [Step; 6] =
    [Step::Initiated, Step::Routed, Step::Answered, Step::Hold, Step::Resumed, Step::Ended];
const INITIATED_ONLY: [Step; 1] = [Step::Initiated];

impl Plan {
    /// Whole lives in the four default queues.
    pub fn new(steps: Steps, keyed: bool) -> Self {
        let steps: &[Step] = match steps {
            Steps::Five => &FIVE,
            Steps::Six => &SIX,
        };
        Self::with(steps, keyed, QUEUES.map(str::to_owned).into())
    }

    /// Whole lives, spread over these queues.
    pub fn spread_over(queues: &[String]) -> Self {
        Self::with(&SIX, true, queues.into())
    }

    /// Calls that only begin, all in one queue.
    pub fn waiting_in(queue: &str) -> Self {
        Self::with(&INITIATED_ONLY, true, [queue.to_owned()].into())
    }

    fn with(steps: &'static [Step], keyed: bool, queues: Arc<[String]>) -> Self {
        Self { steps, keyed, queues, run: fastrand::u16(..), begun: Arc::default() }
    }

    pub fn events_per_call(&self) -> usize {
        self.steps.len()
    }

    /// The queue of the call with this number.
    pub fn queue_of(&self, call: usize) -> &str {
        &self.queues[call % self.queues.len()]
    }

    /// Where an update for this call id belongs, if the call is of this run.
    pub fn call_of(&self, call_id: &[u8]) -> Option<usize> {
        let tail = str::from_utf8(call_id.get(24..36)?).ok()?;
        let run = u16::from_str_radix(&tail[..4], 16).ok()?;
        (run == self.run).then(|| usize::from_str_radix(&tail[4..], 16).ok()).flatten()
    }

    fn begin(&self) -> Life {
        let call = self.begun.fetch_add(1, Ordering::Relaxed);
        let random = fastrand::u128(..);
        let call_id = format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:04x}{call:08x}",
            random as u32,
            (random >> 32) as u16,
            (random >> 48) as u16 & 0xfff,
            (random >> 64) as u16 & 0xfff,
            self.run,
        );
        Life { call: call as usize, call_id, taken: 0 }
    }
}

/// Which event of which call: the nth of a call has `seq` n, as the server counts too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub call: usize,
    pub seq: usize,
}

impl Place {
    pub fn ordinal(self) -> usize {
        self.call * STEPS_MAX + self.seq - 1
    }
}

#[derive(Debug)]
struct Life {
    call: usize,
    call_id: String,
    taken: usize,
}

impl Life {
    fn write_next(&mut self, plan: &Plan, body: &mut Vec<u8>) -> Place {
        let step = plan.steps[self.taken];
        self.taken += 1;
        write_event(step, self, plan, body);
        Place { call: self.call, seq: self.taken }
    }

    fn has_ended(&self, plan: &Plan) -> bool {
        self.taken == plan.steps.len()
    }
}

/// Several lives at once, one event of each in turn; a life that ends makes room for a new one.
#[derive(Debug)]
pub struct Lives {
    plan: Plan,
    open: Vec<Life>,
    turn: usize,
    closing: bool,
}

impl Lives {
    pub fn new(plan: &Plan, at_once: usize) -> Self {
        let open = (0..at_once).map(|_| plan.begin()).collect();
        Self { plan: plan.clone(), open, turn: 0, closing: false }
    }

    /// From now on lives only end, so that a run leaves nothing open behind it.
    pub fn close(&mut self) {
        self.closing = true;
        self.open.retain(|life| life.taken > 0);
    }

    /// Appends the next event to `body`; nothing once every life has ended after [`Lives::close`].
    pub fn write_next(&mut self, body: &mut Vec<u8>) -> Option<Place> {
        if self.open.is_empty() {
            return None;
        }
        self.turn %= self.open.len();
        let life = &mut self.open[self.turn];
        let place = life.write_next(&self.plan, body);
        if !life.has_ended(&self.plan) {
            self.turn += 1;
        } else if self.closing {
            self.open.swap_remove(self.turn);
        } else {
            *life = self.plan.begin();
            self.turn += 1;
        }
        Some(place)
    }

    /// Appends a JSON array of up to `size` events and says how many there are.
    pub fn write_batch(&mut self, body: &mut Vec<u8>, size: usize) -> usize {
        let mut written = 0;
        body.push(b'[');
        while written < size && self.write_next(body).is_some() {
            body.push(b',');
            written += 1;
        }
        close_array(body);
        written
    }
}

/// Appends a JSON array of `calls` whole lives, one after another.
pub fn write_whole_lives(plan: &Plan, body: &mut Vec<u8>, calls: usize) {
    body.push(b'[');
    for _ in 0..calls {
        let mut life = plan.begin();
        while !life.has_ended(plan) {
            life.write_next(plan, body);
            body.push(b',');
        }
    }
    close_array(body);
}

fn close_array(body: &mut Vec<u8>) {
    if body.last() == Some(&b',') {
        body.pop();
    }
    body.push(b']');
}

fn write_event(step: Step, life: &Life, plan: &Plan, body: &mut Vec<u8>) {
    let call_id = &life.call_id;
    let agent = life.call % 200;
    let queue = plan.queue_of(life.call);
    // Writing to a vector cannot fail.
    let _ = match step {
        Step::Initiated => {
            write!(
                body,
                r#"{{"event":"call_initiated","callId":"{call_id}","type":"voice","queueId":"{queue}""#
            )
        }
        Step::Routed => {
            write!(
                body,
                r#"{{"event":"call_routed","callId":"{call_id}","agentId":"agent-{agent}","routingTime":2.5"#
            )
        }
        Step::Answered => {
            write!(body, r#"{{"event":"call_answered","callId":"{call_id}","waitTime":12"#)
        }
        Step::Hold => {
            write!(body, r#"{{"event":"call_hold","callId":"{call_id}","holdDuration":20"#)
        }
        Step::Resumed => write!(body, r#"{{"event":"call_resumed","callId":"{call_id}""#),
        Step::Ended => {
            write!(
                body,
                r#"{{"event":"call_ended","callId":"{call_id}","endReason":"completed","duration":180"#
            )
        }
    };
    if plan.keyed {
        let _ = write!(body, r#","eventId":"{:032x}""#, fastrand::u128(..));
    }
    body.push(b'}');
}

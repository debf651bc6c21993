//! Events at a fixed rate, whether or not the server keeps up: delays are counted from the moment an
//! event should have been sent, so a server that stalls cannot hide it.

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::http::{Connection, Target, Template};
use crate::ledger::Ledger;
use crate::lives::{Lives, Plan, STEPS_MAX, Steps};
use crate::measure::{Delays, Errors, Summary};

/// Calls that are under way on one connection at the same time.
const CALLS_AT_ONCE: usize = 4;

#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Events a second
    #[arg(long, default_value_t = 1000)]
    pub rate: u32,
    #[arg(long, default_value_t = 20)]
    pub seconds: u32,
    /// Connections; the next free one sends
    #[arg(long, default_value_t = 32)]
    pub connections: usize,
}

impl Options {
    pub fn at(rate: u32, seconds: u32) -> Self {
        Self { rate, seconds, connections: 32 }
    }

    fn events(&self) -> u32 {
        self.rate * self.seconds
    }

    /// Room for every event of this load, each call being counted as if it had as many as any can.
    pub fn ledger(&self, plan: &Plan) -> Ledger {
        let calls = self.events() as usize / plan.events_per_call()
            + self.connections * (CALLS_AT_ONCE + 1)
            + 1;
        Ledger::new(calls * STEPS_MAX)
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub rate: u32,
    pub latency: Summary,
    pub errors: Errors,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "steady: {} events/s: {}; {}", self.rate, self.latency, self.errors)
    }
}

pub async fn run(target: &Target, options: &Options) -> Result<Outcome> {
    load(target, options, &Plan::new(Steps::Six, true), None).await
}

/// Sends at the rate, then ends the calls that are still open: at the same rate, for who listens
/// would measure a burst at the end.
pub async fn load(
    target: &Target,
    options: &Options,
    plan: &Plan,
    ledger: Option<Arc<Ledger>>,
) -> Result<Outcome> {
    let (given, turns) = unbounded_channel();
    let turns = Arc::new(Mutex::new(turns));
    let mut senders = Vec::new();
    for _ in 0..options.connections {
        let sender = Sender {
            connection: Connection::open(target.addr).await?,
            template: Template::new(target, "POST", "/api/events"),
            lives: Lives::new(plan, CALLS_AT_ONCE),
            ledger: ledger.clone(),
            delays: Delays::default(),
            errors: Errors::default(),
        };
        senders.push(tokio::spawn(sender.run(turns.clone())));
    }
    drop(turns);
    let (rate, events) = (options.rate, options.events());
    let pacer = thread::spawn(move || pace(rate, events, &given));
    let (mut delays, mut errors) = (Delays::default(), Errors::default());
    for sender in senders {
        let sender = sender.await??;
        delays.merge(&sender.delays);
        errors.merge(&sender.errors);
    }
    pacer.join().map_err(|_| anyhow::anyhow!("the pacing thread panicked"))?;
    Ok(Outcome { rate, latency: delays.summary(), errors })
}

/// When an event should be sent.
#[derive(Debug)]
struct Turn {
    at: Instant,
    /// The load has been sent: calls only end.
    is_over: bool,
}

/// Gives turns until nobody takes them. A thread of its own, because tokio's timers are good to a
/// millisecond only.
fn pace(rate: u32, events: u32, turns: &UnboundedSender<Turn>) {
    let begun = Instant::now();
    for event in 0.. {
        let at = begun + Duration::from_secs(1) * event / rate;
        thread::sleep(at.saturating_duration_since(Instant::now()));
        if turns.send(Turn { at, is_over: events <= event }).is_err() {
            return;
        }
    }
}

#[derive(Debug)]
struct Sender {
    connection: Connection,
    template: Template,
    lives: Lives,
    ledger: Option<Arc<Ledger>>,
    delays: Delays,
    errors: Errors,
}

impl Sender {
    async fn run(mut self, turns: Arc<Mutex<UnboundedReceiver<Turn>>>) -> Result<Self> {
        loop {
            let turn = turns.lock().await.recv().await;
            let Some(Turn { at, is_over }) = turn else { break };
            if is_over {
                self.lives.close();
            }
            if !self.send_next().await? {
                break;
            }
            if !is_over {
                self.delays.add(at.elapsed());
            }
        }
        Ok(self)
    }

    async fn send_next(&mut self) -> Result<bool> {
        let (mut body, mut request) = (Vec::with_capacity(256), Vec::with_capacity(512));
        let Some(place) = self.lives.write_next(&mut body) else {
            return Ok(false);
        };
        self.template.fill(&mut request, &body);
        if let Some(ledger) = &self.ledger {
            ledger.note_sent(place, Instant::now());
        }
        let answer = self.connection.call(&request).await?;
        if !answer.is_success() {
            self.errors.add(answer.status, 1);
            if let Some(ledger) = &self.ledger {
                ledger.forget(place);
            }
        }
        Ok(true)
    }
}

//! How soon subscribers hear of an event: from the moment it is sent to the moment each has it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use serde_json::json;
use tokio::sync::watch;

use crate::http::Target;
use crate::ledger::Ledger;
use crate::lives::{Place, Plan, QUEUES, STEPS_MAX, Steps};
use crate::measure::{Delays, Errors, Summary};
use crate::socketio::{self, Heard, Socket};
use crate::steady;
use crate::witness::{Testimony, Witness};

#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Events a second
    #[arg(long, default_value_t = 500)]
    pub rate: u32,
    /// Queues, each a room; at most the four default ones
    #[arg(long, default_value_t = 4)]
    pub rooms: usize,
    #[arg(long, default_value_t = 50)]
    pub clients_per_room: usize,
    #[arg(long, default_value_t = 20)]
    pub seconds: u32,
    /// The folder of a stock client in Node that follows the first queue as well: bench/witness
    #[arg(long)]
    pub witness: Option<PathBuf>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    #[serde(flatten)]
    pub heard: Account,
    /// Of the stock client, which is in no other number
    pub witness: Option<Account>,
    pub errors: Errors,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { heard, witness, errors } = self;
        write!(f, "fanout: {heard}; ")?;
        if let Some(witness) = witness {
            write!(f, "the witness: {witness}; ")?;
        }
        write!(f, "{errors}")
    }
}

/// What some listeners heard, and what they should have heard otherwise.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Account {
    pub latency: Summary,
    pub lost: u64,
    pub doubled: u64,
    pub resyncs: u64,
}

impl Account {
    fn of(listeners: &[Listener]) -> Self {
        let mut delays = Delays::default();
        for listener in listeners {
            delays.merge(&listener.delays);
        }
        Self {
            latency: delays.summary(),
            lost: listeners.iter().map(Listener::lost).sum(),
            doubled: listeners.iter().map(|listener| listener.doubled).sum(),
            resyncs: listeners.iter().map(|listener| listener.resyncs).sum(),
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { latency, lost, doubled, resyncs } = self;
        let heard = latency.count;
        write!(f, "{latency}; {heard} heard, {lost} lost, {doubled} doubled, {resyncs} resyncs")
    }
}

/// How long the last updates may take after the load is over.
const AFTERWARDS: Duration = Duration::from_secs(2);

pub async fn run(target: &Target, options: &Options) -> Result<Outcome> {
    let plan = Plan::new(Steps::Six, true);
    let load = steady::Options::at(options.rate, options.seconds);
    let ledger = Arc::new(load.ledger(&plan));
    let (stop, stopped) = watch::channel(());
    let mut listeners = Vec::new();
    for queue in QUEUES.iter().take(options.rooms) {
        for _ in 0..options.clients_per_room {
            let mut socket = Socket::connect(target.addr).await?;
            socket.emit("subscribe_calls", &json!({ "queueId": queue }), |_| ()).await?;
            let listener = Listener::new(queue, &plan, &ledger);
            listeners.push(tokio::spawn(listener.run(socket, stopped.clone())));
        }
    }
    let witness = match &options.witness {
        Some(folder) => {
            let witness = Witness::follow(folder, target, QUEUES[0]).await?;
            let listener = Listener::new(QUEUES[0], &plan, &ledger);
            Some(tokio::spawn(listener.hear_out(witness, stopped)))
        }
        None => None,
    };
    let sent = steady::load(target, &load, &plan, Some(ledger.clone())).await?;
    tokio::time::sleep(AFTERWARDS).await;
    stop.send(())?;
    let mut heard = Vec::new();
    for listener in listeners {
        heard.push(listener.await??);
    }
    let witness = match witness {
        Some(listener) => Some(Account::of(&[listener.await??])),
        None => None,
    };
    Ok(Outcome { heard: Account::of(&heard), witness, errors: sent.errors })
}

#[derive(Debug)]
struct Listener {
    queue: &'static str,
    plan: Plan,
    ledger: Arc<Ledger>,
    heard: Vec<bool>,
    delays: Delays,
    doubled: u64,
    resyncs: u64,
}

impl Listener {
    fn new(queue: &'static str, plan: &Plan, ledger: &Arc<Ledger>) -> Self {
        Self {
            queue,
            plan: plan.clone(),
            ledger: ledger.clone(),
            heard: vec![false; ledger.len()],
            delays: Delays::default(),
            doubled: 0,
            resyncs: 0,
        }
    }

    async fn run(mut self, mut socket: Socket, mut stopped: watch::Receiver<()>) -> Result<Self> {
        loop {
            let packet = tokio::select! {
                packet = socket.next() => packet?,
                _ = stopped.changed() => return Ok(self),
            };
            match socketio::read(packet) {
                Heard::Update(update) => {
                    if let (Some(call_id), Some(seq)) = (update.call_id(), update.seq()) {
                        self.note(call_id, seq, Instant::now());
                    }
                }
                Heard::Resync => self.resyncs += 1,
                Heard::Other => (),
            }
        }
    }

    async fn hear_out(
        mut self,
        mut witness: Witness,
        mut stopped: watch::Receiver<()>,
    ) -> Result<Self> {
        loop {
            let testimony = tokio::select! {
                testimony = witness.next() => testimony?,
                _ = stopped.changed() => return Ok(self),
            };
            match testimony {
                Testimony::Update { call_id, seq, at } => self.note(call_id.as_bytes(), seq, at),
                Testimony::Resync => self.resyncs += 1,
            }
        }
    }

    fn note(&mut self, call_id: &[u8], seq: usize, at: Instant) {
        let Some(call) = self.plan.call_of(call_id).filter(|_| seq > 0) else { return };
        let place = Place { call, seq };
        let Some(delay) = self.ledger.since_sent(place, at) else { return };
        if std::mem::replace(&mut self.heard[place.ordinal()], true) {
            self.doubled += 1;
        } else {
            self.delays.add(delay);
        }
    }

    fn lost(&self) -> u64 {
        let is_ours = |ordinal: &usize| self.plan.queue_of(ordinal / STEPS_MAX) == self.queue;
        self.ledger.ordinals().filter(is_ours).filter(|ordinal| !self.heard[*ordinal]).count()
            as u64
    }
}

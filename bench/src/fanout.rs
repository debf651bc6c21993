//! How soon subscribers hear of an event: from the moment it is sent to the moment each has it.

use std::fmt;
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
use crate::socketio::{self, Heard, Socket, Update};
use crate::steady;

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
}

#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub latency: Summary,
    pub lost: u64,
    pub doubled: u64,
    pub resyncs: u64,
    pub errors: Errors,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { latency, lost, doubled, resyncs, errors } = self;
        let heard = latency.count;
        write!(
            f,
            "fanout: {latency}; {heard} heard, {lost} lost, {doubled} doubled, {resyncs} resyncs; {errors}"
        )
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
    let sent = steady::load(target, &load, &plan, Some(ledger.clone())).await?;
    tokio::time::sleep(AFTERWARDS).await;
    stop.send(())?;
    let mut outcome = Outcome {
        latency: Summary::default(),
        lost: 0,
        doubled: 0,
        resyncs: 0,
        errors: sent.errors,
    };
    let mut delays = Delays::default();
    for listener in listeners {
        let listener = listener.await??;
        delays.merge(&listener.delays);
        outcome.lost += listener.lost();
        outcome.doubled += listener.doubled;
        outcome.resyncs += listener.resyncs;
    }
    outcome.latency = delays.summary();
    Ok(outcome)
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
                Heard::Update(update) => self.note(update),
                Heard::Resync => self.resyncs += 1,
                Heard::Other => (),
            }
        }
    }

    fn note(&mut self, update: Update<'_>) {
        let call = update.call_id().and_then(|id| self.plan.call_of(id));
        let (Some(call), Some(seq)) = (call, update.seq().filter(|seq| *seq > 0)) else { return };
        let place = Place { call, seq };
        let Some(delay) = self.ledger.since_sent(place, Instant::now()) else { return };
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

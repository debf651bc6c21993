//! A burst to many clients at once: each gets every update, or is told to fetch again; never neither.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;
use serde::Serialize;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::timeout_at;

use crate::http::{self, Target};
use crate::lives::{Lives, Plan};
use crate::measure::{Delays, Summary};
use crate::socketio::{self, Heard, Socket, Update};

/// A client that has every update may still be told, needlessly, to fetch again.
const A_WHILE: Duration = Duration::from_millis(500);

#[derive(Args, Clone, Debug)]
pub struct Options {
    #[arg(long, default_value_t = 1000)]
    pub clients: usize,
    /// Updates in the burst, sent as one batch
    #[arg(long, default_value_t = 300)]
    pub updates: usize,
    /// How long to wait for the last update
    #[arg(long, default_value_t = 15)]
    pub patience_seconds: u64,
}

#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub clients: usize,
    pub updates: usize,
    pub told_to_fetch: usize,
    /// Clients that missed an update and were not told: there must be none
    pub missed_silently: usize,
    pub latency: Summary,
}

impl Outcome {
    pub fn told_percent(&self) -> f64 {
        100.0 * self.told_to_fetch as f64 / self.clients as f64
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { clients, updates, missed_silently, latency, .. } = self;
        let told = self.told_percent();
        write!(
            f,
            "burst: {updates} updates to {clients} clients: {latency}; {told:.2} % told to fetch again, "
        )?;
        match missed_silently {
            0 => f.write_str("nobody missed anything silently"),
            missed => write!(f, "FAILURE: {missed} missed something and were not told"),
        }
    }
}

pub async fn run(target: &Target, options: &Options) -> Result<Outcome> {
    let plan = Plan::waiting_in("medical_spanish");
    let mut body = Vec::new();
    Lives::new(&plan, options.updates).write_batch(&mut body, options.updates);
    let (sent, sent_at) = watch::channel(None);
    let mut clients = Vec::new();
    for _ in 0..options.clients {
        let mut socket = Socket::connect(target.addr).await?;
        socket.emit("subscribe_calls", &json!({}), |_| ()).await?;
        let client = Client::new(&plan, options.updates);
        clients.push(tokio::spawn(client.run(socket, sent_at.clone(), options.patience_seconds)));
    }
    sent.send(Some(Instant::now()))?;
    let answer = http::once(target, "POST", "/api/events/batch", &body).await?;
    ensure!(
        memchr::memmem::find_iter(&answer, b"\"status\":201").count() == options.updates,
        "the burst was refused: {}",
        String::from_utf8_lossy(&answer[..answer.len().min(600)])
    );
    let mut outcome = Outcome {
        clients: options.clients,
        updates: options.updates,
        told_to_fetch: 0,
        missed_silently: 0,
        latency: Summary::default(),
    };
    let mut delays = Delays::default();
    for client in clients {
        let client = client.await?;
        delays.merge(&client.delays);
        outcome.told_to_fetch += usize::from(client.told);
        outcome.missed_silently += usize::from(!client.told && client.missing > 0);
    }
    outcome.latency = delays.summary();
    end_calls(target, &body).await?;
    Ok(outcome)
}

/// The calls of the burst are still waiting; ended as abandoned they raise no alert later.
async fn end_calls(target: &Target, burst: &[u8]) -> Result<()> {
    let mut events: Vec<serde_json::Value> = serde_json::from_slice(burst)?;
    for event in &mut events {
        *event = json!({
            "event": "call_ended", "callId": event["callId"], "endReason": "abandoned", "duration": 12
        });
    }
    http::once(target, "POST", "/api/events/batch", &serde_json::to_vec(&events)?).await?;
    Ok(())
}

#[derive(Debug)]
struct Client {
    plan: Plan,
    heard: Vec<bool>,
    missing: usize,
    told: bool,
    delays: Delays,
}

impl Client {
    fn new(plan: &Plan, updates: usize) -> Self {
        Self {
            plan: plan.clone(),
            heard: vec![false; updates],
            missing: updates,
            told: false,
            delays: Delays::default(),
        }
    }

    /// Listens until it is told to fetch, or a while after it has everything, or patience ends.
    async fn run(
        mut self,
        mut socket: Socket,
        mut sent_at: watch::Receiver<Option<Instant>>,
        patience: u64,
    ) -> Self {
        let Ok(Some(sent_at)) = sent_at.wait_for(Option::is_some).await.map(|at| *at) else {
            return self;
        };
        let mut until = Instant::now() + Duration::from_secs(patience);
        while let Ok(Ok(packet)) = timeout_at(until.into(), socket.next()).await {
            match socketio::read(packet) {
                Heard::Update(update) => self.note(update, sent_at),
                Heard::Resync => {
                    self.told = true;
                    break;
                }
                Heard::Other => (),
            }
            if self.missing == 0 {
                until = until.min(Instant::now() + A_WHILE);
            }
        }
        self
    }

    fn note(&mut self, update: Update<'_>, sent_at: Instant) {
        let call = update.call_id().and_then(|id| self.plan.call_of(id));
        let Some(heard) = call.and_then(|call| self.heard.get_mut(call)) else { return };
        if update.seq() == Some(1) && !std::mem::replace(heard, true) {
            self.missing -= 1;
            self.delays.add(sent_at.elapsed());
        }
    }
}

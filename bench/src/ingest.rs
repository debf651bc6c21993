//! How many events a second are taken in when every connection sends as fast as it is answered.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;
use memchr::memmem;
use serde::Serialize;

use crate::http::{Answer, Connection, Target, Template};
use crate::lives::{Lives, Plan, Steps};
use crate::measure::{Delays, Errors, Summary};

/// Calls that are under way on one connection at the same time.
const CALLS_AT_ONCE: usize = 8;

#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Connections that stay open
    #[arg(long, default_value_t = 64)]
    pub connections: usize,
    /// How long to measure, after the warm-up
    #[arg(long, default_value_t = 10.0)]
    pub seconds: f64,
    /// How long to send before measuring
    #[arg(long, default_value_t = 2.0)]
    pub warm_up_seconds: f64,
    /// The route; `/api/events/validate` parses and stores nothing
    #[arg(long, default_value = "/api/events")]
    pub path: String,
    /// Events in a request; more than one goes to the batch route
    #[arg(long, default_value_t = 1)]
    pub batch: usize,
    /// Send an `eventId` with each event, so that a receipt is kept
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set)]
    pub keyed: bool,
    /// Events in a call's life
    #[arg(long, value_enum, default_value_t = Steps::Six)]
    pub events: Steps,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connections: 64,
            seconds: 10.0,
            warm_up_seconds: 2.0,
            path: "/api/events".to_owned(),
            batch: 1,
            keyed: true,
            events: Steps::Six,
        }
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub events_per_second: f64,
    pub acknowledged: u64,
    pub latency: Summary,
    pub errors: Errors,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { events_per_second, latency, errors, .. } = self;
        write!(f, "ingest: {events_per_second:.0} events/s; a request takes {latency}; {errors}")
    }
}

pub async fn run(target: &Target, options: &Options) -> Result<Outcome> {
    if options.connections == 0 || options.batch == 0 {
        bail!("there must be at least one connection and one event in a batch");
    }
    let plan = Plan::new(options.events, options.keyed);
    let from = Instant::now() + Duration::from_secs_f64(options.warm_up_seconds);
    let window = Window { from, to: from + Duration::from_secs_f64(options.seconds) };
    let mut senders = Vec::new();
    for _ in 0..options.connections {
        let sender = Sender::open(target, options, &plan).await?;
        senders.push(tokio::spawn(sender.run(window)));
    }
    let (mut acknowledged, mut delays, mut errors) = (0, Delays::default(), Errors::default());
    for sender in senders {
        let counted = sender.await?;
        acknowledged += counted.acknowledged;
        delays.merge(&counted.delays);
        errors.merge(&counted.errors);
    }
    Ok(Outcome {
        events_per_second: acknowledged as f64 / options.seconds,
        acknowledged,
        latency: delays.summary(),
        errors,
    })
}

#[derive(Clone, Copy, Debug)]
struct Window {
    from: Instant,
    to: Instant,
}

#[derive(Debug, Default)]
struct Counted {
    acknowledged: u64,
    delays: Delays,
    errors: Errors,
}

#[derive(Debug)]
struct Sender {
    target: Target,
    connection: Connection,
    template: Template,
    lives: Lives,
    batch: usize,
}

impl Sender {
    async fn open(target: &Target, options: &Options, plan: &Plan) -> Result<Self> {
        let path = if options.batch > 1 { "/api/events/batch" } else { &options.path };
        Ok(Self {
            target: target.clone(),
            connection: Connection::open(target.addr).await?,
            template: Template::new(target, "POST", path),
            lives: Lives::new(plan, CALLS_AT_ONCE.max(options.batch)),
            batch: options.batch,
        })
    }

    /// Sends until the window is over, then ends the calls that are still open.
    async fn run(mut self, window: Window) -> Counted {
        let mut counted = Counted::default();
        let (mut body, mut request) = (Vec::new(), Vec::new());
        let mut closing = false;
        loop {
            body.clear();
            let events = self.write_body(&mut body);
            if events == 0 {
                return counted;
            }
            self.template.fill(&mut request, &body);
            let sent = Instant::now();
            let (acknowledged, status) = match self.connection.call(&request).await {
                Ok(answer) => (accepted(answer, self.batch), answer.status),
                Err(_) => (0, 0),
            };
            let now = Instant::now();
            if (window.from..window.to).contains(&now) {
                counted.acknowledged += acknowledged;
                counted.delays.add(now - sent);
            }
            counted.errors.add(status, events.saturating_sub(acknowledged));
            if status == 0 && self.reopen().await.is_err() {
                return counted;
            }
            if now >= window.to && !closing {
                closing = true;
                self.lives.close();
            }
        }
    }

    fn write_body(&mut self, body: &mut Vec<u8>) -> u64 {
        if self.batch > 1 {
            return self.lives.write_batch(body, self.batch) as u64;
        }
        u64::from(self.lives.write_next(body).is_some())
    }

    async fn reopen(&mut self) -> Result<()> {
        self.connection = Connection::open(self.target.addr).await?;
        Ok(())
    }
}

fn accepted(answer: Answer<'_>, batch: usize) -> u64 {
    match batch {
        1 => u64::from(answer.is_success()),
        _ => count_recorded(answer),
    }
}

/// How many items of a batch's answer say 201.
pub fn count_recorded(answer: Answer<'_>) -> u64 {
    if answer.status != 200 {
        return 0;
    }
    memmem::find_iter(answer.body, b"\"status\":201").count() as u64
}

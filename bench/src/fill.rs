//! Stores many ended calls through the batch route, so that other measurements meet a full store.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Args;
use serde::Serialize;
use serde_json::Value;

use crate::http::{Connection, Target, Template};
use crate::ingest::count_recorded;
use crate::lives::{self, Plan, Steps};

#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Calls to store, each with five events
    #[arg(long, default_value_t = 1_000_000)]
    pub calls: u64,
    #[arg(long, default_value_t = 4)]
    pub connections: usize,
    /// Events in a request
    #[arg(long, default_value_t = 1000)]
    pub batch: usize,
}

impl Options {
    pub fn calls(calls: u64) -> Self {
        Self { calls, connections: 4, batch: 1000 }
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub calls: u64,
    pub events_per_second: f64,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fill: {} calls at {:.0} events/s", self.calls, self.events_per_second)
    }
}

pub async fn run(target: &Target, options: &Options) -> Result<Outcome> {
    let plan = Plan::new(Steps::Five, true);
    let shared = Arc::new(Progress { left: AtomicU64::new(options.calls), calls: options.calls });
    let begun = Instant::now();
    let calls_per_batch = (options.batch / plan.events_per_call()).max(1) as u64;
    let mut fillers = Vec::new();
    for _ in 0..options.connections {
        let (target, plan, shared) = (target.clone(), plan.clone(), shared.clone());
        fillers.push(tokio::spawn(
            async move { send(&target, &plan, &shared, calls_per_batch).await },
        ));
    }
    for filler in fillers {
        filler.await??;
    }
    let events = options.calls * plan.events_per_call() as u64;
    Ok(Outcome {
        calls: options.calls,
        events_per_second: events as f64 / begun.elapsed().as_secs_f64(),
    })
}

#[derive(Debug)]
struct Progress {
    left: AtomicU64,
    calls: u64,
}

impl Progress {
    /// Takes up to `most` calls to send; a line goes to stderr at each twentieth.
    fn take(&self, most: u64) -> u64 {
        let left = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            Some(left.saturating_sub(most))
        });
        let left = left.unwrap_or_default();
        let taken = left.min(most);
        let twentieth = (self.calls / 20).max(1);
        if taken > 0 && left / twentieth != (left - taken) / twentieth {
            eprintln!("fill: {} of {} calls", self.calls - left + taken, self.calls);
        }
        taken
    }
}

async fn send(
    target: &Target,
    plan: &Plan,
    progress: &Progress,
    calls_per_batch: u64,
) -> Result<()> {
    let template = Template::new(target, "POST", "/api/events/batch");
    let mut connection = Connection::open(target.addr).await?;
    let (mut body, mut request) = (Vec::new(), Vec::new());
    loop {
        let calls = progress.take(calls_per_batch);
        if calls == 0 {
            return Ok(());
        }
        body.clear();
        lives::write_whole_lives(plan, &mut body, calls as usize);
        template.fill(&mut request, &body);
        let answer = connection.call(&request).await?;
        let recorded = count_recorded(answer);
        let sent = calls * plan.events_per_call() as u64;
        if recorded != sent {
            bail!(
                "{recorded} of {sent} events recorded ({}): {}",
                answer.status,
                first_refused(answer.body)
            );
        }
    }
}

/// The first item of a batch's answer that is not 201, or the beginning of what is no such answer.
fn first_refused(answer: &[u8]) -> String {
    let items: Vec<Value> = serde_json::from_slice(answer).unwrap_or_default();
    match items.iter().find(|item| item["status"] != 201) {
        Some(item) => item.to_string(),
        None => String::from_utf8_lossy(&answer[..answer.len().min(600)]).into_owned(),
    }
}

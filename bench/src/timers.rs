//! How late timers fire while many are armed, many fall due in one second, and events keep coming in.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Serialize;
use serde_json::json;
use tokio::time::{sleep_until, timeout_at};

use crate::http::{self, Connection, Target, Template};
use crate::ingest::count_recorded;
use crate::lives::{Lives, Plan, Steps};
use crate::measure::{Delays, Errors, Summary};
use crate::socketio::{self, Heard, Socket};
use crate::steady;

#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Timers that are armed and far from due
    #[arg(long, default_value_t = 100_000)]
    pub armed: usize,
    /// Timers that fall due within one second
    #[arg(long, default_value_t = 10_000)]
    pub due: usize,
    /// Events a second that come in meanwhile
    #[arg(long, default_value_t = 2000)]
    pub rate: u32,
    /// How far ahead the due ones are armed; the load runs from then until well after
    #[arg(long, default_value_t = 10)]
    pub due_in_seconds: u32,
}

#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub due: usize,
    pub fired: usize,
    /// As the server recorded it
    pub lateness: Summary,
    pub load_latency: Summary,
    pub errors: Errors,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { due, fired, lateness, load_latency, errors } = self;
        write!(
            f,
            "timers: {fired} of {due} fired, late by {lateness}; events meanwhile: {load_latency}; {errors}"
        )
    }
}

const FAR_QUEUE: &str = "bench_far";
const DUE_QUEUE: &str = "bench_due";
const BATCH: usize = 1000;

/// How long the load goes on, and fired timers are waited for, after the last is due.
const AFTERWARDS_SECONDS: u32 = 6;

pub async fn run(target: &Target, options: &Options) -> Result<Outcome> {
    put_queue(target, FAR_QUEUE, 3600).await?;
    put_queue(target, DUE_QUEUE, options.due_in_seconds).await?;
    arm(target, FAR_QUEUE, options.armed, Duration::ZERO).await?;
    let mut socket = Socket::connect(target.addr).await?;
    socket.emit("subscribe_calls", &json!({ "queueId": DUE_QUEUE }), |_| ()).await?;
    let load = steady::Options::at(options.rate, options.due_in_seconds + 1 + AFTERWARDS_SECONDS);
    let patience = Duration::from_secs(load.seconds.into());
    let (plan, due) = (Plan::new(Steps::Six, true), options.due);
    let listener = tokio::spawn(listen(socket, due, Instant::now() + patience));
    let (loaded, armed) = tokio::join!(
        steady::load(target, &load, &plan, None),
        arm(target, DUE_QUEUE, due, Duration::from_secs(1)),
    );
    armed?;
    let loaded = loaded?;
    let (fired, lateness) = listener.await??;
    Ok(Outcome { due, fired, lateness, load_latency: loaded.latency, errors: loaded.errors })
}

async fn put_queue(target: &Target, id: &str, sla_seconds: u32) -> Result<()> {
    let queue = json!({ "name": id, "slaSeconds": sla_seconds });
    http::once(target, "PUT", &format!("/api/queues/{id}"), &serde_json::to_vec(&queue)?).await?;
    Ok(())
}

/// Begins calls that wait, evenly over `within`: each arms a timer.
async fn arm(target: &Target, queue: &str, calls: usize, within: Duration) -> Result<()> {
    let mut lives = Lives::new(&Plan::waiting_in(queue), 1);
    let template = Template::new(target, "POST", "/api/events/batch");
    let mut connection = Connection::open(target.addr).await?;
    let begun = tokio::time::Instant::now();
    let (mut body, mut request) = (Vec::new(), Vec::new());
    let batches = calls.div_ceil(BATCH);
    for batch in 0..batches {
        sleep_until(begun + within * u32::try_from(batch)? / u32::try_from(batches)?).await;
        body.clear();
        let size = BATCH.min(calls - batch * BATCH);
        lives.write_batch(&mut body, size);
        template.fill(&mut request, &body);
        let answer = connection.call(&request).await?;
        if count_recorded(answer) != size as u64 {
            bail!(
                "arming timers was answered {}: {}",
                answer.status,
                String::from_utf8_lossy(answer.body)
            );
        }
    }
    Ok(())
}

async fn listen(mut socket: Socket, due: usize, until: Instant) -> Result<(usize, Summary)> {
    let (mut fired, mut delays) = (0, Delays::default());
    while fired < due {
        let Ok(packet) = timeout_at(until.into(), socket.next()).await else { break };
        match socketio::read(packet?) {
            Heard::Update(update) if update.is_of("sla_breached") => {
                fired += 1;
                let late_ms = update.late_ms().context("an `sla_breached` without `lateMs`")?;
                delays.add(Duration::from_millis(late_ms));
            }
            Heard::Resync => bail!("the listener was told to fetch again: lateness is unknown"),
            Heard::Update(_) | Heard::Other => (),
        }
    }
    Ok((fired, delays.summary()))
}

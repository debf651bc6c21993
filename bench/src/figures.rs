//! Service figures of a busy day: how long it takes to read them, one request at a time.
//!
//! The day is told afterwards, call by call, with `occurredAt` in every quarter of an hour since
//! midnight. Start the server with a `TIME_ZONE` in which it is late, and the day is a whole one.
//!
//! Figures that did not change are cheap to tell again. So while they are read, events come in to all
//! queues, and once a second a call is told that was over hours ago: a sum of what is past changes, too.

use std::fmt;
use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};

use crate::http::{Connection, Target, Template, once};
use crate::ingest::count_recorded;
use crate::lives::Plan;
use crate::measure::{Delays, Errors, Summary};
use crate::steady;

const QUEUES_PATH: &str = "/api/metrics/queues";
const AGENTS_PATH: &str = "/api/metrics/agents";
const CALLS_PER_BATCH: u64 = 250;
/// Between an answer and the next question, as of some twenty who look once a second.
const BETWEEN: Duration = Duration::from_millis(20);

#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Queues to spread the calls over, made where they are missing
    #[arg(long, default_value_t = 50)]
    pub queues: usize,
    /// Calls to tell, each with four events; 0 measures what is there
    #[arg(long, default_value_t = 1_000_000)]
    pub calls: u64,
    /// Agents who answer them
    #[arg(long, default_value_t = 500)]
    pub agents: usize,
    /// How long to read each of the two
    #[arg(long, default_value_t = 5.0)]
    pub seconds: f64,
    /// Events a second meanwhile, with a late call in each; 0 reads what does not change
    #[arg(long, default_value_t = 500)]
    pub rate: u32,
}

#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub queues: usize,
    pub intervals: usize,
    pub offered_today: u64,
    /// The first answer after the day was told, with nothing beside it
    pub first_ms: f64,
    pub queues_latency: Summary,
    pub agents_latency: Summary,
    pub beside: Option<Beside>,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { queues, intervals, offered_today, first_ms, .. } = self;
        write!(
            f,
            "figures: {queues} queues, {intervals} intervals, {offered_today} calls today: "
        )?;
        write!(f, "first {first_ms:.1} ms; queues {}; ", self.queues_latency)?;
        write!(f, "agents {}; ", self.agents_latency)?;
        match &self.beside {
            Some(beside) => write!(f, "beside {beside}"),
            None => f.write_str("nothing beside it"),
        }
    }
}

/// What came in while figures were read.
#[derive(Clone, Debug, Serialize)]
pub struct Beside {
    pub rate: u32,
    pub late_calls: u32,
    pub latency: Summary,
    pub errors: Errors,
}

impl fmt::Display for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rate, late_calls, latency: Summary { p50_ms, p99_ms, .. }, errors } = self;
        write!(
            f,
            "{rate} events/s (answers p50 {p50_ms:.2} ms, p99 {p99_ms:.2} ms, {errors}) and \
             {late_calls} calls told hours late"
        )
    }
}

pub async fn run(target: &Target, options: &Options) -> Result<Outcome> {
    let queue = |n: usize| format!("figures_{n:03}");
    for n in 0..options.queues {
        let promises = serde_json::to_vec(&json!({ "slaSeconds": 20 + n % 3 * 10 }))?;
        once(target, "PUT", &format!("/api/queues/{}", queue(n)), &promises).await?;
    }
    let starts = starts(&metrics(target).await?);
    let names = (0..options.queues.max(1)).map(queue).collect::<Vec<_>>();
    tell(target, options, &names, &starts).await?;

    if 0 < options.calls {
        // What a storm of events noted last is folded in by now: a day is read, not its storm.
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let begun = Instant::now();
    let first = once(target, "GET", QUEUES_PATH, b"").await?;
    let first_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let told: Value = serde_json::from_slice(&first)?;
    let ((queues_latency, agents_latency), beside) = if options.rate == 0 {
        (read(target, options.seconds).await?, None)
    } else {
        let (latencies, beside) = tokio::try_join!(
            read(target, options.seconds),
            change(target, options, &names, &starts)
        )?;
        (latencies, Some(beside))
    };
    Ok(Outcome {
        queues: told["queues"].as_array().map_or(0, Vec::len),
        intervals: starts.len(),
        offered_today: told["total"]["today"]["offered"].as_u64().unwrap_or_default(),
        first_ms,
        queues_latency,
        agents_latency,
        beside,
    })
}

async fn metrics(target: &Target) -> Result<Value> {
    Ok(serde_json::from_slice(&once(target, "GET", QUEUES_PATH, b"").await?)?)
}

/// When the day's quarters of an hour begin, without their minutes: `2026-11-21T09:` and 30.
fn starts(metrics: &Value) -> Vec<(String, u32)> {
    let intervals = metrics["total"]["intervals"].as_array().map_or(&[][..], Vec::as_slice);
    let starts = intervals.iter().filter_map(|it| it["start"].as_str());
    let split = |start: &str| Some((start.get(..14)?.to_owned(), start.get(14..16)?.parse().ok()?));
    // The one that runs has not come to its end.
    let mut starts = starts.filter_map(split).collect::<Vec<_>>();
    if 1 < starts.len() {
        starts.pop();
    }
    starts
}

async fn tell(
    target: &Target,
    options: &Options,
    queues: &[String],
    starts: &[(String, u32)],
) -> Result<()> {
    let template = Template::new(target, "POST", "/api/events/batch");
    let mut connection = Connection::open(target.addr).await?;
    let (mut body, mut request) = (Vec::new(), Vec::new());
    let run = fastrand::u64(..);
    let mut told = 0;
    while told < options.calls {
        let calls = CALLS_PER_BATCH.min(options.calls - told);
        body.clear();
        for call in told..told + calls {
            let queue = &queues[fastrand::usize(..queues.len())];
            let start =
                starts.get(fastrand::usize(..starts.len().max(1))).context("no interval")?;
            let agent = fastrand::usize(..options.agents.max(1));
            write_call(&mut body, &format!("f-{run:x}-{call}"), queue, start, agent)?;
        }
        template.fill(&mut request, &body);
        let recorded = count_recorded(connection.call(&request).await?);
        if recorded < calls * 4 {
            bail!("{recorded} of {} events recorded", calls * 4);
        }
        told += calls;
        if told.is_multiple_of(CALLS_PER_BATCH * 400) {
            eprintln!("figures: {told} of {} calls", options.calls);
        }
    }
    Ok(())
}

/// A call that begins in the first minutes of its quarter and is over within it.
fn write_call(
    body: &mut Vec<u8>,
    id: &str,
    queue: &str,
    (hour, minute): &(String, u32),
    agent: usize,
) -> Result<()> {
    let began = fastrand::u32(0..240_000);
    let waited = fastrand::u32(500..90_000);
    let talked = fastrand::u32(5_000..500_000);
    let at = |ms: u32| {
        let (minute, second) = (minute + ms / 60_000, ms / 1_000 % 60);
        format!("\"occurredAt\":\"{hour}{minute:02}:{second:02}.{:03}Z\"", ms % 1_000)
    };
    let (rang, answered) = (began + waited / 2, began + waited);
    let (call, begun, over) = (format!("\"callId\":\"{id}\""), at(began), at(answered + talked));
    writeln!(
        body,
        "{{\"event\":\"call_initiated\",{call},\"type\":\"voice\",\"queueId\":\"{queue}\",{begun}}}"
    )?;
    writeln!(
        body,
        "{{\"event\":\"call_routed\",{call},\"agentId\":\"a{agent}\",\"routingTime\":1,{}}}",
        at(rang)
    )?;
    writeln!(body, "{{\"event\":\"call_answered\",{call},\"waitTime\":1,{}}}", at(answered))?;
    writeln!(
        body,
        "{{\"event\":\"call_ended\",{call},\"endReason\":\"completed\",\"duration\":60,{over}}}"
    )?;
    Ok(())
}

/// Lets figures change for as long as they are read: those of now, and those of the morning.
async fn change(
    target: &Target,
    options: &Options,
    queues: &[String],
    starts: &[(String, u32)],
) -> Result<Beside> {
    let seconds = (options.seconds * 2.0).ceil() as u32;
    let late = async {
        let one = Options { calls: 1, ..options.clone() };
        let mut turns = tokio::time::interval(Duration::from_secs(1));
        for _ in 0..seconds {
            turns.tick().await;
            tell(target, &one, queues, &starts[..starts.len().div_ceil(2)]).await?;
        }
        Ok(())
    };
    let load = steady::Options::at(options.rate, seconds);
    let plan = Plan::spread_over(queues);
    let (sent, ()) = tokio::try_join!(steady::load(target, &load, &plan, None), late)?;
    Ok(Beside {
        rate: options.rate,
        late_calls: seconds,
        latency: sent.latency,
        errors: sent.errors,
    })
}

/// Queues, then agents.
async fn read(target: &Target, seconds: f64) -> Result<(Summary, Summary)> {
    let queues = measure(target, QUEUES_PATH, seconds).await?;
    Ok((queues, measure(target, AGENTS_PATH, seconds).await?))
}

async fn measure(target: &Target, path: &str, seconds: f64) -> Result<Summary> {
    let mut connection = Connection::open(target.addr).await?;
    let mut request = Vec::new();
    Template::new(target, "GET", path).fill(&mut request, b"");
    let mut delays = Delays::default();
    let until = Instant::now() + Duration::from_secs_f64(seconds);
    while Instant::now() < until {
        let sent = Instant::now();
        let answer = connection.call(&request).await?;
        if !answer.is_success() {
            bail!("{path} was answered {}", answer.status);
        }
        delays.add(sent.elapsed());
        tokio::time::sleep(BETWEEN).await;
    }
    Ok(delays.summary())
}

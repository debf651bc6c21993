//! Offers: how soon a free agent has one, on SQLite and with two copies on one PostgreSQL, and what
//! dispatch costs those who send events, on both.

use anyhow::{Result, ensure};
use tokio::sync::Notify;

use super::Scale;
use super::report::{Found, Line};
use super::stage::Stage;
use crate::measure::median;
use crate::{http::Target, ingest, offers};

pub(super) async fn measure(stage: &Stage, scale: Scale) -> Found {
    Found { section: "offers", lines: lines(stage, scale).await }
}

async fn lines(stage: &Stage, scale: Scale) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    let server = stage.start_empty("offers").await?;
    let options = offers::Options::at(scale.agents, scale.seconds);
    let mut rounds = Vec::new();
    for _ in 0..scale.rounds {
        rounds.push(offers::run(server.target(), &options, &Notify::new()).await?);
    }
    lines.push(soon("a free agent to the recorded offer, on SQLite", &rounds)?);

    let named = "events a second while dispatch works on SQLite, of those without";
    lines.push(beside(named, server.target(), &options, scale).await?);
    server.discard().await?;

    let (postgres, one, other) = stage.start_two().await?;
    let also = vec![format!("http://{}", other.target().addr)];
    let options = offers::Options { also, ..options };
    let mut rounds = Vec::new();
    for _ in 0..scale.rounds {
        rounds.push(offers::run(one.target(), &options, &Notify::new()).await?);
    }
    lines.push(soon("a free agent to the recorded offer, two copies on PostgreSQL", &rounds)?);
    other.stop().await?;

    let options = offers::Options { also: Vec::new(), ..options };
    let named = "events a second while dispatch works on PostgreSQL, of those without";
    lines.push(beside(named, one.target(), &options, scale).await?);
    one.stop().await?;
    postgres.stop().await?;
    Ok(lines)
}

/// What is left of the rate at which events are taken in.
async fn beside(
    name: &'static str,
    target: &Target,
    options: &offers::Options,
    scale: Scale,
) -> Result<Line> {
    let single = ingest::Options { seconds: scale.seconds.into(), ..ingest::Options::default() };
    // It goes on for a little longer than the other takes to warm up and measure.
    let options = offers::Options { seconds: scale.seconds + 5, ..options.clone() };
    let mut kept = Vec::new();
    let mut before = ingest::run(target, &single).await?.events_per_second;
    // What one round says is off by several percent on a shared machine.
    for _ in 0..=2 * scale.rounds {
        let busy = Notify::new();
        let beside = async {
            busy.notified().await;
            ingest::run(target, &single).await
        };
        let (_, beside) = tokio::try_join!(offers::run(target, &options, &busy), beside)?;
        let after = ingest::run(target, &single).await?.events_per_second;
        eprintln!("beside dispatch: {beside}; alone: {before:.0}/s before, {after:.0}/s after");
        // The store grows from one to the next, so its neighbours on both sides are what it compares with.
        let alone = f64::midpoint(before, after);
        kept.push((beside.events_per_second + f64::from(options.rate)) / alone);
        before = after;
    }
    let kept = median(kept);
    Ok(Line { name, target: ">= 0.9", measured: format!("{kept:.2}"), holds: kept >= 0.9 })
}

fn soon(name: &'static str, rounds: &[offers::Outcome]) -> Result<Line> {
    for round in rounds {
        eprintln!("{round}");
        // Two copies may both be about to answer the same call; no more than one in a thousand.
        ensure!(round.errors.total() * 1000 <= round.latency.count, "{}", round.errors);
    }
    let p99 = median(rounds.iter().map(|round| round.latency.p99_ms));
    let p50 = median(rounds.iter().map(|round| round.latency.p50_ms));
    Ok(Line {
        name,
        target: "p99 < 50 ms",
        measured: format!("p50 {p50:.2} ms, p99 {p99:.2} ms"),
        holds: p99 < 50.0,
    })
}

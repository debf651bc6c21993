//! What people wait for: delays, updates, restarts, timers, lists; and memory while nothing happens.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::sleep;

use super::Scale;
use super::report::{Found, Line};
use super::stage::Stage;
use crate::measure::{Summary, median};
use crate::{burst, fanout, fill, list, reconnect, steady, timers};

pub(super) async fn rest(stage: &mut Stage) -> Found {
    Found { section: "memory at rest", lines: rest_lines(stage).await }
}

async fn rest_lines(stage: &mut Stage) -> Result<Vec<Line>> {
    stage.restart_full().await?;
    sleep(Duration::from_secs(5)).await;
    let full = stage.full()?.resident_mebibytes()?;
    let fresh = stage.start_empty("fresh").await?;
    sleep(Duration::from_secs(5)).await;
    let empty = fresh.resident_mebibytes()?;
    fresh.discard().await?;
    Ok(vec![Line {
        name: "resident memory at rest",
        target: "< 40 MB",
        measured: format!("{full:.1} MiB with everything stored, {empty:.1} MiB empty"),
        holds: full.max(empty) * 1.048_576 < 40.0,
    }])
}

pub(super) async fn steady(stage: &Stage, scale: Scale) -> Found {
    Found { section: "1,000 events a second", lines: steady_lines(stage, scale).await }
}

async fn steady_lines(stage: &Stage, scale: Scale) -> Result<Vec<Line>> {
    let mut rounds = Vec::new();
    for _ in 0..scale.rounds {
        let outcome =
            steady::run(stage.full()?.target(), &steady::Options::at(1000, scale.seconds)).await?;
        eprintln!("{outcome}");
        ensure!(outcome.errors.total() == 0, "{}", outcome.errors);
        rounds.push(outcome.latency);
    }
    let (p50, p99) = (middle(&rounds, |s| s.p50_ms), middle(&rounds, |s| s.p99_ms));
    Ok(vec![Line {
        name: "an answer at 1,000 events/s",
        target: "p50 < 2.5 ms, p99 < 10 ms",
        measured: format!("p50 {p50:.2} ms, p99 {p99:.2} ms"),
        holds: p50 < 2.5 && p99 < 10.0,
    }])
}

pub(super) async fn fanout(stage: &Stage, scale: Scale, witness: &Path) -> Found {
    Found { section: "fan-out", lines: fanout_lines(stage, scale, witness).await }
}

async fn fanout_lines(stage: &Stage, scale: Scale, witness: &Path) -> Result<Vec<Line>> {
    let options = fanout::Options {
        rate: 500,
        rooms: 4,
        clients_per_room: 50,
        seconds: scale.seconds,
        witness: Some(witness.to_owned()),
    };
    let (mut heard, mut witnessed) = (Vec::new(), Vec::new());
    for _ in 0..scale.rounds {
        let outcome = fanout::run(stage.full()?.target(), &options).await?;
        eprintln!("{outcome}");
        ensure!(outcome.errors.total() == 0, "{}", outcome.errors);
        heard.push(outcome.heard);
        witnessed.extend(outcome.witness);
    }
    let told = |rounds: &[fanout::Account]| {
        let p50 = median(rounds.iter().map(|round| round.latency.p50_ms));
        let p99 = median(rounds.iter().map(|round| round.latency.p99_ms));
        let lost: u64 = rounds.iter().map(|round| round.lost).sum();
        let doubled: u64 = rounds.iter().map(|round| round.doubled).sum();
        let text = format!("p50 {p50:.2} ms, p99 {p99:.2} ms; {lost} lost, {doubled} doubled");
        (text, p99, lost + doubled)
    };
    let (ours, p99, wrong) = told(&heard);
    let (stock, _, wrong_there) = told(&witnessed);
    Ok(vec![Line {
        name: "an update at 500 events/s, four rooms of 50, from sending to the subscriber",
        target: "p99 < 25 ms",
        measured: format!("{ours}; a stock client as witness: {stock}"),
        holds: p99 < 25.0 && wrong == 0 && wrong_there == 0,
    }])
}

pub(super) async fn burst(stage: &Stage, scale: Scale) -> Found {
    Found { section: "a burst", lines: burst_lines(stage, scale).await }
}

async fn burst_lines(stage: &Stage, scale: Scale) -> Result<Vec<Line>> {
    let options = burst::Options { clients: scale.clients, updates: 300, patience_seconds: 15 };
    let mut rounds = Vec::new();
    for _ in 0..scale.rounds {
        let outcome = burst::run(stage.full()?.target(), &options).await?;
        eprintln!("{outcome}");
        rounds.push(outcome);
    }
    let told = median(rounds.iter().map(burst::Outcome::told_percent));
    let missed: usize = rounds.iter().map(|outcome| outcome.missed_silently).sum();
    let p99 = median(rounds.iter().map(|outcome| outcome.latency.p99_ms));
    Ok(vec![
        Line {
            name: "300 updates at once to 1,000 clients: told to fetch again",
            target: "<= 1 %, nobody misses one silently",
            measured: format!("{told:.2} %, {missed} clients missed one silently"),
            holds: told <= 1.0 && missed == 0,
        },
        Line {
            name: "300 updates at once to 1,000 clients: delay",
            target: "p99 < 1 s",
            measured: format!("p99 {p99:.0} ms"),
            holds: p99 < 1000.0,
        },
    ])
}

pub(super) async fn reconnect(stage: &mut Stage, scale: Scale) -> Found {
    Found { section: "a restart", lines: reconnect_lines(stage, scale).await }
}

async fn reconnect_lines(stage: &mut Stage, scale: Scale) -> Result<Vec<Line>> {
    let options = reconnect::Options { clients: scale.clients };
    let mut rounds = Vec::new();
    for _ in 0..scale.rounds {
        let waiting = reconnect::connect(stage.full()?.target(), &options).await?;
        let (outcome, restarted) = tokio::join!(waiting.finish(), stage.restart_full());
        restarted?;
        let outcome = outcome?;
        eprintln!("{outcome}");
        rounds.push(outcome.latency);
    }
    let last = middle(&rounds, |s| s.max_ms);
    Ok(vec![Line {
        name: "1,000 clients right again after a restart",
        target: "all within 5 s of its accepting",
        measured: format!(
            "p50 {:.0} ms, the last after {last:.0} ms",
            middle(&rounds, |s| s.p50_ms)
        ),
        holds: last < 5000.0,
    }])
}

pub(super) async fn list(stage: &Stage, scale: Scale) -> Found {
    Found { section: "the list of calls", lines: list_lines(stage, scale).await }
}

async fn list_lines(stage: &Stage, scale: Scale) -> Result<Vec<Line>> {
    let few = stage.start_empty("few").await?;
    fill::run(few.target(), &fill::Options::calls(scale.few_calls)).await?;
    let options = list::Options { seconds: f64::from(scale.seconds) };
    let (mut many_rounds, mut few_rounds) = (Vec::new(), Vec::new());
    for _ in 0..scale.rounds {
        few_rounds.push(list::run(few.target(), &options).await?);
        many_rounds.push(list::run(stage.full()?.target(), &options).await?);
    }
    few.discard().await?;
    let p99 = |rounds: &[list::Outcome], filter: usize| {
        median(rounds.iter().map(|r| r.filters[filter].latency.p99_ms))
    };
    let (mut told, mut slowest, mut ratio) = (Vec::new(), 0.0_f64, 0.0_f64);
    for (filter, list::Filtered { filter: name, .. }) in many_rounds[0].filters.iter().enumerate() {
        let (many, few) = (p99(&many_rounds, filter), p99(&few_rounds, filter));
        told.push(format!("{name} {many:.2} ms ({few:.2} ms)"));
        slowest = slowest.max(many);
        ratio = ratio.max(many / few);
    }
    Ok(vec![
        Line {
            name: "first page of GET /api/calls at 1,000,000 calls (at 10,000), by filter",
            target: "p99 < 10 ms",
            measured: told.join(", "),
            holds: slowest < 10.0,
        },
        Line {
            name: "the same, of its p99 at 10,000 calls",
            target: "<= 1.5",
            measured: format!("{ratio:.2} for the worst filter"),
            holds: ratio <= 1.5,
        },
    ])
}

pub(super) async fn timers(stage: &mut Stage, scale: Scale) -> Found {
    Found { section: "timers", lines: timers_lines(stage, scale).await }
}

async fn timers_lines(stage: &mut Stage, scale: Scale) -> Result<Vec<Line>> {
    let options =
        timers::Options { armed: scale.armed, due: scale.due, rate: 2000, due_in_seconds: 10 };
    let outcome = timers::run(stage.full()?.target(), &options).await?;
    eprintln!("{outcome}");
    let ready = stage.restart_full().await?;
    let timers::Outcome { due, fired, lateness, load_latency, errors } = outcome;
    Ok(vec![
        Line {
            name: "100,000 timers armed, 10,000 due in one second, 2,000 events/s coming in: lateness",
            target: "p99 < 500 ms",
            measured: format!(
                "{fired} of {due} fired, late by {lateness}; answers meanwhile p99 {:.1} ms, {errors}",
                load_latency.p99_ms
            ),
            holds: fired == due && lateness.p99_ms < 500.0 && errors.total() == 0,
        },
        Line {
            name: "restart with 100,000 timers armed: ready",
            target: "within 2 s",
            measured: format!("{ready:.2} s"),
            holds: ready < 2.0,
        },
    ])
}

fn middle(rounds: &[Summary], of: fn(&Summary) -> f64) -> f64 {
    median(rounds.iter().map(of))
}

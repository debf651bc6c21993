//! Events a second: full against empty, stored against parsed only, one by one against in batches, and
//! both databases against the usual Node service. All take turns in each round.

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use super::Scale;
use super::report::{Found, Line};
use super::stage::Stage;
use crate::http::Target;
use crate::ingest::{self, Options};
use crate::lives::Steps;
use crate::measure::median;

/// What was counted in one round, in events a second.
#[derive(Clone, Copy, Debug)]
struct Round {
    empty: f64,
    full: f64,
    validate: f64,
    batches: f64,
    postgres: f64,
    baseline: f64,
}

pub(super) async fn measure(stage: &mut Stage, scale: Scale) -> Found {
    Found { section: "events a second", lines: lines(stage, scale).await }
}

async fn lines(stage: &mut Stage, scale: Scale) -> Result<Vec<Line>> {
    stage.start_compared(scale.stored_calls).await?;
    warm_up(stage, scale).await?;
    let mut rounds = Vec::new();
    for _ in 0..scale.rounds {
        rounds.push(round(stage, scale).await?);
    }
    stage.stop_compared().await?;
    let middle = |of: fn(&Round) -> f64| median(rounds.iter().map(of));
    let (full, postgres, baseline) =
        (middle(|r| r.full), middle(|r| r.postgres), middle(|r| r.baseline));
    // Ratios are of neighbours in one round, so that a slow spell of the machine hits both.
    let ratio = |name, target, least: f64, of: fn(&Round) -> f64, what: String| {
        let ratio = middle(of);
        Line { name, target, measured: format!("{ratio:.2} ({what})"), holds: ratio >= least }
    };
    let (empty, validate, batches) =
        (middle(|r| r.empty), middle(|r| r.validate), middle(|r| r.batches));
    Ok(vec![
        ratio(
            "single events on SQLite, of the rate of parsing only",
            ">= 0.35",
            0.35,
            |r| r.full / r.validate,
            format!("{full:.0}/s of {validate:.0}/s"),
        ),
        ratio(
            "single events on SQLite, times the Node service",
            ">= 12",
            12.0,
            |r| r.full / r.baseline,
            format!("{full:.0}/s to {baseline:.0}/s"),
        ),
        ratio(
            "single events on PostgreSQL, times the Node service on the same PostgreSQL",
            ">= 8",
            8.0,
            |r| r.postgres / r.baseline,
            format!("{postgres:.0}/s to {baseline:.0}/s"),
        ),
        ratio(
            "single events with 5,000,000 stored, of the rate when empty",
            ">= 0.8",
            0.8,
            |r| r.full / r.empty,
            format!("{full:.0}/s of {empty:.0}/s"),
        ),
        ratio(
            "batches of 100, times single events",
            ">= 3",
            3.0,
            |r| r.batches / r.full,
            format!("{batches:.0}/s to {full:.0}/s"),
        ),
    ])
}

/// Node compiles what runs often only after some ten seconds; a rate before that would flatter us.
async fn warm_up(stage: &Stage, scale: Scale) -> Result<()> {
    let options = Options {
        seconds: f64::from(scale.seconds) * 2.0,
        events: Steps::Five,
        ..Options::default()
    };
    let compared = stage.compared()?;
    rate("warming up the Node service", compared.baseline.target(), &options).await?;
    rate("warming up PostgreSQL", compared.switchboard.target(), &options).await?;
    Ok(())
}

async fn round(stage: &Stage, scale: Scale) -> Result<Round> {
    let single =
        Options { seconds: scale.seconds.into(), events: Steps::Five, ..Options::default() };
    let parsing = Options { path: "/api/events/validate".to_owned(), ..single.clone() };
    let batch = Options { batch: 100, connections: 8, ..single.clone() };
    let full = stage.full()?.target();
    let compared = stage.compared()?;
    let fresh = stage.start_empty("empty").await?;
    let empty = rate("empty", fresh.target(), &single).await?;
    fresh.discard().await?;
    Ok(Round {
        empty,
        full: rate("full", full, &single).await?,
        validate: rate("validate", full, &parsing).await?,
        batches: rate("batches", full, &batch).await?,
        postgres: rate("PostgreSQL", compared.switchboard.target(), &single).await?,
        baseline: rate("the Node service", compared.baseline.target(), &single).await?,
    })
}

async fn rate(what: &str, target: &Target, options: &Options) -> Result<f64> {
    // What the one before left to do (checkpoints, freed pages) is not this one's work.
    sleep(Duration::from_secs(1)).await;
    let outcome = ingest::run(target, options).await?;
    eprintln!("{what}: {outcome}");
    anyhow::ensure!(
        outcome.errors.total() * 1000 <= outcome.acknowledged,
        "{what}: {}",
        outcome.errors
    );
    Ok(outcome.events_per_second)
}

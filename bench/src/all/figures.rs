//! Service figures: how long it takes to read those of a busy day while it goes on.

use anyhow::{Context, Result, ensure};

use super::Scale;
use super::report::{Found, Line};
use super::stage::Stage;
use crate::figures;

pub(super) async fn measure(stage: &Stage, scale: Scale) -> Found {
    Found { section: "service figures", lines: lines(stage, scale).await }
}

async fn lines(stage: &Stage, scale: Scale) -> Result<Vec<Line>> {
    let server = stage.start_late_in_the_day("figures").await?;
    eprintln!("telling a day of {} calls", scale.stored_calls);
    let options = figures::Options {
        queues: 50,
        calls: scale.stored_calls,
        agents: 500,
        seconds: scale.seconds.into(),
        rate: 500,
    };
    let found = figures::run(server.target(), &options).await?;
    eprintln!("{found}");
    server.discard().await?;
    let (read, first) = (&found.queues_latency, found.first_ms);
    let beside = found.beside.context("nothing came in meanwhile")?;
    ensure!(beside.errors.total() == 0, "{}", beside.errors);
    Ok(vec![Line {
        name: "figures of 50 queues over the day",
        target: "< 20 ms",
        measured: format!(
            "p50 {:.2} ms, p99 {:.2} ms beside {beside}; the first after the day was told {first:.1} ms",
            read.p50_ms, read.p99_ms
        ),
        holds: read.p99_ms < 20.0,
    }])
}

//! Everything in one run: starts what it needs, measures each promise, and writes one table.
//!
//! Measurements that are compared take turns (A B A B) and the middle of the rounds is told, because
//! the machine is shared and noisy. One that fails is a line that does not hold; the others go on.

mod figures;
mod live;
mod machine;
mod offers;
mod postgres;
mod rates;
mod report;
mod services;
mod stage;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use self::machine::Machine;
use self::report::Report;
use self::stage::Stage;

#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The release build of the server
    #[arg(long, default_value = "target/release/switchboard")]
    server: PathBuf,
    /// A tenth of everything stored, armed and connected, and short runs
    #[arg(long)]
    quick: bool,
    /// Only these sections
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Section>,
    /// The Node service to compare with
    #[arg(long, default_value = "bench/baseline-node")]
    baseline: PathBuf,
    /// The stock client that listens beside the load generator's own
    #[arg(long, default_value = "bench/witness")]
    witness: PathBuf,
    /// Where all data is kept while measuring; its disk is what is measured
    #[arg(long)]
    work_dir: Option<PathBuf>,
    /// Where the table goes
    #[arg(long, default_value = "bench/results/latest.md")]
    results: PathBuf,
}

/// Promises that are measured together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Section {
    Rates,
    Steady,
    Fanout,
    Burst,
    Reconnect,
    Offers,
    Figures,
    Timers,
    List,
    Rest,
}

/// How much of everything.
#[derive(Clone, Copy, Debug)]
struct Scale {
    stored_calls: u64,
    few_calls: u64,
    clients: usize,
    armed: usize,
    due: usize,
    agents: usize,
    rounds: usize,
    seconds: u32,
}

const FULL: Scale = Scale {
    stored_calls: 1_000_000,
    few_calls: 10_000,
    clients: 1000,
    armed: 100_000,
    due: 10_000,
    agents: 1000,
    rounds: 3,
    seconds: 10,
};

const QUICK: Scale = Scale {
    stored_calls: 100_000,
    few_calls: 1000,
    clients: 100,
    armed: 10_000,
    due: 1000,
    agents: 1000,
    rounds: 3,
    seconds: 3,
};

impl Options {
    fn scale(&self) -> Scale {
        if self.quick { QUICK } else { FULL }
    }

    fn wants(&self, section: Section) -> bool {
        self.only.is_empty() || self.only.contains(&section)
    }
}

/// Measures, prints the table, and keeps it.
pub async fn run(options: &Options) -> Result<()> {
    let work_dir = options.work_dir.clone().unwrap_or_else(std::env::temp_dir);
    let work_dir = work_dir.join(format!("switchboard-bench-{}", std::process::id()));
    fs::create_dir_all(&work_dir).with_context(|| format!("cannot make {}", work_dir.display()))?;
    let mut report = Report::new(Machine::look(&work_dir)?, options.quick);
    let mut stage = Stage::new(options, work_dir.clone());
    let measured = measure(options, &mut stage, &mut report).await;
    stage.clear().await;
    // A server that failed has left its log here; otherwise nothing is worth keeping.
    if measured.is_ok() {
        fs::remove_dir_all(&work_dir)?;
    }
    measured?;
    let table = report.to_string();
    if let Some(folder) = options.results.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&options.results, &table)?;
    println!("{table}");
    Ok(())
}

async fn measure(options: &Options, stage: &mut Stage, report: &mut Report) -> Result<()> {
    let scale = options.scale();
    stage.fill_sqlite(scale.stored_calls).await?;
    if options.wants(Section::Rest) {
        report.add(live::rest(stage).await);
    }
    if options.wants(Section::Rates) {
        report.add(rates::measure(stage, scale).await);
    }
    if options.wants(Section::Steady) {
        report.add(live::steady(stage, scale).await);
    }
    if options.wants(Section::Fanout) {
        report.add(live::fanout(stage, scale, &options.witness).await);
    }
    if options.wants(Section::Burst) {
        report.add(live::burst(stage, scale).await);
    }
    if options.wants(Section::Reconnect) {
        report.add(live::reconnect(stage, scale).await);
    }
    if options.wants(Section::Offers) {
        report.add(offers::measure(stage, scale).await);
    }
    if options.wants(Section::Figures) {
        report.add(figures::measure(stage, scale).await);
    }
    if options.wants(Section::List) {
        report.add(live::list(stage, scale).await);
    }
    // Last, because its calls stay armed.
    if options.wants(Section::Timers) {
        report.add(live::timers(stage, scale).await);
    }
    Ok(())
}

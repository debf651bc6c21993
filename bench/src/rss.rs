//! Resident memory of a process, as the kernel counts it.

use std::fmt;
use std::fs;

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

#[derive(Args, Clone, Debug)]
pub struct Options {
    #[arg(long)]
    pub pid: u32,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub struct Outcome {
    pub mebibytes: f64,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rss: {:.1} MiB", self.mebibytes)
    }
}

pub fn run(options: &Options) -> Result<Outcome> {
    let pid = options.pid;
    let status = fs::read_to_string(format!("/proc/{pid}/status"))
        .with_context(|| format!("no process {pid}"))?;
    let kibibytes: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok())
        .with_context(|| format!("process {pid} has no resident memory"))?;
    Ok(Outcome { mebibytes: kibibytes / 1024.0 })
}

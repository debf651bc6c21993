//! The machine a table was measured on: a number without it says little.

use std::fmt;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::measure::{Delays, Summary};

#[derive(Clone, Debug)]
pub(super) struct Machine {
    cores: usize,
    processor: String,
    memory_gib: f64,
    kernel: String,
    fsync: Summary,
}

impl Machine {
    /// Looks at the machine, and at the disk that holds `folder`.
    pub(super) fn look(folder: &Path) -> Result<Self> {
        Ok(Self {
            cores: std::thread::available_parallelism()?.get(),
            processor: line_of("/proc/cpuinfo", "model name")
                .unwrap_or_else(|| "unknown".to_owned()),
            memory_gib: line_of("/proc/meminfo", "MemTotal")
                .and_then(kibibytes)
                .unwrap_or(f64::NAN)
                / 1_048_576.0,
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            fsync: measure_fsync(folder)?,
        })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cores, processor, memory_gib, kernel, fsync } = self;
        write!(
            f,
            "{cores} cores ({processor}), {memory_gib:.0} GiB, Linux {kernel}; 4 KiB write and fdatasync: {fsync}. \
             The load generator runs on the same cores."
        )
    }
}

fn line_of(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn kibibytes(text: String) -> Option<f64> {
    text.strip_suffix(" kB")?.parse().ok()
}

fn measure_fsync(folder: &Path) -> Result<Summary> {
    let path = folder.join("fsync");
    let mut file = File::create(&path)?;
    let mut delays = Delays::default();
    let until = Instant::now() + Duration::from_secs(2);
    while Instant::now() < until {
        let begun = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        delays.add(begun.elapsed());
    }
    fs::remove_file(path)?;
    Ok(delays.summary())
}

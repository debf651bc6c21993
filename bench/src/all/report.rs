//! The table: a line a promise, what was measured, and whether it holds.

use std::fmt;

use anyhow::Result;

use super::machine::Machine;

/// One promise.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) target: &'static str,
    pub(super) measured: String,
    pub(super) holds: bool,
}

/// What a section found, under the name it has when it fails.
pub(super) struct Found {
    pub(super) section: &'static str,
    pub(super) lines: Result<Vec<Line>>,
}

#[derive(Debug)]
pub(super) struct Report {
    machine: Machine,
    quick: bool,
    lines: Vec<Line>,
}

impl Report {
    pub(super) fn new(machine: Machine, quick: bool) -> Self {
        Self { machine, quick, lines: Vec::new() }
    }

    pub(super) fn add(&mut self, found: Found) {
        let lines = found.lines.unwrap_or_else(|error| {
            let measured = format!("failed: {error:#}");
            vec![Line { name: found.section, target: "", measured, holds: false }]
        });
        for line in &lines {
            eprintln!("{}: {} ({})", line.name, line.measured, verdict(line));
        }
        self.lines.extend(lines);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.machine)?;
        if self.quick {
            writeln!(
                f,
                "A quick run: a tenth of the calls, clients and timers that the lines name.\n"
            )?;
        }
        writeln!(f, "| line | target | measured | holds? |\n|---|---|---|---|")?;
        self.lines.iter().try_for_each(|line| {
            let measured = line.measured.replace('|', "\\|").replace('\n', " ");
            writeln!(f, "| {} | {} | {measured} | {} |", line.name, line.target, verdict(line))
        })
    }
}

fn verdict(line: &Line) -> &'static str {
    if line.holds { "yes" } else { "**no**" }
}

//! The log, on standard error: readable or JSON.
//!
//! Lines are written by a thread of their own. Where nobody reads them, or the disk under them is full,
//! lines are lost and counted, and calls go on.

use std::{
    io::{self, IsTerminal, Write, stderr},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

const LINES_WAITING_MAX: usize = 8_192;
/// So long the end of the process waits for what was said before it.
const FLUSHED_WITHIN: Duration = Duration::from_millis(500);
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

static LINES: OnceLock<SyncSender<Said>> = OnceLock::new();
static LOST: AtomicU64 = AtomicU64::new(0);

enum Said {
    Line(Vec<u8>),
    /// Everything before this was written.
    Flush(SyncSender<()>),
}

/// Starts logging. A filter that cannot be read is refused with a sentence.
pub(crate) fn start(level: &str, format: LogFormat) -> Result<(), String> {
    let filter = filter(level)?;
    let (lines, said) = sync_channel(LINES_WAITING_MAX);
    thread::Builder::new()
        .name("log".to_owned())
        .spawn(move || write(&said))
        .map_err(|error| format!("cannot start the log: {error}"))?;
    let lines = LINES.get_or_init(|| lines);
    // Its own complaint, that a line could not be written, would go where the line went.
    let logs = tracing_subscriber::fmt().with_env_filter(filter).log_internal_errors(false);
    let logs = logs.with_writer(move || Line(lines));
    match format {
        LogFormat::Text => logs.with_target(false).with_ansi(stderr().is_terminal()).init(),
        LogFormat::Json => logs.json().flatten_event(true).init(),
    }
    Ok(())
}

/// Waits for a moment until what was said is written: the process is about to end.
pub(crate) fn flush() {
    let Some(lines) = LINES.get() else { return };
    let (done, written) = sync_channel(1);
    if lines.try_send(Said::Flush(done)).is_ok() {
        // Where nobody reads, there is nothing to wait for.
        let _ = written.recv_timeout(FLUSHED_WITHIN);
    }
}

fn filter(level: &str) -> Result<EnvFilter, String> {
    let level = if level.trim().is_empty() { "info" } else { level.trim() };
    // A word by itself would be taken for a part of the program, and everything else fall silent.
    let words = level.split(',').map(str::trim).filter(|it| !it.contains(['=', '[']));
    if let Some(word) = words.clone().find(|it| !LEVELS.contains(&it.to_lowercase().as_str())) {
        let known = LEVELS.join(", ");
        return Err(format!(
            "LOG_LEVEL: `{word}` is no level; choose one of {known}, or set parts apart as in \
             `info,store=debug`"
        ));
    }
    EnvFilter::try_new(level)
        .map_err(|error| format!("LOG_LEVEL `{level}` cannot be read: {error}"))
}

fn write(said: &Receiver<Said>) {
    while let Ok(said) = said.recv() {
        match said {
            Said::Line(line) => {
                // Nothing is left to tell where this cannot be written.
                let _ = stderr().write_all(&line);
            }
            Said::Flush(done) => {
                let _ = done.send(());
            }
        }
        match LOST.swap(0, Ordering::Relaxed) {
            0 => {}
            lost => tracing::warn!(lost, "{lost} lines of the log were lost: nobody took them"),
        }
    }
}

/// Takes one line; a line is written at once.
struct Line(&'static SyncSender<Said>);

impl Write for Line {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.0.try_send(Said::Line(line.to_vec())).is_err() {
            LOST.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::filter;

    #[test]
    fn a_mistyped_level_is_refused_and_none_is_the_default() {
        for known in ["info", "WARN", "", " ", "off", "info,store=debug", "engine[lane]=trace"] {
            assert!(filter(known).is_ok(), "{known}");
        }
        for unknown in ["warning", "loud", "info,loud"] {
            assert!(filter(unknown).is_err_and(|it| it.contains("is no level")), "{unknown}");
        }
    }
}

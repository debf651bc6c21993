//! How far a run is: a bar on a terminal, a plain line every few seconds elsewhere.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::sync::Arc;
use std::time::Duration;

use contract::CallStatus;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinHandle;

use super::clock_text;
use super::run::Run;
use super::script::Routing;

const LINE_EVERY: Duration = Duration::from_secs(5);
const BAR_EVERY: Duration = Duration::from_millis(250);

/// Shows a run until it is dropped.
pub(super) struct Progress {
    task: JoinHandle<()>,
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn show(run: &Arc<Run>) -> Self {
        let bar = ProgressBar::new(all(run) as u64);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        let task = if std::io::stderr().is_terminal() {
            tokio::spawn(move_bar(Arc::clone(run), bar.clone()))
        } else {
            tokio::spawn(write_lines(Arc::clone(run)))
        };
        Self { task, bar }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.task.abort();
        self.bar.finish_and_clear();
    }
}

async fn move_bar(run: Arc<Run>, bar: ProgressBar) {
    loop {
        let (sent, line) = line(&run);
        bar.set_position(sent);
        bar.set_message(line);
        tokio::time::sleep(BAR_EVERY).await;
    }
}

async fn write_lines(run: Arc<Run>) {
    loop {
        tokio::time::sleep(LINE_EVERY).await;
        let (sent, line) = line(&run);
        // A reader that went away is no fault.
        let _ = writeln!(std::io::stderr(), "{sent}/{} {}, {line}", all(&run), unit(&run));
    }
}

/// What a run is counted in: events where they are known beforehand, else calls.
fn unit(run: &Run) -> &'static str {
    match run.script.plan.routing {
        Routing::Server => "calls",
        Routing::External => "events",
    }
}

fn all(run: &Run) -> usize {
    match run.script.plan.routing {
        Routing::Server => run.script.calls as usize,
        Routing::External => run.script.reports.len(),
    }
}

fn line(run: &Run) -> (u64, String) {
    let place = run.place();
    let ledger = run.ledger();
    let count = |status| ledger.count(status);
    let mut line = format!(
        "{}  waiting {}  active {}  on hold {}  ended {}",
        clock_text(place.now_ms),
        count(CallStatus::Waiting),
        count(CallStatus::Active),
        count(CallStatus::OnHold),
        count(CallStatus::Ended),
    );
    // Writing into a String cannot fail.
    if place.away {
        line += "  the server is away or too busy: trying again";
    } else if Duration::from_secs(1) < place.behind {
        let _ = write!(line, "  {} s behind", place.behind.as_secs());
    }
    if ledger.unexpected != 0 {
        let _ = write!(line, "  {} unexpected", ledger.unexpected);
    }
    let done = match run.script.plan.routing {
        Routing::Server => count(CallStatus::Ended) as u64,
        Routing::External => ledger.sent,
    };
    (done, line)
}

//! Plays a script against a server: each call's events in order, many calls at once.
//!
//! A call belongs to one lane by its number, and a lane sends one request at a time, so the order
//! within a call holds whatever the server does. A lane that is behind sends batches. What gets no
//! answer, or is asked to come again, is sent again as it was, with the same `eventId`: nothing is
//! doubled.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::lane::Lane;
use super::run::Run;

const LANES: usize = 16;
const LANE_REPORTS_MAX: usize = 512;

/// How fast a day goes by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Speed {
    /// So many times as fast as life.
    Times(f64),
    /// As fast as the server takes it.
    Max,
}

/// Plays all of it, or what comes before it is stopped. A fault that ends it is the answer.
pub(super) async fn play(run: &Arc<Run>, speed: Speed) -> Result<(), String> {
    let mut lanes = JoinSet::new();
    let senders = (0..LANES)
        .map(|_| {
            let (sender, reports) = mpsc::channel(LANE_REPORTS_MAX);
            lanes.spawn(Lane::new(Arc::clone(run)).follow(reports));
            sender
        })
        .collect::<Vec<_>>();
    let mut stopped = run.stopped();
    tokio::select! {
        () = hand_out(run, speed, &senders) => {}
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
    drop(senders);
    while lanes.join_next().await.is_some() {}
    run.fault()
}

/// Gives each report to its lane when it is due.
async fn hand_out(run: &Run, speed: Speed, lanes: &[mpsc::Sender<usize>]) {
    let began = Instant::now();
    for (place, report) in run.script.reports.iter().enumerate() {
        if let Speed::Times(times) = speed {
            let since_ms = report.at_ms - run.script.plan.from_ms;
            let due = began + Duration::from_millis(since_ms).div_f64(times);
            let behind = Instant::now().saturating_duration_since(due);
            run.set_behind(behind);
            if behind.is_zero() {
                sleep_until(due).await;
            }
        }
        run.set_now(report.at_ms);
        if lanes[report.call as usize % LANES].send(place).await.is_err() {
            return;
        }
    }
}

impl std::str::FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "max" {
            return Ok(Self::Max);
        }
        match text.parse::<f64>() {
            Ok(times) if (0.01..=100_000.0).contains(&times) => Ok(Self::Times(times)),
            _ => {
                Err("a speed is `max`, or a number from 0.01 to 100000 such as 1 or 60".to_owned())
            }
        }
    }
}

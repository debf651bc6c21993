//! Plays a script against a server: each call's events in order, many calls at once.
//!
//! A call belongs to one lane by its number, and a lane sends one request at a time, so the order
//! within a call holds whatever the server does. A lane that is behind sends batches. What gets no
//! answer, or is asked to come again, is sent again as it was, with the same `eventId`: nothing is
//! doubled.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::client::Client;
use super::lane::Lane;
use super::ledger::Ledger;
use super::script::Script;

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

/// What the lanes of a run share.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) client: Client,
    pub(super) script: Script,
    pub(super) prefix: String,
    pub(super) takes_batches: AtomicBool,
    ledger: Mutex<Ledger>,
    stop: watch::Sender<bool>,
    fault: Mutex<Option<String>>,
    now_ms: AtomicU64,
    behind_ms: AtomicU64,
    away: AtomicBool,
}

/// Where a run is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) now_ms: u64,
    pub(super) behind: Duration,
    pub(super) away: bool,
}

impl Run {
    pub(super) fn new(client: Client, script: Script) -> Arc<Self> {
        Arc::new(Self {
            client,
            prefix: script.plan.prefix(),
            takes_batches: AtomicBool::new(true),
            ledger: Mutex::new(Ledger::new(&script)),
            stop: watch::Sender::new(false),
            fault: Mutex::new(None),
            now_ms: AtomicU64::new(script.plan.from_ms),
            behind_ms: AtomicU64::new(0),
            away: AtomicBool::new(false),
            script,
        })
    }

    /// Plays all of it, or what comes before it is stopped. A fault that ends it is the answer.
    pub(super) async fn play(self: &Arc<Self>, speed: Speed) -> Result<(), String> {
        let mut lanes = JoinSet::new();
        let senders = (0..LANES)
            .map(|_| {
                let (sender, reports) = mpsc::channel(LANE_REPORTS_MAX);
                lanes.spawn(Lane::new(Arc::clone(self)).follow(reports));
                sender
            })
            .collect::<Vec<_>>();
        let mut stopped = self.stopped();
        tokio::select! {
            () = self.hand_out(speed, &senders) => {}
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
        drop(senders);
        while lanes.join_next().await.is_some() {}
        self.fault()
    }

    /// Why the run cannot go on, if it cannot.
    pub(super) fn fault(&self) -> Result<(), String> {
        lock(&self.fault).take().map_or(Ok(()), Err)
    }

    /// Which agent has that id.
    pub(super) fn agent(&self, id: &str) -> Option<u32> {
        let number = id.strip_prefix(&self.prefix)?.strip_prefix("agent-")?.parse::<u32>().ok()?;
        number.checked_sub(1)
    }

    /// Gives each report to its lane when it is due.
    async fn hand_out(&self, speed: Speed, lanes: &[mpsc::Sender<usize>]) {
        let began = Instant::now();
        for (place, report) in self.script.reports.iter().enumerate() {
            if let Speed::Times(times) = speed {
                let since_ms = report.at_ms - self.script.plan.from_ms;
                let due = began + Duration::from_millis(since_ms).div_f64(times);
                let behind = Instant::now().saturating_duration_since(due);
                self.behind_ms.store(millis(behind), Relaxed);
                if behind.is_zero() {
                    sleep_until(due).await;
                }
            }
            self.now_ms.store(report.at_ms, Relaxed);
            if lanes[report.call as usize % LANES].send(place).await.is_err() {
                return;
            }
        }
    }

    /// Ends the run: what is on its way is waited for, nothing more is sent.
    pub(super) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Ends the run because it cannot go on.
    pub(super) fn fail(&self, why: String) {
        lock(&self.fault).get_or_insert(why);
        self.stop();
    }

    pub(super) fn stopped(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    pub(super) fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(&self.ledger)
    }

    pub(super) fn set_now(&self, now_ms: u64) {
        self.now_ms.store(now_ms, Relaxed);
    }

    pub(super) fn set_away(&self, away: bool) {
        self.away.store(away, Relaxed);
    }

    pub(super) fn place(&self) -> Place {
        Place {
            now_ms: self.now_ms.load(Relaxed),
            behind: Duration::from_millis(self.behind_ms.load(Relaxed)),
            away: self.away.load(Relaxed),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
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

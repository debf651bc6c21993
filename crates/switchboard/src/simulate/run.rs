//! A run: what is played, and what those who play it and those who watch know of it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::client::Client;
use super::ledger::Ledger;
use super::script::Script;

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

    /// Why the run cannot go on, if it cannot.
    pub(super) fn fault(&self) -> Result<(), String> {
        lock(&self.fault).take().map_or(Ok(()), Err)
    }

    /// Which agent has that id.
    pub(super) fn agent(&self, id: &str) -> Option<u32> {
        let number = id.strip_prefix(&self.prefix)?.strip_prefix("agent-")?.parse::<u32>().ok()?;
        number.checked_sub(1)
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

    pub(super) fn set_behind(&self, behind: Duration) {
        self.behind_ms.store(millis(behind), Relaxed);
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

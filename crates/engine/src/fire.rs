//! Timers that come due go in by the same door as everything else.
//!
//! The loop sleeps until the next timer is due and is woken when an earlier one was armed; where
//! another process could arm one, it looks at least every 100 ms. What fell due while nobody was
//! there fires at the start, in due order. A timer is forgotten in the transaction that records it,
//! so it fires once, and the phase of the call decides what it means.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use foldhash::HashMap;
use lifecycle::Timestamp;
use store::StoreError;
use tokio::{
    sync::{Notify, oneshot},
    task::JoinHandle,
    time::Instant,
};
use tracing::error;

use crate::{Engine, SubmitError, input::Answer};

/// So many timers are fired at once.
const ROUND: u32 = 512;
/// How often timers are looked for where another process could arm one.
const POLL: Duration = Duration::from_millis(100);
/// How long a timer that cannot be fired is left alone.
const LEAVE_ALONE: Duration = Duration::from_secs(10);

/// Knows when the next timer is due.
#[derive(Debug)]
pub(crate) struct Alarm {
    next: AtomicI64,
    earlier: Notify,
}

impl Default for Alarm {
    fn default() -> Self {
        Self { next: AtomicI64::new(i64::MAX), earlier: Notify::new() }
    }
}

impl Alarm {
    /// A timer was armed.
    pub(crate) fn expect(&self, Timestamp(due_at): Timestamp) {
        if due_at < self.next.fetch_min(due_at, Ordering::AcqRel) {
            self.earlier.notify_one();
        }
    }

    pub(crate) fn stop(&self) {
        self.earlier.notify_one();
    }
}

pub(crate) fn watch(engine: Arc<Engine>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut failing = Failing::default();
        while !engine.stopping.load(Ordering::Acquire) {
            let pause = match engine.fire(&mut failing).await {
                Ok(0) => sleep_until_next(&engine).await,
                Ok(_) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(problem) = pause {
                error!(error = %problem, "Timers wait: {problem}");
                tokio::time::sleep(POLL).await;
            }
        }
    })
}

async fn sleep_until_next(engine: &Engine) -> Result<(), StoreError> {
    // From here on an earlier timer wakes the sleeper, also one armed while the store is asked.
    engine.alarm.next.store(i64::MAX, Ordering::Release);
    let earlier = engine.alarm.earlier.notified();
    let (now, next) = (engine.store.now().await?, engine.store.next_due().await?);
    if let Some(Timestamp(due_at)) = next {
        engine.alarm.next.fetch_min(due_at, Ordering::AcqRel);
    }
    let next = Timestamp(engine.alarm.next.load(Ordering::Acquire));
    let longest = if engine.store.shared() { POLL } else { Duration::from_mins(1) };
    let until = u64::try_from(next - now).unwrap_or(0);
    let pause = Duration::from_millis(until).min(longest);
    // Whichever comes first; a timer that cannot be fired is due all the time.
    let _ = tokio::time::timeout(pause.max(Duration::from_millis(1)), earlier).await;
    Ok(())
}

/// Calls whose timers could not be fired, and until when they are left alone.
#[derive(Default)]
pub(crate) struct Failing(HashMap<String, Instant>);

impl Engine {
    /// Fires what is due now, and says how many calls that were.
    pub async fn fire_due(&self) -> Result<usize, StoreError> {
        self.fire(&mut Failing::default()).await
    }

    async fn fire(&self, failing: &mut Failing) -> Result<usize, StoreError> {
        let now = Instant::now();
        failing.0.retain(|_, until| now < *until);
        let asked = ROUND + u32::try_from(failing.0.len()).unwrap_or(u32::MAX);
        let mut due = self.store.due(asked).await?;
        due.retain(|call| !failing.0.contains_key(call));
        let count = due.len();
        for (call, done) in self.settle_all(due).await {
            match done {
                Ok(()) => {}
                Err(SubmitError::Stopping) => return Ok(0),
                Err(problem @ (SubmitError::Away(_) | SubmitError::Unknown(_))) => {
                    return Err(StoreError::Away(problem.to_string()));
                }
                Err(problem) => {
                    error!(call.id = call, error = ?problem, "The timers of `{call}` cannot be fired");
                    failing.0.insert(call, now + LEAVE_ALONE);
                }
            }
        }
        Ok(count)
    }

    /// Sends all of them to their lanes, then waits for each.
    async fn settle_all(&self, due: Vec<String>) -> Vec<(String, Result<(), SubmitError>)> {
        let mut sent = Vec::with_capacity(due.len());
        for call in due {
            let answer = self.settle(call.clone()).await;
            sent.push((call, answer));
        }
        let mut done = Vec::with_capacity(sent.len());
        for (call, answer) in sent {
            let answer = match answer {
                Ok(answer) => settled(answer).await,
                Err(problem) => Err(problem),
            };
            done.push((call, answer));
        }
        done
    }
}

async fn settled(answer: oneshot::Receiver<Answer>) -> Result<(), SubmitError> {
    match answer.await {
        Ok(done) => done.map(|_| ()),
        Err(_) => Err(SubmitError::Unknown("the lane failed; see the log".to_owned())),
    }
}

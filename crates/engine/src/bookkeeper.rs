//! Folds what batches noted into tallies, some batches at a time.
//!
//! Figures are exact without it; it keeps short what is read to know them. A bite is small enough
//! that a batch which comes in the meantime does not wait for long, and another process on the same
//! database that is at it already is left alone.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use store::StoreError;
use tokio::task::JoinHandle;
use tracing::error;

use crate::Engine;

/// How often the bookkeeper looks.
const EVERY: Duration = Duration::from_secs(1);
/// How many batches are folded at once.
const BITE: u32 = 128;

pub(crate) fn watch(engine: Arc<Engine>) -> JoinHandle<()> {
    tokio::spawn(async move {
        while !engine.stopping.load(Ordering::Acquire) {
            tokio::time::sleep(EVERY).await;
            if let Err(problem) = engine.keep_books().await {
                error!(error = %problem, "Figures wait to be folded: {problem}");
            }
        }
    })
}

impl Engine {
    /// Folds what was noted until now, and says how many batches that were.
    pub async fn keep_books(&self) -> Result<u32, StoreError> {
        let mut all = 0;
        loop {
            let folded = self.store.fold(BITE).await?;
            all += folded;
            if folded < BITE {
                return Ok(all);
            }
        }
    }
}

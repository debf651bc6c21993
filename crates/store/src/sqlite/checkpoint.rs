//! Moves what is in the log into the database, beside the writer rather than in its way.
//!
//! A commit only appends to the log. Left to itself SQLite folds the log in during whichever commit
//! made it long, and every event behind that commit waits for tens of milliseconds. Here a thread of
//! its own does the long part while commits go on; the writer is asked only for the short rest, so
//! that the log can begin anew.

use std::{
    sync::{atomic::Ordering, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use rusqlite::Connection;
use tracing::warn;

use super::{Turns, write::Recorded};

/// So often it is seen whether there is enough to move.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// So many recorded events are enough. Folding in costs the same few pages again and again, so it is
/// cheaper the seldomer it is done; the log of so many events has some 150 MB.
const EVENTS: u64 = 20_000;

/// The thread, and how it is told to end.
pub(super) struct Checkpointer {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Checkpointer {
    pub(super) fn start(
        connection: Connection,
        recorded: Recorded,
        writer: Turns,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread =
            std::thread::Builder::new().name("sqlite-log".to_owned()).spawn(move || {
                while stopped.recv_timeout(LOOK_EVERY) == Err(mpsc::RecvTimeoutError::Timeout) {
                    if recorded.load(Ordering::Relaxed) < EVENTS {
                        continue;
                    }
                    recorded.store(0, Ordering::Relaxed);
                    // What is recorded during the long part is less, and during the second less still.
                    fold(&connection);
                    fold(&connection);
                    // The writer folds in the rest itself, so that its next commit begins the log anew.
                    match &*writer.blocking_lock() {
                        Some(writer) => fold(&writer.connection),
                        None => return,
                    }
                }
            })?;
        Ok(Self { stop, thread })
    }

    /// Ends the thread; returns once it gave up its hold on the writer.
    pub(super) fn end(self) {
        drop(self.stop);
        // A panic in it was logged, and loses nothing: the log is whole.
        let _ = self.thread.join();
    }
}

/// Folds in what no reader needs any more, without waiting for anyone.
fn fold(connection: &Connection) {
    let folded = connection.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(()));
    if let Err(error) = folded {
        warn!(%error, "The log could not be folded into the database: {error}");
    }
}

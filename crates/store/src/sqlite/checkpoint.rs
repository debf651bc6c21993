//! Moves what is in the log into the database, beside the writer rather than in its way.
//!
//! A commit only appends to the log. Left to itself SQLite folds the log in during whichever commit
//! made it long, and every event behind that commit waits for tens of milliseconds. Here a thread of
//! its own does the long part while commits go on, and syncs it: SQLite syncs the database only once
//! nothing is left in the log, which under load is while the writer waits. So the writer is asked only
//! for the short rest, and the log can begin anew.

use std::{
    fs::File,
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use rusqlite::{Connection, Row};
use tracing::warn;

use super::Turns;

/// So often it is seen whether there is enough to move.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// So many pages are enough: 160 MB. Folding in writes the same few pages of the database again and
/// again, and commits are slow while those are synced, so it is cheaper the seldomer it is done.
const PAGES: i64 = 40_960;

/// The thread, and how it is told to end.
pub(super) struct Checkpointer {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Checkpointer {
    /// Folds in by `connection`; `file` is the database it is open on.
    pub(super) fn start(
        connection: Connection,
        file: Arc<File>,
        writer: Turns,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread =
            std::thread::Builder::new().name("sqlite-log".to_owned()).spawn(move || {
                // What a reader still needs, or a full disk does not take, is left for the next time.
                let mut left = 0;
                while stopped.recv_timeout(LOOK_EVERY) == Err(mpsc::RecvTimeoutError::Timeout) {
                    let waiting = in_log(&connection);
                    left = waiting.min(left);
                    if waiting < left + PAGES {
                        continue;
                    }
                    // What is recorded during the long part is less, and during the second less still.
                    for _ in 0..2 {
                        fold(&connection);
                        sync(&file);
                    }
                    // The writer folds in the rest itself, so that its next commit begins the log anew.
                    match &*writer.blocking_lock() {
                        Some(writer) => fold(&writer.connection),
                        None => return,
                    }
                    left = in_log(&connection);
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

/// How many pages are in the log and not yet in the database.
fn in_log(connection: &Connection) -> i64 {
    let pages = |row: &Row<'_>| Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?);
    connection.query_row("pragma wal_checkpoint(noop)", [], pages).unwrap_or_default()
}

/// Folds in what no reader needs any more, without waiting for anyone.
fn fold(connection: &Connection) {
    let folded = connection.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(()));
    if let Err(error) = folded {
        warn!(%error, "The log could not be folded into the database: {error}");
    }
}

/// Has the database on disk. Where that fails the log is kept: SQLite's own sync fails as well.
fn sync(file: &File) {
    if let Err(error) = file.sync_data() {
        warn!(%error, "The database could not be synced: {error}");
    }
}

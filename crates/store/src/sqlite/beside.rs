//! A second process's way to the keys, while the store may be in use.
//!
//! The directory's lock belongs to the process that serves, because that one remembers what is in
//! the tables of calls. Keys and actions nobody remembers but the file, and the file itself takes
//! short writes from any process. So `switchboard keys` needs no server, and disturbs none.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread::sleep,
    time::Duration,
};

use lifecycle::Timestamp;
use rusqlite::Connection;

use super::{actions::together, connect, files::lock, keys::Reach, schema};
use crate::{Clock, OpenError, StoreError};

/// The pause between two tries for the file, and how many there are. A server at work leaves only
/// short gaps between its writes, and SQLite's own pauses, which grow, would miss them.
const TRY_EVERY: Duration = Duration::from_millis(1);
const TRIES: i32 = 10_000;

/// The keys of a store that another process may be using.
pub struct Beside {
    connection: Arc<Mutex<Connection>>,
    clock: Arc<dyn Clock>,
}

impl Beside {
    /// Opens what is in `dir`, where there must be something.
    pub fn open(dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let path = dir.join("switchboard.db");
        if !path.exists() {
            return Err(OpenError(format!(
                "there is no data in {}; start `switchboard serve` there once, or name its \
                 directory with --data",
                dir.display()
            )));
        }
        let failed = |error: rusqlite::Error| {
            OpenError(format!("cannot open the database in {}: {error}", dir.display()))
        };
        let mut connection = connect(&path).map_err(failed)?;
        connection.busy_handler(Some(again)).map_err(failed)?;
        // Tables are brought up to date only where no server, which would be an older one, uses them.
        let alone = schema::is_behind(&connection)?.then(|| lock(dir)).transpose()?;
        schema::migrate(&mut connection)?;
        drop(alone);
        Ok(Self { connection: Arc::new(Mutex::new(connection)), clock })
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let connection = Arc::clone(&self.connection);
        tokio::task::spawn_blocking(move || {
            work(&connection.lock().unwrap_or_else(PoisonError::into_inner))
        })
        .await
        .map_err(|error| StoreError::Away(error.to_string()))?
    }
}

fn again(tries: i32) -> bool {
    sleep(TRY_EVERY);
    tries < TRIES
}

impl Reach for Beside {
    async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection, Timestamp) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let now = self.clock.now();
        self.with(move |connection| look(connection, now)).await
    }

    async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection, Timestamp) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let now = self.clock.now();
        self.with(move |connection| together(connection, |connection| change(connection, now)))
            .await
    }
}

//! SQLite: everything in one file, one writer.
//!
//! All changes go through the writer, one after another in the order in which they were asked for, so
//! nothing is ever busy. A batch is written on the thread that brings it: to hand it to another and
//! wait costs a tenth of the rate. Readers have connections of their own and see the last commit. A
//! commit returns after the log was synced to disk.

mod actions;
mod agents;
mod beside;
mod checkpoint;
mod counts;
mod files;
mod floor;
mod ids;
mod keys;
mod read;
mod readers;
mod schema;
mod search;
mod statements;
mod tallies;
mod write;

use std::{
    collections::BTreeMap,
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use contract::{Alert, CallEvent, Queue};
use lifecycle::Timestamp;
use rusqlite::Connection;

use crate::{
    Acknowledged, Books, CallFilter, ChangeAgent, Clock, CountFilter, Counts, Decide, FreeAgent,
    Listed, Needs, NewAction, OpenCalls, OpenError, Scope, Search, Searched, SeenAgent, Store,
    StoreError, StoredAgent, WaitingCall,
    audit::{AuditKey, Chain},
};
use checkpoint::Checkpointer;
use files::lock;
use readers::Readers;
use write::Writer;

pub use beside::Beside;

/// The first SQLite without the bug that can corrupt a database in WAL mode.
const VERSION_MIN: i32 = 3_051_003;
/// The writer folds the log in by itself only when it is this long: 256 MB.
const LOG_PAGES_MAX: i64 = 65_536;

/// In KiB, negative as SQLite has it. The system's own cache holds the file; a large one here is walked at
/// the end of each commit.
const CACHE: i64 = -8_192;

/// The writer, taken turns with in the order of asking; gone once the store is closed.
type Turns = Arc<tokio::sync::Mutex<Option<Writer>>>;

/// A store in one directory, which it alone may use.
pub struct Sqlite {
    writer: Turns,
    checkpointer: Mutex<Option<Checkpointer>>,
    readers: Arc<Readers>,
    floor: floor::Shared,
    ids: ids::Ids,
    clock: Arc<dyn Clock>,
    audit_key: AuditKey,
    // To close it would give up the locks that SQLite has on the same file.
    _file: Arc<File>,
    // Held for as long as the store is open: whoever else wants the directory is refused.
    _lock: File,
}

impl Sqlite {
    /// Opens the store in `dir`, creating what is missing.
    pub fn open(
        dir: &Path,
        clock: Arc<dyn Clock>,
        audit_key: Option<Vec<u8>>,
    ) -> Result<Self, OpenError> {
        if rusqlite::version_number() < VERSION_MIN {
            return Err(OpenError(format!(
                "this build has SQLite {}, which can corrupt a database; 3.51.3 or newer is needed",
                rusqlite::version()
            )));
        }
        let failed = |what: &str, error: &dyn std::fmt::Display| {
            OpenError(format!("cannot {what} in {}: {error}", dir.display()))
        };
        std::fs::create_dir_all(dir).map_err(|error| failed("keep data", &error))?;
        let lock = lock(dir)?;
        let path = dir.join("switchboard.db");
        let mut connection = connect(&path).map_err(|error| failed("open the database", &error))?;
        schema::migrate(&mut connection)?;
        let audit_key = schema::audit_key(&connection, audit_key)
            .map_err(|error| failed("read the key of the audit chain", &error))?;
        let writer = Writer::new(dir, connection, Arc::clone(&clock), audit_key.bytes())
            .map_err(|error| failed("prepare to write", &error))?;
        let (floor, ids) = (writer.floor.clone(), writer.ids.clone());

        let writer = Turns::new(tokio::sync::Mutex::new(Some(writer)));
        let beside = connect(&path).map_err(|error| failed("open the database", &error))?;
        let file = File::open(&path).map_err(|error| failed("open the database", &error))?;
        let file = Arc::new(file);
        let checkpointer = Checkpointer::start(beside, Arc::clone(&file), Arc::clone(&writer))
            .map_err(|error| failed("watch the log", &error))?;
        Ok(Self {
            checkpointer: Mutex::new(Some(checkpointer)),
            writer,
            readers: Arc::new(Readers::new(path)),
            floor,
            ids,
            clock,
            audit_key,
            _file: file,
            _lock: lock,
        })
    }

    /// Has the writer do something, in its turn.
    async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let writer = Arc::clone(&self.writer);
        apart(move || have(writer.blocking_lock().as_mut(), job)).await
    }

    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = Arc::clone(&self.readers);
        apart(move || readers.with(query)).await
    }
}

/// Does what blocks, beside whatever else the runtime has to do. Whoever asked may be gone; it is done
/// all the same.
async fn apart<T: Send + 'static>(
    job: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(job).await.map_err(|error| StoreError::Away(error.to_string()))?
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = if crate::planted("synchronous_off") { "OFF" } else { "FULL" };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "busy_timeout", 5_000)?;
    connection.pragma_update(None, "cache_size", CACHE)?;
    connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES_MAX)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Has the writer do something. A panic in it costs only what it was about.
fn have<T>(
    writer: Option<&mut Writer>,
    job: impl FnOnce(&mut Writer) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let writer = writer.ok_or_else(|| StoreError::Away("the store is closed".to_owned()))?;
    catch_unwind(AssertUnwindSafe(|| {
        writer.files.are_there()?;
        job(writer)
    }))
    .unwrap_or_else(|_| {
        writer.undo();
        Err(StoreError::Poison("deciding it failed; see the log".to_owned()))
    })
}

/// The error of a statement, as something a caller can act on.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn away(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ConstraintViolation | rusqlite::ErrorCode::TypeMismatch) => {
            StoreError::Poison(error.to_string())
        }
        _ => StoreError::Away(error.to_string()),
    }
}

impl keys::Reach for Sqlite {
    async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection, Timestamp) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let now = self.clock.now();
        self.read(move |connection| look(connection, now)).await
    }

    async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection, Timestamp) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.write(move |writer| {
            let now = writer.clock.now();
            actions::together(&writer.connection, |connection| change(connection, now))
        })
        .await
    }
}

#[async_trait]
impl Store for Sqlite {
    async fn transact(&self, needs: Needs, decide: Decide<'static>) -> Result<(), StoreError> {
        have(self.writer.lock().await.as_mut(), |writer| writer.transact(&needs, decide))
    }

    async fn due(&self, limit: u32) -> Result<Vec<String>, StoreError> {
        Ok(self.floor.lock().due(self.clock.now(), limit))
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.floor.lock().next_due())
    }

    async fn armed(&self) -> Result<u64, StoreError> {
        Ok(self.floor.lock().armed())
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        Ok(self.clock.now())
    }

    async fn known(&self, id: &str) -> Result<Option<Arc<lifecycle::Call>>, StoreError> {
        let (ids, id) = (self.ids.clone(), id.to_owned());
        self.read(move |connection| read::call(connection, &ids, &id)).await
    }

    async fn calls(&self, filter: CallFilter) -> Result<Vec<Listed<contract::Call>>, StoreError> {
        let floor = self.floor.clone();
        let listed = move |filter: &CallFilter| floor.lock().listed(filter);
        self.read(move |connection| read::calls(connection, &filter, || listed(&filter))).await
    }

    async fn search(&self, search: Search) -> Result<Searched, StoreError> {
        self.read(move |connection| search::search(connection, &search)).await
    }

    async fn counts(&self, filter: CountFilter) -> Result<Counts, StoreError> {
        self.read(move |connection| counts::counts(connection, &filter)).await
    }

    async fn events(
        &self,
        call: &str,
        after_seq: u32,
        limit: u32,
    ) -> Result<Option<Vec<CallEvent>>, StoreError> {
        let (ids, call) = (self.ids.clone(), call.to_owned());
        self.read(move |connection| read::events(connection, &ids, &call, after_seq, limit)).await
    }

    async fn queues(&self) -> Result<Vec<Queue>, StoreError> {
        self.read(read::queues).await
    }

    async fn put_queue(&self, queue: Queue, action: NewAction) -> Result<(), StoreError> {
        self.write(move |writer| writer.put_queue(&queue, &action)).await
    }

    async fn agents(&self, ids: Option<Vec<String>>) -> Result<Vec<SeenAgent>, StoreError> {
        Ok(self.floor.lock().seen(ids.as_deref()))
    }

    async fn serving_version(&self) -> Result<i64, StoreError> {
        // There is no other process.
        Ok(0)
    }

    async fn change_agent(
        &self,
        id: &str,
        change: ChangeAgent,
        action: Option<NewAction>,
    ) -> Result<StoredAgent, StoreError> {
        let id = id.to_owned();
        self.write(move |writer| writer.change_agent(&id, change, action.as_ref())).await
    }

    async fn calls_of(&self, agent: &str) -> Result<Vec<String>, StoreError> {
        Ok(self.floor.lock().calls_of(agent))
    }

    async fn waiting(
        &self,
        queues: Vec<String>,
        limit: usize,
    ) -> Result<Vec<WaitingCall>, StoreError> {
        Ok(self.floor.lock().waiting(&queues, limit))
    }

    async fn free(
        &self,
        queues: Vec<String>,
        agents: Vec<String>,
    ) -> Result<Vec<FreeAgent>, StoreError> {
        Ok(self.floor.lock().free(&queues, &agents, self.clock.now()))
    }

    async fn next_wrapped(
        &self,
        after: Timestamp,
    ) -> Result<Option<(Timestamp, Vec<String>)>, StoreError> {
        Ok(self.floor.lock().next_wrapped(after))
    }

    async fn alerts(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Listed<Alert>>, StoreError> {
        self.read(move |connection| read::alerts(connection, before, limit)).await
    }

    async fn acknowledge(
        &self,
        id: &str,
        by: &str,
        action: NewAction,
    ) -> Result<Option<Acknowledged>, StoreError> {
        let (id, by) = (id.to_owned(), by.to_owned());
        self.write(move |writer| writer.acknowledge(&id, &by, &action)).await
    }

    async fn fold(&self, batches: u32) -> Result<u32, StoreError> {
        let prepared = self.read(move |connection| tallies::prepare(connection, batches)).await?;
        let Some(folding) = prepared else { return Ok(0) };
        self.write(move |writer| writer.fold(&folding)).await
    }

    async fn books(&self, scope: Scope, since: Timestamp, after: i64) -> Result<Books, StoreError> {
        self.read(move |connection| tallies::books(connection, scope, since, after)).await
    }

    async fn open_calls(&self) -> Result<BTreeMap<String, OpenCalls>, StoreError> {
        Ok(self.floor.lock().open_calls())
    }

    async fn chains(&self, after: i64, limit: u32) -> Result<Vec<Chain>, StoreError> {
        self.read(move |connection| read::chains(connection, after, limit)).await
    }

    fn audit_key(&self) -> &AuditKey {
        &self.audit_key
    }

    async fn healthy(&self) -> Result<(), StoreError> {
        self.write(Writer::healthy).await
    }

    fn lanes(&self) -> usize {
        1
    }

    fn shared(&self) -> bool {
        false
    }

    fn contended(&self) -> bool {
        false
    }

    fn durability(&self) -> String {
        format!("SQLite {}, WAL, synchronous=FULL", rusqlite::version())
    }

    async fn close(&self) {
        let checkpointer = self.checkpointer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(checkpointer) = checkpointer {
            let _ = tokio::task::spawn_blocking(move || checkpointer.end()).await;
        }
        let writer = self.writer.lock().await.take();
        // A panic in it would lose nothing: the log is whole.
        let _ = tokio::task::spawn_blocking(|| writer.map(Writer::close)).await;
    }
}

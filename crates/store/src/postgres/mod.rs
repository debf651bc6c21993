//! PostgreSQL: one record for any number of processes.
//!
//! A batch about calls and agents that this process recorded last is one round trip: it is decided from
//! memory, and recorded where memory was right. What is not remembered is read first, without locks.
//! Where another process was at work on the same, and where somebody waits for locks, a batch is a
//! transaction of its own that loads and locks, records and commits. The moment of a batch is the
//! database's.

mod actions;
mod agents;
mod connections;
mod counts;
mod fault;
mod keys;
mod load;
mod memory;
mod read;
mod record;
mod schema;
mod search;
mod tallies;
mod write;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, atomic::AtomicU64},
    time::Duration,
};

use async_trait::async_trait;
use contract::{Alert, CallEvent, Queue};
use lifecycle::Timestamp;
use sqlx::{ConnectOptions, Connection, PgConnection, Row, postgres::PgConnectOptions};
use tokio::time::timeout;
use tracing::warn;

use crate::{
    Acknowledged, Books, CallFilter, ChangeAgent, Clock, CountFilter, Counts, Decide, FreeAgent,
    Listed, Needs, NewAction, OpenCalls, OpenError, Scope, Search, Searched, SeenAgent, Store,
    StoreError, StoredAgent, WaitingCall,
    audit::{AuditKey, Chain, Prover},
};
use connections::{ANSWERED_WITHIN, Connections, arguments, fetch};
use fault::Fault;
use memory::Memory;

/// Batches under way at once. More of them make each one smaller, and a transaction costs as much as
/// several events.
const LANES: usize = 1;
/// One for each lane, and a few for what is not a batch.
const WRITES: usize = LANES + 2;
const READS: usize = 4;

/// How long a batch waits for calls that another process has locked.
pub(crate) const LOCKED_WITHIN: Duration = Duration::from_secs(2);

/// A server that starts together with this program is given this long to answer.
const OPENED_WITHIN: Duration = Duration::from_secs(5);

/// Said once, when a connection is made. Statements are planned once, perhaps when the tables are
/// still empty, and must stay quick when they hold millions: what would read a whole table is off.
const SETTINGS: [(&str, &str); 10] = [
    ("lock_timeout", "2000"),
    ("idle_in_transaction_session_timeout", "2000"),
    ("statement_timeout", "4000"),
    ("plan_cache_mode", "force_generic_plan"),
    ("jit", "off"),
    // What is read is short, and workers would cost more than they help.
    ("max_parallel_workers_per_gather", "0"),
    ("enable_seqscan", "off"),
    ("enable_bitmapscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
];

/// A store in a PostgreSQL database, which other processes may use as well.
pub struct Postgres {
    writes: Connections,
    reads: Connections,
    clock: Option<Arc<dyn Clock>>,
    audit_key: AuditKey,
    prover: Prover,
    memory: Mutex<Memory>,
    durability: String,
    batches: AtomicU64,
}

impl Postgres {
    /// Opens the store in the database at `url`, creating what is missing. Without a clock, the
    /// moment of a batch is read from the database's.
    pub async fn open(
        url: &str,
        clock: Option<Arc<dyn Clock>>,
        audit_key: Option<Vec<u8>>,
    ) -> Result<Self, OpenError> {
        let options = url
            .parse::<PgConnectOptions>()
            .map_err(|error| OpenError(format!("the database's address is not one: {error}")))?
            .application_name("switchboard")
            .options(SETTINGS)
            .disable_statement_logging();
        let at = format!("{}:{}", options.get_host(), options.get_port());
        let failed = |why: String| OpenError(format!("cannot open the database at {at}: {why}"));
        let mut connection = timeout(OPENED_WITHIN, options.connect())
            .await
            .map_err(|_| failed("it does not answer".to_owned()))?
            .map_err(|error| failed(error.to_string()))?;
        let server = Server::ask(&mut connection).await;
        let server = server.map_err(|fault| failed(fault.told().to_string()))?;
        let options = server.suits(options).map_err(failed)?;
        let audit_key = schema::prepare(&mut connection, audit_key).await?;
        // It was only for this; the server notices either way.
        let _ = connection.close().await;
        Ok(Self {
            writes: Connections::new(options.clone(), WRITES),
            reads: Connections::new(options, READS),
            clock,
            prover: Prover::new(audit_key.bytes()),
            audit_key,
            memory: Mutex::default(),
            durability: server.durability(),
            batches: AtomicU64::new(0),
        })
    }

    fn wound(&self) -> Option<Timestamp> {
        self.clock.as_ref().map(|clock| clock.now())
    }
}

/// What matters of how the server is set up.
struct Server {
    version: String,
    fsync: String,
    commit: String,
    encoding: String,
}

impl Server {
    async fn ask(connection: &mut PgConnection) -> Result<Self, Fault> {
        let sql = "select current_setting('server_version'), current_setting('fsync'), \
                   current_setting('synchronous_commit'), current_setting('server_encoding')";
        let rows = fetch(connection, sql, arguments![], ANSWERED_WITHIN).await?;
        let setting = |column: usize| rows[0].try_get(column);
        let (version, fsync) = (setting(0)?, setting(1)?);
        Ok(Self { version, fsync, commit: setting(2)?, encoding: setting(3)? })
    }

    /// The options of connections whose commits are on disk, or why there can be none.
    fn suits(&self, options: PgConnectOptions) -> Result<PgConnectOptions, String> {
        if self.encoding != "UTF8" {
            return Err(format!(
                "its encoding is {}, which has no room for every name: make one with \
                 `create database … encoding 'UTF8' template template0`",
                self.encoding
            ));
        }
        if self.fsync == "off" {
            warn!(
                "PostgreSQL runs with fsync=off: where its machine fails, events that were \
                 acknowledged may be lost. Set it to on."
            );
        }
        // A stricter one than `on` is somebody's choice, and kept.
        let lazy = self.commit == "off";
        Ok(if lazy { options.options([("synchronous_commit", "on")]) } else { options })
    }

    fn durability(&self) -> String {
        let commit = if self.commit == "off" { "on" } else { &self.commit };
        format!("PostgreSQL {}, synchronous_commit={commit}, fsync={}", self.version, self.fsync)
    }
}

#[async_trait]
impl Store for Postgres {
    async fn transact(&self, needs: Needs, decide: Decide<'static>) -> Result<(), StoreError> {
        self.record(&needs, decide).await
    }

    async fn due(&self, limit: u32) -> Result<Vec<String>, StoreError> {
        read::due(&self.reads, self.wound(), limit).await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        read::next_due(&self.reads).await
    }

    async fn armed(&self) -> Result<u64, StoreError> {
        read::armed(&self.reads).await
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        match self.wound() {
            Some(now) => Ok(now),
            None => read::now(&self.reads).await,
        }
    }

    async fn known(&self, id: &str) -> Result<Option<Arc<lifecycle::Call>>, StoreError> {
        read::call(&self.reads, id).await
    }

    async fn calls(&self, filter: CallFilter) -> Result<Vec<Listed<contract::Call>>, StoreError> {
        read::calls(&self.reads, &filter).await
    }

    async fn search(&self, search: Search) -> Result<Searched, StoreError> {
        search::search(&self.reads, &search).await
    }

    async fn counts(&self, filter: CountFilter) -> Result<Counts, StoreError> {
        counts::counts(&self.reads, &filter).await
    }

    async fn events(
        &self,
        call: &str,
        after_seq: u32,
        limit: u32,
    ) -> Result<Option<Vec<CallEvent>>, StoreError> {
        read::events(&self.reads, call, after_seq, limit).await
    }

    async fn queues(&self) -> Result<Vec<Queue>, StoreError> {
        read::queues(&self.reads).await
    }

    async fn put_queue(&self, queue: Queue, action: NewAction) -> Result<(), StoreError> {
        write::put_queue(&self.writes, self.wound(), &queue, &action).await
    }

    async fn agents(&self, ids: Option<Vec<String>>) -> Result<Vec<SeenAgent>, StoreError> {
        let seen = agents::seen(&self.reads, ids.as_deref()).await?;
        let mut memory = self.memory();
        let agents = seen.into_iter().map(|(seen, version)| {
            let SeenAgent { stored, .. } = &seen;
            if !stored.queues.is_empty() {
                memory.meet(&stored.id, &agents::loaded_agent(stored, version));
            }
            seen
        });
        Ok(agents.collect())
    }

    async fn serving_version(&self) -> Result<i64, StoreError> {
        agents::serving_version(&self.reads).await
    }

    async fn change_agent(
        &self,
        id: &str,
        change: ChangeAgent,
        action: Option<NewAction>,
    ) -> Result<StoredAgent, StoreError> {
        let changed = agents::change(&self.writes, self.wound(), id, change, action.as_ref());
        let (stored, version) = changed.await?;
        self.memory().meet(id, &agents::loaded_agent(&stored, version));
        Ok(stored)
    }

    async fn calls_of(&self, agent: &str) -> Result<Vec<String>, StoreError> {
        agents::calls_of(&self.reads, agent).await
    }

    async fn waiting(
        &self,
        queues: Vec<String>,
        limit: usize,
    ) -> Result<Vec<WaitingCall>, StoreError> {
        agents::waiting(&self.reads, &queues, limit).await
    }

    async fn free(
        &self,
        queues: Vec<String>,
        agents: Vec<String>,
    ) -> Result<Vec<FreeAgent>, StoreError> {
        agents::free(&self.reads, &queues, &agents, self.wound()).await
    }

    async fn next_wrapped(
        &self,
        after: Timestamp,
    ) -> Result<Option<(Timestamp, Vec<String>)>, StoreError> {
        agents::next_wrapped(&self.reads, after).await
    }

    async fn alerts(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Listed<Alert>>, StoreError> {
        read::alerts(&self.reads, before, limit).await
    }

    async fn acknowledge(
        &self,
        id: &str,
        by: &str,
        action: NewAction,
    ) -> Result<Option<Acknowledged>, StoreError> {
        write::acknowledge(&self.writes, self.wound(), id, by, &action).await
    }

    async fn fold(&self, batches: u32) -> Result<u32, StoreError> {
        self.fold_some(batches).await.map_err(Fault::told)
    }

    async fn books(&self, scope: Scope, since: Timestamp, after: i64) -> Result<Books, StoreError> {
        tallies::books(&self.reads, scope, since, after).await
    }

    async fn open_calls(&self) -> Result<BTreeMap<String, OpenCalls>, StoreError> {
        tallies::open_calls(&self.reads).await
    }

    async fn chains(&self, after: i64, limit: u32) -> Result<Vec<Chain>, StoreError> {
        read::chains(&self.reads, after, limit).await
    }

    fn audit_key(&self) -> &AuditKey {
        &self.audit_key
    }

    async fn healthy(&self) -> Result<(), StoreError> {
        // A former primary after a failover answers, but takes no writes. The rest asks what a write asks
        // of the table: that it is there, that nobody has locked it, and the right to change it.
        let sql = "with touched as (select no from calls where no = 0 for update) \
                   select current_setting('transaction_read_only')::boolean, (select count(*) from touched)";
        let rows = self.writes.ask(sql, arguments![]).await?;
        match rows[0].try_get(0) {
            Ok(false) => Ok(()),
            Ok(true) => Err(StoreError::Away("the database is read-only".to_owned())),
            Err(error) => Err(Fault::from(error).told()),
        }
    }

    fn lanes(&self) -> usize {
        LANES
    }

    fn shared(&self) -> bool {
        true
    }

    fn contended(&self) -> bool {
        self.memory().was_wrong_lately()
    }

    fn durability(&self) -> String {
        self.durability.clone()
    }

    async fn close(&self) {
        self.writes.close(WRITES).await;
        self.reads.close(READS).await;
    }
}

//! The memory of every call: one small set-shaped trait, two databases.
//!
//! [`Store::transact()`] is the only way a call changes. It loads and locks what a batch needs, asks
//! the caller to decide, and records everything that was decided in one transaction, or nothing. All
//! other methods read, or keep what is not part of a call's life.
//!
//! Nothing outside this crate knows SQL, and nothing in it knows a rule.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use contract::{Alert, CallEvent, CallStatus, Queue};
use foldhash::{HashMap, HashSet};
use lifecycle::Timestamp;
use thiserror::Error;
use uuid::Uuid;

mod agents;
mod audit;
mod counts;
mod keys;
mod plant;
pub mod postgres;
mod receipt;
mod recent;
mod row;
mod search;
pub mod sqlite;
mod tally;
mod waits;

pub use agents::{
    AgentsNeeded, ChangeAgent, ChangedAgent, Engaged, FreeAgent, LoadedAgent, SeenAgent,
    StoredAgent, WaitingCall,
};
pub use audit::{AuditKey, Link, Verdict, verify};
pub use counts::{CountFilter, Counts, ENDED_COUNTED};
pub use keys::{
    Actor, Key, KeyError, KeyHash, Keyring, NewAction, WorkingKey, key_hash, key_name_issue,
    new_key,
};
pub use plant::planted;
pub use receipt::ReceiptOf;
pub use row::event_id;
pub use search::{SEARCHED, Search, Searched, Stopped};
pub use tally::{Books, INTERVAL_MS, OpenCalls, Scope, Tallies, Tally, TallyKey, interval};
pub use waits::Waits;

/// The only way to learn the time. The executable hands in the system clock, tests one they wind.
pub trait Clock: Send + Sync + 'static {
    /// The moment it is now.
    fn now(&self) -> Timestamp;
}

/// What a batch of events must know before it can be decided.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// The batch's own id. A retry uses the same one, so that it cannot be recorded twice.
    pub batch: Uuid,
    /// What each event needs. Several may be about one call.
    pub items: Vec<Need>,
    /// Wait for calls that another process has locked, instead of leaving them out.
    pub wait: bool,
    /// The agents it must know.
    pub agents: AgentsNeeded,
}

/// What one event must know.
#[derive(Clone, Debug)]
pub struct Need {
    /// Its call.
    pub call: Arc<str>,
    /// The receipt to look for.
    pub receipt: Option<ReceiptOf>,
    /// It begins the call.
    pub begins: bool,
}

/// Events already recorded: of each call, by receipt.
pub type Receipts = HashMap<Arc<str>, Vec<(ReceiptOf, CallEvent)>>;

/// What a batch finds, with every call in it locked.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The moment of the batch, read after the calls were locked.
    pub now: Timestamp,
    /// The calls that exist.
    pub calls: HashMap<Arc<str>, StoredCall>,
    /// The events already recorded: of each call, by receipt.
    pub receipts: Receipts,
    /// Calls locked by another process. Their events must be tried again, with `wait`.
    pub busy: HashSet<Arc<str>>,
    /// Numbers for calls that begin in this batch; at least one for each id that was not found.
    pub fresh: Vec<i64>,
    /// Of the agents it needs, those who are known.
    pub agents: HashMap<String, LoadedAgent>,
}

/// A call in the store.
#[derive(Clone, Debug)]
pub struct StoredCall {
    /// Its number: sequential, ours.
    pub no: i64,
    /// What the rules know of it.
    pub call: Arc<lifecycle::Call>,
    /// The last link of its audit chain.
    pub chain: Link,
}

/// What a batch decided.
#[derive(Debug, Default)]
pub struct Changes {
    /// Every call that changed, with its new events.
    pub calls: Vec<ChangedCall>,
    /// Every agent that changed, or whom another call names from now on, sorted.
    pub agents: Vec<ChangedAgent>,
    /// Agents that events name for the first time, sorted.
    pub named: Vec<String>,
    /// What people did, where somebody made these changes on purpose.
    pub actions: Vec<NewAction>,
    /// What all of that adds to the figures.
    pub tallies: Tallies,
}

/// A call that changed.
#[derive(Debug)]
pub struct ChangedCall {
    /// Its number; one of [`Loaded::fresh`] where the call begins.
    pub no: i64,
    /// Its id.
    pub id: Arc<str>,
    /// It begins with this batch.
    pub begins: bool,
    /// The last link before this batch.
    pub chain: Link,
    /// The call as it now stands.
    pub call: Arc<lifecycle::Call>,
    /// Its new events, in order.
    pub events: Vec<NewEvent>,
    /// Its new alerts.
    pub alerts: Vec<Alert>,
}

/// An event to record.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The event.
    pub event: Arc<CallEvent>,
    /// The client's key: leaves a receipt.
    pub key: Option<Arc<str>>,
}

/// Which calls a list shows.
#[derive(Clone, Debug, Default)]
pub struct CallFilter {
    /// Only those.
    pub status: Option<CallStatus>,
    /// Only those of this queue.
    pub queue: Option<String>,
    /// Only those with a lower number: the last one of the page before.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// A call in a list, with the number the next page starts from.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// Its number.
    pub no: i64,
    /// What is listed.
    pub item: T,
}

/// Makes the decision of a batch. Asked again, with what is then true, where a transaction has to
/// be repeated.
pub type Decide<'a> = Box<dyn FnMut(Loaded) -> Changes + Send + 'a>;

/// The memory, whichever database keeps it.
#[async_trait]
pub trait Store: Keyring {
    /// Loads what the batch needs, lets it be decided, and records it: one transaction. Returns
    /// after the commit is on disk. It may do so on the thread that asks, which then does nothing
    /// else. An error means that nothing was recorded, except [`StoreError::Unknown`].
    async fn transact(&self, needs: Needs, decide: Decide<'static>) -> Result<(), StoreError>;

    /// Calls with a timer that is due, the earliest first.
    async fn due(&self, limit: u32) -> Result<Vec<String>, StoreError>;

    /// When the next timer comes due.
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError>;

    /// How many calls have a timer armed.
    async fn armed(&self) -> Result<u64, StoreError>;

    /// Now, as this store counts it.
    async fn now(&self) -> Result<Timestamp, StoreError>;

    /// One call, as the rules know it.
    async fn known(&self, id: &str) -> Result<Option<Arc<lifecycle::Call>>, StoreError>;

    /// One call, as the world sees it.
    async fn call(&self, id: &str) -> Result<Option<contract::Call>, StoreError> {
        Ok(self.known(id).await?.map(|call| contract::Call::new(id, &call)))
    }

    /// A page of calls, the newest first.
    async fn calls(&self, filter: CallFilter) -> Result<Vec<Listed<contract::Call>>, StoreError>;

    /// A page of the calls that fit, the newest first, with a bound on how many are looked at.
    async fn search(&self, search: Search) -> Result<Searched, StoreError>;

    /// How many calls there are.
    async fn counts(&self, filter: CountFilter) -> Result<Counts, StoreError>;

    /// A page of a call's history after `seq`, in the order of recording. `None` for no such call.
    async fn events(
        &self,
        call: &str,
        after_seq: u32,
        limit: u32,
    ) -> Result<Option<Vec<CallEvent>>, StoreError>;

    /// Every queue, by id.
    async fn queues(&self) -> Result<Vec<Queue>, StoreError>;

    /// Keeps a queue, creating it or replacing it, and the action that this is.
    async fn put_queue(&self, queue: Queue, action: NewAction) -> Result<(), StoreError>;

    /// Agents, with the open call that names each: those of the given ids, or all, by id.
    async fn agents(&self, ids: Option<Vec<String>>) -> Result<Vec<SeenAgent>, StoreError>;

    /// A number that is another one after any process changed who serves which queue.
    async fn serving_version(&self) -> Result<i64, StoreError>;

    /// Changes an agent, or creates one, and keeps the action that this is, where it is one.
    async fn change_agent(
        &self,
        id: &str,
        change: ChangeAgent,
        action: Option<NewAction>,
    ) -> Result<StoredAgent, StoreError>;

    /// The open calls that name an agent, in the order in which they began.
    async fn calls_of(&self, agent: &str) -> Result<Vec<String>, StoreError>;

    /// Calls of these queues that wait with nobody's phone ringing, at most so many of each.
    async fn waiting(
        &self,
        queues: Vec<String>,
        limit: usize,
    ) -> Result<Vec<WaitingCall>, StoreError>;

    /// Those of the given agents, and of all agents of these queues, to whom a call may be offered
    /// now.
    async fn free(
        &self,
        queues: Vec<String>,
        agents: Vec<String>,
    ) -> Result<Vec<FreeAgent>, StoreError>;

    /// When the next wrap-up ends after `after`, and whose it is.
    async fn next_wrapped(
        &self,
        after: Timestamp,
    ) -> Result<Option<(Timestamp, Vec<String>)>, StoreError>;

    /// A page of alerts, the newest first.
    async fn alerts(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Listed<Alert>>, StoreError>;

    /// Notes who saw an alert, and keeps the action that this is. The first to do so stays, and only
    /// that is an action. `None` for no such alert.
    async fn acknowledge(
        &self,
        id: &str,
        by: &str,
        action: NewAction,
    ) -> Result<Option<Acknowledged>, StoreError>;

    /// Adds what some batches noted to the tallies, and says how many batches that were: none where
    /// nothing is left, or where someone else is at it.
    async fn fold(&self, batches: u32) -> Result<u32, StoreError>;

    /// The tallies of one scope whose intervals begin at `since` or later: those that were changed
    /// after the fold with that number, and what is in none yet.
    async fn books(&self, scope: Scope, since: Timestamp, after: i64) -> Result<Books, StoreError>;

    /// What open calls are doing, by queue. Queues without open calls are left out.
    async fn open_calls(&self) -> Result<BTreeMap<String, OpenCalls>, StoreError>;

    /// A page of calls after the number, with everything needed to verify each one's chain.
    async fn chains(&self, after: i64, limit: u32) -> Result<Vec<audit::Chain>, StoreError>;

    /// The key of the audit chain.
    fn audit_key(&self) -> &AuditKey;

    /// Whether the database answers, and accepts writes.
    async fn healthy(&self) -> Result<(), StoreError>;

    /// How many batches may be under way at once.
    fn lanes(&self) -> usize;

    /// Whether other processes may change calls or arm timers in the same database.
    fn shared(&self) -> bool;

    /// Whether other processes were lately at work on the same calls or agents.
    fn contended(&self) -> bool;

    /// How writes are kept safe, in one line for the log.
    fn durability(&self) -> String;

    /// Finishes what is under way and closes the database.
    async fn close(&self);
}

/// An alert somebody saw.
#[derive(Clone, Debug)]
pub struct Acknowledged {
    /// The alert as it now stands.
    pub alert: Alert,
    /// It was not acknowledged before.
    pub first: bool,
}

/// Why the store could not do what it was asked: one kind for each thing a caller can do about it.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Someone else changed the same call first. Try again.
    #[error("another change to the same call came first")]
    Conflict,
    /// The database cannot be reached, or refuses. Try again later.
    #[error("the store is away: {0}")]
    Away(String),
    /// One event of the batch cannot be stored. Try each by itself.
    #[error("an event cannot be stored: {0}")]
    Poison(String),
    /// The connection broke while the commit was on its way, and could not be asked again.
    #[error("whether the batch was recorded is not known: {0}")]
    Unknown(String),
    /// A row does not say what this program would have written. Do not try again; tell someone.
    #[error("{table} {row} cannot be read: {why}")]
    Corrupt {
        /// The table the row is in.
        table: &'static str,
        /// The row's key.
        row: String,
        /// What is wrong with it.
        why: String,
    },
}

/// Why a store could not be opened, in a sentence for whoever starts the program.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct OpenError(pub String);

/// Any store.
pub type AnyStore = Arc<dyn Store>;

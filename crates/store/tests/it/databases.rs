//! A store of its own for each story, on either database.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use lifecycle::Timestamp;
use store::{
    AnyStore, Clock, Keyring, OpenError,
    postgres::Postgres,
    sqlite::{Beside, Sqlite},
};
use tempfile::TempDir;

/// A clock that stands until somebody winds it.
pub(crate) struct Wound(AtomicI64);

impl Wound {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(1_800_000_000_000)))
    }

    pub(crate) fn wind(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for Wound {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

enum Place {
    Directory(TempDir),
    Address(String),
}

/// A database, whether or not a store is open on it.
pub(crate) struct Home {
    place: Place,
    pub(crate) clock: Arc<Wound>,
}

/// A store, and where it lives.
pub(crate) struct Database {
    pub(crate) home: Home,
    pub(crate) store: AnyStore,
}

pub(crate) fn sqlite() -> Database {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let clock = Wound::new();
    let store = Sqlite::open(directory.path(), Arc::<Wound>::clone(&clock), None);
    let store = Arc::new(store.expect("it opens"));
    Database { home: Home { place: Place::Directory(directory), clock }, store }
}

/// `None` on a machine without PostgreSQL.
pub(crate) async fn postgres() -> Option<Database> {
    let url = testkit::postgres()?.database();
    let clock = Wound::new();
    let store = on_postgres(&url, Some(&clock)).await;
    Some(Database { home: Home { place: Place::Address(url), clock }, store })
}

pub(crate) async fn on_postgres(url: &str, clock: Option<&Arc<Wound>>) -> AnyStore {
    let clock = clock.map(|clock| Arc::clone(clock) as Arc<dyn Clock>);
    Arc::new(Postgres::open(url, clock, None).await.expect("it opens"))
}

impl Database {
    /// Closes the store.
    pub(crate) async fn leave(self) -> Home {
        self.store.close().await;
        self.home
    }
}

impl Home {
    pub(crate) async fn open(&self) -> Result<AnyStore, OpenError> {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        Ok(match &self.place {
            Place::Directory(directory) => {
                Arc::new(Sqlite::open(directory.path(), clock, None)?) as AnyStore
            }
            Place::Address(url) => Arc::new(Postgres::open(url, Some(clock), None).await?),
        })
    }

    pub(crate) async fn enter(self) -> Database {
        let store = match &self.place {
            Place::Directory(directory) => {
                let clock = || Arc::clone(&self.clock) as Arc<dyn Clock>;
                Arc::new(testkit::reopened(|| Sqlite::open(directory.path(), clock(), None)))
            }
            Place::Address(_) => self.open().await.expect("it opens"),
        };
        Database { home: self, store }
    }

    /// The keys, as another process gets at them while the store may be open.
    pub(crate) async fn beside(&self) -> Result<Arc<dyn Keyring>, OpenError> {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        Ok(match &self.place {
            Place::Directory(directory) => Arc::new(Beside::open(directory.path(), clock)?),
            Place::Address(url) => Arc::new(Postgres::open(url, Some(clock), None).await?),
        })
    }

    /// Leaves nothing but the first schema and these rows, with bytes as SQLite writes them.
    pub(crate) fn is_from_the_first_schema(&self, rows: &str) {
        match &self.place {
            Place::Directory(directory) => {
                for file in ["switchboard.db", "switchboard.db-wal", "switchboard.db-shm"] {
                    // The log may be gone already.
                    let _ = std::fs::remove_file(directory.path().join(file));
                }
                let tables = include_str!("../../migrations/sqlite/0001_calls.sql");
                self.tamper(&format!("{tables} {rows} pragma user_version = 1;"));
            }
            Place::Address(_) => {
                let tables = include_str!("../../migrations/postgres/0001_calls.sql");
                let rows = rows.replace(" x'", r" '\x");
                self.tamper(&format!(
                    "drop schema public cascade; create schema public; create table migrations \
                     (version bigint primary key, at timestamptz not null default \
                     clock_timestamp()); insert into migrations (version) values (1); \
                     {tables} {rows}"
                ));
            }
        }
    }

    /// Whether the database itself does not allow it.
    pub(crate) fn refuses(&self, sql: &str) -> bool {
        catch_unwind(AssertUnwindSafe(|| self.tamper(sql))).is_err()
    }

    /// Marks the schema as one that a later program wrote.
    pub(crate) fn is_from_the_future(&self) {
        match &self.place {
            Place::Directory(_) => self.tamper("pragma user_version = 99"),
            Place::Address(_) => self.tamper("insert into migrations (version) values (99)"),
        }
    }

    /// Changes the tables behind the store's back.
    pub(crate) fn tamper(&self, sql: &str) {
        match &self.place {
            Place::Directory(directory) => {
                let path = directory.path().join("switchboard.db");
                let connection = rusqlite::Connection::open(path).expect("the file opens");
                connection.busy_timeout(Duration::from_secs(5)).expect("it can wait");
                connection.execute_batch(sql).expect("it can be changed");
            }
            Place::Address(url) => {
                testkit::postgres().expect("it runs").execute(url, sql);
            }
        }
    }
}

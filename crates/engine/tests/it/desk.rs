//! An engine on a store of its own, with a clock that is wound.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use bus::{Bus, Limits};
use contract::{QueueChange, Role, decode};
use engine::{Engine, Receipt, Settings, SubmitError};
use lifecycle::Timestamp;
use serde_json::Value;
use store::{Actor, AnyStore, Clock, NewAction, postgres::Postgres as Postgresql, sqlite::Sqlite};
use tempfile::TempDir;
use testkit::{Postgres, reopened};

/// What a new desk's clock says: half past nine.
pub(crate) const OPENS: Timestamp = Timestamp(1_795_253_400_000);

/// A clock that stands until somebody winds it.
pub(crate) struct Wound(AtomicI64);

impl Clock for Wound {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

impl Wound {
    pub(crate) fn wind(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

/// An engine, and what it stands on.
pub(crate) struct Desk {
    pub(crate) engine: Arc<Engine>,
    pub(crate) bus: Arc<Bus>,
    pub(crate) clock: Arc<Wound>,
    home: Home,
}

/// Where a desk keeps its record.
enum Home {
    Sqlite(TempDir),
    Postgres(String),
}

impl Desk {
    /// A new one, with a clock that says [`OPENS`].
    pub(crate) async fn new() -> Self {
        Self::at(Home::Sqlite(tempfile::tempdir().expect("a directory can be made"))).await
    }

    /// The same on a database of that server.
    pub(crate) async fn on(postgres: &Postgres) -> Self {
        Self::at(Home::Postgres(postgres.database())).await
    }

    async fn at(home: Home) -> Self {
        let clock = Arc::new(Wound(AtomicI64::new(OPENS.0)));
        let (engine, bus) = engine(&home, &clock).await;
        Self { engine, bus, clock, home }
    }

    /// Closes the store and opens it again, as a new start does.
    pub(crate) async fn again(self) -> Self {
        let Self { engine: before, clock, home, .. } = self;
        before.close().await;
        drop(before);
        let (engine, bus) = engine(&home, &clock).await;
        Self { engine, bus, clock, home }
    }

    /// Sends events as fast as they can be sent, so that many share a batch.
    pub(crate) async fn send(&self, events: &[Value]) -> Vec<Result<Receipt, SubmitError>> {
        let now = self.clock.now();
        let is_queue = |id: &str| self.engine.is_queue(id);
        let sent = events.iter().map(|event| {
            let event =
                decode(event, now, &is_queue).unwrap_or_else(|it| panic!("{event}: {it:?}"));
            self.engine.enqueue(event, Actor::new("pbx", Role::Ingest))
        });
        let sent = sent.collect::<Vec<_>>();
        let mut answers = Vec::with_capacity(sent.len());
        for answer in sent {
            answers.push(answer.await);
        }
        answers
    }

    /// Changes what a queue promises.
    pub(crate) async fn change(&self, queue: &str, change: QueueChange) {
        let admin = Actor::new("a test", Role::Admin);
        let action = NewAction::new(admin, "change_queue", queue);
        self.engine.put_queue(queue, change, action).await.expect("it is kept");
    }

    /// A call's history, as the API shows it; empty for no such call.
    pub(crate) async fn history(&self, call: &str) -> Vec<Value> {
        let events = self.engine.events(call, 0, 10_000).await.expect("it can be read");
        let events = events.unwrap_or_default().into_iter();
        events.map(|event| serde_json::to_value(event).expect("it becomes JSON")).collect()
    }
}

async fn engine(home: &Home, clock: &Arc<Wound>) -> (Arc<Engine>, Arc<Bus>) {
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    let store = match home {
        Home::Sqlite(directory) => {
            let open = || Sqlite::open(directory.path(), Arc::clone(&clock), None);
            Arc::new(reopened(open)) as AnyStore
        }
        Home::Postgres(url) => {
            Arc::new(Postgresql::open(url, Some(clock), None).await.expect("it opens")) as AnyStore
        }
    };
    let limits = Limits { announcements_max: 1_000, bytes_max: 1 << 20 };
    let settings = Settings { answer_within_ms: 20_000, ..Settings::default() };
    let bus = Arc::new(Bus::new(limits));
    let engine = Engine::start(store, Arc::clone(&bus), settings);
    (engine.await.expect("it starts"), bus)
}

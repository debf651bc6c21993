//! Where the rules meet the store: submit, fire, dispatch, relay; and what is counted on the way.
//!
//! Everything that changes a call comes in by [`Engine::submit()`], whether a client posted it or a
//! timer came due. What waits in a lane is one batch, and one batch is one transaction; whoever sent
//! an event hears of it after the commit, and so does the world.

mod agents;
mod bookkeeper;
mod decide;
mod dispatch;
mod figures;
mod fire;
mod hands;
mod input;
mod lane;
mod queues;
mod relay;
mod scene;
mod submit;
mod warn;

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use bus::Bus;
use contract::{Action, Alert, Call, CallEvent, Queue, QueueChange};
use store::{
    AnyStore, CallFilter, CountFilter, Counts, Listed, NewAction, Search, Searched, StoreError,
};
use thiserror::Error;
use tokio::task::JoinHandle;

use agents::Agents;
use dispatch::Dispatcher;
use figures::Ledgers;
use fire::Alarm;
use lane::Lane;
use queues::Queues;
use warn::Warner;

pub use figures::{FigureSettings, Zone};
pub use hands::NotFreed;
pub use submit::{Receipt, SubmitError};

/// How much is done at once, and how much may wait.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Events in one transaction, at most.
    pub batch_max: usize,
    /// Events that may wait in a lane; one more is refused.
    pub lane_depth_max: usize,
    /// How long an event may wait for its answer, in milliseconds.
    pub answer_within_ms: u64,
    /// How service figures are computed.
    pub figures: FigureSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            batch_max: 512,
            lane_depth_max: 16_384,
            answer_within_ms: 900,
            figures: FigureSettings::default(),
        }
    }
}

/// Why an engine is not healthy.
#[derive(Debug, Error)]
pub enum Unwell {
    /// A part of it has stopped, and does not come back by itself.
    #[error("{0} has stopped; see the log")]
    Stopped(&'static str),
    /// The store does not answer.
    #[error(transparent)]
    Away(StoreError),
}

/// The engine of one process.
pub struct Engine {
    store: AnyStore,
    queues: Arc<Queues>,
    agents: Arc<Agents>,
    dispatcher: Arc<Dispatcher>,
    bus: Arc<Bus>,
    lanes: Vec<Lane>,
    alarm: Arc<Alarm>,
    warner: Arc<Warner>,
    ledgers: Ledgers,
    settings: Settings,
    stopping: AtomicBool,
    /// Lanes and their tellers: they end by themselves once nothing waits any more.
    working: Mutex<Vec<Part>>,
    /// Loops without an end of their own.
    watching: Mutex<Vec<Part>>,
}

type Watch = fn(Arc<Engine>) -> JoinHandle<()>;

/// What runs for as long as the engine does.
struct Part {
    name: &'static str,
    runs: JoinHandle<()>,
}

impl Engine {
    /// Starts the lanes. Nothing happens by itself until [`Engine::watch()`].
    pub async fn start(
        store: AnyStore,
        bus: Arc<Bus>,
        settings: Settings,
    ) -> Result<Arc<Self>, StoreError> {
        let queues = Arc::new(Queues::load(&store).await?);
        let agents = Arc::new(Agents::load(&store).await?);
        let dispatcher = Arc::new(Dispatcher::default());
        let alarm = Arc::new(Alarm::default());
        let warner = Arc::new(Warner::default());
        let (mut lanes, mut working) = (Vec::new(), Vec::new());
        for number in 0..store.lanes().max(1) {
            let (teller, telling) =
                relay::start(Arc::clone(&bus), Arc::clone(&warner), Arc::clone(&queues));
            let worker = lane::Worker {
                store: Arc::clone(&store),
                queues: Arc::clone(&queues),
                agents: Arc::clone(&agents),
                dispatcher: Arc::clone(&dispatcher),
                alarm: Arc::clone(&alarm),
                teller,
                batch_max: settings.batch_max.max(1),
            };
            let (lane, laning) = lane::start(number, settings.lane_depth_max, worker)
                .map_err(|error| StoreError::Away(format!("no thread for a lane: {error}")))?;
            lanes.push(lane);
            working.push(Part { name: "a lane", runs: laning });
            working.push(Part { name: "the teller of a lane", runs: telling });
        }
        let mut watching = Vec::new();
        if store.shared() {
            let runs = queues::keep_fresh(Arc::clone(&queues), Arc::clone(&store));
            watching.push(Part { name: "the reading of queues", runs });
        }
        Ok(Arc::new(Self {
            store,
            queues,
            agents,
            dispatcher,
            bus,
            lanes,
            alarm,
            warner,
            ledgers: Ledgers::default(),
            settings,
            stopping: AtomicBool::new(false),
            working: Mutex::new(working),
            watching: Mutex::new(watching),
        }))
    }

    /// Fires timers as they come due, offers calls, keeps figures and tells of agents, from now until
    /// [`Engine::close()`].
    pub fn watch(self: &Arc<Self>) {
        let watching = [
            ("the firing of timers", fire::watch as Watch),
            ("dispatch", dispatch::watch),
            ("the end of wrap-ups", dispatch::watch_wraps),
            ("the telling of agents", agents::watch),
            ("the warning of breaches", warn::watch),
            ("the keeping of figures", bookkeeper::watch),
            ("the telling of figures", figures::watch),
        ];
        let part = |(name, watch): (_, Watch)| Part { name, runs: watch(Arc::clone(self)) };
        lock(&self.watching).extend(watching.map(part));
    }

    /// Whether there is such a queue.
    pub fn is_queue(&self, id: &str) -> bool {
        self.queues.get(id).is_some()
    }

    /// Every queue, by id.
    pub fn queues(&self) -> Vec<Queue> {
        self.queues.all()
    }

    /// One queue.
    pub fn queue(&self, id: &str) -> Option<Queue> {
        self.queues.get(id)
    }

    /// Changes a queue, or creates it. Timers that are armed keep the promise they were armed with.
    pub async fn put_queue(
        &self,
        id: &str,
        change: QueueChange,
        action: NewAction,
    ) -> Result<Queue, StoreError> {
        self.queues.put(&self.store, id, change, action).await
    }

    /// One call.
    pub async fn call(&self, id: &str) -> Result<Option<Call>, StoreError> {
        self.store.call(id).await
    }

    /// A page of calls, the newest first.
    pub async fn calls(&self, filter: CallFilter) -> Result<Vec<Listed<Call>>, StoreError> {
        self.store.calls(filter).await
    }

    /// A page of the calls that fit, with a bound on how many are looked at.
    pub async fn search(&self, search: Search) -> Result<Searched, StoreError> {
        self.store.search(search).await
    }

    /// How many calls there are.
    pub async fn counts(&self, filter: CountFilter) -> Result<Counts, StoreError> {
        self.store.counts(filter).await
    }

    /// A page of a call's history. `None` for no such call.
    pub async fn events(
        &self,
        call: &str,
        after_seq: u32,
        limit: u32,
    ) -> Result<Option<Vec<CallEvent>>, StoreError> {
        self.store.events(call, after_seq, limit).await
    }

    /// A page of alerts, the newest first.
    pub async fn alerts(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Listed<Alert>>, StoreError> {
        self.store.alerts(before, limit).await
    }

    /// Notes who saw an alert, and tells. The first to do so stays. `None` for no such alert.
    pub async fn acknowledge(
        &self,
        id: &str,
        by: &str,
        action: NewAction,
    ) -> Result<Option<Alert>, StoreError> {
        let acknowledged = self.store.acknowledge(id, by, action).await?;
        let Some(acknowledged) = acknowledged else { return Ok(None) };
        if acknowledged.first {
            self.bus.publish([bus::News::Alert(Box::new(acknowledged.alert.clone()))]);
        }
        Ok(Some(acknowledged.alert))
    }

    /// A page of what people did, the newest first; of what was done to `target`, where one is named.
    pub async fn actions(
        &self,
        target: Option<&str>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Listed<Action>>, StoreError> {
        self.store.actions(target, before, limit).await
    }

    /// Whether everything this engine needs answers, and all of its own parts run.
    pub async fn healthy(&self) -> Result<(), Unwell> {
        let stopped = |parts: &Mutex<Vec<Part>>| {
            lock(parts).iter().find(|part| part.runs.is_finished()).map(|part| part.name)
        };
        if let Some(name) = stopped(&self.working).or_else(|| stopped(&self.watching)) {
            return Err(Unwell::Stopped(name));
        }
        self.store.healthy().await.map_err(Unwell::Away)
    }

    /// Sets the gauges that are read rather than counted.
    pub async fn measure(&self) {
        for lane in &self.lanes {
            lane.measure();
        }
        #[expect(clippy::cast_precision_loss, reason = "a gauge")]
        if let Ok(armed) = self.store.armed().await {
            metrics::gauge!("switchboard_timers_armed").set(armed as f64);
        }
    }

    /// Refuses what is new, finishes what waits, and closes the store.
    pub async fn close(&self) {
        self.stopping.store(true, Ordering::Release);
        self.alarm.stop();
        for lane in &self.lanes {
            lane.close();
        }
        let watching = std::mem::take(&mut *lock(&self.watching));
        for watching in &watching {
            watching.runs.abort();
        }
        for watching in watching {
            // Only once it has ended it holds the store no longer.
            let _ = watching.runs.await;
        }
        let working = std::mem::take(&mut *lock(&self.working));
        for working in working {
            // A part that failed has nothing left to finish.
            let _ = working.runs.await;
        }
        self.store.close().await;
    }
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

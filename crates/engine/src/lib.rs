//! Where the rules meet the store: submit, fire, relay.
//!
//! Everything that changes a call comes in by [`Engine::submit()`], whether a client posted it or a
//! timer came due. What waits in a lane is one batch, and one batch is one transaction; whoever sent
//! an event hears of it after the commit, and so does the world.

mod decide;
mod fire;
mod lane;
mod queues;
mod relay;
mod submit;

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use bus::Bus;
use contract::{Alert, Call, CallEvent, Queue, QueueChange};
use store::{AnyStore, CallFilter, Listed, StoreError};
use tokio::task::JoinHandle;

use fire::Alarm;
use lane::Lane;
use queues::Queues;

pub use submit::{Receipt, SubmitError};

/// How much is done at once, and how much may wait.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Events in one transaction, at most.
    pub batch_max: usize,
    /// Events that may wait in a lane; one more is refused.
    pub lane_depth_max: usize,
    /// How long an event may wait for its answer, in milliseconds.
    pub answer_within_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { batch_max: 256, lane_depth_max: 16_384, answer_within_ms: 900 }
    }
}

/// The engine of one process.
pub struct Engine {
    store: AnyStore,
    queues: Arc<Queues>,
    bus: Arc<Bus>,
    lanes: Vec<Lane>,
    alarm: Arc<Alarm>,
    settings: Settings,
    stopping: AtomicBool,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Engine {
    /// Starts the lanes. Timers are not fired until [`Engine::watch_timers()`].
    pub async fn start(
        store: AnyStore,
        bus: Arc<Bus>,
        settings: Settings,
    ) -> Result<Arc<Self>, StoreError> {
        let queues = Arc::new(Queues::load(&store).await?);
        let alarm = Arc::new(Alarm::default());
        let (relay, relaying) = relay::start(Arc::clone(&bus));
        let mut tasks = vec![relaying];
        let mut lanes = Vec::new();
        for number in 0..store.lanes().max(1) {
            let worker = lane::Worker {
                store: Arc::clone(&store),
                queues: Arc::clone(&queues),
                relay: relay.clone(),
                alarm: Arc::clone(&alarm),
                batch_max: settings.batch_max.max(1),
            };
            let (lane, working) = lane::start(number, settings.lane_depth_max, worker);
            lanes.push(lane);
            tasks.push(working);
        }
        if store.shared() {
            tasks.push(queues::keep_fresh(Arc::clone(&queues), Arc::clone(&store)));
        }
        Ok(Arc::new(Self {
            store,
            queues,
            bus,
            lanes,
            alarm,
            settings,
            stopping: AtomicBool::new(false),
            tasks: Mutex::new(tasks),
        }))
    }

    /// Fires timers as they come due, from now until [`Engine::close()`].
    pub fn watch_timers(self: &Arc<Self>) {
        let watching = fire::watch(Arc::clone(self));
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).push(watching);
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
    pub async fn put_queue(&self, id: &str, change: QueueChange) -> Result<Queue, StoreError> {
        self.queues.put(&self.store, id, change).await
    }

    /// One call.
    pub async fn call(&self, id: &str) -> Result<Option<Call>, StoreError> {
        self.store.call(id).await
    }

    /// A page of calls, the newest first.
    pub async fn calls(&self, filter: CallFilter) -> Result<Vec<Listed<Call>>, StoreError> {
        self.store.calls(filter).await
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
    pub async fn acknowledge(&self, id: &str, by: &str) -> Result<Option<Alert>, StoreError> {
        let Some(acknowledged) = self.store.acknowledge(id, by).await? else { return Ok(None) };
        if acknowledged.first {
            self.bus.publish([bus::News::Alert(Box::new(acknowledged.alert.clone()))]);
        }
        Ok(Some(acknowledged.alert))
    }

    /// Whether everything this engine needs answers.
    pub async fn healthy(&self) -> Result<(), StoreError> {
        self.store.healthy().await
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
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks.iter().skip(1 + self.lanes.len()) {
            task.abort();
        }
        for task in tasks.into_iter().skip(1).take(self.lanes.len()) {
            // A lane that panicked has nothing left to finish.
            let _ = task.await;
        }
        self.store.close().await;
    }
}

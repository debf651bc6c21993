//! The queues and their promises, kept at hand.
//!
//! Every event asks for one, so they live in memory. A change made here holds at once; one made by
//! another process on the same database is seen within a second.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use contract::{Queue, QueueChange};
use foldhash::HashMap;
use store::{AnyStore, NewAction, StoreError};
use tokio::task::JoinHandle;
use tracing::warn;

/// The promises of every queue.
pub(crate) type Policies = HashMap<String, Queue>;

const FRESH_WITHIN: Duration = Duration::from_secs(1);

pub(crate) struct Queues {
    known: RwLock<Arc<Policies>>,
    // Changes are made one after another, so that two parts of one queue do not undo each other.
    changing: tokio::sync::Mutex<()>,
}

impl Queues {
    pub(crate) async fn load(store: &AnyStore) -> Result<Self, StoreError> {
        let known = RwLock::new(Arc::new(fetch(store).await?));
        Ok(Self { known, changing: tokio::sync::Mutex::default() })
    }

    pub(crate) fn snapshot(&self) -> Arc<Policies> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn get(&self, id: &str) -> Option<Queue> {
        self.snapshot().get(id).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Queue> {
        let mut all = self.snapshot().values().cloned().collect::<Vec<_>>();
        all.sort_by(|one, other| one.id.cmp(&other.id));
        all
    }

    pub(crate) async fn put(
        &self,
        store: &AnyStore,
        id: &str,
        change: QueueChange,
        action: NewAction,
    ) -> Result<Queue, StoreError> {
        let _one_at_a_time = self.changing.lock().await;
        self.refresh(store).await?;
        let queue = self.get(id).unwrap_or_else(|| Queue::new(id)).changed(change);
        store.put_queue(queue.clone(), action).await?;
        self.refresh(store).await?;
        Ok(queue)
    }

    async fn refresh(&self, store: &AnyStore) -> Result<(), StoreError> {
        let fresh = Arc::new(fetch(store).await?);
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }
}

async fn fetch(store: &AnyStore) -> Result<HashMap<String, Queue>, StoreError> {
    Ok(store.queues().await?.into_iter().map(|queue| (queue.id.clone(), queue)).collect())
}

pub(crate) fn keep_fresh(queues: Arc<Queues>, store: AnyStore) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(FRESH_WITHIN).await;
            let _one_at_a_time = queues.changing.lock().await;
            if let Err(problem) = queues.refresh(&store).await {
                warn!(error = %problem, "Queues may be out of date: {problem}");
            }
        }
    })
}

//! The keys that were made by name, kept at hand.
//!
//! Every request may show one, so they live in memory and no request asks the database. They are
//! made, rotated and revoked by other processes (`switchboard keys`), and what those did is seen
//! here within a second.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use store::{Actor, AnyStore, KeyHash, StoreError, key_hash};
use tokio::task::JoinHandle;
use tracing::{info, warn};

use crate::Access;

const FRESH_WITHIN: Duration = Duration::from_millis(500);

/// Who shows which key. They are found by hash: how long that takes says nothing about a key, for
/// nobody can choose a guess by its hash.
#[derive(Debug, Default)]
pub(crate) struct Keyring(RwLock<Arc<HashMap<KeyHash, Actor>>>);

impl Keyring {
    /// Whose key that is.
    pub(crate) fn find(&self, key: &str) -> Option<Actor> {
        self.find_hash(&key_hash(key))
    }

    /// Whose key that is, by its hash.
    pub(crate) fn find_hash(&self, hash: &KeyHash) -> Option<Actor> {
        self.snapshot().get(hash).cloned()
    }

    fn snapshot(&self) -> Arc<HashMap<KeyHash, Actor>> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn refresh(&self, store: &AnyStore) -> Result<(), StoreError> {
        let keys = store.working_keys().await?;
        let fresh = keys.into_iter().map(|key| (key.hash, key.actor)).collect::<HashMap<_, _>>();
        let before = self.snapshot();
        if fresh != *before {
            info!("Keys made by name that work now: {}", fresh.len());
            *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        }
        Ok(())
    }
}

impl Access {
    /// Reads which keys were made, and keeps up with that from now on. While the store is away, the
    /// keys that worked last go on working.
    pub async fn follow(self: &Arc<Self>, store: AnyStore) -> Result<JoinHandle<()>, StoreError> {
        self.made.refresh(&store).await?;
        let access = Arc::clone(self);
        Ok(tokio::spawn(async move {
            let mut is_away = false;
            loop {
                tokio::time::sleep(FRESH_WITHIN).await;
                let refreshed = access.made.refresh(&store).await;
                match &refreshed {
                    Err(problem) if !is_away => {
                        warn!(error = %problem, "Keys may be out of date: {problem}");
                    }
                    Ok(()) if is_away => info!("Keys are up to date again"),
                    _ => {}
                }
                is_away = refreshed.is_err();
            }
        }))
    }
}

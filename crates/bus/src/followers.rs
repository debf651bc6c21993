//! Who follows figures and agents, so that they are read for somebody or not at all.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Notify;

/// How many follow each thing of a kind: the figures of a queue or of all, or the agents.
#[derive(Debug, Default)]
pub(crate) struct Followers {
    counts: Mutex<BTreeMap<Option<String>, usize>>,
    first: Notify,
}

impl Followers {
    /// What is followed; waits until something is.
    pub(crate) async fn some(&self) -> Vec<Option<String>> {
        loop {
            let came = self.first.notified();
            let followed = self.with(|counts| counts.keys().cloned().collect::<Vec<_>>());
            if !followed.is_empty() {
                return followed;
            }
            came.await;
        }
    }

    /// Whether anything is followed.
    pub(crate) fn any(&self) -> bool {
        self.with(|counts| !counts.is_empty())
    }

    fn with<T>(&self, change: impl FnOnce(&mut BTreeMap<Option<String>, usize>) -> T) -> T {
        change(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Somebody follows, until this is dropped.
#[derive(Debug)]
pub struct Following {
    followers: Arc<Followers>,
    queue: Option<String>,
}

impl Following {
    pub(crate) fn new(followers: Arc<Followers>, queue: Option<String>) -> Self {
        followers.with(|counts| *counts.entry(queue.clone()).or_default() += 1);
        followers.first.notify_one();
        Self { followers, queue }
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.followers.with(|counts| {
            if let Some(count) = counts.get_mut(&self.queue) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(&self.queue);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Followers, Following};

    #[tokio::test]
    async fn a_queue_is_followed_until_the_last_follower_is_gone() {
        let followers = Arc::<Followers>::default();
        let follow = |queue: &str| Following::new(Arc::clone(&followers), Some(queue.to_owned()));
        let waits = {
            let followers = Arc::clone(&followers);
            tokio::spawn(async move { followers.some().await })
        };
        let (one, other) = (follow("a"), follow("a"));
        let all = Following::new(Arc::clone(&followers), None);
        assert!(!waits.await.expect("it does not fail").is_empty());
        assert_eq!(followers.some().await, [None, Some("a".to_owned())]);
        drop(one);
        assert_eq!(followers.some().await, [None, Some("a".to_owned())]);
        assert!(followers.any());
        drop((other, all));
        assert!(!followers.any());
    }
}

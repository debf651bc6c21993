//! What was recorded is announced: after the commit, in the order of recording.
//!
//! A lane hands over its news and goes on with the next batch; writing them as JSON and telling the
//! listeners happens here. Listeners live in this process, so what a crash cuts off here had nobody
//! left to hear it: after a restart everyone is told to fetch again.

use std::sync::Arc;

use bus::{Bus, News};
use tokio::{sync::mpsc, task::JoinHandle};

const BATCHES_WAITING_MAX: usize = 1_024;

/// The sending half: lanes pass their news on.
#[derive(Clone)]
pub(crate) struct Relay(mpsc::Sender<Vec<News>>);

impl Relay {
    pub(crate) async fn pass_on(&self, news: Vec<News>) {
        if !news.is_empty() {
            // The relay ends after the lanes; without it there is nobody left to tell.
            let _ = self.0.send(news).await;
        }
    }
}

pub(crate) fn start(bus: Arc<Bus>) -> (Relay, JoinHandle<()>) {
    let (relay, mut batches) = mpsc::channel(BATCHES_WAITING_MAX);
    let relaying = tokio::spawn(async move {
        while let Some(news) = batches.recv().await {
            bus.publish(news);
        }
    });
    (Relay(relay), relaying)
}

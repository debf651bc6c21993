//! What was recorded is told to the world.
//!
//! A lane answers whoever sent something, hands over what there is to tell, and goes on with the next
//! batch. Its teller notes what is promised now, and publishes, in the order of recording. Listeners
//! live in this process, so what a crash cuts off here had nobody left to hear it: after a restart
//! everyone is told to fetch again.

use std::{collections::BTreeMap, sync::Arc};

use bus::{Bus, News};
use tokio::{sync::mpsc, task::JoinHandle};

use crate::{queues::Queues, warn::Warner};

const BATCHES_WAITING_MAX: usize = 64;

/// The lane's end.
pub(crate) struct Teller(mpsc::Sender<Vec<News>>);

impl Teller {
    /// Announces what was recorded, in that order.
    pub(crate) async fn tell(&self, news: Vec<News>) {
        if !news.is_empty() {
            // The teller ends after its lane, so it is there.
            let _ = self.0.send(news).await;
        }
    }
}

pub(crate) fn start(
    bus: Arc<Bus>,
    warner: Arc<Warner>,
    queues: Arc<Queues>,
) -> (Teller, JoinHandle<()>) {
    let (teller, mut batches) = mpsc::channel::<Vec<News>>(BATCHES_WAITING_MAX);
    let telling = tokio::spawn(async move {
        while let Some(news) = batches.recv().await {
            warner.note(&news, &queues.snapshot());
            bus.publish(news);
        }
    });
    (Teller(teller), telling)
}

/// Counts what was recorded, whoever it came from: a sender, a supervisor, a timer or the rules.
pub(crate) fn count(news: &[News]) {
    let mut counts = BTreeMap::<_, u64>::new();
    for news in news {
        if let News::Call(update) = news {
            *counts.entry(update.event_type.name()).or_default() += 1;
        }
    }
    for (kind, count) in counts {
        metrics::counter!("switchboard_recorded_total", "type" => kind).increment(count);
    }
}

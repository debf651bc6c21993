//! Tells whoever follows figures how queues stand: at most once a second, and only what changed.

use std::{sync::Arc, time::Duration};

use bus::News;
use contract::MetricsUpdate;
use foldhash::{HashMap, HashMapExt as _};
use tokio::task::JoinHandle;
use tracing::warn;

use crate::Engine;

const EVERY: Duration = Duration::from_secs(1);

/// Reports for as long as the engine runs. While nobody follows figures, it sleeps.
pub(crate) fn watch(engine: Arc<Engine>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut told = HashMap::new();
        loop {
            let followed = engine.bus.followed_metrics().await;
            told.retain(|queue, _| followed.contains(queue));
            match engine.queue_figures(&followed).await {
                Ok(updates) => tell(&engine, followed, updates, &mut told),
                Err(problem) => warn!(error = %problem, "Figures are not told: {problem}"),
            }
            tokio::time::sleep(EVERY).await;
        }
    })
}

fn tell(
    engine: &Engine,
    followed: Vec<Option<String>>,
    updates: Vec<MetricsUpdate>,
    told: &mut HashMap<Option<String>, MetricsUpdate>,
) {
    for (queue, update) in followed.into_iter().zip(updates) {
        let before = told.insert(queue.clone(), update.clone());
        if before.map(still) != Some(still(update.clone())) {
            engine.bus.publish([News::Metrics { queue, update: Box::new(update) }]);
        }
    }
}

/// An update without what changes with every moment: a clock goes on by itself.
fn still(mut update: MetricsUpdate) -> MetricsUpdate {
    update.as_of = contract::Moment(lifecycle::Timestamp(0));
    let queues = update.queues.iter_mut().map(|queue| &mut queue.now);
    queues.chain([&mut update.total.now]).for_each(|now| now.longest_wait_seconds = None);
    update
}

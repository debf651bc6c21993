//! What was recorded is told to the world.
//!
//! A lane answers whoever sent something, hands over what there is to tell, and goes on with the next
//! batch. Its teller puts that in the words of the wire, notes what is promised now, and publishes, in
//! the order of recording: an update may come a moment after the answer to its event. Listeners live in
//! this process, so what a crash cuts off here had nobody left to hear it: after a restart everyone is
//! told to fetch again.

use std::{collections::BTreeMap, sync::Arc};

use bus::Bus;
use tokio::{sync::mpsc, task::JoinHandle};

use crate::{decide::Told, queues::Queues, warn::Warner};

const BATCHES_WAITING_MAX: usize = 64;

/// The lane's end.
pub(crate) struct Teller {
    batches: mpsc::Sender<Vec<Told>>,
    bus: Arc<Bus>,
}

impl Teller {
    /// Announces what was recorded, in that order.
    pub(crate) async fn tell(&self, told: Vec<Told>) {
        if !told.is_empty() {
            // The teller ends after its lane, so it is there.
            let _ = self.batches.send(told).await;
        }
    }

    /// Nobody knows whether something was recorded: whoever listens must fetch again.
    pub(crate) fn lose_track(&self) {
        self.bus.skip();
    }
}

pub(crate) fn start(
    bus: Arc<Bus>,
    warner: Arc<Warner>,
    queues: Arc<Queues>,
) -> (Teller, JoinHandle<()>) {
    let (sender, mut batches) = mpsc::channel::<Vec<Told>>(BATCHES_WAITING_MAX);
    let teller = Teller { batches: sender, bus: Arc::clone(&bus) };
    let telling = tokio::spawn(async move {
        while let Some(told) = batches.recv().await {
            let news = told.into_iter().map(Told::news).collect::<Vec<_>>();
            warner.note(&news, &queues.snapshot());
            bus.publish(news);
        }
    });
    (teller, telling)
}

/// Counts what was recorded, whoever it came from: a sender, a supervisor, a timer or the rules.
pub(crate) fn count(told: &[Told]) {
    let mut counts = BTreeMap::<_, u64>::new();
    for told in told {
        if let Told::Event { event, .. } = told {
            *counts.entry(event.kind.name()).or_default() += 1;
        }
    }
    for (kind, count) in counts {
        metrics::counter!("switchboard_recorded_total", "type" => kind).increment(count);
    }
}

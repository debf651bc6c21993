//! What was recorded is told: to whoever sent it, then to the world.
//!
//! A lane hands over what it recorded and goes on with the next batch. Its teller answers the
//! senders, notes what is promised now, and publishes, in the order of recording. Listeners live in
//! this process, so what a crash cuts off here had nobody left to hear it: after a restart everyone is
//! told to fetch again.

use std::{collections::BTreeMap, sync::Arc};

use bus::{Bus, News};
use tokio::{sync::mpsc, task::JoinHandle};

use crate::{
    input::{Answer, Input},
    queues::Queues,
    warn::Warner,
};

const BATCHES_WAITING_MAX: usize = 64;

/// A batch that is on disk.
pub(crate) struct Told {
    /// The answer to each input; none where it was given already.
    pub(crate) answers: Vec<(Input, Option<Answer>)>,
    /// What to announce, in order.
    pub(crate) news: Vec<News>,
}

/// The lane's end.
pub(crate) struct Teller(mpsc::Sender<Told>);

impl Teller {
    pub(crate) async fn tell(&self, told: Told) {
        // The teller ends after its lane, so it is there.
        let _ = self.0.send(told).await;
    }
}

pub(crate) fn start(
    bus: Arc<Bus>,
    warner: Arc<Warner>,
    queues: Arc<Queues>,
) -> (Teller, JoinHandle<()>) {
    let (teller, mut batches) = mpsc::channel::<Told>(BATCHES_WAITING_MAX);
    let telling = tokio::spawn(async move {
        while let Some(Told { answers, news }) = batches.recv().await {
            count(&news);
            for (input, answer) in answers {
                if let Some(answer) = answer {
                    input.answer(answer);
                }
            }
            if !news.is_empty() {
                warner.note(&news, &queues.snapshot());
                bus.publish(news);
            }
        }
    });
    (Teller(teller), telling)
}

/// What was recorded, whoever it came from: a sender, a supervisor, a timer or the rules.
fn count(news: &[News]) {
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

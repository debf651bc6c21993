//! Whose phone rings: read from the list of waiting calls while any of ours waits.
//!
//! One request a round tells every offer with its number, and none is made while nobody waits. A
//! round sees what stood when it was answered; what a call has heard already is its own to know.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::sleep;

use super::Live;
use crate::simulate::script::Offer;

/// Twice a second in life, up to twenty times where the day goes by faster.
const LOOK_EVERY_MS: u64 = 500;
const LOOK_EVERY_MIN: Duration = Duration::from_millis(50);
const LOOK_EVERY_MAX: Duration = Duration::from_secs(1);
/// Pages of a thousand calls.
const PAGES_MAX: usize = 20;

type Waiting = HashMap<u32, watch::Sender<Option<Offer>>>;

/// The calls that wait, and the offer that stands for each.
#[derive(Debug, Default)]
pub(super) struct Board {
    waiting: Mutex<Waiting>,
}

/// What is read of a call.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    id: String,
    agent_id: Option<String>,
    offer: Option<u32>,
}

impl Board {
    /// The call waits from now on, and hears of its offers.
    pub(super) fn wait(&self, call: u32) -> watch::Receiver<Option<Offer>> {
        let (sender, offers) = watch::channel(None);
        self.lock().insert(call, sender);
        offers
    }

    /// The call waits no longer.
    pub(super) fn leave(&self, call: u32) {
        self.lock().remove(&call);
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn show(&self, call: u32, offer: Option<Offer>) {
        if let Some(sender) = self.lock().get(&call) {
            sender.send_if_modified(|stands| std::mem::replace(stands, offer) != offer);
        }
    }
}

/// Looks again and again, for as long as it is let.
pub(super) async fn watch_offers(live: Arc<Live>) {
    let every = live.pace.real(LOOK_EVERY_MS).clamp(LOOK_EVERY_MIN, LOOK_EVERY_MAX);
    loop {
        sleep(every).await;
        live.run.set_now(live.pace.now_ms());
        if !live.board.is_empty() {
            look(&live).await;
        }
    }
}

/// A server that does not answer is asked again in the next round.
async fn look(live: &Live) {
    let run = &live.run;
    let mut page = Some("/api/calls?status=waiting&limit=1000".to_owned());
    for _ in 0..PAGES_MAX {
        let Some(path) = page.take() else { return };
        let Ok(answer) = run.client.get(&path).await else { return };
        let Ok(calls) = serde_json::from_slice::<Vec<Listed>>(&answer.body) else { return };
        for call in calls {
            let number = call.id.strip_prefix(&run.prefix).and_then(|it| it.parse::<u32>().ok());
            let Some(number) = number.and_then(|it| it.checked_sub(1)) else { continue };
            let agent = call.agent_id.and_then(|id| live.agent(&id));
            let offer = agent.zip(call.offer).map(|(agent, number)| Offer { agent, number });
            live.board.show(number, offer);
        }
        page = answer.next;
    }
}

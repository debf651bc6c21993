//! Announcements, in order, to whoever listens.
//!
//! The engine publishes what was recorded, after it was recorded. Listeners are cursors: each knows
//! the number of the last announcement it handled and asks for what came after it, so being live,
//! catching up and being slow are one and the same thing. Recent announcements are kept in a ring;
//! a listener that fell out of it is told so and fetches again.
//!
//! A position on the wire is an epoch and a number, `epoch.number`. Numbers are dense within an
//! epoch. An epoch is one life of this process: a position of another one is not known here.

mod followers;

use std::{
    collections::VecDeque,
    sync::{Arc, OnceLock, PoisonError, RwLock},
    time::Instant,
};

use contract::{Agent, AgentUpdate, Alert, AlertUpdate, CallStatusUpdate, MetricsUpdate, Warning};
use serde_json::value::RawValue;
use tokio::sync::watch;

use followers::Followers;
pub use followers::Following;

/// What is announced.
#[derive(Debug)]
pub enum News {
    /// An event was recorded. Its position is filled in here.
    Call(Box<CallStatusUpdate>),
    /// An alert was raised or acknowledged.
    Alert(Box<Alert>),
    /// Something changed for an agent.
    Agent(Box<Agent>),
    /// A promise is about to be broken. Its position is filled in here.
    Warning(Box<Warning>),
    /// How queues stand changed.
    Metrics {
        /// The queue, or all of them.
        queue: Option<String>,
        /// How they stand. Its position is filled in here.
        update: Box<MetricsUpdate>,
    },
}

/// One announcement. It is written as JSON once for all who hear it, and not at all where nobody does.
#[derive(Debug)]
pub struct Announcement {
    /// Its place: 1, 2, 3 ... in this epoch.
    pub number: u64,
    /// When it was published, to tell how long it takes to be sent.
    pub published_at: Instant,
    told: Told,
    body: OnceLock<Box<RawValue>>,
}

/// What is announced, with its position.
#[derive(Debug)]
enum Told {
    Call(Box<CallStatusUpdate>),
    Alert(Box<AlertUpdate>),
    Agent(Box<AgentUpdate>),
    Warning(Box<Warning>),
    Metrics(Option<String>, Box<MetricsUpdate>),
}

/// The names that announcements go by on the wire.
pub const UPDATES: [&str; 5] =
    ["call_status_update", "alert_update", "agent_update", "warning", "metrics_update"];

impl Announcement {
    /// What is sent.
    pub fn body(&self) -> &RawValue {
        self.body.get_or_init(|| {
            let written = match &self.told {
                Told::Call(update) => serde_json::value::to_raw_value(update),
                Told::Alert(update) => serde_json::value::to_raw_value(update),
                Told::Agent(update) => serde_json::value::to_raw_value(update),
                Told::Warning(warning) => serde_json::value::to_raw_value(warning),
                Told::Metrics(_, update) => serde_json::value::to_raw_value(update),
            };
            written.expect("strings and numbers become JSON")
        })
    }

    /// The name it goes by on the wire.
    pub fn event(&self) -> &'static str {
        match self.told {
            Told::Call(_) => UPDATES[0],
            Told::Alert(_) => UPDATES[1],
            Told::Agent(_) => UPDATES[2],
            Told::Warning(_) => UPDATES[3],
            Told::Metrics(..) => UPDATES[4],
        }
    }

    /// Whom it concerns.
    pub fn audience(&self) -> Audience<'_> {
        match &self.told {
            Told::Call(update) => Audience::Call {
                call: &update.call_id,
                queue: &update.call.queue_id,
                left_queue: update.left_queue_id.as_deref(),
            },
            Told::Alert(_) => Audience::Alerts,
            Told::Agent(_) => Audience::Agents,
            Told::Warning(warning) => Audience::Call {
                call: &warning.call_id,
                queue: &warning.queue_id,
                left_queue: None,
            },
            Told::Metrics(queue, _) => Audience::Metrics(queue),
        }
    }

    /// About how much memory it takes.
    fn bytes(&self) -> usize {
        let metadata = match &self.told {
            Told::Call(update) => update.metadata.as_ref().map_or(0, |it| it.as_text().len()),
            Told::Alert(_) | Told::Agent(_) | Told::Warning(_) => 0,
            Told::Metrics(_, update) => QUEUE_BYTES * update.queues.len(),
        };
        ANNOUNCEMENT_BYTES + 2 * metadata
    }
}

/// Whom an announcement concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience<'a> {
    /// Whoever follows the call, its queue, the queue it left, or all calls.
    Call {
        /// The call.
        call: &'a str,
        /// Its queue.
        queue: &'a str,
        /// The queue it left with this event.
        left_queue: Option<&'a str>,
    },
    /// Whoever follows alerts.
    Alerts,
    /// Whoever follows agents.
    Agents,
    /// Whoever follows the figures of this queue, or of all of them.
    Metrics(&'a Option<String>),
}

/// How much of the past is kept. Whichever limit is reached first counts.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// At most so many announcements.
    pub announcements_max: usize,
    /// At most about so many bytes.
    pub bytes_max: usize,
}

/// What an announcement takes, roughly, apart from its metadata: itself, and its JSON once written.
const ANNOUNCEMENT_BYTES: usize = 1_500;
/// What the figures of one queue take, and their JSON half of it.
const QUEUE_BYTES: usize = 1_000;

/// The listener asked for announcements that are no longer kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap;

/// Publish and subscribe within one process.
#[derive(Debug)]
pub struct Bus {
    epoch: String,
    limits: Limits,
    ring: RwLock<Ring>,
    head: watch::Sender<u64>,
    metrics: Arc<Followers>,
    agents: Arc<Followers>,
}

#[derive(Debug, Default)]
struct Ring {
    recent: VecDeque<Arc<Announcement>>,
    bytes: usize,
    head: u64,
}

impl Bus {
    /// A bus with nothing on it, in an epoch of its own.
    pub fn new(limits: Limits) -> Self {
        let epoch = getrandom::u64().expect("the operating system gives randomness");
        Self {
            epoch: format!("{epoch:016x}"),
            limits,
            ring: RwLock::default(),
            head: watch::Sender::new(0),
            metrics: Arc::default(),
            agents: Arc::default(),
        }
    }

    /// Announces, in this order.
    pub fn publish(&self, news: impl IntoIterator<Item = News>) {
        let published_at = Instant::now();
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        for news in news {
            let number = ring.head + 1;
            let (told, body) = (self.placed(news, number), OnceLock::new());
            let announcement = Announcement { number, published_at, told, body };
            ring.head = number;
            ring.bytes += announcement.bytes();
            ring.recent.push_back(Arc::new(announcement));
            while self.limits.announcements_max < ring.recent.len()
                || self.limits.bytes_max < ring.bytes
            {
                let Some(oldest) = ring.recent.pop_front() else { break };
                ring.bytes -= oldest.bytes();
            }
        }
        // Told while the lock is held, so that the head never goes backwards; nobody wakes for nothing.
        self.head.send_if_modified(|head| std::mem::replace(head, ring.head) != ring.head);
    }

    /// Something happened that cannot be announced: whoever listens finds a gap.
    pub fn skip(&self) {
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        *ring = Ring { head: ring.head + 1, ..Ring::default() };
        self.head.send_replace(ring.head);
    }

    fn placed(&self, news: News, number: u64) -> Told {
        let position = self.position(number);
        match news {
            News::Call(mut update) => {
                update.position = position;
                Told::Call(update)
            }
            News::Alert(alert) => Told::Alert(Box::new(AlertUpdate { alert: *alert, position })),
            News::Agent(agent) => Told::Agent(Box::new(AgentUpdate { agent: *agent, position })),
            News::Warning(mut warning) => {
                warning.position = position;
                Told::Warning(warning)
            }
            News::Metrics { queue, mut update } => {
                update.position = position;
                Told::Metrics(queue, update)
            }
        }
    }

    /// Somebody follows the figures of a queue, or of all of them, for as long as what is returned
    /// is kept. Nobody computes figures for no one.
    pub fn follow_metrics(&self, queue: Option<String>) -> Following {
        Following::new(Arc::clone(&self.metrics), queue)
    }

    /// Whose figures are followed; waits until some are.
    pub async fn followed_metrics(&self) -> Vec<Option<String>> {
        self.metrics.some().await
    }

    /// Somebody follows the agents for as long as what is returned is kept.
    pub fn follow_agents(&self) -> Following {
        Following::new(Arc::clone(&self.agents), None)
    }

    /// Whether anybody follows the agents.
    pub fn agents_are_followed(&self) -> bool {
        self.agents.any()
    }

    /// The number of the last announcement; 0 before the first.
    pub fn head(&self) -> u64 {
        *self.head.borrow()
    }

    /// Tells whenever there is a new last announcement.
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.head.subscribe()
    }

    /// Up to `limit` announcements after the one with this number, oldest first.
    pub fn after(&self, number: u64, limit: usize) -> Result<Vec<Arc<Announcement>>, Gap> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        if ring.head <= number {
            return if ring.head == number { Ok(Vec::new()) } else { Err(Gap) };
        }
        let oldest = ring.recent.front().map_or(ring.head + 1, |oldest| oldest.number);
        let Some(skipped) = (number + 1).checked_sub(oldest) else { return Err(Gap) };
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        Ok(ring.recent.iter().skip(skipped).take(limit).cloned().collect())
    }

    /// A number as a position on the wire.
    pub fn position(&self, number: u64) -> String {
        format!("{}.{number}", self.epoch)
    }

    /// The number of a position; `None` where it is not one of this epoch.
    pub fn number(&self, position: &str) -> Option<u64> {
        let (epoch, number) = position.split_once('.')?;
        (epoch == self.epoch).then(|| number.parse().ok())?
    }
}

#[cfg(test)]
mod tests;

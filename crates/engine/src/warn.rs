//! A warning before a promise is broken: when two thirds of its time have passed.
//!
//! What is watched follows from the calls as they are announced, and lives in memory: a warning is
//! for those who look on now, and nothing depends on it. After a start the open calls are read once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use bus::News;
use contract::{AgentState, Call, CallStatus, Moment, Presence, Promised, Queue, Warning};
use lifecycle::{MISSED_MAX, Timestamp};
use store::{CallFilter, StoreError};
use tokio::{sync::Notify, task::JoinHandle};
use tracing::warn;

use crate::{Engine, queues::Policies};

/// Open calls are read so many at a time.
const PAGE: u32 = 1_000;
/// The longest sleep; whatever is due earlier wakes the sleeper.
const SLEEP_MAX: Duration = Duration::from_mins(1);

/// A promise that is watched.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Watched {
    warn_at: Timestamp,
    call: String,
    promise: Promised,
    due_at: Timestamp,
}

/// The promises that are watched.
#[derive(Debug, Default)]
pub(crate) struct Warner {
    watched: Mutex<Book>,
    earlier: Notify,
}

#[derive(Debug, Default)]
struct Book {
    by_time: BTreeSet<Watched>,
    by_call: HashMap<String, Vec<Watched>>,
}

impl Book {
    fn put(&mut self, call: &str, watched: Vec<Watched>) {
        for old in self.by_call.remove(call).into_iter().flatten() {
            self.by_time.remove(&old);
        }
        if !watched.is_empty() {
            self.by_time.extend(watched.iter().cloned());
            self.by_call.insert(call.to_owned(), watched);
        }
    }

    fn take_due(&mut self, now: Timestamp) -> Vec<Watched> {
        let mut due = Vec::new();
        while let Some(first) = self.by_time.first().filter(|first| first.warn_at <= now) {
            let first = first.clone();
            self.by_time.remove(&first);
            if let Some(of_call) = self.by_call.get_mut(&first.call) {
                of_call.retain(|watched| *watched != first);
                if of_call.is_empty() {
                    self.by_call.remove(&first.call);
                }
            }
            due.push(first);
        }
        due
    }
}

impl Warner {
    /// Calls moved: watches what they promise now, and no longer what they promised before.
    pub(crate) fn note(&self, news: &[News], policies: &Policies) {
        let updates = news.iter().filter_map(|news| match news {
            News::Call(update) => Some(&update.call),
            _ => None,
        });
        // Of several updates of a call the last one counts.
        let last = updates.map(|call| (call.id.as_str(), call)).collect::<BTreeMap<_, _>>();
        self.watch(last.into_values(), policies);
    }

    fn watch<'a>(&self, calls: impl Iterator<Item = &'a Call>, policies: &Policies) {
        let mut book = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let first = book.by_time.first().map(|it| it.warn_at);
        for call in calls {
            let watched = policies.get(&call.queue_id).map(|queue| promises(call, queue));
            book.put(&call.id, watched.unwrap_or_default());
        }
        let earliest = book.by_time.first().map(|it| it.warn_at);
        if earliest.is_some_and(|at| first.is_none_or(|first| at < first)) {
            self.earlier.notify_one();
        }
    }

    fn take_due(&self, now: Timestamp) -> Vec<Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).take_due(now)
    }

    fn next(&self) -> Option<Timestamp> {
        let book = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        book.by_time.first().map(|it| it.warn_at)
    }
}

/// What a call promises, each with the moment two thirds of it have passed.
fn promises(call: &Call, queue: &Queue) -> Vec<Watched> {
    let of = [
        (Promised::Sla, call.sla_due_at, queue.sla_seconds),
        (Promised::Ring, call.ring_due_at, queue.ring_seconds),
        (Promised::Hold, call.hold_due_at, queue.max_hold_seconds),
    ];
    let watched = of.into_iter().filter_map(|(promise, due_at, span)| {
        let Moment(due_at) = due_at?;
        let warn_at = due_at + -(span.ms / 3);
        Some(Watched { warn_at, call: call.id.clone(), promise, due_at })
    });
    watched.collect()
}

pub(crate) fn watch(engine: Arc<Engine>) -> JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(problem) = engine.watch_open_calls().await {
            warn!(error = %problem, "Of calls that were open at the start nobody is warned: {problem}");
        }
        while !engine.stopping.load(Ordering::Acquire) {
            if let Err(problem) = engine.warn_next().await {
                warn!(error = %problem, "A warning is left out: {problem}");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    })
}

impl Engine {
    async fn watch_open_calls(&self) -> Result<(), StoreError> {
        let policies = self.queues.snapshot();
        let now = self.store.now().await?;
        for status in [CallStatus::Waiting, CallStatus::OnHold] {
            let mut before = None;
            loop {
                let filter = CallFilter { status: Some(status), queue: None, before, limit: PAGE };
                let page = self.store.calls(filter).await?;
                let Some(last) = page.last() else { break };
                before = Some(last.no);
                let calls = page.iter().map(|listed| &listed.item);
                // What was due for a warning while nobody was there is not warned of now.
                let ahead = calls.filter(|call| {
                    let queue = policies.get(&call.queue_id);
                    queue.is_some_and(|it| promises(call, it).iter().any(|it| now < it.warn_at))
                });
                self.warner.watch(ahead, &policies);
            }
        }
        Ok(())
    }

    /// Sleeps until the next warning is due, and gives those that are.
    async fn warn_next(&self) -> Result<(), StoreError> {
        let earlier = self.warner.earlier.notified();
        let now = self.store.now().await?;
        let due = self.warner.take_due(now);
        if due.is_empty() {
            let left = self.warner.next().map(|at| u64::try_from(at - now).unwrap_or(0));
            let sleep = left.map_or(SLEEP_MAX, Duration::from_millis).min(SLEEP_MAX);
            // Whichever comes first.
            let _ = tokio::time::timeout(sleep.max(Duration::from_millis(1)), earlier).await;
            return Ok(());
        }
        for watched in due {
            if let Some(warning) = self.warning(&watched, now).await? {
                self.bus.publish([News::Warning(Box::new(warning))]);
            }
        }
        Ok(())
    }

    /// The warning, where the promise still runs.
    async fn warning(
        &self,
        watched: &Watched,
        now: Timestamp,
    ) -> Result<Option<Warning>, StoreError> {
        let Some(call) = self.store.call(&watched.call).await? else { return Ok(None) };
        let runs = match watched.promise {
            Promised::Sla => call.sla_due_at,
            Promised::Ring => call.ring_due_at,
            Promised::Hold => call.hold_due_at,
        };
        if runs != Some(Moment(watched.due_at)) || watched.due_at <= now {
            return Ok(None);
        }
        let left = (watched.due_at - now + 999) / 1_000;
        let message = match watched.promise {
            Promised::Sla => {
                let way = self.in_the_way(&call.queue_id).await?;
                format!("{left} s left to answer; {way}")
            }
            Promised::Ring => {
                let agent = call.agent_id.as_deref().unwrap_or("nobody");
                format!("{left} s left for {agent} to answer; then the call is offered to another")
            }
            Promised::Hold => {
                let agent = call.agent_id.as_deref().unwrap_or("the agent");
                format!("{left} s left of the hold; the caller waits for {agent} to come back")
            }
        };
        Ok(Some(Warning {
            promise: watched.promise,
            due_at: Moment(watched.due_at),
            version: call.version,
            queue_id: call.queue_id,
            call_id: call.id,
            message,
            position: String::new(),
        }))
    }

    /// What the agents of a queue do instead of answering.
    async fn in_the_way(&self, queue: &str) -> Result<String, StoreError> {
        let ids = self.agents.directory().serving_queue(queue);
        if ids.is_empty() {
            return Ok("no agent serves this queue; it is routed from outside".to_owned());
        }
        let agents = self.seen(Some(ids)).await?;
        let mut counts = BTreeMap::<&str, usize>::new();
        for agent in &agents {
            let does = match (agent.state, agent.presence) {
                (AgentState::OnCall, _) => "on a call",
                (AgentState::Offered, _) => "ringing",
                (AgentState::Wrapping, Presence::Available) => "wrapping up",
                (AgentState::Unreachable, _) => "unreachable",
                (_, Presence::Away) if MISSED_MAX <= agent.missed_in_a_row => {
                    "away after missing their last offers"
                }
                (_, Presence::Away) => "away",
                (_, Presence::Offline) => "offline",
                (_, Presence::Available) => "idle",
            };
            *counts.entry(does).or_default() += 1;
        }
        let counts = counts.into_iter().map(|(does, count)| format!("{count} {does}"));
        Ok(format!("of {} agents: {}", agents.len(), counts.collect::<Vec<_>>().join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::{Book, Promised, Timestamp, Watched};

    fn watched(call: &str, warn_at: i64) -> Watched {
        let (warn_at, due_at) = (Timestamp(warn_at), Timestamp(warn_at + 10));
        Watched { warn_at, call: call.to_owned(), promise: Promised::Sla, due_at }
    }

    #[test]
    fn a_call_that_moves_on_is_watched_for_what_it_promises_now() {
        let mut book = Book::default();
        book.put("c", vec![watched("c", 20)]);
        book.put("d", vec![watched("d", 10)]);
        book.put("c", vec![watched("c", 30)]);
        assert_eq!(book.take_due(Timestamp(20)), [watched("d", 10)]);
        book.put("c", Vec::new());
        assert_eq!(book.take_due(Timestamp(99)), []);
        assert!(book.by_time.is_empty() && book.by_call.is_empty(), "nothing is left behind");
    }

    #[test]
    fn what_is_due_comes_once_in_the_order_of_time() {
        let mut book = Book::default();
        book.put("late", vec![watched("late", 3)]);
        book.put("early", vec![watched("early", 1), watched("early", 2)]);
        let due = book.take_due(Timestamp(3));
        assert_eq!(due, [watched("early", 1), watched("early", 2), watched("late", 3)]);
        assert_eq!(book.take_due(Timestamp(3)), []);
    }
}

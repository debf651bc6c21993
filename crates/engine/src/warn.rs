//! A warning before a promise is broken: when two thirds of its time have passed.
//!
//! What is watched follows from the calls as they are announced, and lives in memory: a warning is
//! for those who look on now, and nothing depends on it. After a start the open calls are read once.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use bus::News;
use contract::{Call, CallStatus, Moment, Promised, Queue, Warning};
use foldhash::HashMap;
use lifecycle::Timestamp;
use store::{CallFilter, StoreError};
use tokio::{sync::Notify, task::JoinHandle};
use tracing::warn;

use crate::{Engine, queues::Policies, scene::Scene};

/// Open calls are read so many at a time.
const PAGE: u32 = 1_000;
/// The longest sleep; whatever is due earlier wakes the sleeper.
const SLEEP_MAX: Duration = Duration::from_mins(1);

const ANY_TIME: Timestamp = Timestamp(i64::MIN);

/// A promise that is watched.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Watched {
    warn_at: Timestamp,
    call: Arc<str>,
    promise: Promised,
    due_at: Timestamp,
}

/// A promise, until when, and the moment two thirds of its time have passed.
type Promise = (Promised, Timestamp, Timestamp);
/// What one call promises, each kind in its place.
type Promises = [Option<Promise>; 3];

/// The promises that are watched.
#[derive(Debug, Default)]
pub(crate) struct Warner {
    watched: Mutex<Book>,
    earlier: Notify,
}

#[derive(Debug, Default)]
struct Book {
    by_time: BTreeSet<Watched>,
    by_call: HashMap<Arc<str>, Promises>,
    /// How many calls were left when those that promise nothing any more were last forgotten.
    left: usize,
}

/// So many more than twice as many calls are watched before they are gone through.
const GONE_THROUGH_FROM: usize = 1_024;

impl Book {
    /// A promise that is what it was stays watched, or was warned of already; of what was due for a
    /// warning by `after` nobody is warned.
    fn put(&mut self, call: &str, mut promises: Promises, after: Timestamp) {
        let known = self.by_call.get_key_value(call);
        let before = known.map_or(Promises::default(), |(_, before)| *before);
        for (old, new) in before.into_iter().zip(&mut promises) {
            // In a queue that promises otherwise the one that runs goes on, and so does its warning.
            if old.zip(*new).is_some_and(|((_, was, _), (_, is, _))| was == is) {
                *new = old;
            }
        }
        if before == promises {
            return;
        }
        let call = known.map_or_else(|| Arc::from(call), |(call, _)| Arc::clone(call));
        for (old, new) in before.into_iter().zip(promises).filter(|(old, new)| old != new) {
            if let Some(old) = watched(&call, old) {
                self.by_time.remove(&old);
            }
            self.by_time.extend(watched(&call, new).filter(|new| after < new.warn_at));
        }
        if promises == Promises::default() {
            self.by_call.remove(&call);
        } else {
            self.by_call.insert(call, promises);
        }
    }

    fn take_due(&mut self, now: Timestamp) -> Vec<Watched> {
        let mut due = Vec::new();
        while let Some(first) = self.by_time.pop_first() {
            if now < first.warn_at {
                self.by_time.insert(first);
                break;
            }
            due.push(first);
        }
        // Where another process ended a call, nobody tells of it here.
        if 2 * self.left + GONE_THROUGH_FROM <= self.by_call.len() {
            let runs = |promise: &Promise| now < promise.1;
            self.by_call.retain(|_, promises| promises.iter().flatten().any(runs));
            self.left = self.by_call.len();
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
        let last = updates.map(|call| (call.id.as_str(), call)).collect::<HashMap<_, _>>();
        self.watch(last.into_values(), policies, ANY_TIME);
    }

    fn watch<'a>(
        &self,
        calls: impl Iterator<Item = &'a Call>,
        policies: &Policies,
        after: Timestamp,
    ) {
        let mut book = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let first = book.by_time.first().map(|it| it.warn_at);
        for call in calls {
            let promises = policies.get(&call.queue_id).map(|queue| promises(call, queue));
            book.put(&call.id, promises.unwrap_or_default(), after);
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

fn promises(call: &Call, queue: &Queue) -> Promises {
    let of = [
        (Promised::Sla, call.sla_due_at, queue.sla_seconds),
        (Promised::Ring, call.ring_due_at, queue.ring_seconds),
        (Promised::Hold, call.hold_due_at, queue.max_hold_seconds),
    ];
    of.map(|(promise, due_at, span)| {
        let Moment(due_at) = due_at?;
        Some((promise, due_at, due_at + -(span.ms / 3)))
    })
}

fn watched(call: &Arc<str>, promise: Option<Promise>) -> Option<Watched> {
    let (promise, due_at, warn_at) = promise?;
    Some(Watched { warn_at, call: Arc::clone(call), promise, due_at })
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
                // What was due for a warning while nobody was there is not warned of now.
                self.warner.watch(page.iter().map(|listed| &listed.item), &policies, now);
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
        let Some(known) = self.store.known(&watched.call).await? else { return Ok(None) };
        let call = Call::new(&watched.call, &known);
        let runs = match watched.promise {
            Promised::Sla => call.sla_due_at,
            Promised::Ring => call.ring_due_at,
            Promised::Hold => call.hold_due_at,
        };
        if runs != Some(Moment(watched.due_at)) || watched.due_at <= now {
            return Ok(None);
        }
        let left_s = (watched.due_at - now + 999) / 1_000;
        let serving = self.agents.directory().serving_queue(&call.queue_id);
        let agents = self.seen(Some(serving)).await?;
        let policy = self.queue(&call.queue_id).map_or_else(Default::default, |it| it.policy());
        let scene = Scene { call: &known, agents: &agents, reroutes_max: policy.reroutes_max };
        let message = scene.message(watched.promise, left_s, &call.id);
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
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{
        ANY_TIME, Book, GONE_THROUGH_FROM, Promise, Promised, Promises, Timestamp, Watched,
    };

    fn promise(promise: Promised, warn_at: i64) -> Promise {
        (promise, Timestamp(warn_at + 10), Timestamp(warn_at))
    }

    fn sla(warn_at: i64) -> Promises {
        [Some(promise(Promised::Sla, warn_at)), None, None]
    }

    fn watched(call: &str, promise: Promised, warn_at: i64) -> Watched {
        let (warn_at, due_at) = (Timestamp(warn_at), Timestamp(warn_at + 10));
        Watched { warn_at, call: Arc::from(call), promise, due_at }
    }

    #[test]
    fn a_promise_that_goes_on_in_another_queue_is_warned_of_once_and_when_it_would_have_been() {
        let mut book = Book::default();
        let otherwise =
            |warn_at| [Some((Promised::Sla, Timestamp(30), Timestamp(warn_at))), None, None];
        book.put("c", sla(20), ANY_TIME);
        book.put("c", otherwise(5), ANY_TIME);
        assert_eq!(book.take_due(Timestamp(19)), []);
        assert_eq!(book.take_due(Timestamp(20)).len(), 1);
        book.put("c", otherwise(25), ANY_TIME);
        assert_eq!(book.take_due(Timestamp(30)), []);
    }

    #[test]
    fn calls_that_other_processes_ended_are_forgotten() {
        let mut book = Book::default();
        book.put("runs", sla(i64::MAX - 20), ANY_TIME);
        for n in 1..GONE_THROUGH_FROM {
            book.put(&n.to_string(), sla(10), ANY_TIME);
        }
        assert_eq!(book.take_due(Timestamp(20)).len(), GONE_THROUGH_FROM - 1);
        assert_eq!(book.by_call.len(), 1);
    }

    #[test]
    fn a_call_that_moves_on_is_watched_for_what_it_promises_now() {
        let mut book = Book::default();
        book.put("c", sla(20), ANY_TIME);
        book.put("d", sla(10), ANY_TIME);
        book.put("c", sla(30), ANY_TIME);
        assert_eq!(book.take_due(Timestamp(20)), [watched("d", Promised::Sla, 10)]);
        book.put("c", Promises::default(), ANY_TIME);
        book.put("d", Promises::default(), ANY_TIME);
        assert_eq!(book.take_due(Timestamp(99)), []);
        assert!(book.by_time.is_empty() && book.by_call.is_empty(), "nothing is left behind");
    }

    #[test]
    fn what_is_due_comes_once_in_the_order_of_time() {
        let mut book = Book::default();
        book.put("late", sla(3), ANY_TIME);
        book.put(
            "early",
            [Some(promise(Promised::Sla, 1)), Some(promise(Promised::Ring, 2)), None],
            ANY_TIME,
        );
        let early = [watched("early", Promised::Sla, 1), watched("early", Promised::Ring, 2)];
        assert_eq!(book.take_due(Timestamp(1)), early[..1]);
        assert_eq!(
            book.take_due(Timestamp(3)),
            [early[1].clone(), watched("late", Promised::Sla, 3)]
        );
        assert_eq!(book.take_due(Timestamp(3)), []);
    }

    #[test]
    fn what_was_due_before_the_start_is_never_warned_of() {
        let mut book = Book::default();
        book.put("c", sla(1), Timestamp(1));
        book.put(
            "c",
            [Some(promise(Promised::Sla, 1)), Some(promise(Promised::Ring, 2)), None],
            ANY_TIME,
        );
        assert_eq!(book.take_due(Timestamp(3)), [watched("c", Promised::Ring, 2)]);
    }

    #[test]
    fn a_promise_is_warned_of_once_though_its_call_is_offered_afterwards() {
        let mut book = Book::default();
        book.put("c", sla(1), ANY_TIME);
        assert_eq!(book.take_due(Timestamp(1)), [watched("c", Promised::Sla, 1)]);
        book.put(
            "c",
            [Some(promise(Promised::Sla, 1)), Some(promise(Promised::Ring, 2)), None],
            ANY_TIME,
        );
        assert_eq!(book.take_due(Timestamp(3)), [watched("c", Promised::Ring, 2)]);
        book.put("c", Promises::default(), ANY_TIME);
        assert!(book.by_call.is_empty(), "nothing is left behind");
    }
}

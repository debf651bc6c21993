//! A lane: whatever waits in it is one batch, and one batch is one transaction.
//!
//! All events of a call go through one lane, so within this process nothing about a call happens at
//! the same time. With one event waiting there is no delay; under load one sync to disk serves
//! hundreds. Timers take at most half of a batch.
//!
//! A lane has a thread of its own, because a store may write on the thread that asks it to, and
//! because the runtime's are busy with requests just when a batch should be closed.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use lifecycle::Id;
use store::{AgentsNeeded, AnyStore, Changes, Loaded, Need, Needs, ReceiptOf, StoreError, planted};
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::Instant,
};
use tracing::warn;
use uuid::Uuid;

use crate::{
    SubmitError,
    agents::{Agents, Directory},
    decide::{Decided, Stirred, decide},
    dispatch::Dispatcher,
    fire::Alarm,
    input::{Input, Work},
    queues::Queues,
    relay::{Teller, count},
};

/// The sending half of a lane.
pub(crate) struct Lane {
    name: String,
    events: Mutex<Option<mpsc::Sender<Input>>>,
    timers: Mutex<Option<mpsc::Sender<Input>>>,
    depth_max: usize,
}

impl Lane {
    pub(crate) fn send(&self, input: Input) -> Result<(), SubmitError> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let events = events.as_ref().ok_or(SubmitError::Stopping)?;
        events.try_send(input).map_err(|full| match full {
            mpsc::error::TrySendError::Full(_) => SubmitError::LaneFull,
            mpsc::error::TrySendError::Closed(_) => SubmitError::Stopping,
        })
    }

    pub(crate) async fn send_timer(&self, input: Input) -> Result<(), SubmitError> {
        let timers = self.timers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let timers = timers.ok_or(SubmitError::Stopping)?;
        timers.send(input).await.map_err(|_| SubmitError::Stopping)
    }

    pub(crate) fn close(&self) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.timers.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    pub(crate) fn measure(&self) {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = events.as_ref().map_or(0, |events| self.depth_max - events.capacity());
        #[expect(clippy::cast_precision_loss, reason = "a gauge")]
        metrics::gauge!("switchboard_lane_depth", "lane" => self.name.clone()).set(waiting as f64);
    }
}

pub(crate) fn start(
    number: usize,
    depth_max: usize,
    worker: Worker,
) -> std::io::Result<(Lane, JoinHandle<()>)> {
    let (events, incoming) = mpsc::channel(depth_max);
    let (timers, due) = mpsc::channel(depth_max);
    let (ends, ended) = oneshot::channel::<()>();
    let runtime = Handle::current();
    std::thread::Builder::new().name(format!("lane-{number}")).spawn(move || {
        runtime.block_on(worker.run(incoming, due));
        drop(ends);
    })?;
    let working = tokio::spawn(async move {
        // Also a thread that panicked has ended.
        let _ = ended.await;
    });
    let lane = Lane {
        name: number.to_string(),
        events: Mutex::new(Some(events)),
        timers: Mutex::new(Some(timers)),
        depth_max,
    };
    Ok((lane, working))
}

/// The working half of a lane.
pub(crate) struct Worker {
    pub(crate) store: AnyStore,
    pub(crate) queues: Arc<Queues>,
    pub(crate) agents: Arc<Agents>,
    pub(crate) dispatcher: Arc<Dispatcher>,
    pub(crate) alarm: Arc<Alarm>,
    pub(crate) teller: Teller,
    pub(crate) batch_max: usize,
}

impl Worker {
    async fn run(self, mut events: mpsc::Receiver<Input>, mut timers: mpsc::Receiver<Input>) {
        loop {
            let mut batch = Vec::new();
            tokio::select! {
                Some(event) = events.recv() => batch.push(event),
                Some(timer) = timers.recv() => batch.push(timer),
                else => break,
            }
            while batch.len() < self.batch_max / 2 {
                let Ok(timer) = timers.try_recv() else { break };
                batch.push(timer);
            }
            while batch.len() < self.batch_max {
                let Ok(event) = events.try_recv() else { break };
                batch.push(event);
            }
            self.work(batch).await;
        }
    }

    /// Records a batch. Where one event spoils it, it is halved until the culprit stands alone.
    async fn work(&self, batch: Vec<Input>) {
        let now = Instant::now();
        let (mut events, mut offers, mut hands) = (Vec::with_capacity(batch.len()), vec![], vec![]);
        for input in batch {
            match input.work {
                _ if input.deadline <= now => {
                    input.answer(Err(SubmitError::Away("it waited for too long".to_owned())));
                }
                Work::Offer(_) => offers.push(input),
                // Each thing that a supervisor does is a transaction of its own, with the record of it;
                // it waits for its locks.
                Work::Hand(_) => hands.push(input),
                Work::Event(..) | Work::Settle { .. } => events.push(input),
            }
        }
        // Offers go first, while what was loaded of their agents is still true. Where others offer the
        // same, they go by themselves: two that collide must not hold up events.
        if !self.store.contended() {
            events.splice(..0, offers.drain(..));
        }
        let mut parts = vec![(offers, false)];
        parts.extend(hands.into_iter().rev().map(|hand| (vec![hand], true)));
        parts.push((events, false));
        while let Some((part, wait)) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            match self.record(Arc::new(part), wait).await {
                Outcome::Recorded { busy } => parts.push((busy, true)),
                Outcome::Poisoned(mut part) => {
                    let rest = part.split_off(part.len() / 2);
                    parts.extend([(rest, wait), (part, wait)]);
                }
            }
        }
    }

    async fn record(&self, inputs: Arc<Vec<Input>>, wait: bool) -> Outcome {
        #[expect(clippy::cast_precision_loss, reason = "a histogram")]
        metrics::histogram!("switchboard_batch_events").record(inputs.len() as f64);
        let decided = Arc::new(Mutex::new(Decided::default()));
        let began = Instant::now();
        let directory = self.agents.directory();
        let needs = needs(&inputs, wait, &directory);
        let decision = self.decision(&inputs, &decided, directory);
        let done = self.store.transact(needs, decision).await;
        metrics::histogram!("switchboard_commit_seconds").record(began.elapsed().as_secs_f64());
        let decided = std::mem::take(&mut *decided.lock().unwrap_or_else(PoisonError::into_inner));
        match done {
            Ok(()) => self.recorded(inputs, decided).await,
            Err(StoreError::Poison(why)) if inputs.len() > 1 => {
                warn!(error = why, "A batch of {} is halved: {why}", inputs.len());
                Outcome::Poisoned(Arc::into_inner(inputs).unwrap_or_default())
            }
            Err(error) => {
                if matches!(error, StoreError::Unknown(_)) {
                    self.teller.lose_track();
                }
                let error = SubmitError::from(error);
                for input in inputs.iter() {
                    input.answer(Err(error.clone()));
                }
                Outcome::Recorded { busy: Vec::new() }
            }
        }
    }

    fn decision(
        &self,
        inputs: &Arc<Vec<Input>>,
        decided: &Arc<Mutex<Decided>>,
        directory: Arc<Directory>,
    ) -> Box<dyn FnMut(Loaded) -> Changes + Send> {
        let (inputs, decided) = (Arc::clone(inputs), Arc::clone(decided));
        let queues = self.queues.snapshot();
        Box::new(move |loaded| {
            let decision = || decide(&inputs, loaded, &queues, &directory);
            let Ok((changes, mut made)) = catch_unwind(AssertUnwindSafe(decision)) else {
                // The panic was logged; it costs this batch and not the lane.
                *decided.lock().unwrap_or_else(PoisonError::into_inner) = Decided::failed(&inputs);
                return Changes::default();
            };
            if planted("answer_before_commit") {
                for (input, answer) in inputs.iter().zip(&mut made.answers) {
                    if let Some(answer) = answer.take() {
                        input.answer(answer);
                    }
                }
                // As a slow disk would; a kill seldom falls into the moment that a fast one takes.
                std::thread::sleep(Duration::from_millis(5));
            }
            *decided.lock().unwrap_or_else(PoisonError::into_inner) = made;
            changes
        })
    }

    /// It is on disk. Telling the world is left to the teller, so that the next batch need not wait.
    async fn recorded(&self, inputs: Arc<Vec<Input>>, decided: Decided) -> Outcome {
        if let Some(due_at) = decided.next_due {
            self.alarm.expect(due_at);
        }
        // Who has an answer finds it counted.
        count(&decided.told);
        let inputs = Arc::into_inner(inputs).unwrap_or_default();
        let mut busy = Vec::new();
        for ((input, answer), is_busy) in inputs.into_iter().zip(decided.answers).zip(decided.busy)
        {
            if is_busy && matches!(input.work, Work::Offer(_)) {
                // Another process is at work on that call; it is looked at anew.
                input.answer(Ok(None));
            } else if is_busy {
                busy.push(input);
            } else if let Some(answer) = answer {
                input.answer(answer);
            }
        }
        self.teller.tell(decided.told).await;
        let Stirred { stir, agents, named } = decided.stirred;
        self.agents.note(named, agents);
        self.dispatcher.stir(stir);
        Outcome::Recorded { busy }
    }
}

enum Outcome {
    Recorded { busy: Vec<Input> },
    Poisoned(Vec<Input>),
}

fn needs(inputs: &[Input], wait: bool, directory: &Directory) -> Needs {
    let serves = |agent: &&Id| directory.queues_of(agent).is_some();
    // Of what they serve, a supervisor asks nothing.
    let hand = inputs.iter().any(|input| matches!(input.work, Work::Hand(_)));
    let named = inputs.iter().filter_map(|Input { work, .. }| work.agent());
    let named = named.filter(|agent| hand || serves(agent));
    let offered = inputs.iter().filter_map(|input| match &input.work {
        Work::Offer(pair) => Some(pair.agent.clone()),
        _ => None,
    });
    let agents = AgentsNeeded {
        named: named.cloned().collect(),
        serving: directory.serving(),
        offered: offered.collect(),
        engaged: hand,
    };
    let items = inputs
        .iter()
        .map(|Input { work, .. }| Need {
            call: work.shared_call(),
            receipt: work.receipt().map(ReceiptOf::cloned),
            begins: work.begins(),
        })
        .collect();
    Needs { batch: Uuid::now_v7(), items, wait, agents }
}

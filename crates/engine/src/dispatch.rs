//! Calls that wait are offered to agents who are free.
//!
//! A round looks, without locks, at who waits and who is free, and pairs them by the rules. Each pair
//! then goes to the lane of its call, in a small transaction that locks the call and the agent and
//! looks again: what has changed in between is simply not offered, and looked at anew. Whatever
//! stirs a queue wakes the dispatcher at once; a sweep finds what another process stirred, or what a
//! crash cut off.

use std::{
    collections::{BTreeSet, HashSet},
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use lifecycle::{Free, Waiting, pair};
use store::{StoreError, WaitingCall};
use tokio::{sync::Notify, task::JoinHandle};
use tracing::error;

use crate::Engine;

/// How often every queue is looked at, stirred or not.
const SWEEP: Duration = Duration::from_millis(400);
/// How long what stirs is gathered for one round: nobody notices, and a round costs as much for one
/// queue as for a few.
const GATHERED: Duration = Duration::from_millis(10);

/// Knows which queues to look at.
#[derive(Debug, Default)]
pub(crate) struct Dispatcher {
    stirred: Mutex<HashSet<String>>,
    woken: Notify,
}

impl Dispatcher {
    /// In these queues a call may now find an agent.
    pub(crate) fn stir(&self, queues: impl IntoIterator<Item = String>) {
        let mut stirred = self.stirred.lock().unwrap_or_else(PoisonError::into_inner);
        let before = stirred.len();
        stirred.extend(queues);
        if before < stirred.len() {
            self.woken.notify_one();
        }
    }

    fn take(&self) -> Vec<String> {
        let mut stirred = self.stirred.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *stirred).into_iter().collect()
    }
}

pub(crate) fn watch(engine: Arc<Engine>) -> JoinHandle<()> {
    tokio::spawn(async move {
        while !engine.stopping.load(Ordering::Acquire) {
            if let Err(problem) = engine.dispatch_stirred().await {
                error!(error = %problem, "Calls wait for agents: {problem}");
                tokio::time::sleep(SWEEP).await;
            }
        }
    })
}

impl Engine {
    async fn dispatch_stirred(&self) -> Result<(), StoreError> {
        let sleep = self.sleep_until().await?;
        let swept = tokio::time::timeout(sleep, self.dispatcher.woken.notified()).await.is_err();
        let mut queues: Vec<_> = if swept {
            self.agents.directory().served().cloned().collect()
        } else {
            tokio::time::sleep(GATHERED).await;
            self.dispatcher.take()
        };
        while !queues.is_empty() {
            let in_vain = self.round(queues).await?;
            self.dispatcher.stir(in_vain);
            tokio::time::sleep(GATHERED).await;
            queues = self.dispatcher.take();
        }
        Ok(())
    }

    /// Until the next sweep, or until somebody's wrap-up ends.
    async fn sleep_until(&self) -> Result<Duration, StoreError> {
        if self.agents.directory().served().next().is_none() {
            return Ok(SWEEP);
        }
        let Some(wrapped) = self.store.next_wrapped().await? else { return Ok(SWEEP) };
        let left = u64::try_from(wrapped - self.store.now().await?).unwrap_or(0);
        Ok(SWEEP.min(Duration::from_millis(left.max(1))))
    }

    /// Looks once, and offers. Says in which queues an offer came too late.
    async fn round(&self, queues: Vec<String>) -> Result<Vec<String>, StoreError> {
        let directory = self.agents.directory();
        let queues = queues.into_iter().filter(|queue| directory.is_served(queue)).collect();
        let calls = self.store.waiting(queues).await?;
        if calls.is_empty() {
            return Ok(Vec::new());
        }
        let queues = calls.iter().map(|call| call.queue.clone()).collect::<BTreeSet<_>>();
        let free = self.store.free(queues.into_iter().collect()).await?;
        let free = free.into_iter().filter_map(|(agent, idle_since)| {
            let queues = directory.queues_of(&agent)?.to_vec();
            Some(Free { agent, idle_since, queues })
        });
        let free = free.collect::<Vec<_>>();
        if free.is_empty() {
            return Ok(Vec::new());
        }
        let calls = calls.into_iter().map(|call| self.waiting(call)).collect();
        let mut sent = Vec::new();
        for pair in pair(calls, &free) {
            sent.push((pair.queue.clone(), self.offer(pair).await));
        }
        let (mut offered, mut in_vain) = (0_u64, Vec::new());
        for (queue, sent) in sent {
            let Ok(answer) = sent else { break };
            match answer.await {
                Ok(Ok(Some(_))) => offered += 1,
                Ok(Ok(None)) => in_vain.push(queue),
                Ok(Err(error)) => return Err(StoreError::Away(error.to_string())),
                Err(_) => return Err(StoreError::Away("a lane failed; see the log".to_owned())),
            }
        }
        metrics::counter!("switchboard_offers_total").increment(offered);
        Ok(in_vain)
    }

    fn waiting(&self, call: WaitingCall) -> Waiting {
        let policy = self.queue(&call.queue).map_or_else(Default::default, |it| it.policy());
        Waiting {
            since: call.since,
            given_up_at: (policy.reroutes_max < call.attempt).then_some(call.moved_at),
            priority: call.priority,
            call: call.call,
            queue: call.queue,
        }
    }
}

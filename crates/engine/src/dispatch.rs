//! Calls that wait are offered to agents who are free.
//!
//! A round looks, without locks, at who is free and who waits for them, and pairs them by the rules.
//! Each pair then goes to the lane of its call, which looks again at the call and the agent: what has
//! changed in between is simply not offered, and looked at anew. A call that begins to wait and an
//! agent who becomes free wake the dispatcher at once; a sweep finds what another process stirred, or
//! what a crash cut off. Where the last sweep found a line and nobody free, who joins the line wakes
//! nobody: it is whoever becomes free that ends a wait there.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

use foldhash::{HashMap, HashMapExt as _, HashSet, HashSetExt as _};
use lifecycle::{Free, Pair, Timestamp, Waiting, pair};
use store::{FreeAgent, StoreError, WaitingCall};
use tokio::{sync::Notify, task::JoinHandle, time::timeout_at};
use tracing::error;

use crate::Engine;

/// How often every queue is looked at, stirred or not.
const SWEEP: Duration = Duration::from_millis(400);
/// How long what stirs is gathered for one round: nobody notices, and a round costs as much for one
/// queue as for a few.
const GATHERED: Duration = Duration::from_millis(10);
/// How often the next end of a wrap-up is asked for.
const WRAPS_LOOKED_FOR: Duration = Duration::from_millis(100);
/// So many waiting calls of a queue are looked at in one round.
const CALLS_MAX: usize = 100;

/// Where a call may find an agent.
#[derive(Debug, Default)]
pub(crate) struct Stir {
    /// Queues in which a call waits.
    pub(crate) queues: HashSet<String>,
    /// Agents who may be free.
    pub(crate) agents: HashSet<String>,
}

impl Stir {
    pub(crate) fn agent(agent: &str) -> Self {
        Self { agents: HashSet::from_iter([agent.to_owned()]), ..Self::default() }
    }

    fn is_empty(&self) -> bool {
        self.queues.is_empty() && self.agents.is_empty()
    }
}

/// Knows where to look.
#[derive(Debug, Default)]
pub(crate) struct Dispatcher {
    stirred: Mutex<Stir>,
    woken: Notify,
}

impl Dispatcher {
    pub(crate) fn stir(&self, stir: Stir) {
        if stir.is_empty() {
            return;
        }
        let mut stirred = self.stirred.lock().unwrap_or_else(PoisonError::into_inner);
        stirred.queues.extend(stir.queues);
        stirred.agents.extend(stir.agents);
        self.woken.notify_one();
    }

    fn take(&self) -> Stir {
        std::mem::take(&mut *self.stirred.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What the last sweep found.
struct Sweep {
    at: Instant,
    /// Queues in which callers waited, and in which nobody has been seen free since.
    lines: HashSet<String>,
}

impl Sweep {
    /// Whether a call that begins to wait there is worth a look.
    fn wakes(&self, queue: &str) -> bool {
        !self.lines.contains(queue)
    }

    /// Somebody may be free where no call was found for them, or where theirs was gone.
    fn learn(&mut self, Outcome { in_vain, idle }: &Outcome) {
        self.lines.retain(|queue| !in_vain.contains(queue) && !idle.contains(queue));
    }
}

/// What came of a round.
#[derive(Default)]
struct Outcome {
    /// Queues in which an offer came too late.
    in_vain: HashSet<String>,
    /// Queues of agents for whom no call was found.
    idle: HashSet<String>,
}

pub(crate) fn watch(engine: Arc<Engine>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut sweep = Sweep { at: Instant::now(), lines: HashSet::new() };
        while !engine.stopping.load(Ordering::Acquire) {
            if let Err(problem) = engine.dispatch(&mut sweep).await {
                error!(error = %problem, "Calls wait for agents: {problem}");
                tokio::time::sleep(SWEEP).await;
            }
        }
    })
}

/// Stirs agents as their wrap-ups end.
pub(crate) fn watch_wraps(engine: Arc<Engine>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut seen = None;
        while !engine.stopping.load(Ordering::Acquire) {
            let left = engine.stir_wrapped(&mut seen).await.unwrap_or_else(|problem| {
                error!(error = %problem, "The ends of wrap-ups are not seen: {problem}");
                SWEEP
            });
            tokio::time::sleep(left).await;
        }
    })
}

impl Engine {
    /// One round: where something stirred, or, now and then, everywhere.
    async fn dispatch(&self, sweep: &mut Sweep) -> Result<(), StoreError> {
        let until = sweep.at + SWEEP;
        // Whatever stirred before it is waited for is remembered.
        let stirred = timeout_at(until.into(), self.dispatcher.woken.notified()).await.is_ok();
        let mut stir = if stirred {
            tokio::time::sleep(GATHERED).await;
            self.dispatcher.take()
        } else {
            Stir::default()
        };
        stir.queues.retain(|queue| sweep.wakes(queue));
        if until <= Instant::now() {
            sweep.at = Instant::now();
            sweep.lines.clear();
            let served = self.agents.directory().served().cloned().collect();
            let waiting = self.store.waiting(served, 1).await?;
            sweep.lines.extend(waiting.into_iter().map(|call| call.queue));
            stir.queues.extend(sweep.lines.iter().cloned());
        }
        let came = self.round(stir).await?;
        sweep.learn(&came);
        self.dispatcher.stir(Stir { queues: came.in_vain, ..Stir::default() });
        Ok(())
    }

    /// Stirs agents whose wrap-ups ended first after `seen`, if they did. Says how long to wait then.
    async fn stir_wrapped(&self, seen: &mut Option<Timestamp>) -> Result<Duration, StoreError> {
        let now = self.store.now().await?;
        let after = *seen.get_or_insert(now);
        let Some((ends, agents)) = self.store.next_wrapped(after).await? else {
            return Ok(WRAPS_LOOKED_FOR);
        };
        if ends <= now {
            *seen = Some(ends);
            self.dispatcher.stir(Stir { agents: agents.into_iter().collect(), ..Stir::default() });
            return Ok(Duration::ZERO);
        }
        let left = Duration::from_millis(u64::try_from(ends - now).unwrap_or(0));
        Ok(left.min(WRAPS_LOOKED_FOR))
    }

    /// Looks once, and offers.
    async fn round(&self, stir: Stir) -> Result<Outcome, StoreError> {
        if stir.is_empty() {
            return Ok(Outcome::default());
        }
        let directory = self.agents.directory();
        let Stir { mut queues, agents } = stir;
        queues.retain(|queue| directory.is_served(queue));
        let agents = agents.into_iter().collect::<Vec<_>>();
        let free = self.store.free(queues.iter().cloned().collect(), agents).await?;
        let free = free.into_iter().filter_map(|FreeAgent { id: agent, idle_since, missed }| {
            let queues = directory.queues_of(&agent)?.to_vec();
            Some(Free { agent, idle_since, missed, queues })
        });
        let free = free.collect::<Vec<_>>();
        let pairs = self.pairs(&free).await?;
        let asked = pairs.iter().map(|pair| pair.agent.clone()).collect::<HashSet<_>>();
        let idle = free.into_iter().filter(|it| !asked.contains(&it.agent));
        let idle = idle.flat_map(|it| it.queues).map(|(queue, _)| queue).collect();
        let mut sent = Vec::new();
        for pair in pairs {
            sent.push((pair.queue.clone(), self.offer(pair).await));
        }
        let (mut offered, mut in_vain) = (0_u64, HashSet::new());
        for (queue, sent) in sent {
            let Ok(answer) = sent else { break };
            match answer.await {
                Ok(Ok(Some(_))) => offered += 1,
                Ok(Ok(None)) => _ = in_vain.insert(queue),
                Ok(Err(error)) => return Err(StoreError::Away(error.to_string())),
                Err(_) => return Err(StoreError::Away("a lane failed; see the log".to_owned())),
            }
        }
        metrics::counter!("switchboard_offers_total").increment(offered);
        Ok(Outcome { in_vain, idle })
    }

    /// Pairs who is free with calls of their queues. Of each queue, as many calls are read as it has
    /// agents; where some of those may not ring at some of these, more of them.
    async fn pairs(&self, free: &[Free]) -> Result<Vec<Pair>, StoreError> {
        let mut agents = BTreeMap::<&str, usize>::new();
        for (queue, _) in free.iter().flat_map(|agent| &agent.queues) {
            *agents.entry(queue).or_default() += 1;
        }
        let mut limit = agents.values().copied().max().unwrap_or(0).min(CALLS_MAX);
        loop {
            if agents.is_empty() {
                return Ok(Vec::new());
            }
            let asked = agents.keys().map(|&queue| queue.to_owned()).collect();
            let calls = self.store.waiting(asked, limit).await?;
            let mut read = HashMap::<String, usize>::new();
            for call in &calls {
                *read.entry(call.queue.clone()).or_default() += 1;
            }
            let pairs = pair(calls.into_iter().map(|call| self.waiting(call)).collect(), free);
            let asked = pairs.iter().map(|pair| &pair.agent).collect::<HashSet<_>>();
            let left = free.iter().filter(|agent| !asked.contains(&agent.agent));
            let mut theirs = left.flat_map(|agent| &agent.queues);
            if limit == CALLS_MAX || theirs.all(|(queue, _)| read.get(queue) != Some(&limit)) {
                return Ok(pairs);
            }
            limit = CALLS_MAX;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_joins_a_line_wakes_nobody_until_somebody_may_be_free_there() {
        let queues = |names: &[&str]| names.iter().map(|&it| it.to_owned()).collect();
        let lines = queues(&["spanish", "polish", "french"]);
        let mut sweep = Sweep { at: Instant::now(), lines };
        assert!(!sweep.wakes("spanish"));
        assert!(sweep.wakes("quiet"), "nobody waited there");

        sweep.learn(&Outcome { in_vain: queues(&["polish"]), idle: queues(&["french"]) });
        assert!(sweep.wakes("polish"), "an offer was in vain, so its agent may still be free");
        assert!(sweep.wakes("french"), "an agent is left, so the line may be gone");
        assert!(!sweep.wakes("spanish"));
    }
}

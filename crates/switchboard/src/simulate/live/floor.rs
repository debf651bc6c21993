//! The agents at their desks: who talks, whose tool is dead, and what the server shows of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use contract::{Agent, AgentState, Presence};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::Live;
use crate::simulate::chance::Chance;

const LOOK_EVERY_MS: u64 = 2_000;
const LOOK_EVERY_MIN: Duration = Duration::from_millis(250);

/// The agents of the run.
#[derive(Debug)]
pub(super) struct Floor {
    desks: Mutex<Vec<Desk>>,
    seen: watch::Sender<Seen>,
}

#[derive(Clone, Debug, Default)]
struct Desk {
    /// The call they are on.
    call: Option<u32>,
    dead: bool,
}

/// What the server showed when it was asked.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) asked_at: Instant,
    pub(super) agents: Arc<HashMap<u32, (Presence, AgentState)>>,
}

impl Floor {
    pub(super) fn new(agents: usize) -> Self {
        let seen = Seen { asked_at: Instant::now(), agents: Arc::default() };
        Self { desks: Mutex::new(vec![Desk::default(); agents]), seen: watch::Sender::new(seen) }
    }

    pub(super) fn desks(&self) -> usize {
        self.all().len()
    }

    fn all(&self) -> MutexGuard<'_, Vec<Desk>> {
        self.desks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a call, where they can: not while they talk, nor with a dead tool.
    pub(super) fn pick_up(&self, agent: u32, call: u32) -> bool {
        let mut desks = self.all();
        let desk = &mut desks[agent as usize];
        let can = !desk.dead && desk.call.is_none();
        if can {
            desk.call = Some(call);
        }
        can
    }

    pub(super) fn hang_up(&self, agent: u32, call: u32) {
        let desk = &mut self.all()[agent as usize];
        desk.call.take_if(|on| *on == call);
    }

    pub(super) fn tool_dies(&self, agent: u32, dead: bool) {
        self.all()[agent as usize].dead = dead;
    }

    pub(super) fn seen(&self) -> watch::Receiver<Seen> {
        self.seen.subscribe()
    }

    /// Somebody who seems to be free, other than that one.
    pub(super) fn free_other_than(&self, agent: u32, chance: &mut Chance) -> Option<u32> {
        let seen = self.seen.borrow().agents.clone();
        let desks = self.all();
        let is_free = |(other, state): &(&u32, &(Presence, AgentState))| {
            let desk = &desks[**other as usize];
            **other != agent && desk.call.is_none() && !desk.dead && free(**state)
        };
        let mut free = seen.iter().filter(is_free).map(|(other, _)| *other).collect::<Vec<_>>();
        free.sort_unstable();
        (!free.is_empty()).then(|| free[chance.one_of(free.len())])
    }
}

pub(super) fn free(state: (Presence, AgentState)) -> bool {
    state == (Presence::Available, AgentState::Idle)
}

/// Looks at the agents again and again, for as long as it is let.
pub(super) async fn watch_agents(live: Arc<Live>) {
    let every = live.pace.real(LOOK_EVERY_MS).max(LOOK_EVERY_MIN);
    loop {
        sleep(every).await;
        let asked_at = Instant::now();
        let Ok(answer) = live.run.client.get("/api/agents").await else { continue };
        let Ok(agents) = serde_json::from_slice::<Vec<Agent>>(&answer.body) else { continue };
        let of_ours = |agent: Agent| Some((live.agent(&agent.id)?, (agent.presence, agent.state)));
        let agents = Arc::new(agents.into_iter().filter_map(of_ours).collect());
        live.floor.seen.send_replace(Seen { asked_at, agents });
    }
}

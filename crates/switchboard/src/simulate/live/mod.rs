//! A day whose calls the server routes: callers, agents and phones, each by themselves.
//!
//! ```text
//! callers (pure) ──► call ────────── events ─────────► server
//!                     ▲ it rings at ...                  │
//!                   board ◄──── GET /api/calls ──────────┤
//!                   floor ◄──── GET /api/agents ─────────┤
//!                     ▼ set away                         │
//! roster (pure) ──► agent ───── presence, heartbeats ────┘
//! ```
//!
//! What is drawn beforehand is who comes when, with how much patience and how much to tell, and who
//! works when. Who gets whom is the server's to say.

mod agent;
mod board;
mod call;
mod callers;
mod floor;
mod names;
mod pace;
mod roster;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::run::Run;
use board::Board;
use callers::Caller;
pub(super) use callers::callers;
use floor::Floor;
use pace::Pace;
pub(super) use roster::{Person, staff};

/// Agents that are registered at once.
const AT_ONCE: usize = 16;

/// How far the day is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Callers come.
    Open,
    /// Nobody comes any more, and who is there hangs up.
    HangingUp,
    /// Every call is over, and the agents sign off.
    GoingHome,
}

/// A day as it is played.
#[derive(Debug)]
pub(super) struct Live {
    run: Arc<Run>,
    pace: Pace,
    board: Board,
    floor: Floor,
    stage: watch::Sender<Stage>,
    closed_early: AtomicBool,
}

impl Live {
    /// Registers the agents, and opens.
    pub(super) async fn open(
        run: Arc<Run>,
        times: f64,
        staff: &[Person],
    ) -> Result<Arc<Self>, String> {
        let mut registering = JoinSet::new();
        for (agent, person) in (0..).zip(staff) {
            if AT_ONCE <= registering.len() {
                registering.join_next().await;
            }
            registering.spawn(agent::register(Arc::clone(&run), agent, person.clone()));
        }
        registering.join_all().await;
        run.fault()?;
        Ok(Arc::new(Self {
            pace: Pace::new(run.script.plan.from_ms, times),
            board: Board::default(),
            floor: Floor::new(staff.len()),
            stage: watch::Sender::new(Stage::Open),
            closed_early: AtomicBool::new(false),
            run,
        }))
    }

    /// Plays until the last caller is served and everybody has gone home.
    pub(super) async fn play(
        self: &Arc<Self>,
        callers: Vec<Caller>,
        staff: Vec<Person>,
    ) -> Result<(), String> {
        let mut watchers = JoinSet::new();
        watchers.spawn(board::watch_offers(Arc::clone(self)));
        watchers.spawn(floor::watch_agents(Arc::clone(self)));
        watchers.spawn(end_with_the_run(Arc::clone(self)));
        let mut workers = JoinSet::new();
        for (agent, person) in (0..).zip(staff) {
            workers.spawn(agent::Worker::new(Arc::clone(self), agent, person).work());
        }
        let mut calls = JoinSet::new();
        for (number, caller) in (0..).zip(callers) {
            tokio::select! {
                () = self.pace.until(caller.at_ms) => {}
                () = self.is(Stage::HangingUp) => break,
            }
            calls.spawn(call::Call::new(Arc::clone(self), number, caller).live());
        }
        while calls.join_next().await.is_some() {}
        self.stage.send_replace(Stage::GoingHome);
        while workers.join_next().await.is_some() {}
        drop(watchers);
        self.run.fault()
    }

    /// Sends everybody home: calls are hung up, agents sign off.
    pub(super) fn close(&self) {
        let was_open = self.stage.send_if_modified(|stage| {
            let earlier = *stage < Stage::HangingUp;
            *stage = Stage::HangingUp.max(*stage);
            earlier
        });
        self.closed_early.fetch_or(was_open, Relaxed);
    }

    /// Whether that happened before the last call was over.
    pub(super) fn was_closed_early(&self) -> bool {
        self.closed_early.load(Relaxed)
    }

    /// Waits until the day is as far as that.
    async fn is(&self, stage: Stage) {
        // The sender lives as long as this does.
        let _ = self.stage.subscribe().wait_for(|now| stage <= *now).await;
    }

    /// Which agent of this run has that id.
    fn agent(&self, id: &str) -> Option<u32> {
        self.run.agent(id).filter(|agent| (*agent as usize) < self.floor.desks())
    }
}

/// A run that cannot go on has no calls.
async fn end_with_the_run(live: Arc<Live>) {
    let _ = live.run.stopped().wait_for(|stopped| *stopped).await;
    live.close();
    std::future::pending::<()>().await;
}

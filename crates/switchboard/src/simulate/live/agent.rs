//! One agent's day: signs in, takes breaks, comes back when the server has set them away, signs off.

use std::sync::Arc;
use std::time::Duration;

use contract::{AgentChange, Presence, Seconds};
use hyper::Method;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until};

use super::roster::{Person, Step};
use super::{Live, Stage};
use crate::simulate::chance::Chance;
use crate::simulate::lane::Lane;
use crate::simulate::run::Run;
use crate::simulate::traffic::ms;

/// The lease is of the server's clock, so it is of real time at every speed.
const LEASE: Duration = Duration::from_secs(15);
const REPORTS_EVERY: Duration = Duration::from_secs(5);

/// Makes an agent known, who is not there yet.
pub(super) async fn register(run: Arc<Run>, agent: u32, person: Person) {
    let ids = &run.script.plan.queues;
    let lease = if person.reports { LEASE } else { Duration::ZERO };
    let change = AgentChange {
        name: Some(person.name),
        queues: Some(person.queues.iter().map(|(queue, _)| ids[*queue].id.clone()).collect()),
        priorities: Some(
            person.queues.iter().map(|(queue, ready)| (ids[*queue].id.clone(), *ready)).collect(),
        ),
        presence: Some(Presence::Offline),
        reason: None,
        lease_seconds: Some(Seconds { ms: i64::try_from(lease.as_millis()).unwrap_or(0) }),
    };
    put(&mut Lane::new(Arc::clone(&run)), &run, agent, &change).await;
}

/// Changes the agent, and says whether the server took it. What it refuses ends the run: nothing of
/// the day would come true.
async fn put(lane: &mut Lane, run: &Run, agent: u32, change: &AgentChange) -> bool {
    let path = format!("/api/agents/{}", run.script.plan.agent_id(&run.prefix, agent));
    let body = serde_json::to_string(change).expect("plain fields are always JSON");
    let Some((answer, _)) = lane.send(Method::PUT, &path, &body).await else { return false };
    if answer.status != 200 {
        run.fail(format!("PUT {path}: {} {}", answer.status, answer.text()));
    }
    answer.status == 200
}

/// Somebody at work.
pub(super) struct Worker {
    live: Arc<Live>,
    agent: u32,
    person: Person,
    lane: Lane,
    chance: Chance,
    presence: Presence,
    /// Since when the server knows that presence: an older look at it tells nothing.
    said_at: Instant,
    /// When they come back, where the server has set them away.
    back_ms: Option<u64>,
    /// When their tool works again, where it is dead.
    mended_at: Option<Instant>,
}

impl Worker {
    pub(super) fn new(live: Arc<Live>, agent: u32, person: Person) -> Self {
        Self {
            lane: Lane::new(Arc::clone(&live.run)),
            chance: Chance::new(live.run.script.plan.seed ^ (u64::from(agent) << 32)),
            live,
            agent,
            person,
            presence: Presence::Offline,
            said_at: Instant::now(),
            back_ms: None,
            mended_at: None,
        }
    }

    /// Works until everybody goes home.
    pub(super) async fn work(mut self) {
        let live = Arc::clone(&self.live);
        let (mut seen, mut reports) = (live.floor.seen(), reports());
        let mut turns = std::mem::take(&mut self.person.turns).into_iter().peekable();
        loop {
            let next_ms = turns.peek().map_or(u64::MAX, |turn| turn.at_ms);
            let back_ms = self.back_ms.unwrap_or(u64::MAX);
            tokio::select! {
                () = live.is(Stage::GoingHome) => break,
                () = live.pace.until(back_ms), if back_ms != u64::MAX => {
                    self.says(Presence::Available, None).await;
                }
                () = live.pace.until(next_ms), if next_ms != u64::MAX => {
                    if let Some(turn) = turns.next() {
                        self.take(turn.step).await;
                    }
                }
                () = until(self.mended_at) => {
                    self.mended_at = None;
                    self.live.floor.tool_dies(self.agent, false);
                    self.report().await;
                }
                _ = reports.tick(), if self.reports_now() => self.report().await,
                Ok(()) = seen.changed() => {
                    let now = seen.borrow_and_update().clone();
                    let shown = now.agents.get(&self.agent).map(|(presence, _)| *presence);
                    if self.said_at < now.asked_at {
                        self.sees(shown);
                    }
                }
            }
        }
        if self.presence != Presence::Offline {
            self.says(Presence::Offline, Some("end of the day")).await;
        }
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::SignIn => self.says(Presence::Available, None).await,
            Step::Return if self.presence == Presence::Away => {
                self.says(Presence::Available, None).await;
            }
            Step::Leave(why) if self.presence == Presence::Available => {
                self.says(Presence::Away, Some(why)).await;
            }
            Step::SignOff => self.says(Presence::Offline, Some("end of shift")).await,
            Step::ToolDies { for_ms } => {
                let for_long = self.live.pace.real(for_ms).max(LEASE + REPORTS_EVERY);
                self.mended_at = Some(Instant::now() + for_long);
                self.live.floor.tool_dies(self.agent, true);
            }
            Step::Leave(_) | Step::Return => {}
        }
    }

    /// Who was available and is shown away let too many calls ring out, or was sent away by a
    /// supervisor. They come back after a few minutes.
    fn sees(&mut self, shown: Option<Presence>) {
        let sent_away = self.presence == Presence::Available && shown == Some(Presence::Away);
        if sent_away && self.back_ms.is_none() {
            let minutes = self.chance.between(2.0, 6.0);
            self.back_ms = Some(self.live.pace.now_ms() + ms(minutes * 60.0));
        }
    }

    async fn says(&mut self, presence: Presence, reason: Option<&str>) {
        let reason = reason.map(str::to_owned);
        let change = AgentChange { presence: Some(presence), reason, ..AgentChange::default() };
        if put(&mut self.lane, &self.live.run, self.agent, &change).await {
            (self.presence, self.said_at) = (presence, Instant::now());
            self.back_ms = None;
        }
    }

    fn reports_now(&self) -> bool {
        self.person.reports && self.mended_at.is_none() && self.presence != Presence::Offline
    }

    async fn report(&mut self) {
        let run = &self.live.run;
        let id = run.script.plan.agent_id(&run.prefix, self.agent);
        // One that is lost is made up for by the next.
        let _ = run.client.post(&format!("/api/agents/{id}/heartbeat"), String::new()).await;
    }
}

/// Forever where there is no such moment.
async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

fn reports() -> Interval {
    let mut reports = interval(REPORTS_EVERY);
    reports.set_missed_tick_behavior(MissedTickBehavior::Delay);
    reports
}

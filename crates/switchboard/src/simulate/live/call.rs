//! One call's life: it waits, it rings at somebody's, it is talked, held, handed on, and hung up.

use std::sync::Arc;

use contract::{CallStatus, EndReason};
use serde::Deserialize;

use super::callers::Caller;
use super::{Live, Stage, floor};
use crate::simulate::chance::Chance;
use crate::simulate::lane::Lane;
use crate::simulate::ledger::{Answered, Heard};
use crate::simulate::script::{Meant, Offer, Report, What};
use crate::simulate::talk::{self, Part};
use crate::simulate::traffic::{self, guess, ms};

use hyper::Method;

const TRANSFERS_MAX: u32 = 2;
/// Who was promised to be helped elsewhere waits longer.
const PATIENCE_AFTER: f64 = 3.0;

/// A call, told from the side of the telephony.
pub(super) struct Call {
    live: Arc<Live>,
    lane: Lane,
    chance: Chance,
    number: u32,
    queue: usize,
    video: bool,
    priority: u8,
    reports: u16,
    began_ms: u64,
    answered_ms: Option<u64>,
    /// Who talks.
    agent: Option<u32>,
    transfers: u32,
    /// The last offer that this call has heard of.
    heard: u32,
}

/// What comes next.
enum Next {
    Wait,
    Talk,
    Over,
}

/// What became of a report.
enum Told {
    Recorded,
    Refused(String),
    /// There was no answer, or none that was expected.
    Lost,
}

/// A phone that rings, and when it will be picked up, if it will.
#[derive(Clone, Copy)]
struct Ringing {
    offer: Offer,
    picked_up_ms: Option<u64>,
}

#[derive(Deserialize)]
struct Standing {
    status: CallStatus,
}

impl Call {
    pub(super) fn new(live: Arc<Live>, number: u32, caller: Caller) -> Self {
        let Caller { queue, video, priority, chance, .. } = caller;
        Self {
            lane: Lane::new(Arc::clone(&live.run)),
            chance,
            number,
            queue,
            video,
            priority,
            reports: 0,
            began_ms: live.pace.now_ms(),
            answered_ms: None,
            agent: None,
            transfers: 0,
            heard: 0,
            live,
        }
    }

    /// From the first ring to the last word.
    pub(super) async fn live(mut self) {
        let Self { video, queue, priority, .. } = self;
        let mut next = match self.say(What::Initiated { video, queue, priority }).await {
            Told::Recorded => Next::Wait,
            Told::Refused(why) => self.unlike(why).await,
            Told::Lost => Next::Over,
        };
        loop {
            next = match next {
                Next::Wait => self.wait().await,
                Next::Talk => self.talk().await,
                Next::Over => break,
            };
        }
        self.let_go();
    }

    async fn wait(&mut self) -> Next {
        let live = Arc::clone(&self.live);
        let mut offers = live.board.wait(self.number);
        let patience = if 0 < self.transfers { PATIENCE_AFTER } else { 1.0 };
        let since_ms = live.pace.now_ms();
        let gives_up_ms = since_ms + ms(traffic::patience_s(&mut self.chance) * patience);
        let mut ringing = None::<Ringing>;
        let next = loop {
            let picked_up_ms = ringing.and_then(|it| it.picked_up_ms);
            let next = tokio::select! {
                () = live.is(Stage::HangingUp) => Some(self.end(EndReason::Abandoned).await),
                () = live.pace.until(gives_up_ms) => {
                    let failed = self.chance.happens(guess::FAILED);
                    let reason = if failed { EndReason::Failed } else { EndReason::Abandoned };
                    Some(self.end(reason).await)
                }
                () = live.pace.until(picked_up_ms.unwrap_or(0)), if picked_up_ms.is_some() => {
                    let Some(phone) = ringing else { continue };
                    match self.pick_up(phone.offer, since_ms).await {
                        Ok(next) => Some(next),
                        Err(rings_on) => {
                            ringing = rings_on;
                            None
                        }
                    }
                }
                Ok(()) = offers.changed() => {
                    let offer = *offers.borrow_and_update();
                    ringing = self.hear(ringing, offer);
                    None
                }
            };
            if let Some(next) = next {
                break next;
            }
        };
        live.board.leave(self.number);
        next
    }

    /// An offer stands, or none does: the one before it rang out. What this call has heard before is
    /// an older look at the list.
    fn hear(&mut self, before: Option<Ringing>, offer: Option<Offer>) -> Option<Ringing> {
        if offer.is_some_and(|offer| offer.number <= self.heard) {
            return before;
        }
        if let Some(Ringing { offer, .. }) = before {
            self.live.run.ledger().hear(self.number, offer, Heard::Missed);
        }
        let offer = offer?;
        self.heard = offer.number;
        let plan = &self.live.run.script.plan;
        let picked_up_ms = (!self.chance.happens(plan.missed)).then(|| {
            let ring_ms = u64::try_from(plan.queues[self.queue].ring_seconds.ms).unwrap_or(0);
            let pick_up_ms = ms(traffic::pick_up_s(&mut self.chance));
            self.live.pace.now_ms() + pick_up_ms.min(ring_ms * 4 / 5)
        });
        Some(Ringing { offer, picked_up_ms })
    }

    /// Answers the phone that rings. Where it cannot be, what rings then: it goes on where nobody can
    /// take it, and rings no more where it was too late.
    async fn pick_up(&mut self, offer: Offer, since_ms: u64) -> Result<Next, Option<Ringing>> {
        if !self.live.floor.pick_up(offer.agent, self.number) {
            return Err(Some(Ringing { offer, picked_up_ms: None }));
        }
        self.agent = Some(offer.agent);
        let now_ms = self.live.pace.now_ms();
        let waited_ms = now_ms - since_ms;
        match self.say(What::Answered { waited_ms, offer: Some(offer) }).await {
            Told::Recorded => {
                self.live.run.ledger().hear(self.number, offer, Heard::Answered);
                self.answered_ms.get_or_insert(now_ms);
                Ok(Next::Talk)
            }
            Told::Refused(why) => {
                self.let_go();
                self.live.run.ledger().hear(self.number, offer, Heard::TooLate);
                match self.standing().await {
                    Some(CallStatus::Waiting) => Err(None),
                    _ => Ok(self.unlike(why).await),
                }
            }
            Told::Lost => Ok(Next::Over),
        }
    }

    async fn talk(&mut self) -> Next {
        let live = Arc::clone(&self.live);
        let mut parts = talk::parts(&mut self.chance, self.transfers < TRANSFERS_MAX);
        while let Some((span_ms, part)) = parts.pop_front() {
            let until_ms = live.pace.now_ms() + span_ms;
            tokio::select! {
                () = live.pace.until(until_ms) => {}
                () = live.is(Stage::HangingUp) => return self.end(EndReason::Completed).await,
            }
            let what = match part {
                // Nobody knows beforehand how long a hold lasts: in real time the server's clock says
                // when it was too long.
                Part::Hold { .. } if live.pace.is_real() => What::Held { held_ms: 0 },
                Part::Hold { held_ms } => What::Held { held_ms },
                Part::Resume => What::Resumed,
                Part::ResumeByAnswer => What::Answered { waited_ms: 0, offer: None },
                Part::HandOn { attended } => return self.hand_on(attended).await,
                Part::End { reason } => return self.end(reason).await,
            };
            match self.say(what).await {
                Told::Recorded => {}
                Told::Refused(why) => return self.unlike(why).await,
                Told::Lost => return Next::Over,
            }
        }
        Next::Over
    }

    /// Hands the caller to a colleague who is free, or back into a queue.
    async fn hand_on(&mut self, attended: bool) -> Next {
        let to_agent = attended || self.chance.happens(guess::TO_AGENT);
        let other = if to_agent { self.colleague().await } else { None };
        let attended = attended && other.is_some();
        let queue = match other {
            Some(_) => None,
            None => Some(self.chance.one_of(self.live.run.script.plan.queues.len())),
        };
        match self.say(What::Transferred { queue, agent: other, attended }).await {
            Told::Recorded => {}
            Told::Refused(why) => return self.unlike(why).await,
            Told::Lost => return Next::Over,
        }
        self.transfers += 1;
        self.queue = queue.unwrap_or(self.queue);
        self.let_go();
        if !attended {
            return Next::Wait;
        }
        // Where they took another call in this very moment they have both, as in life.
        self.agent = other.filter(|other| self.live.floor.pick_up(*other, self.number));
        Next::Talk
    }

    /// Somebody who is free, also by what the server shows this very moment.
    async fn colleague(&mut self) -> Option<u32> {
        let other = self.live.floor.free_other_than(self.agent?, &mut self.chance)?;
        let run = &self.live.run;
        let path = format!("/api/agents/{}", run.script.plan.agent_id(&run.prefix, other));
        let answer = run.client.get(&path).await.ok()?;
        let agent = serde_json::from_slice::<contract::Agent>(&answer.body).ok()?;
        floor::free((agent.presence, agent.state)).then_some(other)
    }

    async fn end(&mut self, reason: EndReason) -> Next {
        let from_ms = self.answered_ms.unwrap_or(self.began_ms);
        let lasted_ms = self.live.pace.now_ms() - from_ms;
        if let Told::Refused(why) = self.say(What::Ended { reason, lasted_ms }).await {
            self.live.run.ledger().refused(self.number, why);
        }
        Next::Over
    }

    /// The call is not what it should be: somebody else had a hand in it, or the server is wrong. Goes
    /// on from where it stands.
    async fn unlike(&mut self, why: String) -> Next {
        self.live.run.ledger().refused(self.number, why);
        self.let_go();
        match self.standing().await {
            Some(CallStatus::Waiting) => Next::Wait,
            Some(CallStatus::Active | CallStatus::OnHold) => self.end(EndReason::Completed).await,
            Some(CallStatus::Ended) | None => Next::Over,
        }
    }

    async fn standing(&self) -> Option<CallStatus> {
        let run = &self.live.run;
        let path = format!("/api/calls/{}", run.script.call_id(&run.prefix, self.number));
        let answer = run.client.get(&path).await.ok()?;
        serde_json::from_slice::<Standing>(&answer.body).ok().map(|it| it.status)
    }

    fn let_go(&mut self) {
        if let Some(agent) = self.agent.take() {
            self.live.floor.hang_up(agent, self.number);
        }
    }

    async fn say(&mut self, what: What) -> Told {
        self.reports += 1;
        let run = Arc::clone(&self.live.run);
        let (at_ms, call, number) = (self.live.pace.now_ms(), self.number, self.reports);
        let report = Report { at_ms, call, number, what, meant: Meant::Recorded };
        let body = run.script.body(&run.prefix, &report);
        let Some((answer, retried)) = self.lane.send(Method::POST, "/api/events", &body).await
        else {
            run.ledger().unsure(&report);
            return Told::Lost;
        };
        if answer.status == 409 {
            return Told::Refused(answer.text());
        }
        let recorded = answer.status == 201;
        run.ledger().note(&report, Answered::read(&answer, retried), &body);
        if recorded { Told::Recorded } else { Told::Lost }
    }
}

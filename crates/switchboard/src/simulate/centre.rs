//! The simulated centre: callers arrive, wait, lose patience, are answered and handed on.
//!
//! [`write()`] plays a day from move to move (what happens next in time is played next) and writes
//! down what the telephony side would report. Nothing here waits or reads a clock; chance comes from
//! the plan's seed alone.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use contract::EndReason;

use super::chance::Chance;
use super::script::{Meant, Plan, Report, Script, What};
use super::staff::{Staff, shares};
use super::talk::{self, Part};
use super::traffic::{self, HOUR_MS, guess, ms};

/// Writes the script of the planned day.
pub(super) fn write(plan: Plan) -> Script {
    let mut centre = Centre::new(plan);
    centre.open();
    while let Some(Reverse((at_ms, _, next))) = centre.moves.pop() {
        centre.now_ms = at_ms;
        centre.play(next);
    }
    centre.told()
}

/// Something that will happen inside the centre. Each carries what tells whether it still may: the
/// number of the offer or of the wait it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Move {
    Arrival,
    ShiftsChange,
    PickUp { call: usize, offer: u32 },
    RingOut { call: usize, offer: u32 },
    GiveUp { call: usize, wait: u32 },
    NextPart { call: usize },
    Back { agent: usize },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Waiting,
    Ringing { agent: usize },
    Talking { agent: usize },
    Gone,
}

#[derive(Debug)]
struct Caller {
    queue: usize,
    video: bool,
    doing: Doing,
    began_ms: u64,
    /// When the present stretch of waiting began.
    waits_since_ms: u64,
    answered_ms: Option<u64>,
    wait: u32,
    offer: u32,
    transfers: u32,
    parts: VecDeque<(u64, Part)>,
    number: u16,
}

struct Centre {
    plan: Plan,
    chance: Chance,
    now_ms: u64,
    moves: BinaryHeap<Reverse<(u64, u64, Move)>>,
    order: u64,
    staff: Staff,
    queues: Vec<(f64, usize)>,
    waiting: Vec<VecDeque<usize>>,
    callers: Vec<Caller>,
    reports: Vec<Report>,
    rung_out_ms: Vec<u64>,
}

impl Centre {
    fn new(plan: Plan) -> Self {
        let queues = shares(plan.queues.len()).into_iter().zip(0..).collect::<Vec<_>>();
        Self {
            chance: Chance::new(plan.seed),
            now_ms: plan.from_ms,
            moves: BinaryHeap::new(),
            order: 0,
            staff: Staff::new(&plan),
            waiting: vec![VecDeque::new(); queues.len()],
            queues,
            callers: Vec::new(),
            reports: Vec::new(),
            rung_out_ms: Vec::new(),
            plan,
        }
    }

    fn open(&mut self) {
        let mut shift_ms = (self.now_ms / HOUR_MS + 1) * HOUR_MS;
        while shift_ms < self.plan.to_ms {
            self.after(shift_ms - self.now_ms, Move::ShiftsChange);
            shift_ms += HOUR_MS;
        }
        self.expect_next_arrival();
    }

    fn told(mut self) -> Script {
        self.reports.sort_by_key(|report| report.at_ms);
        let calls = u32::try_from(self.callers.len()).unwrap_or(u32::MAX);
        Script { plan: self.plan, reports: self.reports, calls, rung_out_ms: self.rung_out_ms }
    }

    fn play(&mut self, next: Move) {
        match next {
            Move::Arrival => self.arrive(),
            Move::ShiftsChange => (0..self.queues.len()).for_each(|queue| self.serve(queue)),
            Move::PickUp { call, offer } => self.pick_up(call, offer),
            Move::RingOut { call, offer } => self.ring_out(call, offer),
            Move::GiveUp { call, wait } => self.give_up(call, wait),
            Move::NextPart { call } => self.next_part(call),
            Move::Back { agent } => {
                let queue = self.staff.release(agent, self.now_ms);
                self.serve(queue);
            }
        }
    }

    fn after(&mut self, span_ms: u64, next: Move) {
        self.order += 1;
        self.moves.push(Reverse((self.now_ms + span_ms, self.order, next)));
    }

    fn expect_next_arrival(&mut self) {
        let Plan { to_ms, scale, .. } = self.plan;
        let next_ms = traffic::next_arrival_ms(&mut self.chance, self.now_ms, to_ms, scale);
        if let Some(next_ms) = next_ms {
            self.after(next_ms - self.now_ms, Move::Arrival);
        }
    }

    fn arrive(&mut self) {
        let queue = *self.chance.weighted(&self.queues);
        let video = self.chance.happens(guess::VIDEO);
        let call = self.callers.len();
        self.callers.push(Caller {
            queue,
            video,
            doing: Doing::Waiting,
            began_ms: self.now_ms,
            waits_since_ms: self.now_ms,
            answered_ms: None,
            wait: 0,
            offer: 0,
            transfers: 0,
            parts: VecDeque::new(),
            number: 0,
        });
        self.report(call, What::Initiated { video, queue, priority: 0 });
        self.report_nonsense(call);
        self.wait(call, queue, 1.0);
        if self.plan.calls_max.is_none_or(|most| self.callers.len() < most as usize) {
            self.expect_next_arrival();
        }
    }

    /// The caller joins the end of a queue.
    fn wait(&mut self, call: usize, queue: usize, patience: f64) {
        let patience_ms = ms(traffic::patience_s(&mut self.chance) * patience);
        let caller = &mut self.callers[call];
        caller.queue = queue;
        caller.doing = Doing::Waiting;
        caller.waits_since_ms = self.now_ms;
        caller.wait += 1;
        let wait = caller.wait;
        self.waiting[queue].push_back(call);
        self.after(patience_ms, Move::GiveUp { call, wait });
        self.serve(queue);
    }

    /// Offers waiting callers to free agents, as long as there are both.
    fn serve(&mut self, queue: usize) {
        while let Some(agent) = self.staff.free(queue, self.now_ms) {
            let Some(call) = self.waiting[queue].pop_front() else { return };
            let caller = &self.callers[call];
            // Who gave up is still in the line.
            if caller.doing != Doing::Waiting {
                continue;
            }
            let routing_ms = self.now_ms - caller.waits_since_ms;
            self.report(call, What::Routed { agent: number(agent), routing_ms });
            self.ring(call, agent);
        }
    }

    fn ring(&mut self, call: usize, agent: usize) {
        self.staff.engage(agent);
        let caller = &mut self.callers[call];
        caller.doing = Doing::Ringing { agent };
        caller.offer += 1;
        let offer = caller.offer;
        let ring_ms = u64::try_from(self.plan.queues[caller.queue].ring_seconds.ms).unwrap_or(0);
        if self.chance.happens(self.plan.missed) {
            // A moment later than the server's own clock, which is the one that says so.
            let late_ms = ms(self.chance.between(1.0, 2.5));
            self.after(ring_ms + late_ms, Move::RingOut { call, offer });
        } else {
            let pick_up_ms = ms(traffic::pick_up_s(&mut self.chance)).min(ring_ms * 4 / 5);
            self.after(pick_up_ms, Move::PickUp { call, offer });
        }
    }

    fn ring_out(&mut self, call: usize, offer: u32) {
        let Doing::Ringing { agent } = self.callers[call].doing else { return };
        if self.callers[call].offer != offer {
            return;
        }
        self.rung_out_ms.push(self.now_ms);
        let away_ms = ms(self.chance.between(30.0, 120.0));
        self.after(away_ms, Move::Back { agent });
        let queue = self.callers[call].queue;
        self.callers[call].doing = Doing::Waiting;
        self.waiting[queue].push_front(call);
        self.serve(queue);
    }

    fn pick_up(&mut self, call: usize, offer: u32) {
        let Doing::Ringing { agent } = self.callers[call].doing else { return };
        if self.callers[call].offer != offer {
            return;
        }
        let caller = &mut self.callers[call];
        caller.doing = Doing::Talking { agent };
        caller.answered_ms.get_or_insert(self.now_ms);
        let waited_ms = self.now_ms - caller.waits_since_ms;
        self.report(call, What::Answered { waited_ms, offer: None });
        self.talk(call);
    }

    fn talk(&mut self, call: usize) {
        let may_go_on = self.callers[call].transfers < 2;
        self.callers[call].parts = talk::parts(&mut self.chance, may_go_on);
        self.expect_next_part(call);
    }

    fn expect_next_part(&mut self, call: usize) {
        if let Some((span_ms, _)) = self.callers[call].parts.front() {
            self.after(*span_ms, Move::NextPart { call });
        }
    }

    fn next_part(&mut self, call: usize) {
        let Some((_, part)) = self.callers[call].parts.pop_front() else { return };
        match part {
            Part::Hold { held_ms } => self.report(call, What::Held { held_ms }),
            Part::Resume => self.report(call, What::Resumed),
            Part::ResumeByAnswer => {
                self.report(call, What::Answered { waited_ms: 0, offer: None });
            }
            Part::HandOn { attended } => return self.hand_on(call, attended),
            Part::End { reason } => return self.end(call, reason),
        }
        self.expect_next_part(call);
    }

    fn hand_on(&mut self, call: usize, attended: bool) {
        let Doing::Talking { agent } = self.callers[call].doing else { return };
        self.callers[call].transfers += 1;
        let to_agent = attended || self.chance.happens(guess::TO_AGENT);
        let other = to_agent.then(|| self.staff.free_other_than(agent, self.now_ms)).flatten();
        match other {
            Some(other) if attended => {
                let agent = Some(number(other));
                self.report(call, What::Transferred { queue: None, agent, attended });
                self.staff.engage(other);
                self.callers[call].doing = Doing::Talking { agent: other };
                self.talk(call);
            }
            Some(other) => self.hand_to_agent(call, other),
            None => self.hand_to_queue(call),
        }
        self.wrap_up(agent);
    }

    fn hand_to_agent(&mut self, call: usize, agent: usize) {
        let to = Some(number(agent));
        self.report(call, What::Transferred { queue: None, agent: to, attended: false });
        let patience_ms = ms(traffic::patience_s(&mut self.chance) * 3.0);
        let caller = &mut self.callers[call];
        caller.waits_since_ms = self.now_ms;
        caller.wait += 1;
        let wait = caller.wait;
        self.after(patience_ms, Move::GiveUp { call, wait });
        self.ring(call, agent);
    }

    fn hand_to_queue(&mut self, call: usize) {
        let queue = self.chance.one_of(self.queues.len());
        self.report(call, What::Transferred { queue: Some(queue), agent: None, attended: false });
        // Who was promised to be helped elsewhere waits longer.
        self.wait(call, queue, 3.0);
    }

    fn give_up(&mut self, call: usize, wait: u32) {
        if self.callers[call].wait != wait {
            return;
        }
        let reason = if self.chance.happens(guess::FAILED) {
            EndReason::Failed
        } else {
            EndReason::Abandoned
        };
        match self.callers[call].doing {
            Doing::Waiting | Doing::Ringing { .. } => self.end(call, reason),
            Doing::Talking { .. } | Doing::Gone => {}
        }
    }

    fn end(&mut self, call: usize, reason: EndReason) {
        let caller = &mut self.callers[call];
        let lasted_ms = self.now_ms - caller.answered_ms.unwrap_or(caller.began_ms);
        let was = std::mem::replace(&mut caller.doing, Doing::Gone);
        self.report(call, What::Ended { reason, lasted_ms });
        self.report_too_late(call);
        if let Doing::Talking { agent } | Doing::Ringing { agent } = was {
            self.wrap_up(agent);
        }
    }

    fn wrap_up(&mut self, agent: usize) {
        let span_ms = ms(self.chance.between(3.0, 12.0));
        self.after(span_ms, Move::Back { agent });
    }

    /// Writes a report down, and now and then its repeat.
    fn report(&mut self, call: usize, what: What) {
        self.put(call, 0, what, Meant::Recorded);
        if self.chance.happens(guess::REPEATED) {
            let mut again = *self.reports.last().expect("one was just put");
            again.at_ms += ms(self.chance.between(0.2, 3.0));
            again.meant = Meant::Replayed;
            self.reports.push(again);
        }
    }

    /// What a broken adapter sends once a call is known. Each of these is refused whatever becomes
    /// of the call, so that a script can be played again over its own calls.
    fn report_nonsense(&mut self, call: usize) {
        let late_ms = ms(self.chance.between(0.5, 5.0));
        if self.chance.happens(guess::REFUSED / 2.0) {
            let Caller { queue, video, .. } = self.callers[call];
            let what = What::Initiated { video: !video, queue, priority: 0 };
            self.put(call, late_ms, what, Meant::Refused);
        }
        if self.chance.happens(guess::UNREADABLE / 3.0) {
            self.put(call, late_ms, What::Resumed, Meant::Unknown);
        }
        if self.chance.happens(guess::UNREADABLE) {
            let mistake = talk::mistake(&mut self.chance);
            self.put(call, late_ms, What::Unreadable(mistake), Meant::Unreadable);
        }
    }

    fn report_too_late(&mut self, call: usize) {
        if self.chance.happens(guess::REFUSED / 2.0) {
            let late_ms = ms(self.chance.between(0.5, 20.0));
            let what = talk::too_late(&mut self.chance);
            self.put(call, late_ms, what, Meant::Refused);
        }
    }

    fn put(&mut self, call: usize, late_ms: u64, what: What, meant: Meant) {
        let caller = &mut self.callers[call];
        caller.number += 1;
        let at_ms = self.now_ms + late_ms;
        let (call, number) = (number(call), caller.number);
        self.reports.push(Report { at_ms, call, number, what, meant });
    }
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

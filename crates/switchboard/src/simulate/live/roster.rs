//! The staff of a day: who works when, in which queues, and when they are away.
//!
//! It is pure, like the callers. As many people have shifts as the hour's traffic needs, and as some
//! are always on a break or in a meeting, a few more. Nobody is hired for the busiest hours, so a busy
//! morning shows waits; shifts do not end because it is quiet, so a quiet hour shows people who are
//! free.

use super::super::chance::Chance;
use super::super::script::Plan;
use super::super::staff::shares;
use super::super::traffic::{AGENTS_OF_THE_RECORD, HOUR_MS, arrivals_per_hour, ms};
use super::names;

/// The mean time an agent is engaged with one call: nothing is written after it unless the queue
/// leaves time to wrap up.
const ENGAGED_S_MEAN: f64 = 158.0;
/// Calls of the record in an hour for which there are people; the busiest hours have up to 100.
const STAFFED_PER_HOUR: f64 = 85.0;
/// People beyond the load, in square roots of it: fewer than the record had.
const STAFF_MARGIN: f64 = 0.4;
/// The part of a shift in which people take calls.
const AT_THE_PHONE: f64 = 0.86;
const LUNCH_FROM_HOURS: u64 = 6;
/// Hours in which a tool works before it dies.
const TOOL_HOURS: f64 = 5.0;
const AWAY: [(f64, &str); 4] =
    [(5.0, "break"), (2.0, "paperwork"), (1.0, "training"), (1.0, "coaching")];

/// Somebody who answers calls.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Person {
    pub(in super::super) name: String,
    /// Their queues, the first being their own, and how readily they serve each.
    pub(super) queues: Vec<(usize, u8)>,
    /// Whether their tool has to report that it is there.
    pub(super) reports: bool,
    /// Their day, in the order of time.
    pub(super) turns: Vec<Turn>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Turn {
    pub(super) at_ms: u64,
    pub(super) step: Step,
}

/// What somebody does, apart from calls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step {
    SignIn,
    Leave(&'static str),
    Return,
    ToolDies { for_ms: u64 },
    SignOff,
}

#[derive(Clone, Copy, Debug)]
struct Shift {
    queue: usize,
    from_hour: u64,
    to_hour: u64,
}

/// The staff of the planned day.
pub(in super::super) fn staff(plan: &Plan) -> Vec<Person> {
    let mut chance = Chance::new(plan.seed ^ 0x57af_f000);
    let shifts = shifts(plan, &mut chance);
    let names = names::people(&mut chance, shifts.len());
    let people = shifts.into_iter().zip(names);
    people.map(|(shift, name)| person(plan, &mut chance, shift, name)).collect()
}

/// Shifts that begin where the hour needs more people than are there.
fn shifts(plan: &Plan, chance: &mut Chance) -> Vec<Shift> {
    let shares = shares(plan.queues.len());
    let mut shifts = Vec::<Shift>::new();
    for hour in plan.from_ms / HOUR_MS..plan.to_ms.div_ceil(HOUR_MS) {
        let wanted = seats(plan, hour).max(shares.len());
        loop {
            let there = shifts.iter().filter(|shift| hour < shift.to_hour);
            let mut of_queue = vec![0; shares.len()];
            there.for_each(|shift| of_queue[shift.queue] += 1);
            let unstaffed = of_queue.iter().position(|people| *people == 0);
            if wanted <= of_queue.iter().sum() && unstaffed.is_none() {
                break;
            }
            let queue = unstaffed.unwrap_or_else(|| thinnest(&of_queue, &shares));
            let hours = 4 + chance.one_of(5) as u64;
            shifts.push(Shift { queue, from_hour: hour, to_hour: hour + hours });
        }
    }
    shifts
}

/// The queue with the fewest people for its part of the calls.
#[expect(clippy::cast_precision_loss, reason = "counts of people")]
fn thinnest(of_queue: &[usize], shares: &[f64]) -> usize {
    let ratio = |queue: &usize| of_queue[*queue] as f64 / shares[*queue];
    (0..shares.len()).min_by(|one, other| ratio(one).total_cmp(&ratio(other))).unwrap_or(0)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of people")]
fn seats(plan: &Plan, hour: u64) -> usize {
    let load =
        arrivals_per_hour(hour).min(STAFFED_PER_HOUR) * plan.scale * ENGAGED_S_MEAN / 3_600.0;
    let wanted = (load + STAFF_MARGIN * load.sqrt()) * f64::from(plan.agents);
    (wanted / AGENTS_OF_THE_RECORD / AT_THE_PHONE).ceil() as usize
}

fn person(plan: &Plan, chance: &mut Chance, shift: Shift, name: String) -> Person {
    let mut queues = vec![(shift.queue, 3)];
    for readiness in [1, 0] {
        let other = chance.one_of(plan.queues.len());
        if chance.happens(0.55) && queues.iter().all(|(queue, _)| *queue != other) {
            queues.push((other, readiness));
        }
    }
    let reports = chance.happens(0.4);
    Person { name, queues, reports, turns: turns(plan, chance, shift, reports) }
}

fn turns(plan: &Plan, chance: &mut Chance, shift: Shift, reports: bool) -> Vec<Turn> {
    let mut turns = Vec::new();
    let mut turn = |at_ms, step| turns.push(Turn { at_ms, step });
    let begins_ms = (shift.from_hour * HOUR_MS).max(plan.from_ms);
    let ends_ms = shift.to_hour * HOUR_MS + ms(chance.between(0.0, 180.0));
    // Who opens the day is at the phone when it rings first.
    let late_s = if begins_ms == plan.from_ms { 3.0 } else { 120.0 };
    let mut now_ms = begins_ms + ms(chance.between(0.0, late_s));
    turn(now_ms, Step::SignIn);
    let lunch_ms = begins_ms + ms(chance.between(3.0, 4.5) * 3_600.0);
    let mut lunch = LUNCH_FROM_HOURS <= shift.to_hour - shift.from_hour;
    // The first break comes as if the hours before had been worked, too.
    let mut works_ms = ms(chance.between(0.0, 100.0) * 60.0);
    loop {
        now_ms += works_ms;
        let is_lunch = lunch && lunch_ms <= now_ms;
        let (why, minutes) = if is_lunch {
            ("lunch", chance.between(25.0, 40.0))
        } else {
            (*chance.weighted(&AWAY), chance.between(4.0, 15.0))
        };
        lunch &= !is_lunch;
        let back_ms = now_ms + ms(minutes * 60.0);
        if ends_ms <= back_ms {
            break;
        }
        turn(now_ms, Step::Leave(why));
        turn(back_ms, Step::Return);
        now_ms = back_ms;
        works_ms = ms(chance.between(60.0, 120.0) * 60.0);
    }
    let mut dies_ms = begins_ms + ms(chance.exponential(1.0 / TOOL_HOURS) * 3_600.0);
    while reports && dies_ms < ends_ms {
        let for_ms = ms(chance.between(60.0, 300.0));
        turn(dies_ms, Step::ToolDies { for_ms });
        dies_ms += for_ms + ms(chance.exponential(1.0 / TOOL_HOURS) * 3_600.0);
    }
    // Who is there when the last caller comes stays until everybody was served.
    if ends_ms < plan.to_ms {
        turn(ends_ms, Step::SignOff);
    }
    turns.sort_by_key(|turn| turn.at_ms);
    turns
}

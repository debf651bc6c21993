//! The callers of a day: who comes when, and to which queue.

use super::super::chance::Chance;
use super::super::script::Plan;
use super::super::staff::shares;
use super::super::traffic::{guess, next_arrival_ms};

const PRIORITIES: [u8; 3] = [3, 5, 9];

/// Somebody who calls.
#[derive(Clone, Debug)]
pub(in super::super) struct Caller {
    pub(super) at_ms: u64,
    pub(super) queue: usize,
    pub(super) video: bool,
    pub(super) priority: u8,
    /// What else they do is drawn from it, whoever answers them and whenever.
    pub(super) chance: Chance,
}

/// The callers of the planned day, in the order in which they come.
pub(in super::super) fn callers(plan: &Plan) -> Vec<Caller> {
    let mut chance = Chance::new(plan.seed);
    let queues = shares(plan.queues.len()).into_iter().zip(0..).collect::<Vec<_>>();
    let most = plan.calls_max.map_or(usize::MAX, |most| most as usize);
    let mut callers = Vec::new();
    let mut now_ms = plan.from_ms;
    while callers.len() < most {
        let next_ms = next_arrival_ms(&mut chance, now_ms, plan.to_ms, plan.scale);
        let Some(at_ms) = next_ms else { break };
        now_ms = at_ms;
        let queue = *chance.weighted(&queues);
        let video = chance.happens(guess::VIDEO);
        let urgent = chance.happens(guess::URGENT);
        let priority = if urgent { PRIORITIES[chance.one_of(PRIORITIES.len())] } else { 0 };
        let own = Chance::new(chance.seed());
        callers.push(Caller { at_ms, queue, video, priority, chance: own });
    }
    callers
}

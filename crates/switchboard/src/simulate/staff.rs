//! The agents of the simulated centre: who sits there at which hour, and who is free.
//!
//! Each queue has its own agents. How many of them sit there follows the load of the hour (the load
//! and a margin of its square root, the usual rule of staffing), so that waits come out as in the
//! record at every scale. Shifts rotate every four hours, so that over a day all of them are seen.

use super::script::Plan;
use super::traffic::{
    AGENTS_OF_THE_RECORD, ARRIVALS_PER_HOUR, ENGAGED_S_MEAN, HOUR_MS, STAFF_MARGIN,
};

const HOURS_OF_A_SHIFT: u64 = 4;

#[derive(Debug)]
pub(super) struct Staff {
    agents: Vec<Agent>,
    queues: Vec<Line>,
}

#[derive(Debug)]
struct Agent {
    queue: usize,
    engaged: bool,
    idle_since_ms: u64,
}

/// The agents of one queue: a range of numbers, and how many of them sit there in each hour.
#[derive(Debug)]
struct Line {
    first: usize,
    count: usize,
    seats: [usize; 24],
}

/// The part of all calls that comes to each queue: the first gets most, each next one less.
pub(super) fn shares(queues: usize) -> Vec<f64> {
    let mut place = 0.0;
    let weights = (0..queues)
        .map(|_| {
            place += 0.35;
            1.0 / (0.65 + place)
        })
        .collect::<Vec<_>>();
    let all = weights.iter().sum::<f64>();
    weights.into_iter().map(|weight| weight / all).collect()
}

impl Staff {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut staff = Self { agents: Vec::new(), queues: Vec::new() };
        for (queue, share) in shares(plan.queues.len()).into_iter().enumerate() {
            let agents = f64::from(plan.agents);
            let seats = ARRIVALS_PER_HOUR.map(|rate| {
                let load = rate * plan.scale * share * ENGAGED_S_MEAN / 3_600.0;
                let wanted = load + STAFF_MARGIN * load.sqrt();
                count(wanted * agents / AGENTS_OF_THE_RECORD).max(1)
            });
            let most = seats.iter().copied().max().unwrap_or(1);
            let count = count(agents * plan.scale * share).max(most);
            staff.queues.push(Line { first: staff.agents.len(), count, seats });
            staff.agents.extend(
                std::iter::repeat_with(|| Agent { queue, engaged: false, idle_since_ms: 0 })
                    .take(count),
            );
        }
        staff
    }

    /// The agent of that queue who has been free for longest.
    pub(super) fn free(&self, queue: usize, at_ms: u64) -> Option<usize> {
        let line = &self.queues[queue];
        (line.first..line.first + line.count)
            .filter(|agent| self.is_free(*agent, at_ms))
            .min_by_key(|agent| self.agents[*agent].idle_since_ms)
    }

    /// Any free agent but that one: whom a caller may be handed to.
    pub(super) fn free_other_than(&self, agent: usize, at_ms: u64) -> Option<usize> {
        (0..self.agents.len())
            .filter(|other| *other != agent && self.is_free(*other, at_ms))
            .min_by_key(|other| self.agents[*other].idle_since_ms)
    }

    pub(super) fn engage(&mut self, agent: usize) {
        self.agents[agent].engaged = true;
    }

    /// The agent is free again; the answer is the queue they work for.
    pub(super) fn release(&mut self, agent: usize, at_ms: u64) -> usize {
        self.agents[agent].engaged = false;
        self.agents[agent].idle_since_ms = at_ms;
        self.agents[agent].queue
    }

    fn is_free(&self, agent: usize, at_ms: u64) -> bool {
        let Agent { queue, engaged, .. } = self.agents[agent];
        !engaged && self.queues[queue].sits(agent, at_ms / HOUR_MS)
    }
}

impl Line {
    fn sits(&self, agent: usize, hour: u64) -> bool {
        let hour_of_day = (hour % 24) as usize;
        let shift = (hour / HOURS_OF_A_SHIFT) as usize;
        let first = shift * self.count.div_ceil(3) % self.count;
        let place = (agent - self.first + self.count - first) % self.count;
        place < self.seats[hour_of_day]
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of agents")]
fn count(agents: f64) -> usize {
    agents.round() as usize
}

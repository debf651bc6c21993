//! Service figures: what queues and agents did, counted exactly once.
//!
//! ```text
//!   lifecycle: facts ─► count: a batch's sums ─► store: one row, in the batch's transaction
//!                                                  │  bookkeeper: folded into tallies by and by
//!               kept ◄─ compute: formulas ◄─ ledger: tallies, and what is not folded yet
//! ```
//!
//! What is asked for is computed when it is asked for; nothing but sums is stored.

mod compute;
mod count;
mod day;
mod kept;
mod ledger;
mod reporter;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use contract::{
    Agent, AgentFigures, AgentMetrics, AgentsMetrics, CallsNow, IntervalFigures, MetricsUpdate,
    Moment, Queue, QueueFigures, QueueMetrics, QueuesMetrics, Seconds, ServiceLevelFormula,
    TotalFigures, TotalMetrics,
};
use lifecycle::{Presence, Timestamp};
use store::{INTERVAL_MS, OpenCalls, Scope, StoreError, interval};

use crate::Engine;
use compute::{Judged, Judgement};
use kept::DayFigures;
use ledger::{Known, Ledger};

pub(crate) use count::{count, count_available, count_worked_on};
pub use day::Zone;
pub(crate) use reporter::watch;

/// How figures are computed where nothing else is asked for.
#[derive(Clone, Debug)]
pub struct FigureSettings {
    /// Whose midnight a day begins with.
    pub zone: Zone,
    /// How a service level is computed.
    pub formula: ServiceLevelFormula,
    /// Who gives up within less than so many seconds did not really wait.
    pub short_abandon_seconds: u32,
}

impl Default for FigureSettings {
    fn default() -> Self {
        Self {
            zone: Zone::default(),
            formula: ServiceLevelFormula::default(),
            short_abandon_seconds: 5,
        }
    }
}

/// What is known of tallies, and was made of them, one reader at a time.
pub(crate) struct Ledgers {
    queues: tokio::sync::Mutex<Ledger>,
    agents: tokio::sync::Mutex<Ledger>,
    day: Mutex<DayFigures>,
}

impl Default for Ledgers {
    fn default() -> Self {
        Self {
            queues: tokio::sync::Mutex::new(Ledger::new(Scope::Queue)),
            agents: tokio::sync::Mutex::new(Ledger::new(Scope::Agent)),
            day: Mutex::default(),
        }
    }
}

/// A queue, with what it did.
struct Summed {
    queue: Queue,
    today: Judged<'static>,
    hour: Judged<'static>,
}

/// How every queue stands at a moment.
struct Stand {
    now: Timestamp,
    midnight: Timestamp,
    hour: Timestamp,
    known: Known,
    open: BTreeMap<String, OpenCalls>,
    by: Judgement,
}

impl Engine {
    /// The figures of queues: of one, or of all. Where no formula is asked for, the one that is set
    /// is used.
    pub async fn queue_metrics(
        &self,
        only: Option<&str>,
        formula: Option<ServiceLevelFormula>,
    ) -> Result<QueuesMetrics, StoreError> {
        let stand = self.stand(formula).await?;
        let queues = stand.asked(self, only);
        let mut day = self.ledgers.day.lock().unwrap_or_else(PoisonError::into_inner);
        day.judge(self.queues.all(), stand.by, &stand.known.intervals, stand.midnight);
        Ok(QueuesMetrics {
            as_of: Moment(stand.now),
            time_zone: self.settings.figures.zone.name().to_owned(),
            formula: stand.by.formula,
            short_abandon_seconds: stand.by.short_abandon(),
            formulas: compute::formulas(stand.by.formula),
            total: TotalMetrics {
                figures: stand.total(&queues),
                intervals: stand.told(&day, only),
            },
            queues: queues
                .iter()
                .map(|queue| QueueMetrics {
                    figures: stand.queue(queue),
                    intervals: stand.told(&day, Some(&queue.queue.id)),
                })
                .collect(),
        })
    }

    /// The figures of every agent whom an event named today, or who took calls, by id.
    pub async fn agent_metrics(&self) -> Result<AgentsMetrics, StoreError> {
        let shift = self.shift(None).await?;
        let available = shift.available.keys().map(String::as_str);
        let ids = shift.known.ids().chain(available).collect::<BTreeSet<_>>();
        let figures = |id: &str| AgentFigures { agent_id: id.to_owned(), metrics: shift.of(id) };
        Ok(AgentsMetrics {
            as_of: Moment(shift.now),
            time_zone: self.settings.figures.zone.name().to_owned(),
            formulas: compute::agent_formulas(),
            agents: ids.into_iter().map(figures).collect(),
        })
    }

    /// Agents, with what each did today.
    pub async fn with_metrics(&self, mut agents: Vec<Agent>) -> Result<Vec<Agent>, StoreError> {
        let ids = agents.iter().map(|agent| agent.id.clone()).collect();
        let shift = self.shift(Some(ids)).await?;
        for agent in &mut agents {
            agent.metrics = Some(shift.of(&agent.id));
        }
        Ok(agents)
    }

    async fn shift(&self, of: Option<Vec<String>>) -> Result<Shift, StoreError> {
        let now = self.store.now().await?;
        let midnight = self.settings.figures.zone.midnight(now);
        let mut ledger = self.ledgers.agents.lock().await;
        let known = ledger.read(&*self.store, midnight, last_hour(now)).await?;
        drop(ledger);
        let agents = self.store.agents(of).await?.into_iter().map(|seen| seen.stored);
        let agents = agents.filter(|it| it.agent.presence == Presence::Available);
        let available = agents.map(|it| (it.id, it.agent.presence_since)).collect();
        Ok(Shift { now, midnight, known, available })
    }

    /// How queues stand: one, or all. The position is filled in where it is announced.
    async fn queue_figures(
        &self,
        only: &[Option<String>],
    ) -> Result<Vec<MetricsUpdate>, StoreError> {
        let stand = self.stand(None).await?;
        let update = |only: &Option<String>| {
            let queues = stand.asked(self, only.as_deref());
            MetricsUpdate {
                as_of: Moment(stand.now),
                time_zone: self.settings.figures.zone.name().to_owned(),
                formula: stand.by.formula,
                short_abandon_seconds: stand.by.short_abandon(),
                queues: queues.iter().map(|queue| stand.queue(queue)).collect(),
                total: stand.total(&queues),
                position: String::new(),
            }
        };
        Ok(only.iter().map(update).collect())
    }

    async fn stand(&self, formula: Option<ServiceLevelFormula>) -> Result<Stand, StoreError> {
        let settings = &self.settings.figures;
        let now = self.store.now().await?;
        let midnight = settings.zone.midnight(now);
        let hour = last_hour(now);
        let mut ledger = self.ledgers.queues.lock().await;
        let known = ledger.read(&*self.store, midnight.min(hour), hour).await?;
        drop(ledger);
        let by = Judgement {
            formula: formula.unwrap_or(settings.formula),
            short_abandon_seconds: settings.short_abandon_seconds,
        };
        Ok(Stand { now, midnight, hour, known, open: self.store.open_calls().await?, by })
    }
}

/// When the last four whole intervals began.
fn last_hour(now: Timestamp) -> Timestamp {
    interval(now) + -4 * INTERVAL_MS
}

/// What agents have done since midnight.
struct Shift {
    now: Timestamp,
    midnight: Timestamp,
    known: Known,
    /// Since when those take calls who do.
    available: BTreeMap<String, Timestamp>,
}

impl Shift {
    fn of(&self, agent: &str) -> AgentMetrics {
        let sum = self.known.sum(agent, self.midnight, Timestamp(i64::MAX));
        let since = self.available.get(agent).map(|since| self.midnight.max(*since));
        compute::agent(&sum, since.map_or(0, |since| (self.now - since).max(0)))
    }
}

impl Stand {
    fn asked(&self, engine: &Engine, only: Option<&str>) -> Vec<Summed> {
        let mut queues = engine.queues.all();
        queues.retain(|queue| only.is_none_or(|only| only == queue.id));
        let summed = queues.into_iter().map(|queue| Summed {
            today: self.since(&queue, self.midnight),
            hour: self.since(&queue, self.hour),
            queue,
        });
        summed.collect()
    }

    fn queue(&self, Summed { queue, today, hour }: &Summed) -> QueueFigures {
        QueueFigures {
            queue_id: queue.id.clone(),
            name: queue.name.clone(),
            target_seconds: queue.sla_seconds,
            now: self.at_work(self.open.get(&queue.id)),
            today: today.figures(),
            last_hour: hour.figures(),
        }
    }

    fn total(&self, queues: &[Summed]) -> TotalFigures {
        let mut open = OpenCalls::default();
        let (mut today, mut hour) = (Judged::default(), Judged::default());
        for summed in queues {
            if let Some(more) = self.open.get(&summed.queue.id) {
                open.add(more);
            }
            today.add(&summed.today);
            hour.add(&summed.hour);
        }
        TotalFigures {
            now: self.at_work(Some(&open)),
            today: today.figures(),
            last_hour: hour.figures(),
        }
    }

    /// Every interval since midnight, the one that runs included.
    fn told(&self, day: &DayFigures, only: Option<&str>) -> Vec<IntervalFigures> {
        let starts = std::iter::successors(Some(self.midnight), |start| Some(*start + INTERVAL_MS));
        let starts = starts.take_while(|start| *start <= self.now);
        let figures =
            |start| IntervalFigures { start: Moment(start), figures: day.figures(start, only) };
        starts.map(figures).collect()
    }

    /// What a queue did from midnight on, or within the last hour.
    fn since(&self, queue: &Queue, since: Timestamp) -> Judged<'static> {
        // What is said to happen in the next minutes counts when they are there.
        let sum = self.known.sum(&queue.id, since, self.now);
        Judged::new(Cow::Owned(sum), queue.sla_seconds, self.by)
    }

    fn at_work(&self, open: Option<&OpenCalls>) -> CallsNow {
        let OpenCalls { waiting, ringing, active, on_hold, waiting_since } =
            open.cloned().unwrap_or_default();
        let waited = |since: Timestamp| Seconds { ms: (self.now - since).max(0) };
        CallsNow {
            waiting,
            ringing,
            active,
            on_hold,
            longest_wait_seconds: waiting_since.map(waited),
            waiting_since: waiting_since.map(Moment),
        }
    }
}

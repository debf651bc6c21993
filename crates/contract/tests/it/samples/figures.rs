//! Service figures, answered and told.

use std::collections::BTreeMap;

use contract::{
    Agent, AgentFigures, AgentMetrics, AgentsMetrics, CallsNow, FigureFormula, Figures,
    IntervalFigures, MetricsUpdate, Moment, QueueFigures, QueueMetrics, QueuesMetrics, Seconds,
    ServiceLevelFormula, SubscribeMetrics, TotalFigures, TotalMetrics, WaitPercentiles,
};

use super::{Sample, answers::ringing, sample};
use crate::story::began;

fn busy() -> Figures {
    Figures {
        offered: 100,
        answered: 80,
        abandoned: 20,
        short_abandoned: 5,
        service_level: Some(0.6316),
        asa_seconds: Some(Seconds { ms: 21_350 }),
        aht_seconds: Some(Seconds { ms: 412_000 }),
        average_hold_seconds: Some(Seconds { ms: 33_125 }),
        longest_hold_seconds: Some(Seconds { ms: 95_000 }),
        transfer_rate: Some(0.075),
        ring_no_answer_rate: Some(0.1209),
        wait_seconds: Some(WaitPercentiles { p50: 18, p90: 44, p95: 52, p99: 71 }),
    }
}

fn now() -> CallsNow {
    CallsNow {
        waiting: 2,
        ringing: 1,
        active: 3,
        on_hold: 1,
        longest_wait_seconds: Some(Seconds { ms: 12_500 }),
        waiting_since: Some(Moment(began() + -12_500)),
    }
}

fn queue() -> QueueFigures {
    QueueFigures {
        queue_id: "medical_spanish".to_owned(),
        name: "Medical, Spanish".to_owned(),
        target_seconds: Seconds { ms: 30_000 },
        now: now(),
        today: busy(),
        last_hour: Figures::default(),
    }
}

fn total() -> TotalFigures {
    TotalFigures { now: now(), today: busy(), last_hour: Figures::default() }
}

fn intervals() -> Vec<IntervalFigures> {
    let quiet = Figures { offered: 1, ..Figures::default() };
    let starts = [(-900_000, busy()), (0, quiet)];
    let interval = |(ms, figures)| IntervalFigures { start: Moment(began() + ms), figures };
    starts.map(interval).into()
}

fn formulas(name: &str, formula: &str, source: &str) -> BTreeMap<String, FigureFormula> {
    let (formula, source) = (formula.to_owned(), source.to_owned());
    let formula = FigureFormula { formula, source, unit: "rate".to_owned() };
    [(name.to_owned(), formula)].into()
}

fn queues() -> QueuesMetrics {
    QueuesMetrics {
        as_of: Moment(began()),
        time_zone: "America/New_York".to_owned(),
        formula: ServiceLevelFormula::SlOfferedNoshort,
        short_abandon_seconds: Seconds { ms: 5_000 },
        formulas: formulas(
            "serviceLevel",
            "answered within targetSeconds / (answered + abandoned - shortAbandoned)",
            "Genesys, without short abandons",
        ),
        queues: vec![QueueMetrics { figures: queue(), intervals: intervals() }],
        total: TotalMetrics { figures: total(), intervals: intervals() },
    }
}

fn busy_agent() -> AgentMetrics {
    AgentMetrics {
        offered: 12,
        answered: 10,
        missed: 1,
        talk_seconds: Seconds { ms: 3_600_000 },
        hold_seconds: Seconds { ms: 90_500 },
        wrap_up_seconds: Seconds { ms: 100_000 },
        average_wait_seconds: Some(Seconds { ms: 17_250 }),
        occupancy: Some(0.8125),
    }
}

fn agents() -> AgentsMetrics {
    let figures = |agent_id: &str, metrics| AgentFigures { agent_id: agent_id.to_owned(), metrics };
    AgentsMetrics {
        as_of: Moment(began()),
        time_zone: "UTC".to_owned(),
        formulas: formulas(
            "occupancy",
            "(talk + hold + wrap-up) / (talk + hold + wrap-up + idle)",
            "Amazon Connect; ringing is not idle",
        ),
        agents: vec![figures("ana", busy_agent()), figures("luis", AgentMetrics::default())],
    }
}

pub(crate) fn samples() -> Vec<Sample> {
    let update = MetricsUpdate {
        as_of: Moment(began()),
        time_zone: "UTC".to_owned(),
        formula: ServiceLevelFormula::SlOffered,
        short_abandon_seconds: Seconds { ms: 5_000 },
        queues: vec![queue()],
        total: total(),
        position: "q3k7.42".to_owned(),
    };
    let one = SubscribeMetrics { queue_id: Some("medical_spanish".to_owned()) };
    vec![
        sample("QueuesMetrics.one", &queues()),
        sample("AgentsMetrics.two", &agents()),
        sample("Agent.measured", &Agent { metrics: Some(busy_agent()), ..ringing() }),
        sample("MetricsUpdate.one", &update),
        sample("SubscribeMetrics.all", &SubscribeMetrics::default()),
        sample("SubscribeMetrics.queue", &one),
    ]
}

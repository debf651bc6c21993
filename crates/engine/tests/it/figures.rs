//! Figures by sums of batches equal figures by drawing every history anew.

use contract::{AgentChange, Presence, QueueChange, Role, Seconds, ServiceLevelFormula};
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use store::{Actor, NewAction};
use testkit::figures::{Figures, Promise, Window, moment};

use crate::desk::Desk;

const QUEUES: [&str; 3] = ["medical_spanish", "legal_spanish", "legal_english"];
const CALLS: usize = 9;

/// One thing that is told, or done, at the desk.
#[derive(Clone, Debug)]
enum Act {
    Told { call: usize, event: Value, ago_ms: Option<i64> },
    Wound(i64),
    Folded,
    Fired,
    Reopened,
    TargetSet(usize, i64),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let agents = || select(vec!["ana", "luis", "eva"]);
    let queues = || select(QUEUES.to_vec());
    let seconds = || 0..100_000_i64;
    let event = prop_oneof![
        4 => queues().prop_map(|queue| {
            json!({ "event": "call_initiated", "type": "voice", "queueId": queue })
        }),
        4 => agents().prop_map(|agent| {
            json!({ "event": "call_routed", "agentId": agent, "routingTime": 1 })
        }),
        5 => Just(json!({ "event": "call_answered", "waitTime": 1 })),
        2 => agents().prop_map(|agent| {
            json!({ "event": "call_answered", "waitTime": 1, "agentId": agent })
        }),
        4 => Just(json!({ "event": "call_hold", "holdDuration": 1 })),
        3 => Just(json!({ "event": "call_resumed" })),
        4 => (queues(), option::of(agents()), any::<bool>()).prop_map(|(queue, agent, blind)| {
            let kind = if blind { "blind" } else { "attended" };
            let mut event = json!({ "event": "call_transferred", "kind": kind, "queueId": queue });
            if let Some(agent) = agent {
                event["agentId"] = json!(agent);
            }
            event
        }),
        3 => select(vec!["completed", "abandoned", "failed"]).prop_map(|reason| {
            json!({ "event": "call_ended", "endReason": reason, "duration": 60 })
        }),
    ];
    // Often at once, sometimes a little or much later than it happened, and at times ahead of it.
    let ago = option::weighted(
        0.4,
        prop_oneof![
            3 => 0..90_000_i64,
            1 => 0..7_200_000_i64,
            1 => -200_000..0_i64,
        ],
    );
    let told =
        (0..CALLS, event, ago).prop_map(|(call, event, ago_ms)| Act::Told { call, event, ago_ms });
    let act = prop_oneof![
        24 => told,
        8 => prop_oneof![
            2 => select(vec![1_000, 5_000, 30_000]),
            2 => seconds(),
            1 => Just(-20_000),
        ]
        .prop_map(Act::Wound),
        2 => Just(Act::Folded),
        2 => Just(Act::Fired),
        1 => Just(Act::Reopened),
        1 => (0..QUEUES.len(), 1..60_i64).prop_map(|(queue, target)| Act::TargetSet(queue, target)),
    ];
    vec(act, 0..160)
}

#[test]
fn sums_equal_what_is_drawn_from_the_histories() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut runner = TestRunner::new(Config { cases: 24, ..Config::default() });
    let told =
        runner.run(&acts(), |acts| runtime.block_on(lives(&acts)).map_err(TestCaseError::fail));
    told.unwrap_or_else(|error| panic!("{error}"));
}

async fn lives(acts: &[Act]) -> Result<(), String> {
    let mut desk = Desk::new().await;
    let wrap =
        QueueChange { wrap_up_seconds: Some(Seconds { ms: 7_000 }), ..QueueChange::default() };
    desk.change(QUEUES[1], wrap).await;
    let mut waiting = Vec::new();
    for act in acts {
        if let Act::Told { call, event, ago_ms } = act {
            let mut event = event.clone();
            event["callId"] = json!(format!("c{call}"));
            if let Some(ago) = ago_ms {
                let at = store::Clock::now(&*desk.clock) + -ago;
                event["occurredAt"] = json!(contract::Moment(at).to_string());
            }
            waiting.push(event);
            continue;
        }
        desk.send(&std::mem::take(&mut waiting)).await;
        match act {
            Act::Wound(ms) => desk.clock.wind(*ms),
            Act::Folded => drop(desk.engine.keep_books().await.expect("it folds")),
            Act::Fired => drop(desk.engine.fire_due().await.expect("they fire")),
            Act::Reopened => desk = desk.again().await,
            Act::TargetSet(queue, seconds) => {
                let sla_seconds = Some(Seconds { ms: 1_000 * seconds });
                let change = QueueChange { sla_seconds, ..QueueChange::default() };
                desk.change(QUEUES[*queue], change).await;
            }
            Act::Told { .. } => {}
        }
        // Now and then somebody looks.
        if matches!(act, Act::Folded | Act::Fired) {
            desk.engine.queue_metrics(None, None).await.expect("they can be read");
        }
    }
    desk.send(&waiting).await;
    // Whatever was ahead of the clock has happened.
    desk.clock.wind(3_600_000);
    let told = agree(&desk).await;
    desk.engine.close().await;
    told
}

/// Every figure of every formula, and of every agent.
async fn agree(desk: &Desk) -> Result<(), String> {
    let mut histories = Vec::new();
    for call in 0..CALLS {
        let history = desk.history(&format!("c{call}")).await;
        histories.extend((!history.is_empty()).then_some(history));
    }
    let promise = |queue: contract::Queue| Promise {
        target_s: queue.sla_seconds.ms / 1_000,
        wrap_ms: queue.wrap_up_seconds.ms,
        queue: queue.id,
    };
    let promises = desk.engine.queues().into_iter().map(promise).collect();
    let drawn = Figures::of(histories.iter().map(Vec::as_slice), promises, 5);
    // First as it was asked before, so that what is remembered of it is put to the test.
    for formula in [None].into_iter().chain(ServiceLevelFormula::ALL.map(Some)) {
        let metrics = desk.engine.queue_metrics(None, formula).await.expect("they can be read");
        drawn.compare(&serde_json::to_value(metrics).expect("they become JSON"))?;
    }
    let agents = desk.engine.agent_metrics().await.expect("they can be read");
    let midnight = moment("2026-11-21T00:00:00.000Z");
    let expected = drawn.agents(Window { from: midnight, to: i64::MAX });
    let told = serde_json::to_value(agents.agents).expect("they become JSON");
    if told == json!(expected) { Ok(()) } else { Err(format!("agents: {told} but {expected:?}")) }
}

#[tokio::test]
async fn what_is_told_late_counts_in_its_own_interval() {
    let desk = Desk::new().await;
    let event = |more: Value| {
        let mut event = json!({ "callId": "late", "type": "voice", "queueId": QUEUES[0] });
        more.as_object().into_iter().flatten().for_each(|(key, value)| {
            event[key] = value.clone();
        });
        event
    };
    desk.send(&[
        event(json!({ "event": "call_initiated", "occurredAt": "2026-11-21T06:14:50Z" })),
        event(json!({ "event": "call_answered", "waitTime": 1, "agentId": "ana",
                      "occurredAt": "2026-11-21T06:15:05Z" })),
        event(json!({ "event": "call_ended", "endReason": "completed", "duration": 60,
                      "occurredAt": "2026-11-21T06:17:00Z" })),
    ])
    .await;
    desk.engine.keep_books().await.expect("it folds");
    let metrics = desk.engine.queue_metrics(Some(QUEUES[0]), None).await.expect("they can be read");
    let [queue] = &metrics.queues[..] else { panic!("one queue was asked for") };
    let busy = queue.intervals.iter().filter(|it| it.figures != contract::Figures::default());
    let told = busy.map(|it| (it.start.to_string(), it.figures.offered, it.figures.answered));
    let expected = [("2026-11-21T06:00:00.000Z", 1, 0), ("2026-11-21T06:15:00.000Z", 0, 1)];
    let expected = expected.map(|(start, offered, answered)| (start.to_owned(), offered, answered));
    assert_eq!(told.collect::<Vec<_>>(), expected);
    let today = &queue.figures.today;
    assert_eq!((today.offered, today.asa_seconds), (1, Some(Seconds { ms: 15_000 })));
    assert_eq!(today.aht_seconds, Some(Seconds { ms: 115_000 }));
    assert_eq!(queue.figures.last_hour.offered, 0);
    desk.engine.close().await;
}

#[tokio::test]
async fn figures_of_yesterday_are_left_behind() {
    let desk = Desk::new().await;
    let begins = |call: &str| json!({ "event": "call_initiated", "callId": call, "type": "voice", "queueId": QUEUES[0] });
    let today = async || {
        let metrics = desk.engine.queue_metrics(Some(QUEUES[0]), None).await.expect("to be read");
        let figures = &metrics.total.figures;
        (figures.today.offered, figures.last_hour.offered, metrics.total.intervals.len())
    };
    desk.send(&[begins("a")]).await;
    assert_eq!(today().await, (1, 1, 39));
    desk.clock.wind(14 * 3_600_000);
    desk.send(&[begins("b")]).await;
    desk.engine.keep_books().await.expect("it folds");
    assert_eq!(today().await, (2, 1, 95));
    let mut late = begins("c");
    late["occurredAt"] = json!("2026-11-21T09:31:00Z");
    desk.send(&[late]).await;
    assert_eq!(today().await, (3, 1, 95), "in an interval whose sums were read before");
    desk.clock.wind(3_600_000);
    assert_eq!(today().await, (0, 1, 3), "half past midnight");
    desk.clock.wind(3_600_000);
    assert_eq!(today().await, (0, 0, 7));
    desk.engine.close().await;
}

#[tokio::test]
async fn occupancy_is_the_part_of_an_agents_time_that_went_into_calls() {
    let desk = Desk::new().await;
    let says = async |presence: Presence| {
        let change = AgentChange { presence: Some(presence), ..AgentChange::default() };
        let action = NewAction::new(Actor::new("test", Role::Admin), "agent_changed", "ana");
        desk.engine.put_agent("ana", change, action).await.expect("it is kept");
    };
    let ana = async || {
        let agents = desk.engine.agent_metrics().await.expect("they can be read").agents;
        let ana = agents.into_iter().find(|agent| agent.agent_id == "ana");
        ana.and_then(|ana| ana.metrics.occupancy)
    };
    says(Presence::Available).await;
    assert_eq!(ana().await, None, "no time has passed");
    desk.clock.wind(1_000_000);
    assert_eq!(ana().await, Some(0.0));
    let event = |name: &str| {
        json!({ "event": name, "callId": "c", "type": "voice", "queueId": QUEUES[0],
                "waitTime": 1, "agentId": "ana", "endReason": "completed", "duration": 60 })
    };
    desk.send(&[event("call_initiated"), event("call_answered")]).await;
    desk.clock.wind(600_000);
    desk.send(&[event("call_ended")]).await;
    desk.clock.wind(400_000);
    assert_eq!(ana().await, Some(0.3), "10 minutes of 2,000 s");
    says(Presence::Away).await;
    desk.clock.wind(3_600_000);
    assert_eq!(ana().await, Some(0.3), "a break is no time of theirs");
    desk.engine.keep_books().await.expect("it folds");
    assert_eq!(ana().await, Some(0.3));
    says(Presence::Available).await;
    desk.clock.wind(1_000_000);
    assert_eq!(ana().await, Some(0.2));
    // Half an hour past midnight: only that half hour counts, and nothing was done in it.
    desk.clock.wind(47_400_000);
    assert_eq!(ana().await, Some(0.0));
    says(Presence::Offline).await;
    assert_eq!(ana().await, Some(0.0));
    desk.engine.close().await;
}

#[tokio::test]
async fn whoever_goes_away_in_a_call_works_until_it_is_over() {
    let desk = Desk::new().await;
    let says = async |presence: Presence| {
        let queues = Some(vec![QUEUES[0].to_owned()]);
        let change = AgentChange { presence: Some(presence), queues, ..AgentChange::default() };
        let action = NewAction::new(Actor::new("test", Role::Admin), "agent_changed", "ana");
        desk.engine.put_agent("ana", change, action).await.expect("it is kept");
    };
    let occupancy = async || {
        let agents = desk.engine.agent_metrics().await.expect("they can be read").agents;
        agents.into_iter().find(|it| it.agent_id == "ana").and_then(|ana| ana.metrics.occupancy)
    };
    let event = |name: &str| {
        json!({ "event": name, "callId": "c", "type": "voice", "queueId": QUEUES[0],
                "waitTime": 1, "agentId": "ana", "endReason": "completed", "duration": 60 })
    };
    let wrap_up =
        QueueChange { wrap_up_seconds: Some(Seconds { ms: 0 }), ..QueueChange::default() };
    desk.change(QUEUES[0], wrap_up).await;
    says(Presence::Available).await;
    desk.clock.wind(100_000);
    desk.send(&[event("call_initiated"), event("call_answered")]).await;
    desk.clock.wind(100_000);
    says(Presence::Away).await;
    desk.clock.wind(300_000);
    desk.send(&[event("call_ended")]).await;
    desk.clock.wind(1_000_000);
    assert_eq!(occupancy().await, Some(0.8), "400 s of 500 s, and then a break");
    desk.engine.keep_books().await.expect("it folds");
    assert_eq!(occupancy().await, Some(0.8));
    desk.engine.close().await;
}

//! Agents, as those who follow them hear of them.

use std::time::Duration;

use contract::{AgentChange, Presence, QueueChange, Role, Seconds};
use serde_json::json;
use store::{Actor, NewAction};
use tokio::time::timeout;

use crate::desk::Desk;

async fn put(desk: &Desk, id: &str, change: AgentChange) {
    let action = NewAction::new(Actor::new("a test", Role::Supervise), "agent_changed", id);
    desk.engine.put_agent(id, change, action).await.expect("it is kept");
}

async fn says(desk: &Desk, presence: Presence) {
    let queues = Some(vec!["medical_spanish".to_owned()]);
    let change = AgentChange { presence: Some(presence), queues, ..AgentChange::default() };
    put(desk, "ana", change).await;
}

#[tokio::test]
async fn who_begins_to_follow_agents_hears_of_those_who_moved_while_nobody_did() {
    let desk = Desk::new().await;
    says(&desk, Presence::Away).await;
    says(&desk, Presence::Available).await;
    desk.engine.watch();
    assert_eq!(desk.bus.head(), 0, "nobody is told");
    let mut head = desk.bus.follow();
    let _following = desk.bus.follow_agents();
    timeout(Duration::from_secs(10), head.changed()).await.expect("soon").expect("it is told");
    let told = desk.bus.after(0, 10).expect("all of it is kept");
    assert_eq!(told.len(), 1, "how she stands, once");
    assert_eq!(told[0].event(), "agent_update");
    assert!(told[0].body().get().contains("\"available\""), "{}", told[0].body());
    desk.engine.close().await;
}

#[tokio::test]
async fn who_follows_agents_hears_of_a_wrap_up_that_ends_and_of_a_tool_that_falls_silent() {
    let desk = Desk::new().await;
    let wrap =
        QueueChange { wrap_up_seconds: Some(Seconds { ms: 20_000 }), ..QueueChange::default() };
    desk.change("medical_spanish", wrap).await;
    says(&desk, Presence::Available).await;
    let lease =
        AgentChange { lease_seconds: Some(Seconds { ms: 60_000 }), ..AgentChange::default() };
    put(&desk, "ben", lease).await;
    put(
        &desk,
        "ben",
        AgentChange { presence: Some(Presence::Available), ..AgentChange::default() },
    )
    .await;
    let event = |event: &str, more: serde_json::Value| {
        let mut told = json!({ "event": event, "callId": "c", "type": "voice", "waitTime": 1,
            "queueId": "medical_spanish", "endReason": "completed", "duration": 1 });
        more.as_object().into_iter().flatten().for_each(|(key, value)| {
            told[key] = value.clone();
        });
        told
    };
    desk.send(&[event("call_initiated", json!({}))]).await;
    desk.send(&[event("call_answered", json!({ "agentId": "ana" }))]).await;
    desk.send(&[event("call_ended", json!({}))]).await;
    desk.engine.watch();
    let _following = desk.bus.follow_agents();
    let heard = async |agent: &str, state: &str| {
        let (agent, state) = (format!("\"id\":\"{agent}\""), format!("\"state\":\"{state}\""));
        let mut news = desk.bus.follow();
        let heard = async {
            loop {
                let told = desk.bus.after(0, 1_000).expect("all of it is kept");
                let bodies = told.iter().map(|told| told.body().get());
                let mut of_agent = bodies.filter(|body| body.contains(&agent));
                if of_agent.next_back().is_some_and(|body| body.contains(&state)) {
                    return;
                }
                news.changed().await.expect("the bus is there");
            }
        };
        timeout(Duration::from_secs(10), heard).await.unwrap_or_else(|_| panic!("{agent} {state}"));
    };
    heard("ana", "wrapping").await;
    heard("ben", "idle").await;
    desk.clock.wind(20_000);
    heard("ana", "idle").await;
    desk.clock.wind(60_000);
    heard("ben", "unreachable").await;
    desk.engine.close().await;
}

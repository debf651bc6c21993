//! Agents, as those who follow them hear of them.

use std::time::Duration;

use contract::{AgentChange, Presence, Role};
use store::{Actor, NewAction};
use tokio::time::timeout;

use crate::desk::Desk;

async fn says(desk: &Desk, presence: Presence) {
    let change = AgentChange { presence: Some(presence), ..AgentChange::default() };
    let action = NewAction::new(Actor::new("a test", Role::Supervise), "agent_changed", "ana");
    desk.engine.put_agent("ana", change, action).await.expect("it is kept");
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

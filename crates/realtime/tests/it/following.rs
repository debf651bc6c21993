//! What a client hears.

use std::time::Duration;

use serde_json::json;

use crate::{
    client::Client,
    server::{Server, alert, update},
};

fn heard(call: &str, seqs: impl IntoIterator<Item = u64>) -> Vec<(String, u64)> {
    seqs.into_iter().map(|seq| (call.to_owned(), seq)).collect()
}

#[tokio::test]
async fn a_client_in_three_scopes_hears_an_update_once() {
    let server = Server::start().await;
    let mut client = server.client().await;
    client.ask("subscribe_call", json!(["c1"])).await;
    client.ask("subscribe_calls", json!([{ "queueId": "spanish" }])).await;
    client.ask("subscribe_calls", json!([{}])).await;
    server.tell("c1", "spanish", 1);
    assert_eq!(client.updates(1).await, heard("c1", [1]));
    client.expect_nothing().await;
}

#[tokio::test]
async fn an_update_carries_its_position_and_the_whole_call() {
    let server = Server::start().await;
    let mut client = server.client().await;
    let subscribed = client.ask("subscribe_calls", json!([{}])).await;
    assert_eq!(subscribed, json!({ "position": server.bus.position(0), "recovered": false }));
    server.bus.publish([update("c1", "spanish", Some("english"), 7)]);
    let (name, update) = client.next().await;
    assert_eq!(name, "call_status_update");
    assert_eq!(update["position"], json!(server.bus.position(1)));
    assert_eq!(update["leftQueueId"], json!("english"));
    assert_eq!(update["call"]["queueId"], json!("spanish"));
    assert_eq!(update["call"]["version"], json!(7));
}

#[tokio::test]
async fn a_queue_sends_nothing_to_the_followers_of_another() {
    let server = Server::start().await;
    let mut client = server.client().await;
    client.ask("subscribe_calls", json!([{ "queueId": "spanish" }])).await;
    client.ask("subscribe_call", json!(["mine"])).await;
    let before = client.bytes;
    for seq in 1..50 {
        server.tell("theirs", "english", seq);
    }
    server.bus.publish([alert("a1")]);
    client.expect_nothing().await;
    assert_eq!(client.bytes, before);
    server.bus.publish([update("theirs", "english", Some("spanish"), 50)]);
    assert_eq!(client.updates(1).await, heard("theirs", [50]), "it left the queue they look at");
}

#[tokio::test]
async fn agents_are_followed_while_somebody_is_there_who_does() {
    let server = Server::start().await;
    let mut client = server.client().await;
    client.ask("subscribe_calls", json!([{}])).await;
    assert!(!server.bus.agents_are_followed());
    client.ask("subscribe_agents", json!([{}])).await;
    assert!(server.bus.agents_are_followed());
    client.ask("unsubscribe_agents", json!([])).await;
    assert!(!server.bus.agents_are_followed());
    client.ask("subscribe_agents", json!([{}])).await;
    drop(client);
    let gone = async {
        while server.bus.agents_are_followed() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone)
        .await
        .expect("whoever left follows no more");
}

#[tokio::test]
async fn alerts_reach_those_who_follow_alerts() {
    let server = Server::start().await;
    let mut client = server.client().await;
    client.ask("subscribe_alerts", json!([])).await;
    server.tell("c1", "spanish", 1);
    server.bus.publish([alert("a1")]);
    let (name, alert) = client.next().await;
    assert_eq!((name.as_str(), &alert["id"]), ("alert_update", &json!("a1")));
    assert_eq!(alert["position"], json!(server.bus.position(2)));
    client.ask("unsubscribe_alerts", json!([])).await;
    server.bus.publish([crate::server::alert("a2")]);
    client.expect_nothing().await;
}

#[tokio::test]
async fn a_client_that_comes_back_gets_what_it_missed_and_goes_on() {
    let server = Server::start().await;
    let mut client = server.client().await;
    client.ask("subscribe_calls", json!([{ "queueId": "spanish" }])).await;
    server.tell("c1", "spanish", 1);
    let (_, last) = client.next().await;
    drop(client);
    for seq in 2..1_500 {
        server.tell("c1", "spanish", seq);
        server.tell("c2", "english", seq);
    }
    let mut client = server.client().await;
    let options = json!([{ "queueId": "spanish", "after": last["position"] }]);
    let subscribed = client.ask("subscribe_calls", options).await;
    assert_eq!(subscribed["recovered"], json!(true));
    assert_eq!(subscribed["position"], last["position"], "what was missed is still to come");
    server.tell("c1", "spanish", 1_500);
    assert_eq!(client.updates(1_499).await, heard("c1", 2..=1_500));
    client.expect_nothing().await;
}

#[tokio::test]
async fn recovering_one_scope_repeats_nothing_of_another() {
    let server = Server::start().await;
    let mut client = server.client().await;
    let begin = client.ask("subscribe_calls", json!([{ "queueId": "spanish" }])).await;
    for seq in 1..=10 {
        server.tell("s", "spanish", seq);
        server.tell("e", "english", seq);
    }
    assert_eq!(client.updates(10).await, heard("s", 1..=10));
    let options = json!([{ "after": begin["position"] }]);
    assert_eq!(client.ask("subscribe_calls", options).await["recovered"], json!(true));
    assert_eq!(client.updates(10).await, heard("e", 1..=10));
    server.tell("s", "spanish", 11);
    assert_eq!(client.updates(1).await, heard("s", [11]));
    client.expect_nothing().await;
}

#[tokio::test]
async fn a_position_that_leads_nowhere_is_not_recovered() {
    let server = Server::with(realtime::Settings::default(), 5).await;
    for seq in 1..=20 {
        server.tell("c1", "spanish", seq);
    }
    let epoch = server.bus.position(0);
    let epoch = epoch.split('.').next().unwrap();
    for after in [
        format!("{epoch}.3"),
        format!("{epoch}.21"),
        format!("{epoch}.99999999999999999999999"),
        "0000000000000000.20".to_owned(),
        "garbage".to_owned(),
        String::new(),
    ] {
        let mut client = server.client().await;
        let subscribed = client.ask("subscribe_calls", json!([{ "after": after }])).await;
        assert_eq!(
            subscribed,
            json!({ "position": server.bus.position(20), "recovered": false }),
            "{after}"
        );
        client.expect_nothing().await;
    }
}

#[tokio::test]
async fn every_update_of_a_burst_reaches_everyone_in_order() {
    let server = Server::start().await;
    let mut clients = Vec::new();
    for _ in 0..20 {
        let mut client = server.client().await;
        client.ask("subscribe_calls", json!([{}])).await;
        clients.push(client);
    }
    server.bus.publish((1..=3_000).map(|seq| update("c1", "spanish", None, seq)));
    for client in &mut clients {
        assert_eq!(client.updates(3_000).await, heard("c1", 1..=3_000));
    }
}

#[tokio::test]
async fn subscribing_while_updates_pour_in_loses_nothing_after_the_answer() {
    let server = Server::start().await;
    let bus = server.bus.clone();
    let pouring = tokio::spawn(async move {
        for seq in 1..=2_000 {
            bus.publish([update("c1", "spanish", None, seq)]);
            if seq % 10 == 0 {
                tokio::task::yield_now().await;
            }
        }
    });
    let mut clients = Vec::new();
    for _ in 0..10 {
        let mut client = Client::connect(server.addr).await;
        let answer = client.ask("subscribe_calls", json!([{}])).await;
        let position = server.bus.number(answer["position"].as_str().unwrap()).unwrap();
        clients.push((client, position));
    }
    pouring.await.unwrap();
    for (client, position) in &mut clients {
        let rest = usize::try_from(2_000 - *position).unwrap();
        assert_eq!(client.updates(rest).await, heard("c1", *position + 1..=2_000));
    }
}

//! Coming, going, and being shown the door.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use contract::Problem;
use realtime::{ReadCheck, Settings, Still};
use serde_json::json;
use tokio_tungstenite::{connect_async, tungstenite};

use crate::{client::Client, server::Server};

#[tokio::test]
async fn without_a_key_nobody_listens_where_one_is_asked_for() {
    let may_read = Some(ReadCheck::any_of(["reader"]));
    let server = Server::with(Settings { may_read, ..Settings::default() }, 100).await;
    for auth in ["", "{}", r#"{"key":"wrong"}"#, r#"{"key":7}"#, r#"{"key":"#, "garbage"] {
        let error = Client::connect_as(server.addr, auth).await.err();
        assert_eq!(error, Some(json!({ "message": "Unauthorized" })), "{auth}");
    }
    let mut client = Client::connect_as(server.addr, r#"{"key":"reader"}"#).await.unwrap();
    assert!(client.ask("subscribe_calls", json!([{}])).await["position"].is_string());
}

#[tokio::test]
async fn whoever_may_listen_no_longer_is_cut_off_and_nobody_else() {
    let revoked = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&revoked);
    let check = ReadCheck::new(move |key| {
        let (asked, may_end) = (Arc::clone(&asked), key == "maria");
        let may_read = move || !(may_end && asked.load(Ordering::Relaxed));
        may_read().then(|| Still::asking(may_read))
    });
    let recheck_every = Duration::from_millis(10);
    let settings = Settings { may_read: Some(check), recheck_every, ..Settings::default() };
    let server = Server::with(settings, 100).await;
    let mut maria = Client::connect_as(server.addr, r#"{"key":"maria"}"#).await.unwrap();
    let mut wall = Client::connect_as(server.addr, r#"{"key":"wall"}"#).await.unwrap();
    for client in [&mut maria, &mut wall] {
        client.ask("subscribe_call", json!(["c1"])).await;
    }
    revoked.store(true, Ordering::Relaxed);
    maria.expect_the_end().await;
    server.tell("c1", "spanish", 1);
    assert_eq!(wall.updates(1).await.len(), 1);
    let error = Client::connect_as(server.addr, r#"{"key":"maria"}"#).await.err();
    assert_eq!(error, Some(json!({ "message": "Unauthorized" })));
}

#[tokio::test]
async fn a_command_before_joining_ends_the_connection() {
    let server = Server::start().await;
    let mut client = Client::open(server.addr).await;
    client.emit("subscribe_calls", json!([{}])).await;
    client.expect_the_end().await;
}

#[tokio::test]
async fn there_is_no_other_namespace() {
    let server = Server::start().await;
    let mut client = Client::open(server.addr).await;
    client.send("40/admin,").await;
    assert_eq!(
        client.packet().await.as_deref(),
        Some(r#"44/admin,{"message":"Invalid namespace"}"#)
    );
}

#[tokio::test]
async fn joining_twice_is_joining_once() {
    let server = Server::start().await;
    let mut client = server.client().await;
    client.send("40").await;
    client.ask("subscribe_call", json!(["c1"])).await;
    server.tell("c1", "spanish", 1);
    assert_eq!(client.updates(1).await.len(), 1);
    client.expect_nothing().await;
    assert_eq!(server.gateway.sockets(), 1);
}

#[tokio::test]
async fn whoever_does_not_join_in_time_is_cut_off() {
    let join_within = Duration::from_millis(100);
    let server = Server::with(Settings { join_within, ..Settings::default() }, 100).await;
    let mut joined = server.client().await;
    Client::open(server.addr).await.expect_the_end().await;
    joined.expect_nothing().await;
}

#[tokio::test]
async fn too_long_a_payload_closes_that_connection_alone() {
    let server = Server::start().await;
    let mut other = server.client().await;
    let mut client = server.client().await;
    client.send(&format!(r#"42["subscribe_call","{}"]"#, "x".repeat(60_000))).await;
    client.ask("subscribe_call", json!(["c1"])).await;
    client.send(&format!(r#"42["subscribe_call","{}"]"#, "x".repeat(70_000))).await;
    client.expect_the_end().await;
    other.ask("subscribe_call", json!(["c1"])).await;
    server.tell("c1", "spanish", 1);
    assert_eq!(other.updates(1).await.len(), 1);
}

#[tokio::test]
async fn garbage_closes_that_connection_alone() {
    let server = Server::start().await;
    let mut other = server.client().await;
    for garbage in ["4", "49", "42", "42{}", "42[1]", "44{}", "42[\"a\"", "45[\"a\"]", "é", "4é"]
    {
        let mut client = server.client().await;
        client.send(garbage).await;
        client.expect_the_end().await;
    }
    let mut deep = server.client().await;
    deep.send(&format!("42[\"a\",{}{}]", "[".repeat(30_000), "]".repeat(30_000))).await;
    deep.expect_the_end().await;
    other.ask("subscribe_call", json!(["c1"])).await;
}

#[tokio::test]
async fn so_many_may_connect_and_no_more() {
    let server = Server::with(Settings { sockets_max: 2, ..Settings::default() }, 100).await;
    let _first = server.client().await;
    let second = server.client().await;
    let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", server.addr);
    let refused = connect_async(&url).await;
    let Err(tungstenite::Error::Http(answer)) = refused else { panic!("{refused:?}") };
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let problem: Problem = serde_json::from_slice(answer.body().as_deref().unwrap()).unwrap();
    assert_eq!((&*problem.code, problem.status), ("too_many_connections", 503));
    assert_eq!(problem.kind, "/problems/too_many_connections");
    assert!(!problem.title.is_empty() && !problem.detail.is_empty());
    assert_eq!(problem.message, problem.detail);
    drop(second);
    let connected = async {
        while connect_async(&url).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), connected).await.unwrap();
}

#[tokio::test]
async fn who_is_there_is_counted() {
    let server = Server::start().await;
    assert_eq!(server.gateway.sockets(), 0);
    let first = server.client().await;
    let mut second = server.client().await;
    assert_eq!(server.gateway.sockets(), 2);
    drop(first);
    second.send("41").await;
    second.expect_the_end().await;
    let empty = async {
        while server.gateway.sockets() != 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), empty).await.unwrap();
}

#[tokio::test]
async fn closing_delivers_what_is_on_its_way_and_lets_nobody_in() {
    let server = Server::start().await;
    let mut client = server.client().await;
    client.ask("subscribe_calls", json!([{}])).await;
    for seq in 1..=100 {
        server.tell("c1", "spanish", seq);
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.gateway.close(Duration::from_secs(3)).await;
    assert_eq!(client.updates(100).await.len(), 100);
    client.expect_the_end().await;
    let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", server.addr);
    assert!(connect_async(&url).await.is_err());
    assert_eq!(server.gateway.sockets(), 0);
}

#[tokio::test]
async fn a_client_that_stays_silent_is_missed_and_one_that_answers_is_not() {
    let settings = Settings {
        ping_every: Duration::from_millis(100),
        pong_within: Duration::from_millis(200),
        ..Settings::default()
    };
    let server = Server::with(settings, 100).await;
    let silent = server.client().await;
    let mut answering = server.client().await;
    let answers = async {
        while server.gateway.sockets() != 1 {
            let _ = tokio::time::timeout(Duration::from_millis(20), answering.packet()).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), answers).await.unwrap();
    drop(silent);
    let _ = tokio::time::timeout(Duration::from_millis(700), answering.packet()).await;
    assert_eq!(server.gateway.sockets(), 1);
}

//! What a client may say, and what it gets for saying something else.

use realtime::{InterestLimits, Settings};
use serde_json::json;

use crate::server::Server;

#[tokio::test]
async fn a_bad_command_is_refused_and_follows_nothing() {
    let server = Server::start().await;
    let mut client = server.client().await;
    for name in ["subscribe_call", "subscribe_calls", "subscribe_alerts"] {
        for bad in [
            json!([null]),
            json!([7]),
            json!([["c1"]]),
            json!([true]),
            json!(["x".repeat(256)]),
            json!([""]),
            json!(["c1", "c2"]),
            json!([{ "queueId": null, "after": 7 }]),
            json!([{ "_placeholder": true, "num": 0 }, {}]),
        ] {
            let answer = client.ask(name, bad.clone()).await;
            assert_eq!(answer["error"]["code"], json!("invalid_argument"), "{name} {bad}");
            assert!(answer["error"]["message"].is_string());
            client.emit(name, bad).await;
        }
    }
    assert_eq!(client.ask("subscribe_call", json!([])).await["error"]["code"], "invalid_argument");
    assert_eq!(client.ask("join", json!(["c1"])).await["error"]["code"], "unknown_command");
    server.tell("c1", "spanish", 1);
    client.expect_nothing().await;
}

#[tokio::test]
async fn a_binary_argument_is_refused_and_the_connection_goes_on() {
    let server = Server::start().await;
    let mut client = server.client().await;
    client.send(r#"451-1["subscribe_call",{"_placeholder":true,"num":0}]"#).await;
    client.send_binary(b"c1").await;
    assert_eq!(client.answer_to(1).await["error"]["code"], json!("invalid_argument"));
    client.send_binary(b"c1").await;
    server.tell("c1", "spanish", 1);
    client.expect_nothing().await;
    client.emit("subscribe_call", json!(["c1"])).await;
    client.ask("unsubscribe_call", json!(["other"])).await;
    server.tell("c1", "spanish", 2);
    assert_eq!(client.updates(1).await, [("c1".to_owned(), 2)]);
}

#[tokio::test]
async fn no_string_reaches_another_call() {
    let server = Server::start().await;
    let mut client = server.client().await;
    for id in ["*", "c%", "c1 ", "C1", "/", "queue:spanish", "spanish", "__proto__", "c1\u{200b}"] {
        client.ask("subscribe_call", json!([id])).await;
    }
    server.tell("c1", "spanish", 1);
    client.expect_nothing().await;
    server.tell("*", "english", 1);
    assert_eq!(client.updates(1).await, [("*".to_owned(), 1)]);
}

#[tokio::test]
async fn commands_are_carried_out_in_the_order_they_came() {
    let server = Server::start().await;
    let mut client = server.client().await;
    for round in 0..1_000 {
        let name = if round % 2 == 0 { "subscribe_call" } else { "unsubscribe_call" };
        client.emit(name, json!(["odd"])).await;
        let name = if round % 2 == 0 { "unsubscribe_call" } else { "subscribe_call" };
        client.emit(name, json!(["even"])).await;
    }
    client.ask("subscribe_call", json!(["other"])).await;
    server.tell("odd", "spanish", 1);
    server.tell("even", "spanish", 2);
    assert_eq!(client.updates(1).await, [("even".to_owned(), 2)]);
    client.expect_nothing().await;
}

#[tokio::test]
async fn unsubscribing_from_calls_leaves_single_calls() {
    let server = Server::start().await;
    let mut client = server.client().await;
    for options in [json!([{}]), json!([{ "queueId": "spanish" }]), json!([{ "queueId": "x" }])] {
        client.ask("subscribe_calls", options).await;
    }
    client.ask("subscribe_call", json!(["c1"])).await;
    client.ask("unsubscribe_calls", json!([{ "queueId": "x" }])).await;
    server.tell("c2", "spanish", 1);
    assert_eq!(client.updates(1).await, [("c2".to_owned(), 1)]);
    client.ask("unsubscribe_calls", json!([])).await;
    server.tell("c2", "spanish", 2);
    server.tell("c1", "spanish", 1);
    assert_eq!(client.updates(1).await, [("c1".to_owned(), 1)]);
    client.expect_nothing().await;
}

#[tokio::test]
async fn a_connection_follows_only_so_much() {
    let interest = InterestLimits { calls_max: 2, queues_max: 1 };
    let server = Server::with(Settings { interest, ..Settings::default() }, 100).await;
    let mut client = server.client().await;
    for id in ["c1", "c2", "c1"] {
        assert_eq!(client.ask("subscribe_call", json!([id])).await["recovered"], json!(false));
    }
    let answer = client.ask("subscribe_call", json!(["c3"])).await;
    assert_eq!(answer["error"]["code"], json!("too_many_subscriptions"));
    let told = "This connection follows 2 calls one by one, as many as it may; unsubscribe from some \
                first, or follow their queue, or all calls, with subscribe_calls";
    assert_eq!(answer["error"]["message"], json!(told));
    client.ask("unsubscribe_call", json!(["c1"])).await;
    assert_eq!(client.ask("subscribe_call", json!(["c3"])).await["recovered"], json!(false));
}

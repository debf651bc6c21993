//! Live updates, whichever database records: by long polling, as a stock client begins.

use serde_json::{Value, json};

use crate::{
    http::{KEY, Request},
    keys::join,
    say::{answered, ended, held, initiated, routed},
    world::{Server, World, soon},
};

on_every_database! {
    whoever_follows_a_call_hears_each_of_its_events_once_and_in_order
}

fn whoever_follows_a_call_hears_each_of_its_events_once_and_in_order(world: &World) {
    let server = world.start();
    let path = join(&server, KEY).expect("it may listen");
    let follows = format!("42{}", json!(["subscribe_call", "c"]));
    assert_eq!(server.ask(&Request::new("POST", &path).body(follows)).status, 200);
    for event in
        [initiated("c"), initiated("d"), routed("c", "ana"), answered("c"), held("c"), ended("c")]
    {
        server.record(&event);
    }
    let history = server.types("c");
    let mut heard = Vec::new();
    soon("the end of the call", || {
        heard.extend(updates(&server, &path));
        (history.len() <= heard.len()).then_some(())
    });
    let measured = server.get("/metrics").text();
    for name in ["switchboard_sockets 1", "switchboard_updates_sent_total"] {
        assert!(measured.contains(name), "{name} is not measured:\n{measured}");
    }
    let expected = history.iter().zip(1..).map(|(kind, seq)| json!([kind, seq, "c"]));
    assert_eq!(heard, expected.collect::<Vec<_>>());
}

/// What there is to hear, at least a ping.
fn updates(server: &Server, path: &str) -> Vec<Value> {
    let text = server.get(path).text();
    let packets = text.split('\u{1e}').filter_map(|packet| packet.strip_prefix("42"));
    let packets = packets.map(|packet| serde_json::from_str::<Value>(packet).expect("an event"));
    let updates = packets.filter(|packet| packet[0] == "call_status_update");
    updates
        .map(|update| json!([update[1]["eventType"], update[1]["seq"], update[1]["callId"]]))
        .collect()
}

//! Clients that read slowly, or not at all.

use std::time::Duration;

use realtime::Settings;
use serde_json::json;

use crate::server::{Server, update};

/// More than a buffer and what the operating system takes for a connection.
const BURST: u32 = 30_000;

#[tokio::test]
async fn a_client_that_reads_on_after_a_while_is_told_what_it_missed() {
    let server = Server::with(Settings::default(), 2_000).await;
    let mut asleep = server.client().await;
    let mut awake = server.client().await;
    asleep.ask("subscribe_calls", json!([{}])).await;
    awake.ask("subscribe_calls", json!([{}])).await;
    let mut heard = 0;
    for first in (1..=BURST).step_by(500) {
        server.bus.publish((first..first + 500).map(|seq| update("c1", "spanish", None, seq)));
        for (_, seq) in awake.updates(500).await {
            heard += 1;
            assert_eq!(seq, heard, "who reads is not held up by who does not");
        }
    }

    let mut last = 0;
    let resync = loop {
        let (name, heard) = asleep.next().await;
        if name == "resync" {
            break heard;
        }
        let seq = heard["seq"].as_u64().unwrap();
        assert_eq!(seq, last + 1, "nothing is skipped without a word");
        last = seq;
    };
    assert!(last < u64::from(BURST));
    assert_eq!(resync["position"], json!(server.bus.position(u64::from(BURST))));
    assert_eq!(resync["reason"], json!("too_slow"));
    server.tell("c1", "spanish", BURST + 1);
    assert_eq!(asleep.updates(1).await, [("c1".to_owned(), u64::from(BURST) + 1)]);
    asleep.expect_nothing().await;
}

#[tokio::test]
async fn a_slow_client_that_keeps_up_within_what_is_kept_misses_nothing() {
    let settings = Settings { buffer_packets_max: 32, ..Settings::default() };
    let server = Server::with(settings, 100_000).await;
    let mut client = server.client().await;
    client.ask("subscribe_calls", json!([{}])).await;
    server.bus.publish((1..=3_000).map(|seq| update("c1", "spanish", None, seq)));
    for first in (1..=3_000).step_by(100) {
        tokio::time::sleep(Duration::from_millis(2)).await;
        let seqs: Vec<_> = client.updates(100).await.into_iter().map(|(_, seq)| seq).collect();
        assert!(seqs.into_iter().eq(first..first + 100));
    }
}

#[tokio::test]
async fn a_heartbeat_finds_room_however_slow_the_client_is() {
    let settings = Settings {
        ping_every: Duration::from_millis(50),
        pong_within: Duration::from_secs(5),
        ..Settings::default()
    };
    let server = Server::with(settings, 100_000).await;
    let mut client = server.client().await;
    client.ask("subscribe_calls", json!([{}])).await;
    server.bus.publish((1..=BURST).map(|seq| update("c1", "spanish", None, seq)));
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(server.gateway.sockets(), 1);
    assert_eq!(client.updates(BURST as usize).await.len(), BURST as usize);
}

#[tokio::test]
async fn a_client_that_never_reads_is_cut_off() {
    let settings = Settings { stuck_for_max: Duration::from_millis(300), ..Settings::default() };
    let server = Server::with(settings, 100_000).await;
    let mut client = server.client().await;
    client.ask("subscribe_calls", json!([{}])).await;
    server.bus.publish((1..=BURST).map(|seq| update("c1", "spanish", None, seq)));
    let cut_off = async {
        while server.gateway.sockets() != 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), cut_off).await.unwrap();
}

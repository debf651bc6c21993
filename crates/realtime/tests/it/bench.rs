//! How fast it is, with the clients on the same cores. Not part of the suite:
//! `cargo test --release -p realtime --test it bench:: -- --ignored --nocapture --test-threads 1`

use std::time::{Duration, Instant};

use bus::News;
use futures_util::StreamExt;
use serde_json::json;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;

use crate::{
    client::Client,
    server::{Server, update},
};

/// Connects clients, has them follow something, and measures how long each update takes to each.
async fn measure(
    server: &Server,
    clients: usize,
    follow: impl Fn(usize) -> serde_json::Value,
    expected: usize,
    publish: impl AsyncFnOnce(&watch::Sender<Vec<Instant>>),
) -> Vec<Duration> {
    let (published, times) = watch::channel(Vec::new());
    let mut running = Vec::new();
    for number in 0..clients {
        let mut client = Client::connect(server.addr).await;
        client.ask("subscribe_calls", json!([follow(number)])).await;
        let times = times.clone();
        running.push(tokio::spawn(async move {
            let mut heard = Vec::with_capacity(expected);
            while heard.len() < expected {
                let message = client.stream().next().await;
                let Some(Ok(Message::Text(text))) = message else { panic!("{message:?}") };
                if text.as_str() == "2" {
                    client.send("3").await;
                    continue;
                }
                let seq = text.split_once("\"seq\":").expect("an update, and no resync").1;
                let seq: usize = seq[..seq.find(',').unwrap()].parse().unwrap();
                heard.push((seq, Instant::now()));
            }
            let times = times.borrow();
            heard.into_iter().map(|(seq, at)| at - times[seq]).collect::<Vec<_>>()
        }));
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    publish(&published).await;
    let mut delays = Vec::new();
    for client in running {
        delays.extend(client.await.unwrap());
    }
    delays.sort_unstable();
    delays
}

fn report(what: &str, delays: &[Duration]) {
    let at = |part: f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 delays")]
        let index = (delays.len() as f64 * part) as usize;
        delays[index.min(delays.len() - 1)]
    };
    let (half, most, all) = (at(0.5), at(0.99), at(1.0));
    eprintln!("{what}: {} delays, p50 {half:.1?}, p99 {most:.1?}, max {all:.1?}", delays.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn a_burst_to_a_thousand_clients() {
    let server = Server::start().await;
    for _ in 0..3 {
        let delays = measure(
            &server,
            1_000,
            |_| json!({}),
            300,
            async |published| {
                published.send_replace(vec![Instant::now(); 300]);
                let burst: Vec<News> =
                    (0..300).map(|seq| update("c1", "spanish", None, seq)).collect();
                server.bus.publish(burst);
            },
        )
        .await;
        report("300 updates to 1,000 clients", &delays);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn five_hundred_updates_a_second_over_four_queues() {
    let server = Server::start().await;
    let queue = |number: usize| format!("queue{}", number % 4);
    let follow = |number| json!({ "queueId": queue(number) });
    let delays = measure(&server, 50, follow, 625, async |published| {
        let mut every = tokio::time::interval(Duration::from_millis(2));
        for seq in 0..2_500_usize {
            every.tick().await;
            published.send_modify(|times| times.push(Instant::now()));
            let number = u32::try_from(seq).unwrap();
            server.bus.publish([update("c1", &queue(seq), None, number)]);
        }
    })
    .await;
    report("500 updates a second, 50 clients in 4 queues", &delays);
}

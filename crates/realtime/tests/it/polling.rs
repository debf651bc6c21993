//! Long polling, by hand.

use std::{net::SocketAddr, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::server::{Server, update};

/// Shorter than it takes until a heartbeat ends a poll.
const PATIENCE: Duration = Duration::from_secs(10);

async fn request(addr: SocketAddr, method: &str, sid: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let length = body.len();
    let request = format!(
        "{method} /socket.io/?EIO=4&transport=polling{sid} HTTP/1.1\r\nhost: {addr}\r\n\
         connection: close\r\ncontent-type: text/plain;charset=UTF-8\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.expect("an answer").unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

async fn open(addr: SocketAddr) -> String {
    let (status, open) = request(addr, "GET", "", "").await;
    assert_eq!(status, 200);
    let open: Value = serde_json::from_str(open.strip_prefix('0').unwrap()).unwrap();
    assert_eq!(open["upgrades"], json!(["websocket"]));
    format!("&sid={}", open["sid"].as_str().unwrap())
}

async fn poll(addr: SocketAddr, sid: &str) -> Vec<String> {
    let (status, packets) = request(addr, "GET", sid, "").await;
    assert_eq!(status, 200);
    packets.split('\u{1e}').filter(|it| *it != "2").map(str::to_owned).collect()
}

/// Polls until a packet begins like that, and says which came before it.
async fn poll_until(addr: SocketAddr, sid: &str, head: &str) -> Vec<String> {
    let mut packets = Vec::new();
    while !packets.iter().any(|packet: &String| packet.starts_with(head)) {
        packets.extend(poll(addr, sid).await);
    }
    packets
}

#[tokio::test]
async fn a_client_without_websocket_hears_the_same() {
    let server = Server::start().await;
    let sid = open(server.addr).await;
    assert_eq!(request(server.addr, "POST", &sid, "40").await, (200, "ok".to_owned()));
    poll_until(server.addr, &sid, "40{").await;
    let commands = "421[\"subscribe_call\",7]\u{1e}422[\"subscribe_calls\",{}]";
    assert_eq!(request(server.addr, "POST", &sid, commands).await.0, 200);
    let answers = poll_until(server.addr, &sid, "432[").await;
    assert!(answers.iter().any(|answer| answer.starts_with("431[{\"error\"")), "{answers:?}");
    server.bus.publish((1..=2_000).map(|seq| update("c1", "spanish", None, seq)));
    let mut seqs = Vec::new();
    while seqs.len() < 2_000 {
        for packet in poll(server.addr, &sid).await {
            let event: Value = serde_json::from_str(packet.strip_prefix("42").unwrap()).unwrap();
            seqs.push(event[1]["seq"].as_u64().unwrap());
        }
    }
    assert_eq!(seqs, (1..=2_000).collect::<Vec<_>>());
}

#[tokio::test]
async fn too_long_a_post_ends_the_session() {
    let server = Server::start().await;
    let sid = open(server.addr).await;
    let long = format!("42[\"subscribe_call\",\"{}\"]", "x".repeat(70_000));
    assert_eq!(request(server.addr, "POST", &sid, &long).await.0, 413);
    assert_eq!(request(server.addr, "POST", &sid, "40").await.0, 400);
}

#[tokio::test]
async fn a_session_nobody_opened_is_unknown() {
    let server = Server::start().await;
    assert_eq!(request(server.addr, "GET", "&sid=AAAAAAAAAAAAAAAA", "").await.0, 400);
    assert_eq!(request(server.addr, "PUT", "", "").await.0, 400);
}

//! How long after a restart many clients are right again: connected, subscribed from where they were,
//! and, where the server could not tell them what they missed, fetched again.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::http::{self, Target};
use crate::measure::{Delays, Summary};
use crate::socketio::{self, Heard, Socket};

#[derive(Args, Clone, Debug)]
pub struct Options {
    #[arg(long, default_value_t = 1000)]
    pub clients: usize,
}

#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub clients: usize,
    pub recovered: usize,
    /// From the server accepting again until a client is right
    pub latency: Summary,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { clients, recovered, latency } = self;
        write!(
            f,
            "reconnect: {clients} clients: {latency}; {recovered} recovered, the others fetched again"
        )
    }
}

/// Clients that are connected and wait for the server to go away.
#[derive(Debug)]
pub struct Waiting {
    addr: SocketAddr,
    clients: Vec<JoinHandle<Result<Right>>>,
}

/// When a client was right again, and whether the server knew what it had missed.
#[derive(Clone, Copy, Debug)]
struct Right {
    at: Instant,
    recovered: bool,
}

/// Connects, says so, and waits for somebody to restart the server.
pub async fn run(target: &Target, options: &Options) -> Result<Outcome> {
    let waiting = connect(target, options).await?;
    eprintln!("reconnect: {} clients are connected; restart the server now", options.clients);
    waiting.finish().await
}

pub async fn connect(target: &Target, options: &Options) -> Result<Waiting> {
    let mut clients = Vec::new();
    for _ in 0..options.clients {
        let mut socket = Socket::connect(target.addr).await?;
        let position = subscribe(&mut socket, &json!({})).await?["position"].take();
        clients.push(tokio::spawn(follow(target.clone(), socket, position)));
    }
    Ok(Waiting { addr: target.addr, clients })
}

impl Waiting {
    /// Waits until the server is gone and back and every client is right.
    pub async fn finish(self) -> Result<Outcome> {
        while TcpStream::connect(self.addr).await.is_ok() {
            sleep(Duration::from_millis(5)).await;
        }
        while TcpStream::connect(self.addr).await.is_err() {
            sleep(Duration::from_millis(5)).await;
        }
        let accepting_at = Instant::now();
        let (clients, mut recovered, mut delays) = (self.clients.len(), 0, Delays::default());
        for client in self.clients {
            let right = client.await??;
            recovered += usize::from(right.recovered);
            delays.add(right.at.saturating_duration_since(accepting_at));
        }
        Ok(Outcome { clients, recovered, latency: delays.summary() })
    }
}

async fn follow(target: Target, mut socket: Socket, mut position: Value) -> Result<Right> {
    while let Ok(packet) = socket.next().await {
        if let Heard::Update(update) = socketio::read(packet) {
            position = update.position().unwrap_or(position);
        }
    }
    drop(socket);
    let begun = Instant::now();
    loop {
        sleep(Duration::from_millis(fastrand::u64(20..200))).await;
        match become_right(&target, &position).await {
            Err(error) => ensure!(
                begun.elapsed() < Duration::from_secs(60),
                "not right after a minute: {error:#}"
            ),
            right => return right,
        }
    }
}

async fn become_right(target: &Target, position: &Value) -> Result<Right> {
    let mut socket = Socket::connect(target.addr).await?;
    let answer = subscribe(&mut socket, &json!({ "after": position })).await?;
    let recovered = answer["recovered"] == true;
    if !recovered {
        http::once(target, "GET", "/api/calls?limit=100", b"").await?;
    }
    Ok(Right { at: Instant::now(), recovered })
}

async fn subscribe(socket: &mut Socket, argument: &Value) -> Result<Value> {
    socket.emit("subscribe_calls", argument, |_| ()).await
}

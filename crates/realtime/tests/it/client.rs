//! A Socket.IO client over WebSocket, as small as the tests need.

use std::{collections::VecDeque, net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

/// Long enough for anything that comes at all.
const PATIENCE: Duration = Duration::from_secs(10);

/// Long enough for something that should not come.
const QUIET: Duration = Duration::from_millis(120);

pub(crate) type Connection = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(crate) struct Client {
    socket: Connection,
    heard: VecDeque<(String, Value)>,
    asked: u64,
    /// How much was received, pings aside.
    pub(crate) bytes: usize,
}

impl Client {
    /// A session that has not joined.
    pub(crate) async fn open(addr: SocketAddr) -> Self {
        let url = format!("ws://{addr}/socket.io/?EIO=4&transport=websocket");
        let (socket, _) = connect_async(url).await.unwrap();
        let mut client = Self { socket, heard: VecDeque::new(), asked: 0, bytes: 0 };
        let open = client.packet().await.unwrap();
        assert!(open.starts_with('0'), "{open}");
        client
    }

    pub(crate) async fn connect(addr: SocketAddr) -> Self {
        Self::connect_as(addr, "").await.unwrap()
    }

    /// Joins with that payload; the error is the one the server gave.
    pub(crate) async fn connect_as(addr: SocketAddr, auth: &str) -> Result<Self, Value> {
        let mut client = Self::open(addr).await;
        client.send(&format!("40{auth}")).await;
        let answer = client.packet().await.unwrap();
        match answer.strip_prefix("44") {
            Some(error) => Err(serde_json::from_str(error).unwrap()),
            None if answer.starts_with("40{\"sid\":") => Ok(client),
            None => panic!("{answer}"),
        }
    }

    pub(crate) async fn send(&mut self, packet: &str) {
        self.socket.send(Message::text(packet)).await.unwrap();
    }

    pub(crate) async fn send_binary(&mut self, bytes: &'static [u8]) {
        self.socket.send(Message::binary(bytes)).await.unwrap();
    }

    pub(crate) async fn emit(&mut self, name: &str, arguments: Value) {
        self.send(&format!("42{}", event(name, arguments))).await;
    }

    /// Emits and waits for the answer. What comes in between is kept.
    pub(crate) async fn ask(&mut self, name: &str, arguments: Value) -> Value {
        self.asked += 1;
        let asked = self.asked;
        self.send(&format!("42{asked}{}", event(name, arguments))).await;
        self.answer_to(asked).await
    }

    pub(crate) async fn answer_to(&mut self, asked: u64) -> Value {
        let head = format!("43{asked}[");
        loop {
            let packet = self.packet().await.expect("an answer");
            if packet.starts_with(&head) {
                let [answer]: [Value; 1] = serde_json::from_str(&packet[head.len() - 1..]).unwrap();
                return answer;
            }
            self.keep(&packet);
        }
    }

    /// The next event, and its argument.
    pub(crate) async fn next(&mut self) -> (String, Value) {
        loop {
            if let Some(heard) = self.heard.pop_front() {
                return heard;
            }
            let packet = self.packet().await.expect("another event");
            self.keep(&packet);
        }
    }

    /// The calls and `seq`s of as many updates.
    pub(crate) async fn updates(&mut self, count: usize) -> Vec<(String, u64)> {
        let mut updates = Vec::new();
        while updates.len() < count {
            let (name, update) = self.next().await;
            assert_eq!(name, "call_status_update", "{update}");
            updates.push((
                update["callId"].as_str().unwrap().to_owned(),
                update["seq"].as_u64().unwrap(),
            ));
        }
        updates
    }

    /// Nothing more comes.
    pub(crate) async fn expect_nothing(&mut self) {
        assert_eq!(self.heard, []);
        let packet = timeout(QUIET, self.packet()).await;
        assert!(packet.is_err(), "{packet:?}");
    }

    /// The server closes the connection, whatever it sends before.
    pub(crate) async fn expect_the_end(&mut self) {
        while self.packet().await.is_some() {}
    }

    /// The connection itself.
    pub(crate) fn stream(&mut self) -> &mut Connection {
        &mut self.socket
    }

    /// The next packet that is not a ping; `None` at the end.
    pub(crate) async fn packet(&mut self) -> Option<String> {
        timeout(PATIENCE, self.any_packet()).await.expect("a packet, or the end")
    }

    async fn any_packet(&mut self) -> Option<String> {
        loop {
            let Some(Ok(Message::Text(text))) = self.socket.next().await else { return None };
            match text.as_str() {
                "2" => self.send("3").await,
                "1" => return None,
                text => {
                    self.bytes += text.len();
                    return Some(text.to_owned());
                }
            }
        }
    }

    fn keep(&mut self, packet: &str) {
        let json = packet.strip_prefix("42").unwrap_or_else(|| panic!("{packet}"));
        let [Value::String(name), argument]: [Value; 2] = serde_json::from_str(json).unwrap()
        else {
            panic!("{packet}");
        };
        self.heard.push_back((name, argument));
    }
}

fn event(name: &str, arguments: Value) -> Value {
    let Value::Array(mut arguments) = arguments else { panic!("arguments are an array") };
    arguments.insert(0, json!(name));
    Value::Array(arguments)
}

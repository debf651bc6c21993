//! A server of our own, and news for it to tell.

use std::{net::SocketAddr, sync::Arc};

use axum::serve::ListenerExt;
use bus::{Bus, Limits, News};
use contract::{Alert, Call, CallStatus, CallStatusUpdate, CallType, EventType, Moment};
use lifecycle::Timestamp;
use realtime::{Gateway, Settings};
use tokio::net::TcpListener;

use crate::client::Client;

pub(crate) struct Server {
    pub(crate) addr: SocketAddr,
    pub(crate) bus: Arc<Bus>,
    pub(crate) gateway: Gateway,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(Settings::default(), 10_000).await
    }

    pub(crate) async fn with(settings: Settings, announcements_max: usize) -> Self {
        let bus = Arc::new(Bus::new(Limits { announcements_max, bytes_max: 64 << 20 }));
        let gateway = Gateway::new(bus.clone(), settings);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
        let router = gateway.router();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { addr, bus, gateway }
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.addr).await
    }

    /// An event of a call is recorded; its `seq` tells updates of one call apart.
    pub(crate) fn tell(&self, call: &str, queue: &str, seq: u32) {
        self.bus.publish([update(call, queue, None, seq)]);
    }
}

pub(crate) fn update(call: &str, queue: &str, left_queue: Option<&str>, seq: u32) -> News {
    let at = Moment(Timestamp(1_700_000_000_000));
    News::Call(Box::new(CallStatusUpdate {
        call_id: call.to_owned(),
        status: CallStatus::Waiting,
        event_type: EventType::CallInitiated,
        timestamp: at,
        metadata: None,
        seq,
        position: String::new(),
        left_queue_id: left_queue.map(str::to_owned),
        call: Call {
            priority: 0,
            id: call.to_owned(),
            kind: CallType::Voice,
            status: CallStatus::Waiting,
            queue_id: queue.to_owned(),
            start_time: at,
            end_time: None,
            version: seq,
            agent_id: Some("agent with a name of the usual length".to_owned()),
            offer: None,
            flags: Vec::new(),
            sla_due_at: Some(at),
            ring_due_at: None,
            hold_due_at: None,
        },
    }))
}

pub(crate) fn alert(id: &str) -> News {
    News::Alert(Box::new(Alert {
        id: id.to_owned(),
        call_id: "c1".to_owned(),
        rule: "sla_breached".to_owned(),
        message: "nobody answered".to_owned(),
        raised_at: Moment(Timestamp(0)),
        acknowledged_at: None,
        acknowledged_by: None,
    }))
}

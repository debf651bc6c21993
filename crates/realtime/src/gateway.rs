//! The door: what is mounted, counted and closed.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    http::{
        StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER},
    },
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use bus::Bus;
use contract::Problem;
use engineioxide::{
    DisconnectReason, TransportType, config::EngineIoConfig, service::EngineIoService,
};
use tokio::{
    task::AbortHandle,
    time::{sleep, timeout},
};

use crate::{
    follower::{PLACES_KEPT, resyncs},
    pump,
    sessions::Shared,
    settings::Settings,
};

const PATH: &str = "/socket.io";

/// The way out.
#[derive(Debug)]
pub struct Gateway {
    shared: Arc<Shared>,
    pump: AbortHandle,
    rechecking: Option<AbortHandle>,
}

impl Gateway {
    /// Takes announcements from that bus to whoever connects. Must be called in a runtime.
    pub fn new(bus: Arc<Bus>, settings: Settings) -> Self {
        let shared = Arc::new(Shared::new(bus, settings));
        // It is there from the start: an alarm on what is absent would never ring.
        resyncs().increment(0);
        let pump = tokio::spawn(pump::start(shared.clone())).abort_handle();
        let closed = shared.settings.may_read.is_some();
        let rechecking = closed.then(|| tokio::spawn(recheck(shared.clone())).abort_handle());
        Self { shared, pump, rechecking }
    }

    /// What serves `/socket.io`, to be merged into a router. Connections must allow upgrades.
    pub fn router(&self) -> Router {
        let service = EngineIoService::with_config(self.shared.clone(), self.transport());
        Router::new()
            .route_service(PATH, service.clone())
            .route_service(&format!("{PATH}/"), service)
            .layer(from_fn_with_state(self.shared.clone(), admit))
    }

    /// How many clients have joined.
    pub fn sockets(&self) -> usize {
        self.shared.joined()
    }

    /// Tells at any time which part of the way out has stopped, if one has.
    pub fn stopped(&self) -> impl Fn() -> Option<&'static str> + Send + Sync + use<> {
        let (pump, rechecking) = (self.pump.clone(), self.rechecking.clone());
        move || {
            if pump.is_finished() {
                return Some("the pump that takes updates to sockets");
            }
            let ended = rechecking.as_ref().is_some_and(AbortHandle::is_finished);
            ended.then_some("the check whether those who listen still may")
        }
    }

    /// Lets nobody in any longer and closes every connection. What is on its way still arrives, where
    /// clients take it within that time; they come back by themselves.
    pub async fn close(&self, within: Duration) {
        self.stop();
        let sockets = self.shared.close();
        for socket in &sockets {
            socket.close(DisconnectReason::ClosingServer);
        }
        let all_closed = async {
            for socket in &sockets {
                socket.closed().await;
            }
        };
        if timeout(within, all_closed).await.is_err() {
            tracing::debug!("Some clients did not take what was on its way to them");
        }
    }

    fn stop(&self) {
        self.pump.abort();
        if let Some(rechecking) = &self.rechecking {
            rechecking.abort();
        }
    }

    fn transport(&self) -> EngineIoConfig {
        let settings = &self.shared.settings;
        let bytes_max = usize::try_from(settings.payload_bytes_max).unwrap_or(usize::MAX);
        EngineIoConfig::builder()
            .req_path(PATH)
            .transports([TransportType::Polling, TransportType::Websocket])
            .ping_interval(settings.ping_every)
            .ping_timeout(settings.pong_within)
            .max_payload(settings.payload_bytes_max.into())
            .ws_max_message_size(bytes_max)
            .ws_max_frame_size(bytes_max)
            .ws_read_buffer_size(4096)
            .max_buffer_size(settings.buffer_packets_max.max(2 * PLACES_KEPT))
            .build()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Sees, for ever, whether those who listen still may.
async fn recheck(shared: Arc<Shared>) {
    loop {
        sleep(shared.settings.recheck_every).await;
        shared.recheck();
    }
}

/// Turns new sessions away while there are too many; those that exist go on.
async fn admit(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let mut parameters = request.uri().query().unwrap_or_default().split('&');
    let is_new = !parameters.any(|parameter| parameter.starts_with("sid="));
    if is_new && !shared.has_room() {
        return too_many();
    }
    next.run(request).await
}

fn too_many() -> Response {
    let (code, status) = ("too_many_connections", StatusCode::SERVICE_UNAVAILABLE);
    let detail = "too many clients listen already; come back in a moment".to_owned();
    let problem = Problem {
        kind: format!("/problems/{code}"),
        title: "Too many connections".to_owned(),
        status: status.as_u16(),
        message: detail.clone(),
        detail,
        code: code.to_owned(),
        issues: Vec::new(),
    };
    let headers = [(CONTENT_TYPE, "application/problem+json"), (RETRY_AFTER, "5")];
    (status, headers, serde_json::to_vec(&problem).unwrap_or_default()).into_response()
}

#[cfg(test)]
mod tests {
    use bus::Limits;

    use super::*;

    #[tokio::test]
    async fn a_pump_that_has_ended_is_told() {
        let bus = Arc::new(Bus::new(Limits { announcements_max: 10, bytes_max: 1 << 20 }));
        let gateway = Gateway::new(bus, Settings::default());
        let stopped = gateway.stopped();
        tokio::task::yield_now().await;
        assert_eq!(stopped(), None);
        gateway.pump.abort();
        while !gateway.pump.is_finished() {
            tokio::task::yield_now().await;
        }
        assert!(stopped().is_some_and(|part| part.contains("pump")));
    }
}

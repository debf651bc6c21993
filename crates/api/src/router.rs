//! Every route on one page.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn,
    routing::{MethodRouter, get, post, put},
};
use contract::Role;
use engine::Engine;
use store::Clock;

use crate::{
    Access, access, actions, agents, alerts, calls, dashboard, events, hands, metrics, openapi,
    page, problem::method_not_allowed, queues, request,
};

/// What every handler may use; a copy costs nothing.
#[derive(Clone)]
pub struct Api(Arc<Parts>);

impl Api {
    /// An API made of these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl std::ops::Deref for Api {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What an API is made of.
pub struct Parts {
    /// Takes events in and knows calls.
    pub engine: Arc<Engine>,
    /// Who may read and who may change.
    pub access: Arc<Access>,
    /// The time, to judge what events say of theirs.
    pub clock: Arc<dyn Clock>,
    /// Writes what is measured, for a scraper.
    pub measurements: Arc<dyn Fn() -> String + Send + Sync>,
    /// Names a part of the process beside the engine that has stopped, if one has.
    pub stopped: Arc<dyn Fn() -> Option<&'static str> + Send + Sync>,
}

/// The API, and the dashboard at every path that is not the API's.
pub fn router(api: Api) -> Router {
    // Each route asks for the role whose work it is.
    let work_of = |role| access::admit(api.clone(), role);
    let events = Router::new()
        .route("/api/events", post(events::post::handle))
        .route("/api/events/batch", post(events::batch::handle))
        .route_layer(access::admit_or(api.clone(), Role::Ingest, events::door::turned_away));
    let ingest = Router::new()
        .route("/api/events/validate", post(events::validate::handle))
        .route("/api/agents/{id}/heartbeat", post(agents::heartbeat))
        .route_layer(work_of(Role::Ingest));
    let supervise = Router::new()
        .route("/api/alerts/{id}/acknowledge", post(alerts::acknowledge))
        .route("/api/calls/{id}/reassign", post(hands::reassign))
        .route("/api/calls/{id}/end", post(hands::end))
        .route("/api/agents/{id}/free", post(hands::free))
        .route("/api/agents/{id}/presence", post(hands::presence))
        .route_layer(work_of(Role::Supervise));
    let reads = Router::new()
        .route("/api/calls", get(calls::list::handle))
        .route("/api/calls/{id}", get(calls::get::handle))
        .route("/api/calls/{id}/events", get(calls::history::handle))
        .route("/api/counts", get(calls::counts::handle))
        .route("/api/queues", get(queues::list))
        .route("/api/agents", get(agents::list))
        .route("/api/alerts", get(alerts::list))
        .route("/api/actions", get(actions::list))
        .route("/api/metrics/queues", get(metrics::queues))
        .route("/api/metrics/agents", get(metrics::agents))
        .route("/metrics", get(page::metrics))
        .route_layer(work_of(Role::Read));
    // Reading and changing at one path: each method asks for its own role.
    let both = |read: MethodRouter<Api>, change: MethodRouter<Api>, role| {
        read.route_layer(work_of(Role::Read)).merge(change.route_layer(work_of(role)))
    };
    let both = Router::new()
        .route("/api/queues/{id}", both(get(queues::get), put(queues::put), Role::Admin))
        .route("/api/agents/{id}", both(get(agents::get), put(agents::put), Role::Supervise));
    Router::new()
        .merge(events)
        .merge(ingest)
        .merge(supervise)
        .merge(reads)
        .merge(both)
        .route("/page.js", get(page::page_js))
        .route("/api/docs.js", get(page::docs_js))
        .route("/health", get(page::health))
        .route("/api/me", get(access::me))
        .route("/problems/{code}", get(page::problem))
        .route("/api/openapi.json", get(openapi::json))
        .route("/api/docs", get(openapi::page))
        .fallback(dashboard::serve)
        .method_not_allowed_fallback(|| async { method_not_allowed() })
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn(request::follow))
        .with_state(api)
}

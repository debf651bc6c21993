//! The description of the API: `OpenAPI` 3.1, made from the handlers and the types themselves.
//!
//! What is said over Socket.IO is described too, under `components.schemas`, so that one document is
//! the source of every client's types.

use axum::{
    http::StatusCode,
    response::{Html, Response},
};
use contract::{
    AlertUpdate, CallStatusUpdate, Resync, SubscribeAlerts, SubscribeCalls, Subscribed,
};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, SecurityScheme},
};

use crate::{alerts, answer, calls, events, queues};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Switchboard",
        description = "Keeps the life of every voice and video call of a contact centre. \
                       Events come in, calls move by the rules, and whoever asked is told.\n\n\
                       Live updates are sent over Socket.IO 4 at `/socket.io`; their payloads are \
                       among the schemas: `CallStatusUpdate`, `AlertUpdate`, `Resync`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        events::post::handle,
        events::batch::handle,
        events::validate::handle,
        calls::list::handle,
        calls::get::handle,
        calls::history::handle,
        queues::list,
        queues::get,
        queues::put,
        alerts::list,
        alerts::acknowledge,
    ),
    components(schemas(
        CallStatusUpdate, AlertUpdate, SubscribeCalls, SubscribeAlerts, Subscribed, Resync
    )),
    modifiers(&KeyHeader)
)]
struct Described;

struct KeyHeader;

impl Modify for KeyHeader {
    fn modify(&self, described: &mut utoipa::openapi::OpenApi) {
        let header = ApiKeyValue::new("X-API-Key");
        let scheme = SecurityScheme::ApiKey(ApiKey::Header(header));
        described.components.get_or_insert_default().add_security_scheme("key", scheme);
    }
}

/// The document, as JSON for people and programs.
pub fn document() -> String {
    Described::openapi().to_pretty_json().unwrap_or_default()
}

/// `GET /api/openapi.json`.
pub(crate) async fn json() -> Response {
    answer::json(StatusCode::OK, &Described::openapi())
}

/// `GET /api/docs`: the same for people.
pub(crate) async fn page() -> Html<&'static str> {
    Html(include_str!("docs.html"))
}

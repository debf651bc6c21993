//! `POST /api/events/validate`: would this payload be understood?

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use contract::{Incoming, Metadata, Problem as ProblemBody};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Api, answer, body,
    events::post::{BYTES_MAX, read},
    problem::Problem,
};

/// An event as it was understood.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Understood {
    event: &'static str,
    #[schema(value_type = String)]
    call_id: Arc<str>,
    metadata: Metadata,
}

/// Check a payload and record nothing.
///
/// Needs the role `ingest`. Says how the payload is understood, or everything that is wrong with it. Whether the call's state
/// would allow the event is not judged.
#[utoipa::path(post, path = "/api/events/validate", tag = "Events", request_body = Incoming,
    security(("key" = [])),
    responses(
        (status = 200, description = "It is valid.", body = Understood),
        (status = 400, description = "The payload is not valid.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(State(api): State<Api>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let bytes = body::read(&parts.headers, body, BYTES_MAX).await?;
    let event = read(&api, &body::json(&bytes)?)?;
    let understood =
        Understood { event: event.kind.name(), call_id: event.call_id, metadata: event.payload };
    Ok(answer::json(StatusCode::OK, &understood))
}

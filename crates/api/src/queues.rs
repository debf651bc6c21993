//! `/api/queues`: queues and their promises.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use contract::{Problem as ProblemBody, Queue, QueueChange};
use serde_json::json;

use crate::{Api, access::Who, answer, body, problem::Problem, request::Named};

/// Every queue, by id.
#[utoipa::path(get, path = "/api/queues", tag = "Queues",
    responses((status = 200, description = "The queues.", body = [Queue])))]
pub(crate) async fn list(State(api): State<Api>) -> Response {
    answer::json(StatusCode::OK, &api.engine.queues())
}

/// One queue.
#[utoipa::path(get, path = "/api/queues/{id}", tag = "Queues",
    params(("id" = String, Path, description = "The queue.")),
    responses(
        (status = 200, description = "The queue.", body = Queue),
        (status = 404, description = "There is no such queue.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn get(State(api): State<Api>, Named(id): Named) -> Result<Response, Problem> {
    let queue = api.engine.queue(&id).ok_or_else(|| {
        Problem::new(
            "queue_not_found",
            format!("there is no queue `{id}`; GET /api/queues lists them"),
        )
    })?;
    Ok(answer::json(StatusCode::OK, &queue))
}

/// Change a queue, or create it.
///
/// Needs the role `admin`. A part may be sent; what is left out stays, and a field that there is not is refused.
/// Timers that are armed keep the promise they were armed with.
#[utoipa::path(put, path = "/api/queues/{id}", tag = "Queues", request_body = QueueChange,
    params(("id" = String, Path, description = "The queue.")),
    security(("key" = [])),
    responses(
        (status = 200, description = "The queue as it now is.", body = Queue),
        (status = 400, description = "The payload is not valid.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn put(
    State(api): State<Api>,
    who: Who,
    Named(id): Named,
    request: Request,
) -> Result<Response, Problem> {
    let (_, asked) = body::asked(request).await?;
    let change = body::named(&id, QueueChange::read(&asked))?;
    let action = who.does("queue_changed", &id).with(&json!(change));
    let queue = api.engine.put_queue(&id, change, action).await?;
    Ok(answer::json(StatusCode::OK, &queue))
}

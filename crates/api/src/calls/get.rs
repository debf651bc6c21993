//! `GET /api/calls/:id`: one call.

use axum::{extract::State, http::StatusCode, response::Response};
use contract::{Call, Problem as ProblemBody};

use crate::{Api, answer, problem::Problem, request::Named};

/// One call, as it stands after its last event.
#[utoipa::path(get, path = "/api/calls/{id}", tag = "Calls",
    params(("id" = String, Path, description = "The call.")),
    responses(
        (status = 200, description = "The call.", body = Call),
        (status = 404, description = "There is no such call.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(State(api): State<Api>, Named(id): Named) -> Result<Response, Problem> {
    let call = api.engine.call(&id).await?.ok_or_else(|| Problem::no_call(&id))?;
    Ok(answer::json(StatusCode::OK, &call))
}

//! `GET /api/calls/:id`: one call.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
    response::Response,
};
use contract::{Call, Problem as ProblemBody};

use crate::{Api, answer, problem::Problem};

/// One call, as it stands after its last event.
#[utoipa::path(get, path = "/api/calls/{id}", tag = "Calls",
    params(("id" = String, Path, description = "The call.")),
    responses(
        (status = 200, description = "The call.", body = Call),
        (status = 404, description = "There is no such call.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    State(api): State<Api>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let id = path(id)?;
    let call = api.engine.call(&id).await?.ok_or_else(|| Problem::no_call(&id))?;
    Ok(answer::json(StatusCode::OK, &call))
}

/// The id in a path. No id has control characters, and a database may not even take them.
pub(crate) fn path(id: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    let wrong = |why: &str| Problem::new("invalid_path", format!("the id in the path {why}"));
    match id {
        Ok(Path(id)) if id.contains(char::is_control) => Err(wrong("has control characters")),
        Ok(Path(id)) => Ok(id),
        Err(_) => Err(wrong("is not UTF-8")),
    }
}

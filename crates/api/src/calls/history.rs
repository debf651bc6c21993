//! `GET /api/calls/:id/events`: what happened to a call.

use axum::{extract::State, response::Response};
use contract::{CallEvent, Problem as ProblemBody};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    Api,
    answer::{as_cursor, cursor, limit, page},
    calls::list::encode,
    problem::Problem,
    request::{Asked, Named},
};

const LIMIT: u32 = 10_000;

/// Which part of a history.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// At most so many events; 10,000 where it is left out, and never more.
    limit: Option<String>,
    /// From the `Link` of the page before.
    cursor: Option<String>,
}

/// A call's history, in the order of recording.
#[utoipa::path(get, path = "/api/calls/{id}/events", tag = "Calls",
    params(("id" = String, Path, description = "The call."), Part),
    responses(
        (status = 200, description = "The events. `Link` names the next page, if there is one.", body = [CallEvent]),
        (status = 404, description = "There is no such call.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    State(api): State<Api>,
    Asked(part): Asked<Part>,
    Named(id): Named,
) -> Result<Response, Problem> {
    let limit = limit(part.limit.as_deref(), LIMIT, LIMIT)?;
    let after = cursor(part.cursor.as_deref())?.unwrap_or(0);
    let after = u32::try_from(after).unwrap_or(u32::MAX);
    let events = api.engine.events(&id, after, limit + 1).await?;
    let mut events = events.ok_or_else(|| Problem::no_call(&id))?;
    let more = events.len() > limit as usize;
    events.truncate(limit as usize);
    let last = events.last().filter(|_| more).map(|event| as_cursor(event.seq.into()));
    let next =
        last.map(|last| format!("/api/calls/{}/events?limit={limit}&cursor={last}", encode(&id)));
    Ok(page(&events, next))
}

//! `/api/actions`: what people did on purpose, and who they were.

use axum::{extract::State, response::Response};
use contract::Action;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    Api,
    answer::{as_cursor, cursor, limit, page},
    problem::Problem,
    request::Asked,
};

const LIMIT: u32 = 100;
const LIMIT_MAX: u32 = 1_000;

/// Which actions.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// At most so many actions: 100 where it is left out, and never more than 1,000.
    limit: Option<String>,
    /// From the `Link` of the page before.
    cursor: Option<String>,
}

/// What people did, the newest first.
///
/// Changed settings, acknowledged alerts, keys made, rotated and revoked. They are kept for good.
#[utoipa::path(get, path = "/api/actions", tag = "Actions", params(Part),
    responses((status = 200, description = "The actions. `Link` names the next page, if there is one.", body = [Action])))]
pub(crate) async fn list(
    State(api): State<Api>,
    Asked(part): Asked<Part>,
) -> Result<Response, Problem> {
    let limit = limit(part.limit.as_deref(), LIMIT, LIMIT_MAX)?;
    let mut found = api.engine.actions(cursor(part.cursor.as_deref())?, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let last = found.last().filter(|_| more).map(|last| as_cursor(last.no));
    let next = last.map(|last| format!("/api/actions?limit={limit}&cursor={last}"));
    let actions = found.into_iter().map(|listed| listed.item).collect::<Vec<_>>();
    Ok(page(&actions, next))
}

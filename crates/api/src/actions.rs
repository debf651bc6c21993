//! `/api/actions`: what people did on purpose, and who they were.

use axum::{extract::State, response::Response};
use contract::Action;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    Api,
    answer::{as_cursor, cursor, limit, page},
    calls::list::encode,
    problem::Problem,
    request::Asked,
};

const LIMIT: u32 = 100;
const LIMIT_MAX: u32 = 1_000;

/// Which actions.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// Only what concerns this call, agent, queue, alert or key.
    target: Option<String>,
    /// At most so many actions: 100 where it is left out, and never more than 1,000.
    limit: Option<String>,
    /// From the `Link` of the page before.
    cursor: Option<String>,
}

/// What people did, the newest first.
///
/// Changed settings, acknowledged alerts, keys made, rotated and revoked; and each
/// answer that came too late (`late_answer`, by the key that sent it). They are kept for good.
#[utoipa::path(get, path = "/api/actions", tag = "Actions", params(Part),
    responses((status = 200, description = "The actions. `Link` names the next page, if there is one.", body = [Action])))]
pub(crate) async fn list(
    State(api): State<Api>,
    Asked(part): Asked<Part>,
) -> Result<Response, Problem> {
    let limit = limit(part.limit.as_deref(), LIMIT, LIMIT_MAX)?;
    let target = part.target.filter(|target| !target.is_empty());
    if target.as_ref().is_some_and(|target| target.contains(char::is_control)) {
        return Err(Problem::new("invalid_query", "`target` has control characters"));
    }
    let before = cursor(part.cursor.as_deref())?;
    let mut found = api.engine.actions(target.as_deref(), before, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let last = found.last().filter(|_| more).map(|last| as_cursor(last.no));
    let target = target.map(|it| format!("target={}&", encode(&it))).unwrap_or_default();
    let next = last.map(|last| format!("/api/actions?{target}limit={limit}&cursor={last}"));
    let actions = found.into_iter().map(|listed| listed.item).collect::<Vec<_>>();
    Ok(page(&actions, next))
}

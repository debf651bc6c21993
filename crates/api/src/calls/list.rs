//! `GET /api/calls`: a page of calls.

use std::fmt::Write;

use axum::{extract::State, response::Response};
use contract::{Call, CallStatus, Problem as ProblemBody};
use serde::Deserialize;
use store::CallFilter;
use utoipa::IntoParams;

use crate::{
    Api,
    answer::{as_cursor, cursor, limit, page},
    problem::Problem,
    request::Asked,
};

const LIMIT: u32 = 100;
const LIMIT_MAX: u32 = 1_000;

/// Which calls.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Filter {
    /// `waiting`, `active`, `on_hold` or `ended`; `all` or nothing for all of them.
    status: Option<String>,
    /// Only calls of this queue.
    #[serde(alias = "queue_id", alias = "queue")]
    #[param(rename = "queueId")]
    queue_id: Option<String>,
    /// At most so many calls: 100 where it is left out, and never more than 1,000.
    limit: Option<String>,
    /// From the `Link` of the page before.
    cursor: Option<String>,
}

/// Calls, the newest first.
#[utoipa::path(get, path = "/api/calls", tag = "Calls", params(Filter),
    responses(
        (status = 200, description = "The calls. `Link` names the next page, if there is one.", body = [Call]),
        (status = 400, description = "The query is not valid.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    State(api): State<Api>,
    Asked(filter): Asked<Filter>,
) -> Result<Response, Problem> {
    let status = status(filter.status.as_deref())?;
    let queue = filter.queue_id.filter(|queue| !queue.is_empty());
    if queue.as_ref().is_some_and(|queue| queue.contains(char::is_control)) {
        return Err(Problem::new("invalid_query", "`queueId` has control characters"));
    }
    let limit = limit(filter.limit.as_deref(), LIMIT, LIMIT_MAX)?;
    let before = cursor(filter.cursor.as_deref())?;
    let asked = CallFilter { status, queue: queue.clone(), before, limit: limit + 1 };
    let mut found = api.engine.calls(asked).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let last = found.last().filter(|_| more).map(|last| as_cursor(last.no));
    let next = last.map(|last| next(status, queue.as_deref(), limit, &last));
    let calls = found.into_iter().map(|listed| listed.item).collect::<Vec<_>>();
    Ok(page(&calls, next))
}

fn status(given: Option<&str>) -> Result<Option<CallStatus>, Problem> {
    match given {
        None | Some("" | "all") => Ok(None),
        Some(given) => CallStatus::named(given).map(Some).ok_or_else(|| {
            let detail = "`status` is `waiting`, `active`, `on_hold`, `ended` or `all`";
            Problem::new("invalid_query", detail)
        }),
    }
}

fn next(status: Option<CallStatus>, queue: Option<&str>, limit: u32, cursor: &str) -> String {
    let status = status.map(|it| format!("status={}&", it.name())).unwrap_or_default();
    let queue = queue.map(|it| format!("queueId={}&", encode(it))).unwrap_or_default();
    format!("/api/calls?{status}{queue}limit={limit}&cursor={cursor}")
}

/// Text as part of a URL.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            // Writing into a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

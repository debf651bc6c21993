//! `GET /api/calls`: a page of calls.

use std::fmt::Write;

use axum::{
    extract::State,
    http::{HeaderName, HeaderValue},
    response::Response,
};
use contract::{Call, CallStatus, Moment, Problem as ProblemBody};
use serde::Deserialize;
use store::{CallFilter, CountFilter, Listed, SEARCHED, Search, Searched, Stopped};
use utoipa::IntoParams;

use crate::{
    Api,
    answer::{as_cursor, cursor, limit, page},
    calls::counts::condition,
    problem::Problem,
    request::Asked,
};

const LIMIT: u32 = 100;
const LIMIT_MAX: u32 = 1_000;

/// When the last call began that was looked at, where there are more.
const BACK_TO: HeaderName = HeaderName::from_static("searched-back-to");

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
    /// Only calls that name this agent.
    #[param(rename = "agentId")]
    agent_id: Option<String>,
    /// Only calls with this flag; `any` for calls that have one.
    flag: Option<String>,
    /// Only calls with this text in their id, queue or agent.
    text: Option<String>,
    /// At most so many calls: 100 where it is left out, and never more than 1,000.
    limit: Option<String>,
    /// From the `Link` of the page before.
    cursor: Option<String>,
}

/// Calls, the newest first.
///
/// By agent, flag or text calls are searched: for one page at most 20,000 are looked at, so a page may
/// have few calls, or none, and a next page all the same. `Searched-Back-To` then says when the
/// last call began that was looked at.
#[utoipa::path(get, path = "/api/calls", tag = "Calls", params(Filter),
    responses(
        (status = 200, description = "The calls. `Link` names the next page, if there is one.", body = [Call],
            headers(("Searched-Back-To" = String, description = "Where calls are searched and there is a \
                next page: when the last call began that was looked at."))),
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
    let which = CountFilter {
        queue,
        agent: condition("agentId", filter.agent_id)?,
        flag: condition("flag", filter.flag)?,
        text: condition("text", filter.text)?,
    };
    let limit = limit(filter.limit.as_deref(), LIMIT, LIMIT_MAX)?;
    let before = cursor(filter.cursor.as_deref())?;
    let next = |no| next(status, &which, limit, &as_cursor(no));
    if which.agent.is_some() || which.flag.is_some() || which.text.is_some() {
        let (filter, limit) = (which.clone(), limit + 1);
        let asked = Search { status, filter, before, limit, among: SEARCHED };
        return Ok(found(api.engine.search(asked).await?, limit - 1, next));
    }
    let asked = CallFilter { status, queue: which.queue.clone(), before, limit: limit + 1 };
    let mut found = api.engine.calls(asked).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|last| next(last.no));
    Ok(page(&items(found), next))
}

/// A page of a search. It ends where it is full, or where enough calls were looked at.
fn found(searched: Searched, limit: u32, next: impl Fn(i64) -> String) -> Response {
    let Searched { mut calls, mut stopped } = searched;
    if calls.len() > limit as usize {
        calls.truncate(limit as usize);
        stopped = calls.last().map(|last| Stopped { no: last.no, began: last.item.start_time.0 });
    }
    let mut response = page(&items(calls), stopped.map(|stopped| next(stopped.no)));
    let back_to = stopped.map(|stopped| Moment(stopped.began).to_string());
    if let Some(back_to) = back_to.and_then(|at| HeaderValue::try_from(at).ok()) {
        response.headers_mut().insert(BACK_TO, back_to);
    }
    response
}

fn items(found: Vec<Listed<Call>>) -> Vec<Call> {
    found.into_iter().map(|listed| listed.item).collect()
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

fn next(status: Option<CallStatus>, which: &CountFilter, limit: u32, cursor: &str) -> String {
    let mut path = "/api/calls?".to_owned();
    let CountFilter { queue, agent, flag, text } = which;
    let given = [("queueId", queue), ("agentId", agent), ("flag", flag), ("text", text)];
    let given = given.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
    for (name, value) in status.map(|it| ("status", it.name())).into_iter().chain(given) {
        // Writing into a String cannot fail.
        let _ = write!(path, "{name}={}&", encode(value));
    }
    path + &format!("limit={limit}&cursor={cursor}")
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

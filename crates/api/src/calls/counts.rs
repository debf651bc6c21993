//! `GET /api/counts`: how many calls there are, under filters. Not below `/api/calls`, where it would
//! stand in the way of a call with that id.

use axum::{extract::State, http::StatusCode, response::Response};
use contract::{CallCounts, Moment, Problem as ProblemBody};
use serde::Deserialize;
use store::{CountFilter, ENDED_COUNTED};
use utoipa::IntoParams;

use crate::{Api, answer, problem::Problem, request::Asked};

const CHARS_MAX: usize = 255;

/// Which calls are counted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Filter {
    /// Only calls of this queue.
    #[param(rename = "queueId")]
    queue_id: Option<String>,
    /// Only calls that name this agent.
    #[param(rename = "agentId")]
    agent_id: Option<String>,
    /// Only calls with this flag; `any` for calls that have one.
    flag: Option<String>,
    /// Only calls with this text in their id, queue or agent.
    text: Option<String>,
}

/// How many calls there are.
///
/// All open calls are counted, and of those that ended the newest 1,000 (of the queue, where one is
/// named) are looked at.
#[utoipa::path(get, path = "/api/counts", tag = "Calls", params(Filter),
    responses(
        (status = 200, description = "How many.", body = CallCounts),
        (status = 400, description = "The query is not valid.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    State(api): State<Api>,
    Asked(asked): Asked<Filter>,
) -> Result<Response, Problem> {
    let filter = CountFilter {
        queue: condition("queueId", asked.queue_id)?,
        agent: condition("agentId", asked.agent_id)?,
        flag: condition("flag", asked.flag)?,
        text: condition("text", asked.text)?,
    };
    let counts = api.engine.counts(filter).await?;
    let counts = CallCounts {
        as_of: Moment(api.clock.now()),
        waiting: counts.waiting,
        ringing: counts.ringing,
        active: counts.active,
        on_hold: counts.on_hold,
        ended: counts.ended,
        ended_max: ENDED_COUNTED.into(),
    };
    Ok(answer::json(StatusCode::OK, &counts))
}

/// A condition of a query, if it is one.
pub(crate) fn condition(name: &str, given: Option<String>) -> Result<Option<String>, Problem> {
    let given = given.filter(|given| !given.is_empty());
    let is_wrong =
        |it: &String| it.chars().any(char::is_control) || it.chars().nth(CHARS_MAX).is_some();
    if given.as_ref().is_some_and(is_wrong) {
        let detail = format!("`{name}` is at most 255 characters, without control characters");
        return Err(Problem::new("invalid_query", detail));
    }
    Ok(given)
}

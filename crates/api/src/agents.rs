//! `/api/agents`: agents, what they do, and why calls are or are not offered to them.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use contract::{Agent, AgentChange, Problem as ProblemBody};
use serde_json::json;

use crate::{Api, access::Who, answer, body, problem::Problem, request::Named};

/// Every agent, by id.
#[utoipa::path(get, path = "/api/agents", tag = "Agents",
    responses((status = 200, description = "The agents.", body = [Agent])))]
pub(crate) async fn list(State(api): State<Api>) -> Result<Response, Problem> {
    let agents = api.engine.with_metrics(api.engine.agents().await?).await?;
    Ok(answer::json(StatusCode::OK, &agents))
}

/// One agent.
#[utoipa::path(get, path = "/api/agents/{id}", tag = "Agents",
    params(("id" = String, Path, description = "The agent.")),
    responses(
        (status = 200, description = "The agent.", body = Agent),
        (status = 404, description = "There is no such agent.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn get(State(api): State<Api>, Named(id): Named) -> Result<Response, Problem> {
    let agent = api.engine.agent(&id).await?.ok_or_else(|| not_found(&id))?;
    shown(&api, agent).await
}

/// Change an agent, or create one.
///
/// Needs the role `supervise`. A part may be sent; what is left out stays, and a field that there is not is refused.
/// Priorities are for queues that the agent serves. An agent with queues who is available is offered their calls. Becoming available starts anew: missed offers are forgiven, and a wrap-up is over.
#[utoipa::path(put, path = "/api/agents/{id}", tag = "Agents", request_body = AgentChange,
    params(("id" = String, Path, description = "The agent.")),
    security(("key" = [])),
    responses(
        (status = 200, description = "The agent as they now are.", body = Agent),
        (status = 400, description = "The payload is not valid.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn put(
    State(api): State<Api>,
    who: Who,
    Named(id): Named,
    request: Request,
) -> Result<Response, Problem> {
    let (_, asked) = body::asked(request).await?;
    // Where priorities come alone, they are for the queues that the agent serves already.
    let known = match asked.get("priorities") {
        Some(_) => api.engine.agent(&id).await?,
        None => None,
    };
    let serves = known.map(|agent| agent.queues).unwrap_or_default();
    let change = AgentChange::read(&asked, &serves, &|queue| api.engine.is_queue(queue));
    let change = body::named(&id, change)?;
    let mut action = who.does("agent_changed", &id).with(&json!(change));
    action.reason.clone_from(&change.reason);
    let agent = api.engine.put_agent(&id, change, action).await?;
    shown(&api, agent).await
}

/// An agent's tool is there.
///
/// Where the agent has `leaseSeconds`, their tool reports at least that often; otherwise they are
/// unreachable, and calls are offered to others, until it does.
/// No body is needed, and none with fields is taken.
#[utoipa::path(post, path = "/api/agents/{id}/heartbeat", tag = "Agents",
    params(("id" = String, Path, description = "The agent.")),
    security(("key" = [])),
    responses(
        (status = 200, description = "The agent as they now are.", body = Agent),
        (status = 400, description = "A heartbeat has no fields.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such agent.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn heartbeat(
    State(api): State<Api>,
    Named(id): Named,
    request: Request,
) -> Result<Response, Problem> {
    let asked = body::asked_or_none(request).await?;
    contract::heartbeat(&asked).map_err(Problem::invalid_payload)?;
    let agent = api.engine.heartbeat(&id).await?.ok_or_else(|| not_found(&id))?;
    Ok(answer::json(StatusCode::OK, &agent))
}

/// The agent, with what they did today.
pub(crate) async fn shown(api: &Api, agent: Agent) -> Result<Response, Problem> {
    let agent = api.engine.with_metrics(vec![agent]).await?;
    Ok(answer::json(StatusCode::OK, &agent[0]))
}

pub(crate) fn not_found(id: &str) -> Problem {
    Problem::new(
        "agent_not_found",
        format!("there is no agent `{id}`; GET /api/agents lists those there are"),
    )
}

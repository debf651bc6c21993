//! A supervisor's hands: calls sent elsewhere or ended, agents freed or set away. Each needs the role
//! `supervise` and a reason, and is an action in the record.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use contract::{Agent, Call, OnPurpose, PresenceChange, Problem as ProblemBody, Reassignment};
use engine::{NotFreed, Receipt, SubmitError};

use crate::{
    Api,
    access::Who,
    agents::{not_found, shown},
    answer, body,
    events::post::{idempotency_key, marked},
    problem::Problem,
    request::Named,
};

/// Send a caller who waits to an agent or into a queue.
///
/// Needs the role `supervise`. Where an agent's phone rings for the call, it stops: that is no miss,
/// and an answer to that offer is refused. The promise to the caller runs on; a call that was given
/// up is offered again.
#[utoipa::path(post, path = "/api/calls/{id}/reassign", tag = "Calls", request_body = Reassignment,
    params(("id" = String, Path, description = "The call."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")),
    security(("key" = [])),
    responses(
        (status = 200, description = "The call as it now stands.", body = Call),
        (status = 400, description = "The payload is not valid.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such call, or no such agent.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The call does not wait, or cannot ring at that agent's.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The key was used for something else.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn reassign(
    State(api): State<Api>,
    who: Who,
    Named(id): Named,
    request: Request,
) -> Result<Response, Problem> {
    let (headers, asked) = body::asked(request).await?;
    let asked = Reassignment::read(&asked, &|queue| api.engine.is_queue(queue));
    let (to, reason) = asked.map_err(Problem::invalid_payload)?;
    let key = idempotency_key(&headers)?;
    let action = who.does("call_reassigned", &id).because(reason);
    let done = api.engine.reassign(&id, to, action, key).await;
    let hint = "only a caller who waits is sent elsewhere; to have one wait again, free the agent \
                with POST /api/agents/:id/free";
    call(&api, &id, done, hint).await
}

/// End a call that hangs.
///
/// Needs the role `supervise`. Recorded as `call_ended` with `endReason` `failed`; no survey follows,
/// and the agent is released. Nothing is said to the telephony: this puts the record right.
#[utoipa::path(post, path = "/api/calls/{id}/end", tag = "Calls", request_body = OnPurpose,
    params(("id" = String, Path, description = "The call."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")),
    security(("key" = [])),
    responses(
        (status = 200, description = "The call as it now stands.", body = Call),
        (status = 400, description = "The payload is not valid.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such call.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The call is over already.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The key was used for something else.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn end(
    State(api): State<Api>,
    who: Who,
    Named(id): Named,
    request: Request,
) -> Result<Response, Problem> {
    let (headers, asked) = body::asked(request).await?;
    let reason = OnPurpose::read(&asked).map_err(Problem::invalid_payload)?;
    let key = idempotency_key(&headers)?;
    let action = who.does("call_ended", &id).because(reason);
    let done = api.engine.end_call(&id, action, key).await;
    call(&api, &id, done, "there is nothing left to end").await
}

/// Free an agent from the call that names them.
///
/// Needs the role `supervise`. The caller is not dropped: a call that rings goes back to waiting,
/// which is no miss; one they talk in or hold waits in its queue anew. Where several calls name them,
/// each is a transaction and an action of its own.
#[utoipa::path(post, path = "/api/agents/{id}/free", tag = "Agents", request_body = OnPurpose,
    params(("id" = String, Path, description = "The agent.")),
    security(("key" = [])),
    responses(
        (status = 200, description = "The agent as they now are.", body = Agent),
        (status = 400, description = "The payload is not valid.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such agent.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "No open call names them.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn free(
    State(api): State<Api>,
    who: Who,
    Named(id): Named,
    request: Request,
) -> Result<Response, Problem> {
    let (_, asked) = body::asked(request).await?;
    let reason = OnPurpose::read(&asked).map_err(Problem::invalid_payload)?;
    let action = who.does("agent_freed", &id).because(reason);
    let agent = api.engine.free_agent(&id, action).await.map_err(|error| match error {
        NotFreed::Unknown => not_found(&id),
        NotFreed::NotEngaged => Problem::new(
            "agent_not_engaged",
            format!(
                "no open call names `{id}`, so there is nothing to free them from; \
                 GET /api/agents/{id} says in `reason` why no call is offered"
            ),
        ),
        NotFreed::Submit(error) => error.into(),
        NotFreed::Store(error) => error.into(),
    })?;
    shown(&api, agent).await
}

/// Say for an agent whether they take calls.
///
/// Needs the role `supervise`. The reason is kept with the presence and in the record of actions.
/// A call they have goes on.
#[utoipa::path(post, path = "/api/agents/{id}/presence", tag = "Agents", request_body = PresenceChange,
    params(("id" = String, Path, description = "The agent.")),
    security(("key" = [])),
    responses(
        (status = 200, description = "The agent as they now are.", body = Agent),
        (status = 400, description = "The payload is not valid.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such agent.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn presence(
    State(api): State<Api>,
    who: Who,
    Named(id): Named,
    request: Request,
) -> Result<Response, Problem> {
    let (_, asked) = body::asked(request).await?;
    let (presence, reason) = PresenceChange::read(&asked).map_err(Problem::invalid_payload)?;
    let action = who.does("presence_set", &id).because(reason);
    let agent = api.engine.set_presence(&id, presence, action).await?;
    shown(&api, agent.ok_or_else(|| not_found(&id))?).await
}

/// The call after what was done to it; `hint` is what to do where the rules do not allow it.
async fn call(
    api: &Api,
    id: &str,
    done: Result<Receipt, SubmitError>,
    hint: &str,
) -> Result<Response, Problem> {
    let Receipt { replayed, .. } = done.map_err(|error| match error {
        SubmitError::Refused(refusal) => Problem::new("refused", format!("{refusal}; {hint}")),
        SubmitError::UnknownCall(id) => Problem::no_call(&id),
        other => other.into(),
    })?;
    let call = api.engine.call(id).await?.ok_or_else(|| Problem::no_call(id))?;
    Ok(marked(answer::json(StatusCode::OK, &call), replayed))
}

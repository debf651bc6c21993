//! `POST /api/events`: one event.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::Response,
};
use contract::{CallEvent, Incoming, IncomingEvent, Problem as ProblemBody, decode, id_issue};
use engine::Receipt;
use serde_json::Value;

use crate::{
    Api,
    access::Who,
    answer, body,
    events::door::{not_valid, turned_away},
    problem::Problem,
};

/// The largest body of one event: 1 MiB.
pub(crate) const BYTES_MAX: usize = 1 << 20;

/// Record one event.
///
/// Needs the role `ingest`. Answers after the event, its effect on the call and its timers are on disk. A repeat with the
/// same `Idempotency-Key` (or `eventId`) gets the same answer, with `Idempotency-Replayed: true`.
#[utoipa::path(post, path = "/api/events", tag = "Events", request_body = Incoming,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless; wins over `eventId`.")),
    security(("key" = [])),
    responses(
        (status = 201, description = "It is recorded.", body = CallEvent),
        (status = 400, description = "The payload is not valid.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "A key is needed.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such call.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The call's state does not allow it.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The key was used for another event.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The store is away, or too much waits. `Retry-After` says when to try again.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    State(api): State<Api>,
    who: Who,
    request: Request,
) -> Result<Response, Problem> {
    let (headers, body) = asked(request).await.inspect_err(turned_away)?;
    let event = read(&api, &body).and_then(|event| {
        let key = idempotency_key(&headers)?.or(event.key);
        Ok(IncomingEvent { key, ..event })
    });
    let event = event.inspect_err(|problem| not_valid(&body, problem))?;
    let Receipt { event, replayed } = api.engine.submit(event, who.0).await?;
    Ok(marked(answer::json(StatusCode::CREATED, &*event), replayed))
}

async fn asked(request: Request) -> Result<(HeaderMap, Value), Problem> {
    let (parts, body) = request.into_parts();
    let bytes = body::read(&parts.headers, body, BYTES_MAX).await?;
    Ok((parts.headers, body::json(&bytes)?))
}

/// The answer, marked where an earlier request was the one that recorded.
pub(crate) fn marked(mut response: Response, replayed: bool) -> Response {
    if replayed {
        response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    response
}

/// A valid event, or everything that is wrong with it.
pub(crate) fn read(api: &Api, body: &Value) -> Result<IncomingEvent, Problem> {
    decode(body, api.clock.now(), &|queue| api.engine.is_queue(queue))
        .map_err(Problem::invalid_payload)
}

/// The key in the header, bare or as a quoted string.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<Arc<str>>, Problem> {
    let mut all = headers.get_all("idempotency-key").iter();
    let Some(given) = all.next() else { return Ok(None) };
    let wrong = |why: &str| Problem::new("invalid_key", format!("`Idempotency-Key`: {why}"));
    if all.next().is_some() {
        return Err(wrong("given more than once; send one, with one key"));
    }
    let given = std::str::from_utf8(given.as_bytes()).map_err(|_| wrong("not UTF-8"))?.trim();
    let key = match given.strip_prefix('"').map(|rest| rest.strip_suffix('"')) {
        None => given.to_owned(),
        Some(Some(quoted)) => quoted.replace("\\\"", "\"").replace("\\\\", "\\"),
        Some(None) => return Err(wrong("the quotation mark is not closed")),
    };
    match id_issue(&key, &[]) {
        Some(issue) => Err(wrong(&issue.message)),
        None => Ok(Some(key.into())),
    }
}

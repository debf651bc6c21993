//! `POST /api/events/batch`: many events at once.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use contract::{BatchAnswer, Incoming, Issue, Problem as ProblemBody};
use engine::Receipt;
use serde_json::Value;

use crate::{
    Api,
    access::Who,
    answer, body,
    events::{
        door::{not_valid, turned_away},
        post::read,
    },
    problem::{Causes, Problem},
};

const BYTES_MAX: usize = 8 << 20;
const EVENTS_MAX: usize = 1_000;

/// Record up to 1,000 events: a JSON array, or one event a line (NDJSON).
///
/// Needs the role `ingest`. Each event is answered by itself, in order; one bad event does not hold up the others. Events of
/// one call are taken in the order they are given. Give each event an `eventId` to make a repeat harmless; a batch with
/// the header `Idempotency-Key` is refused.
#[utoipa::path(post, path = "/api/events/batch", tag = "Events", request_body = [Incoming],
    security(("key" = [])),
    responses(
        (status = 200, description = "One answer per event, in order.", body = [BatchAnswer]),
        (status = 400, description = "Not an array of events and not one event a line, or an `Idempotency-Key`.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    State(api): State<Api>,
    who: Who,
    request: Request,
) -> Result<Response, Problem> {
    let items = asked(request).await.inspect_err(turned_away)?;
    let done = submit_all(&api, &who, items).await;
    let causes = done.iter().filter_map(|done| done.as_ref().err()?.cause());
    let causes = causes.collect::<BTreeSet<_>>();
    let answers = done.into_iter().map(|done| done.map_or_else(refused, recorded));
    let mut response = answer::json(StatusCode::OK, &answers.collect::<Vec<_>>());
    if !causes.is_empty() {
        response.extensions_mut().get_or_insert_default::<Causes>().0.extend(causes);
    }
    Ok(response)
}

async fn asked(request: Request) -> Result<Vec<Result<Value, Problem>>, Problem> {
    let (parts, body) = request.into_parts();
    let bytes = body::read(&parts.headers, body, BYTES_MAX).await?;
    // One key cannot stand for many events; who sends one relies on it.
    if parts.headers.contains_key("idempotency-key") {
        let detail = "a batch takes no `Idempotency-Key`; give each event an `eventId`, and leave \
                      the header out";
        return Err(Problem::new("invalid_key", detail));
    }
    let items = items(&bytes)?;
    if items.len() > EVENTS_MAX {
        let detail = format!("a batch may have {EVENTS_MAX} events; this one has {}", items.len());
        return Err(Problem::new("body_too_large", detail));
    }
    Ok(items)
}

/// The items of a batch; a line that is not JSON is a problem of that line alone.
fn items(bytes: &[u8]) -> Result<Vec<Result<Value, Problem>>, Problem> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'[') {
        let Value::Array(items) = body::json(bytes)? else { return Ok(Vec::new()) };
        return Ok(items.into_iter().map(Ok).collect());
    }
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let items = lines.map(body::json).collect::<Vec<_>>();
    if items.iter().all(Result::is_err) {
        let issue = Issue::new("invalid_json", &[], "an array of events, or one event a line");
        return Err(Problem::invalid_payload(vec![issue]));
    }
    Ok(items)
}

/// Hands every event to its lane, in order, before it waits for the first answer.
async fn submit_all(
    api: &Api,
    who: &Who,
    items: Vec<Result<Value, Problem>>,
) -> Vec<Result<Receipt, Problem>> {
    let read = |item: Result<Value, Problem>| {
        let item = item.inspect_err(turned_away)?;
        read(api, &item).inspect_err(|problem| not_valid(&item, problem))
    };
    let waiting = items
        .into_iter()
        .map(|item| read(item).map(|event| api.engine.enqueue(event, who.0.clone())))
        .collect::<Vec<_>>();
    // The last first: with it the others are there as well, and are not waited for one by one.
    let mut answers = Vec::with_capacity(waiting.len());
    for sent in waiting.into_iter().rev() {
        let done = match sent {
            Ok(answer) => answer.await.map_err(Problem::from),
            Err(problem) => Err(problem),
        };
        answers.push(done);
    }
    answers.reverse();
    answers
}

fn recorded(Receipt { event, replayed }: Receipt) -> BatchAnswer {
    let event = Some(Arc::unwrap_or_clone(event));
    BatchAnswer { status: 201, replayed, event, problem: None }
}

fn refused(problem: Problem) -> BatchAnswer {
    let problem = problem.body();
    BatchAnswer { status: problem.status, replayed: false, event: None, problem: Some(problem) }
}

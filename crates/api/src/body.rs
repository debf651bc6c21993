//! Reading a body: bounded in size and in time, and JSON or a problem that says where it is not.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, header},
};
use contract::{Issue, id_issue};
use http_body_util::BodyExt;
use serde_json::Value;

use crate::problem::Problem;

/// A body that is one small object: what to change, or why.
const SMALL_BYTES_MAX: usize = 64 << 10;
const WITHIN: Duration = Duration::from_secs(10);
/// How much of a body that is too large is read all the same, and for how long: a client that is
/// still sending when the connection closes never sees why.
const DISCARDED_MAX: usize = 32 << 20;
const DISCARDED_WITHIN: Duration = Duration::from_secs(2);

/// The bytes of a body.
pub(crate) async fn read(
    headers: &HeaderMap,
    mut body: Body,
    bytes_max: usize,
) -> Result<Bytes, Problem> {
    let told = headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok());
    let read = if told.is_some_and(|told: usize| bytes_max < told) {
        Err(None)
    } else {
        tokio::time::timeout(WITHIN, collect(&mut body, bytes_max)).await.unwrap_or_else(|_| {
            Err(Some(Problem::new("body_too_slow", "the body did not arrive within 10 s")))
        })
    };
    match read {
        Ok(read) => Ok(read.into()),
        Err(Some(problem)) => Err(problem),
        Err(None) => {
            // Who asks before sending is told before sending.
            if !headers.contains_key(header::EXPECT) {
                let _ = tokio::time::timeout(DISCARDED_WITHIN, discard(&mut body)).await;
            }
            let detail = format!("a body may have {bytes_max} bytes at most");
            Err(Problem::new("body_too_large", detail))
        }
    }
}

/// The rest of a body; an error without a problem where that is too much.
async fn collect(body: &mut Body, bytes_max: usize) -> Result<Vec<u8>, Option<Problem>> {
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            Some(Problem::new("body_too_slow", "the body ended before it was complete"))
        })?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes_max < read.len() + data.len() {
            return Err(None);
        }
        read.extend_from_slice(&data);
    }
    Ok(read)
}

async fn discard(body: &mut Body) {
    let mut bytes = 0;
    while let Some(Ok(frame)) = body.frame().await {
        bytes += frame.data_ref().map_or(0, Bytes::len);
        if DISCARDED_MAX < bytes {
            return;
        }
    }
}

/// A body as JSON.
pub(crate) fn json(bytes: &[u8]) -> Result<Value, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        Problem::invalid_payload(vec![Issue::new(
            "invalid_json",
            &[],
            format!("not JSON: {error}"),
        )])
    })
}

/// What a request with a small body asks for, and its headers.
pub(crate) async fn asked(request: Request) -> Result<(HeaderMap, Value), Problem> {
    let (parts, body) = request.into_parts();
    let asked = json(&read(&parts.headers, body, SMALL_BYTES_MAX).await?)?;
    Ok((parts.headers, asked))
}

/// The body of a request that needs none: an empty object where there is nothing in it.
pub(crate) async fn asked_or_none(request: Request) -> Result<Value, Problem> {
    let (parts, body) = request.into_parts();
    let bytes = read(&parts.headers, body, SMALL_BYTES_MAX).await?;
    if bytes.trim_ascii().is_empty() {
        Ok(Value::Object(serde_json::Map::new()))
    } else {
        json(&bytes)
    }
}

/// What was read for the thing in the path, or everything that is wrong with the body and the id.
pub(crate) fn named<T>(id: &str, read: Result<T, Vec<Issue>>) -> Result<T, Problem> {
    let wrong = id_issue(id, &["id"]);
    match (read, wrong) {
        (Ok(read), None) => Ok(read),
        (read, wrong) => {
            let issues = read.err().into_iter().flatten().chain(wrong).collect();
            Err(Problem::invalid_payload(issues))
        }
    }
}

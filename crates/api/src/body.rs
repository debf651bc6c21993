//! Reading a body: bounded in size and in time, and JSON or a problem that says where it is not.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, header},
};
use contract::Issue;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::Value;

use crate::problem::Problem;

const WITHIN: Duration = Duration::from_secs(10);

/// The bytes of a body.
pub(crate) async fn read(
    headers: &HeaderMap,
    body: Body,
    bytes_max: usize,
) -> Result<Bytes, Problem> {
    let too_large =
        || Problem::new("body_too_large", format!("a body may have {bytes_max} bytes at most"));
    let told = headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok());
    if told.is_some_and(|told: usize| bytes_max < told) {
        return Err(too_large());
    }
    match tokio::time::timeout(WITHIN, Limited::new(body, bytes_max).collect()).await {
        Ok(Ok(read)) => Ok(read.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(Problem::new("body_too_slow", "the body ended before it was complete")),
        Err(_) => Err(Problem::new("body_too_slow", "the body did not arrive within 10 s")),
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

/// A body as JSON of a type, where only its shape can be wrong.
pub(crate) fn typed<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let value = json(bytes)?;
    if !value.is_object() {
        let issue = Issue::new("invalid_type", &[], "one JSON object is expected");
        return Err(Problem::invalid_payload(vec![issue]));
    }
    serde_json::from_value(value).map_err(|error| {
        Problem::invalid_payload(vec![Issue::new("invalid_type", &[], error.to_string())])
    })
}

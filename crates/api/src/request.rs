//! Every request has an id: in its answer, in what is logged while it is served, and with the cause
//! of its failure, which is logged here. What it names
//! in its path and asks for in its query is read here.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use axum::{
    extract::{FromRequestParts, Path, Query, Request},
    http::{HeaderValue, StatusCode, request::Parts},
    middleware::Next,
    response::Response,
};
use serde::de::DeserializeOwned;
use tracing::{Instrument, debug, debug_span, error};
use uuid::Uuid;

use crate::problem::{Cause, Causes, Problem};

const HEADER: &str = "x-request-id";

pub(crate) async fn follow(request: Request, next: Next) -> Response {
    let id = given(&request).unwrap_or_else(made);
    let span = debug_span!("request", request.id = id.to_str().unwrap_or_default());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let began = Instant::now();
    let mut response = async {
        let response = next.run(request).await;
        let status = response.status();
        let micros = began.elapsed().as_micros();
        debug!(%method, path, status = status.as_u16(), micros, "{method} {path}: {status}");
        response
    }
    .instrument(span)
    .await;
    // The span is there for debugging alone: whoever is told an id finds it at every level.
    let known = id.to_str().unwrap_or_default();
    match response.extensions_mut().remove() {
        Some(Causes(causes)) => {
            for Cause { code, why } in causes {
                error!(
                    request.id = known, %method, path, problem.code = code, error = why,
                    "{method} {path} was answered `{code}`: {why}"
                );
            }
        }
        None if response.status() == StatusCode::INTERNAL_SERVER_ERROR => {
            error!(request.id = known, %method, path, "{method} {path} failed");
        }
        None => {}
    }
    response.headers_mut().insert(HEADER, id);
    response
}

/// The client's own id, where it is short and plain.
fn given(request: &Request) -> Option<HeaderValue> {
    let id = request.headers().get(HEADER)?;
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    (1..=128).contains(&id.len()).then_some(())?;
    id.as_bytes().iter().all(plain).then(|| id.clone())
}

/// An id of our own: this process, then a number.
fn made() -> HeaderValue {
    static PROCESS: LazyLock<String> = LazyLock::new(|| {
        let id = Uuid::now_v7().simple().to_string();
        format!("{}{}", &id[..10], &id[26..])
    });
    static REQUESTS: AtomicU64 = AtomicU64::new(0);
    let number = REQUESTS.fetch_add(1, Ordering::Relaxed);
    HeaderValue::try_from(format!("{}-{number:08x}", *PROCESS))
        .unwrap_or(HeaderValue::from_static("unknown"))
}

/// The id in a path. No id has control characters, and a database may not even take them.
pub(crate) struct Named(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let wrong = |why: &str| Problem::new("invalid_path", format!("the id in the path {why}"));
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(id)) if id.contains(char::is_control) => Err(wrong("has control characters")),
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(wrong("is not UTF-8")),
        }
    }
}

/// The parameters of a query. Each may be given once, in UTF-8.
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let wrong = || {
            let detail = "the query is not valid: each filter is given once, in UTF-8";
            Problem::new("invalid_query", detail)
        };
        // The library would put a mark in place of what is not UTF-8, and look for that.
        if !parts.uri.query().is_none_or(is_utf8) {
            return Err(wrong());
        }
        Query::try_from_uri(&parts.uri).map(|Query(asked)| Self(asked)).map_err(|_| wrong())
    }
}

/// Whether the bytes that a query stands for are UTF-8.
fn is_utf8(query: &str) -> bool {
    let mut bytes = Vec::with_capacity(query.len());
    let mut rest = query.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.filter(|_| *first == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    std::str::from_utf8(&bytes).is_ok()
}

//! Every request has an id: in its answer, and in what is logged while it is served.

use std::time::Instant;

use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument, debug, debug_span};
use uuid::Uuid;

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
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(request.id = ?id, "{method} {path} failed");
        }
        response
    }
    .instrument(span)
    .await;
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

fn made() -> HeaderValue {
    let mut text = Uuid::encode_buffer();
    let id = Uuid::now_v7().hyphenated().encode_lower(&mut text);
    HeaderValue::from_str(id).unwrap_or(HeaderValue::from_static("unknown"))
}

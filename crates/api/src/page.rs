//! What is not the API itself: health, measurements, and what each problem means.

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    Api, answer,
    problem::{CODES, Problem},
};

const PROBLEMS: &str = include_str!("../../../docs/problems.md");

/// The scripts of pages: files of their own, so that a strict content policy can hold.
pub(crate) async fn page_js() -> Response {
    script(include_str!("page.js"))
}

/// See [`page_js()`].
pub(crate) async fn docs_js() -> Response {
    script(include_str!("docs.js"))
}

fn script(text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], text).into_response()
}

/// `GET /health`: whether every part that is needed answers.
pub(crate) async fn health(State(api): State<Api>) -> Response {
    match api.engine.healthy().await {
        Ok(()) => answer::json(StatusCode::OK, &serde_json::json!({ "status": "ok" })),
        Err(error) => {
            tracing::warn!(%error, "Not healthy: {error}");
            Problem::new("store_away", "the store does not answer").into_response()
        }
    }
}

/// `GET /metrics`: what is measured, in the text form of Prometheus.
pub(crate) async fn metrics(State(api): State<Api>) -> Response {
    api.engine.measure().await;
    let text = (api.measurements)();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// `GET /problems/:code`: what a problem means and what to do about it.
pub(crate) async fn problem(Path(code): Path<String>) -> Result<Response, Problem> {
    let known = CODES.into_iter().any(|(known, ..)| known == code);
    let heading = format!("## {code}\n");
    let section = PROBLEMS
        .split_once(&heading)
        .filter(|_| known)
        .map(|(_, rest)| rest.split("\n## ").next().unwrap_or_default().trim());
    let text = section.ok_or_else(crate::problem::not_found)?;
    let plain = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((plain, format!("{code}\n\n{text}\n")).into_response())
}

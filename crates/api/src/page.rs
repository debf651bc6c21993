//! What is not the API itself: health, measurements, and what each problem means.

use std::time::Duration;

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use engine::Unwell;

use crate::{
    Api, answer,
    problem::{CODES, Problem},
};

/// Most who ask give up soon after.
const HEALTHY_WITHIN: Duration = Duration::from_secs(1);

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
    if let Some(part) = (api.stopped)() {
        return stopped(&Unwell::Stopped(part));
    }
    let away = Problem::new("store_away", "the store does not answer");
    match tokio::time::timeout(HEALTHY_WITHIN, api.engine.healthy()).await {
        Ok(Ok(())) => answer::json(StatusCode::OK, &serde_json::json!({ "status": "ok" })),
        Ok(Err(part @ Unwell::Stopped(_))) => stopped(&part),
        Ok(Err(Unwell::Away(error))) => away.because(error.to_string()).into_response(),
        Err(_) => away.because("the store does not answer in time".to_owned()).into_response(),
    }
}

fn stopped(part: &Unwell) -> Response {
    let told = part.to_string();
    Problem::new("part_stopped", told.clone()).because(told).into_response()
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

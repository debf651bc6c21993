//! Writing an answer: JSON, and the link to the next page.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::problem::Problem;

/// An answer in JSON.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(body) => {
            let json = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            (status, [json], body).into_response()
        }
        Err(error) => {
            let problem = Problem::new("internal", "the answer could not be written");
            problem.because(error.to_string()).into_response()
        }
    }
}

/// A page: a bare array, and where the next page is.
pub(crate) fn page(items: &impl Serialize, next: Option<String>) -> Response {
    let mut response = json(StatusCode::OK, items);
    let link = next.map(|next| format!("<{next}>; rel=\"next\""));
    if let Some(link) = link.and_then(|link| HeaderValue::try_from(link).ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

/// How many items a page has, from the `limit` of a query.
pub(crate) fn limit(given: Option<&str>, default: u32, most: u32) -> Result<u32, Problem> {
    let Some(given) = given.filter(|given| !given.is_empty()) else { return Ok(default) };
    let wrong = || Problem::new("invalid_query", "`limit` is a whole number from 1");
    if given.is_empty() || !given.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    match given.parse::<u32>().unwrap_or(u32::MAX) {
        0 => Err(wrong()),
        limit => Ok(limit.min(most)),
    }
}

/// The number in an opaque cursor.
pub(crate) fn cursor(given: Option<&str>) -> Result<Option<i64>, Problem> {
    let Some(given) = given.filter(|given| !given.is_empty()) else { return Ok(None) };
    given
        .strip_prefix('p')
        .and_then(|number| i64::from_str_radix(number, 16).ok())
        .filter(|number| 0 <= *number)
        .map(Some)
        .ok_or_else(|| {
            let detail = "`cursor` cannot be read; take it from the `Link` of the page before";
            Problem::new("invalid_query", detail)
        })
}

/// A number as an opaque cursor.
pub(crate) fn as_cursor(number: i64) -> String {
    format!("p{number:x}")
}

//! What a client is told when a request cannot be served.
//!
//! Handlers write `?` and never choose a status: the choice is made here, and [`CODES`] is the whole
//! table of what can go wrong. A *program* reads `code`, which never changes once published. A
//! *person* reads `detail`, which may. The *operator* reads the cause, which is logged under the id of
//! the request (`request.rs`) and never sent.

use std::collections::BTreeSet;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use contract::{Issue, Role};
use engine::SubmitError;
use store::{Actor, StoreError};

/// Every problem: its code, its status and its title. `docs/problems.md` says what to do about each.
pub const CODES: [(&str, u16, &str); 24] = [
    ("invalid_payload", 400, "The payload is not valid"),
    ("invalid_query", 400, "The query is not valid"),
    ("invalid_key", 400, "The idempotency key is not valid"),
    ("invalid_path", 400, "The path is not valid"),
    ("unauthorized", 401, "A key is needed"),
    ("forbidden", 403, "This key is for something else"),
    ("not_found", 404, "There is nothing here"),
    ("call_not_found", 404, "There is no such call"),
    ("queue_not_found", 404, "There is no such queue"),
    ("agent_not_found", 404, "There is no such agent"),
    ("alert_not_found", 404, "There is no such alert"),
    ("method_not_allowed", 405, "This method is not served here"),
    ("body_too_slow", 408, "The body took too long"),
    ("refused", 409, "The call's state does not allow it"),
    ("call_exists", 409, "The call exists already"),
    ("agent_unavailable", 409, "The agent cannot take the call"),
    ("agent_not_engaged", 409, "The agent has no call"),
    ("body_too_large", 413, "The body is too large"),
    ("key_reused", 422, "The key was used for something else"),
    ("internal", 500, "Something went wrong on our side"),
    ("store_away", 503, "The store is away"),
    ("part_stopped", 503, "A part of the server has stopped"),
    ("lane_full", 503, "Too much waits already"),
    // Answered in `realtime`.
    ("too_many_connections", 503, "Too many connections"),
];

/// What went wrong inside, for the log alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cause {
    pub(crate) code: &'static str,
    pub(crate) why: String,
}

/// What travels with an answer to whoever logs it. Events of a batch mostly fail for the same cause,
/// which is told once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Causes(pub(crate) BTreeSet<Cause>);

/// A failed request, ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    code: &'static str,
    detail: String,
    message: Option<&'static str>,
    issues: Vec<Issue>,
    cause: Option<String>,
}

impl Problem {
    pub(crate) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), message: None, issues: Vec::new(), cause: None }
    }

    pub(crate) fn invalid_payload(issues: Vec<Issue>) -> Self {
        let detail = issues.iter().map(told).collect::<Vec<_>>().join("; ");
        let message = Some("Invalid event payload");
        Self { message, issues, ..Self::new("invalid_payload", detail) }
    }

    pub(crate) fn unauthorized() -> Self {
        let detail = "send one of this server's keys in the header `X-API-Key`";
        Self { message: Some("Unauthorized"), ..Self::new("unauthorized", detail) }
    }

    pub(crate) fn forbidden(needed: Role, who: &Actor) -> Self {
        let (needed, role) = (needed.name(), who.role.name());
        let detail =
            format!("this needs a key with the role `{needed}`; `{}` has `{role}`", who.name);
        Self::new("forbidden", detail)
    }

    pub(crate) fn no_call(id: &str) -> Self {
        Self::new("call_not_found", format!("there is no call `{id}`"))
    }

    pub(crate) fn because(self, cause: String) -> Self {
        Self { cause: Some(cause), ..self }
    }

    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// What is to be logged, if anything is.
    pub(crate) fn cause(&self) -> Option<Cause> {
        let why = self.cause.clone()?;
        Some(Cause { code: self.code, why })
    }

    /// The body that is sent.
    pub(crate) fn body(self) -> contract::Problem {
        let (_, status, title) = CODES
            .into_iter()
            .find(|(code, ..)| *code == self.code)
            .unwrap_or(("internal", 500, "Something went wrong on our side"));
        contract::Problem {
            kind: format!("/problems/{}", self.code),
            title: title.to_owned(),
            status,
            message: self.message.map_or_else(|| self.detail.clone(), str::to_owned),
            detail: self.detail,
            code: self.code.to_owned(),
            issues: self.issues,
        }
    }
}

fn told(issue: &Issue) -> String {
    if issue.path.is_empty() {
        issue.message.clone()
    } else {
        format!("`{}`: {}", issue.path.join("."), issue.message)
    }
}

pub(crate) fn not_found() -> Problem {
    Problem::new("not_found", "there is nothing at this path; /api/docs lists what there is")
}

pub(crate) fn method_not_allowed() -> Problem {
    Problem::new(
        "method_not_allowed",
        "this path does not serve that method; /api/docs lists those it serves",
    )
}

impl From<SubmitError> for Problem {
    fn from(error: SubmitError) -> Self {
        let told = error.to_string();
        match error {
            SubmitError::Refused(_) => Self::new("refused", told),
            SubmitError::CallExists { .. } => Self::new("call_exists", told),
            SubmitError::UnknownCall(_) => Self::new("call_not_found", told),
            SubmitError::UnknownAgent(_) => Self::new("agent_not_found", told),
            SubmitError::AgentUnavailable { .. } => Self::new("agent_unavailable", told),
            SubmitError::KeyReused(_) => Self::new("key_reused", told),
            SubmitError::LaneFull => Self::new("lane_full", told),
            SubmitError::Stopping => Self::new("store_away", told),
            SubmitError::Away(cause) | SubmitError::Unknown(cause) => {
                Self::new("store_away", told).because(cause)
            }
            SubmitError::Unstorable(cause) => Self::new("internal", told).because(cause),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let cause = error.to_string();
        match error {
            StoreError::Conflict | StoreError::Away(_) | StoreError::Unknown(_) => Self::new(
                "store_away",
                "the store does not answer right now; ask again in a moment",
            ),
            StoreError::Poison(_) | StoreError::Corrupt { .. } => {
                Self::new("internal", "something went wrong on our side; the log says what")
            }
        }
        .because(cause)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let causes = Causes(self.cause().into_iter().collect());
        let body = self.body();
        let status = StatusCode::from_u16(body.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let json = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (status, json).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if !causes.0.is_empty() {
            response.extensions_mut().insert(causes);
        }
        response
    }
}

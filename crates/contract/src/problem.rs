//! What a client is told when a request cannot be served.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{CallEvent, Issue};

/// A failed request: RFC 9457 (`application/problem+json`), and `message` for clients that knew
/// this service before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Where the code is explained.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem, in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened here, for a person.
    pub detail: String,
    /// A word for programs, which never changes.
    pub code: String,
    /// The same sentence as `detail`, or the fixed one that older clients know.
    pub message: String,
    /// What is wrong with the payload, field by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<Issue>,
}

/// The answer to one event of a batch.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BatchAnswer {
    /// The status the event would have got by itself.
    pub status: u16,
    /// It was recorded already, by an earlier request with the same key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replayed: bool,
    /// The recorded event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<CallEvent>,
    /// Why it was not recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

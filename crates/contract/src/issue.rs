//! What is wrong with a payload, field by field.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One thing that is wrong with a payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Issue {
    /// A word for programs, which never changes: `invalid_type`, `too_small`, `unknown_queue` ...
    pub code: String,
    /// The keys that lead to the field; empty for the whole payload.
    pub path: Vec<String>,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Issue {
    /// An issue with one field, or with the whole payload where `path` is empty.
    pub fn new(code: &str, path: &[&str], message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            path: path.iter().map(|&key| key.to_owned()).collect(),
            message: message.into(),
        }
    }
}

//! What a supervisor is told at once.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    Issue, Moment,
    fields::{Fields, Form},
};

/// A broken promise that someone should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    /// Unique among alerts.
    pub id: String,
    /// The call it is about.
    pub call_id: String,
    /// `sla_breached`, `wait_exceeded`, `hold_exceeded` or `no_agent`.
    pub rule: String,
    /// What happened, in a sentence.
    pub message: String,
    /// When it was raised.
    pub raised_at: Moment,
    /// When somebody took note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<Moment>,
    /// Who took note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<String>,
}

/// Somebody takes note of an alert.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Acknowledgement {
    /// Who; the name of the key where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = String, required = false)]
    pub by: Option<String>,
    /// Why, or what was done about it: 1 to 255 characters. It is kept in the record of actions.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = String, required = false)]
    pub reason: Option<String>,
}

impl Acknowledgement {
    /// Reads who and why, or says everything that is wrong with it.
    pub fn read(body: &Value) -> Result<Self, Vec<Issue>> {
        let mut fields = Fields::of(body, Form::Ours)?;
        let (by, reason) = (fields.id("by", false), fields.id("reason", false));
        for key in ["by", "reason"] {
            if fields.body.get(key).is_some_and(Value::is_null) {
                fields.wrong("invalid_type", &[key], "a string is expected; leave it out for none");
            }
        }
        fields.finish(Some(Self { by, reason }), &[])
    }
}

/// What may be left out is left out, never null.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

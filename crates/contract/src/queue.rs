//! A queue and its promises.

use lifecycle::Policy;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;
use utoipa::{PartialSchema, ToSchema, openapi::schema};

use crate::{
    Issue,
    fields::{Fields, Form},
};

/// A queue and what it promises its callers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Queue {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// How long a caller may wait to be answered.
    pub sla_seconds: Seconds,
    /// How long an agent's phone rings before the call goes back to waiting.
    pub ring_seconds: Seconds,
    /// How long a caller may be left on hold.
    pub max_hold_seconds: Seconds,
    /// Calls shorter than this are flagged.
    pub short_call_seconds: Seconds,
    /// How many times a call is offered anew after nobody answered, before supervisors are told.
    pub max_reroutes: u32,
    /// How long an agent has to wrap up a call before the next one is offered.
    pub wrap_up_seconds: Seconds,
}

/// What to change of a queue, or how a new one shall be. What is left out stays, or takes its
/// default.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct QueueChange {
    /// Its name for people; at first its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Default 30.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sla_seconds: Option<Seconds>,
    /// Default 15.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ring_seconds: Option<Seconds>,
    /// Default 60.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_hold_seconds: Option<Seconds>,
    /// Default 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short_call_seconds: Option<Seconds>,
    /// Default 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_reroutes: Option<u32>,
    /// Default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrap_up_seconds: Option<Seconds>,
}

/// A span of time. Written in seconds, as a whole number where it is one; kept in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds {
    /// The span in milliseconds.
    pub ms: i64,
}

const DAY_MS: i64 = 86_400_000;
const REROUTES_MAX: u32 = 1_000;

impl Queue {
    /// A queue with the promises every queue starts with.
    pub fn new(id: &str) -> Self {
        let Policy { wait_ms_max, ring_ms_max, hold_ms_max, short_call_ms, reroutes_max, wrap_ms } =
            Policy::default();
        Self {
            id: id.to_owned(),
            name: id.to_owned(),
            sla_seconds: Seconds { ms: wait_ms_max },
            ring_seconds: Seconds { ms: ring_ms_max },
            max_hold_seconds: Seconds { ms: hold_ms_max },
            short_call_seconds: Seconds { ms: short_call_ms },
            max_reroutes: reroutes_max,
            wrap_up_seconds: Seconds { ms: wrap_ms },
        }
    }

    /// The queues that exist from the first start.
    pub fn first() -> impl Iterator<Item = Self> {
        [
            ("medical_spanish", "Medical, Spanish"),
            ("medical_english", "Medical, English"),
            ("legal_spanish", "Legal, Spanish"),
            ("legal_english", "Legal, English"),
        ]
        .into_iter()
        .map(|(id, name)| Self { name: name.to_owned(), ..Self::new(id) })
    }

    /// The promises, for the rules.
    pub fn policy(&self) -> Policy {
        Policy {
            wait_ms_max: self.sla_seconds.ms,
            ring_ms_max: self.ring_seconds.ms,
            hold_ms_max: self.max_hold_seconds.ms,
            short_call_ms: self.short_call_seconds.ms,
            reroutes_max: self.max_reroutes,
            wrap_ms: self.wrap_up_seconds.ms,
        }
    }

    /// The queue with a change made to it.
    #[must_use]
    pub fn changed(self, change: QueueChange) -> Self {
        Self {
            name: change.name.unwrap_or(self.name),
            sla_seconds: change.sla_seconds.unwrap_or(self.sla_seconds),
            ring_seconds: change.ring_seconds.unwrap_or(self.ring_seconds),
            max_hold_seconds: change.max_hold_seconds.unwrap_or(self.max_hold_seconds),
            short_call_seconds: change.short_call_seconds.unwrap_or(self.short_call_seconds),
            max_reroutes: change.max_reroutes.unwrap_or(self.max_reroutes),
            wrap_up_seconds: change.wrap_up_seconds.unwrap_or(self.wrap_up_seconds),
            id: self.id,
        }
    }
}

impl QueueChange {
    /// Reads a change, or says everything that is wrong with it.
    pub fn read(body: &Value) -> Result<Self, Vec<Issue>> {
        let mut fields = Fields::of(body, Form::Ours)?;
        let mut span = |key, least: &str, least_ms| {
            let expected = format!("a number of seconds from {least} to 86400");
            fields.span(key, &expected, |ms| (least_ms..=DAY_MS).contains(&ms))
        };
        let change = Self {
            sla_seconds: span("slaSeconds", "0.001", 1),
            ring_seconds: span("ringSeconds", "0.001", 1),
            max_hold_seconds: span("maxHoldSeconds", "0.001", 1),
            short_call_seconds: span("shortCallSeconds", "0", 0),
            wrap_up_seconds: span("wrapUpSeconds", "0", 0),
            max_reroutes: fields.whole("maxReroutes", REROUTES_MAX),
            name: fields.id("name", false),
        };
        fields.finish(Some(change), &["id"])
    }
}

impl Seconds {
    /// A span of that many seconds, to the millisecond; `None` for less than none and for more than
    /// anybody waits.
    #[expect(clippy::cast_possible_truncation, reason = "bounded before the cast")]
    pub(crate) fn new(seconds: f64) -> Option<Self> {
        let ms = (seconds * 1_000.0).round();
        (0.0..=1e15).contains(&ms).then_some(Self { ms: ms as i64 })
    }
}

impl Serialize for Seconds {
    #[expect(clippy::cast_precision_loss, reason = "at most a day in milliseconds")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.ms % 1_000 == 0 {
            serializer.serialize_i64(self.ms / 1_000)
        } else {
            serializer.serialize_f64(self.ms as f64 / 1_000.0)
        }
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = Self::new(f64::deserialize(deserializer)?);
        seconds.ok_or_else(|| de::Error::custom("a number of seconds, 0 or more"))
    }
}

impl PartialSchema for Seconds {
    fn schema() -> utoipa::openapi::RefOr<schema::Schema> {
        schema::ObjectBuilder::new()
            .schema_type(schema::Type::Number)
            .description(Some("Seconds; fractions allowed."))
            .into()
    }
}

impl ToSchema for Seconds {}

//! Events as they come in: the canonical form, and the older one in `snake_case`.
//!
//! [`decode()`] accepts both and answers with one [`IncomingEvent`], or with everything that is
//! wrong. Unknown keys are dropped. The payload it keeps is written anew from the fields that are
//! known, in a fixed order, so that equal events are equal text.

use lifecycle::{EndReason, Happening, Kind, Opening, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use utoipa::ToSchema;

use crate::{EventType, Issue, parse_time};

/// An event as a client sends it, in the canonical form. Which fields are needed depends on
/// `event`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Incoming {
    /// `call_initiated`, `call_routed`, `call_answered`, `call_hold`, `call_resumed`,
    /// `call_transferred` or `call_ended`.
    pub event: String,
    /// The call: 1 to 255 characters, none of them a control character.
    pub call_id: String,
    /// Makes a repeat harmless: the same event again gets the same answer, and nothing is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// When it happened, where that is not now: ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub occurred_at: Option<String>,
    /// `call_initiated`: `voice` or `video`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<crate::CallType>)]
    pub kind: Option<String>,
    /// `call_initiated`, `call_transferred`: the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_id: Option<String>,
    /// `call_routed`, `call_transferred`, and where it is known `call_answered`: the agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// `call_routed`: seconds it took to choose the agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing_time: Option<f64>,
    /// `call_answered`: seconds the caller waited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_time: Option<f64>,
    /// `call_answered`: the number of the offer that is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<u32>,
    /// `call_hold`: seconds the hold lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_duration: Option<f64>,
    /// `call_transferred`: `blind` or `attended`.
    #[serde(rename = "kind", skip_serializing_if = "Option::is_none")]
    pub transfer_kind: Option<String>,
    /// `call_ended`: `completed`, `abandoned` or `failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<crate::EndReason>)]
    pub end_reason: Option<String>,
    /// `call_ended`: seconds the call lasted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<f64>,
}

/// A valid event, ready for the rules.
#[derive(Clone, Debug, PartialEq)]
pub struct IncomingEvent {
    /// The call it belongs to.
    pub call_id: String,
    /// Its type.
    pub kind: EventType,
    /// What makes a repeat harmless.
    pub key: Option<String>,
    /// When it happened, where the client said so.
    pub occurred_at: Option<Timestamp>,
    /// What it says.
    pub reported: Reported,
    /// The payload without `event`, `callId` and `eventId`, as JSON text.
    pub payload: String,
}

/// What an event says, in the words of the rules.
#[derive(Clone, Debug, PartialEq)]
pub enum Reported {
    /// A call begins.
    Opening(Opening),
    /// Something happened to a call.
    Happening(Happening),
}

const AHEAD_MS_MAX: i64 = 5 * 60 * 1_000;
const FROM_OUTSIDE: &str = "`call_initiated`, `call_routed`, `call_answered`, `call_hold`, \
                            `call_resumed`, `call_transferred` or `call_ended`";

/// Reads an event, or says everything that is wrong with it.
pub fn decode(
    body: &Value,
    now: Timestamp,
    is_queue: &dyn Fn(&str) -> bool,
) -> Result<IncomingEvent, Vec<Issue>> {
    let Value::Object(body) = body else {
        return Err(vec![Issue::new("invalid_type", &[], "one JSON object is expected")]);
    };
    let mut fields = Fields::new(body);
    let Some(kind) = fields.event() else { return Err(fields.issues) };

    let call_id = fields.id("callId", true);
    let key = fields.id("eventId", false);
    let occurred_at = fields.time("occurredAt", now);
    let mut payload = Map::new();
    let reported = match kind {
        EventType::CallInitiated => fields.opening(&mut payload, is_queue),
        EventType::CallTransferred => fields.transfer(&mut payload, is_queue),
        _ => fields.happening(kind, &mut payload),
    };
    if let Some((text, _)) = &occurred_at {
        payload.insert("occurredAt".to_owned(), Value::String(text.clone()));
    }
    match (call_id, reported, fields.issues.is_empty()) {
        (Some(call_id), Some(reported), true) => Ok(IncomingEvent {
            call_id,
            kind,
            key,
            occurred_at: occurred_at.map(|(_, at)| at),
            reported,
            payload: Value::Object(payload).to_string(),
        }),
        _ => Err(fields.issues),
    }
}

/// What is wrong with an id, if anything is.
pub fn id_issue(id: &str, path: &[&str]) -> Option<Issue> {
    let wrong = match id.chars().count() {
        0 => Some(("too_small", "at least 1 character is needed")),
        256.. => Some(("too_big", "at most 255 characters are allowed")),
        _ if id.chars().any(char::is_control) => {
            Some(("invalid_string", "control characters are not allowed"))
        }
        _ => None,
    };
    wrong.map(|(code, message)| Issue::new(code, path, message))
}

/// The fields of one body, and what was found wrong with them so far.
struct Fields<'a> {
    body: &'a Map<String, Value>,
    older: bool,
    issues: Vec<Issue>,
}

impl<'a> Fields<'a> {
    fn new(body: &'a Map<String, Value>) -> Self {
        Self { body, older: false, issues: Vec::new() }
    }

    fn event(&mut self) -> Option<EventType> {
        let discriminators = ["event", "event_type", "event_name"];
        let found = discriminators
            .into_iter()
            .find_map(|key| Some((key, self.body.get(key).filter(|it| !it.is_null())?)));
        let Some((key, value)) = found else {
            self.wrong("invalid_type", &["event"], &format!("required: {FROM_OUTSIDE}"));
            return None;
        };
        self.older = key != "event" || !self.body.contains_key("callId");
        let kind = value.as_str().and_then(EventType::named).filter(|kind| {
            !matches!(
                kind,
                EventType::CallRetransfer
                    | EventType::SlaBreached
                    | EventType::HoldExceeded
                    | EventType::SurveyRequested
            )
        });
        if kind.is_none() {
            self.wrong("invalid_union_discriminator", &[key], &format!("not {FROM_OUTSIDE}"));
        }
        kind
    }

    fn opening(
        &mut self,
        payload: &mut Map<String, Value>,
        is_queue: &dyn Fn(&str) -> bool,
    ) -> Option<Reported> {
        let kind = self.one_of("type", &[("voice", Kind::Voice), ("video", Kind::Video)], payload);
        let queue = self.queue(true, is_queue, payload);
        Some(Reported::Opening(Opening { kind: kind?, queue: queue? }))
    }

    fn transfer(
        &mut self,
        payload: &mut Map<String, Value>,
        is_queue: &dyn Fn(&str) -> bool,
    ) -> Option<Reported> {
        let queue = self.queue(false, is_queue, payload);
        let agent = self.put_id("agentId", false, payload);
        let blind = self.one_of("kind", &[("blind", true), ("attended", false)], payload);
        if queue.is_none() && agent.is_none() && self.issues.is_empty() {
            self.wrong("missing_target", &["queueId"], "`queueId` or `agentId` is needed");
        }
        Some(Reported::Happening(if blind? {
            Happening::TransferredBlind { queue, agent }
        } else {
            Happening::TransferredAttended { queue, agent }
        }))
    }

    fn happening(&mut self, kind: EventType, payload: &mut Map<String, Value>) -> Option<Reported> {
        let happening = match kind {
            EventType::CallRouted => {
                let agent = self.put_id("agentId", true, payload);
                self.seconds("routingTime", payload);
                Happening::Routed { agent: agent? }
            }
            EventType::CallAnswered => {
                let waited_s = self.seconds("waitTime", payload);
                let agent = self.put_id("agentId", false, payload);
                let offer = self.offer(payload);
                Happening::Answered { waited_s: waited_s?, agent, offer }
            }
            EventType::CallHold => {
                Happening::Held { held_s: self.seconds("holdDuration", payload)? }
            }
            EventType::CallEnded => {
                let reasons = [
                    ("completed", EndReason::Completed),
                    ("abandoned", EndReason::Abandoned),
                    ("failed", EndReason::Failed),
                ];
                let reason = self.one_of("endReason", &reasons, payload);
                let lasted_s = self.seconds("duration", payload);
                Happening::Ended { reason: reason?, lasted_s: lasted_s? }
            }
            _ => Happening::Resumed,
        };
        Some(Reported::Happening(happening))
    }

    /// The field of that name: canonical or older, flat or, in the older form, one level down.
    fn find(&self, key: &str) -> (Vec<String>, Option<&'a Value>) {
        let older = snake_case(key);
        let inner: &[&str] = if self.older { &["metadata", "data"] } else { &[] };
        let nested =
            inner.iter().filter_map(|name| Some((Some(*name), self.body.get(*name)?.as_object()?)));
        let places = std::iter::once((None, self.body)).chain(nested);
        for (place, fields) in places {
            for key in [key, older.as_str()] {
                if let Some(value) = fields.get(key).filter(|value| !value.is_null()) {
                    let path = place.into_iter().chain([key]).map(str::to_owned).collect();
                    return (path, Some(value));
                }
            }
        }
        (vec![if self.older { older } else { key.to_owned() }], None)
    }

    fn wrong(&mut self, code: &str, path: &[&str], message: &str) {
        self.issues.push(Issue::new(code, path, message));
    }

    fn wrong_at(&mut self, code: &str, path: Vec<String>, message: String) {
        self.issues.push(Issue { code: code.to_owned(), path, message });
    }

    fn string(&mut self, key: &str, needed: bool) -> Option<(Vec<String>, &'a str)> {
        let (path, value) = self.find(key);
        match value {
            Some(Value::String(text)) => return Some((path, text)),
            Some(_) => self.wrong_at("invalid_type", path, "a string is expected".to_owned()),
            None if needed => self.wrong_at("invalid_type", path, "required".to_owned()),
            None => {}
        }
        None
    }

    fn id(&mut self, key: &str, needed: bool) -> Option<String> {
        let (path, id) = self.string(key, needed)?;
        let path = path.iter().map(String::as_str).collect::<Vec<_>>();
        match id_issue(id, &path) {
            Some(issue) => {
                self.issues.push(issue);
                None
            }
            None => Some(id.to_owned()),
        }
    }

    fn put_id(
        &mut self,
        key: &str,
        needed: bool,
        payload: &mut Map<String, Value>,
    ) -> Option<String> {
        let id = self.id(key, needed)?;
        payload.insert(key.to_owned(), Value::String(id.clone()));
        Some(id)
    }

    fn queue(
        &mut self,
        needed: bool,
        is_queue: &dyn Fn(&str) -> bool,
        payload: &mut Map<String, Value>,
    ) -> Option<String> {
        let (path, _) = self.find("queueId");
        let queue = self.put_id("queueId", needed, payload)?;
        if is_queue(&queue) {
            return Some(queue);
        }
        let message = format!("there is no queue `{queue}`; GET /api/queues lists those there are");
        self.wrong_at("unknown_queue", path, message);
        None
    }

    fn one_of<T: Copy>(
        &mut self,
        key: &str,
        words: &[(&str, T)],
        payload: &mut Map<String, Value>,
    ) -> Option<T> {
        let (path, word) = self.string(key, true)?;
        let found = words.iter().find(|(name, _)| *name == word);
        let Some((name, value)) = found else {
            let names = words.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>();
            self.wrong_at("invalid_enum_value", path, format!("not {}", names.join(" or ")));
            return None;
        };
        payload.insert(key.to_owned(), Value::String((*name).to_owned()));
        Some(*value)
    }

    fn seconds(&mut self, key: &str, payload: &mut Map<String, Value>) -> Option<f64> {
        let number = self.number(key, true)?;
        payload.insert(key.to_owned(), Value::Number(plain(number)));
        number.as_f64()
    }

    fn offer(&mut self, payload: &mut Map<String, Value>) -> Option<u32> {
        let number = self.number("offer", false)?;
        let Some(offer) = number.as_u64().and_then(|offer| u32::try_from(offer).ok()) else {
            let (path, _) = self.find("offer");
            self.wrong_at("invalid_type", path, "the whole number of an offer is expected".into());
            return None;
        };
        payload.insert("offer".to_owned(), Value::Number(offer.into()));
        Some(offer)
    }

    fn number(&mut self, key: &str, needed: bool) -> Option<&'a Number> {
        let (path, value) = self.find(key);
        let (code, message) = match value {
            Some(Value::Number(number)) if number.as_f64().is_some_and(|it| 0.0 <= it) => {
                return Some(number);
            }
            Some(Value::Number(_)) => ("too_small", "a number from 0 is expected"),
            Some(_) => ("invalid_type", "a number is expected"),
            None if needed => ("invalid_type", "required"),
            None => return None,
        };
        self.wrong_at(code, path, message.to_owned());
        None
    }

    fn time(&mut self, key: &str, now: Timestamp) -> Option<(String, Timestamp)> {
        let (path, text) = self.string(key, false)?;
        let message = match parse_time(text) {
            None => "an ISO 8601 time is expected, such as 2026-11-21T09:30:00.000Z",
            Some(at) if AHEAD_MS_MAX < at - now => {
                "more than 5 minutes ahead of this server's clock"
            }
            Some(at) => return Some((text.to_owned(), at)),
        };
        self.wrong_at("invalid_time", path, message.to_owned());
        None
    }
}

/// `12.0` is written `12`: equal numbers are equal text.
fn plain(number: &Number) -> Number {
    match number.as_f64() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded")]
        Some(float) if float.fract() == 0.0 && float < 9e15 => Number::from(float as u64),
        _ => number.clone(),
    }
}

fn snake_case(key: &str) -> String {
    let mut snake = String::with_capacity(key.len() + 4);
    for letter in key.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

//! The fields of one body, read one by one, with everything that is wrong with them.

use lifecycle::{EndReason, Happening, Kind, Opening, PRIORITY_MAX, Timestamp};
use serde_json::{Map, Number, Value};

use super::{AHEAD_MS_MAX, FROM_OUTSIDE, Reported, id_issue};
use crate::{EventType, Issue, parse_time};

/// The fields of one body, and what was found wrong with them so far.
pub(super) struct Fields<'a> {
    body: &'a Map<String, Value>,
    older: bool,
    pub(super) issues: Vec<Issue>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(body: &'a Map<String, Value>) -> Self {
        Self { body, older: false, issues: Vec::new() }
    }

    pub(super) fn event(&mut self) -> Option<EventType> {
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

    pub(super) fn opening(
        &mut self,
        payload: &mut Map<String, Value>,
        is_queue: &dyn Fn(&str) -> bool,
    ) -> Option<Reported> {
        let kind = self.one_of("type", &[("voice", Kind::Voice), ("video", Kind::Video)], payload);
        let queue = self.queue(true, is_queue, payload);
        let priority = self.priority(payload);
        Some(Reported::Opening(Opening { kind: kind?, queue: queue?, priority }))
    }

    pub(super) fn transfer(
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

    pub(super) fn happening(
        &mut self,
        kind: EventType,
        payload: &mut Map<String, Value>,
    ) -> Option<Reported> {
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

    pub(super) fn id(&mut self, key: &str, needed: bool) -> Option<String> {
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

    fn priority(&mut self, payload: &mut Map<String, Value>) -> u8 {
        let Some(number) = self.number("priority", false) else { return 0 };
        let priority = number.as_u64().and_then(|it| u8::try_from(it).ok());
        let Some(priority) = priority.filter(|it| *it <= PRIORITY_MAX) else {
            let (path, _) = self.find("priority");
            self.wrong_at("out_of_range", path, "a whole number from 0 to 9 is expected".into());
            return 0;
        };
        payload.insert("priority".to_owned(), Value::Number(priority.into()));
        priority
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

    pub(super) fn time(&mut self, key: &str, now: Timestamp) -> Option<(String, Timestamp)> {
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

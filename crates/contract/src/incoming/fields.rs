//! The fields of an event, and the payload that is kept of them.

use lifecycle::{EndReason, Happening, Id, Kind, Opening, PRIORITY_MAX, Timestamp};
use serde_json::{Map, Number, Value};

use super::{AHEAD_MS_MAX, FROM_OUTSIDE, Reported};
use crate::{
    EventType,
    fields::{Fields, Form},
    parse_time,
};

impl Fields<'_> {
    pub(super) fn event(&mut self) -> Option<EventType> {
        let discriminators = ["event", "event_type", "event_name"];
        let found = discriminators
            .into_iter()
            .find_map(|key| Some((key, self.body.get(key).filter(|it| !it.is_null())?)));
        let Some((key, value)) = found else {
            self.wrong("invalid_type", &["event"], &format!("required: {FROM_OUTSIDE}"));
            return None;
        };
        // Whoever forgot the `callId` is told so in the words they use.
        let is_older = |key: &String| key.contains('_') || key == "metadata" || key == "data";
        let names_call = self.body.contains_key("callId");
        if key != "event" || !names_call && self.body.keys().any(is_older) {
            self.form = Form::OlderEvent;
        }
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
        let kind =
            self.put_word("type", &[("voice", Kind::Voice), ("video", Kind::Video)], payload);
        let queue = self.put_queue(true, is_queue, payload);
        let priority = self.priority(payload);
        Some(Reported::Opening(Opening { kind: kind?, queue: queue?, priority }))
    }

    pub(super) fn transfer(
        &mut self,
        payload: &mut Map<String, Value>,
        is_queue: &dyn Fn(&str) -> bool,
    ) -> Option<Reported> {
        let queue = self.put_queue(false, is_queue, payload);
        let agent = self.put_id("agentId", false, payload);
        let blind = self.put_word("kind", &[("blind", true), ("attended", false)], payload);
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
                let reason = self.put_word("endReason", &reasons, payload);
                let lasted_s = self.seconds("duration", payload);
                Happening::Ended { reason: reason?, lasted_s: lasted_s? }
            }
            _ => Happening::Resumed,
        };
        Some(Reported::Happening(happening))
    }

    fn put_id(
        &mut self,
        key: &'static str,
        needed: bool,
        payload: &mut Map<String, Value>,
    ) -> Option<Id> {
        let id = self.id(key, needed)?;
        let shared = id.as_str().into();
        payload.insert(key.to_owned(), Value::String(id));
        Some(shared)
    }

    fn put_queue(
        &mut self,
        needed: bool,
        is_queue: &dyn Fn(&str) -> bool,
        payload: &mut Map<String, Value>,
    ) -> Option<Id> {
        let queue = self.queue("queueId", needed, is_queue)?;
        let shared = queue.as_str().into();
        payload.insert("queueId".to_owned(), Value::String(queue));
        Some(shared)
    }

    fn put_word<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&'static str, T)],
        payload: &mut Map<String, Value>,
    ) -> Option<T> {
        let (word, value) = self.word(key, true, words)?;
        payload.insert(key.to_owned(), Value::String(word.to_owned()));
        Some(value)
    }

    fn seconds(&mut self, key: &'static str, payload: &mut Map<String, Value>) -> Option<f64> {
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

    pub(super) fn time(
        &mut self,
        key: &'static str,
        now: Timestamp,
    ) -> Option<(String, Timestamp)> {
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

//! An answer that came too late is refused, and kept in the record: somebody picked up a phone for
//! a call that was somebody else's by then.

use contract::{IncomingEvent, Reported};
use lifecycle::LateAnswer;
use serde_json::{Map, Value};
use store::{Actor, NewAction};

use super::Batch;

impl Batch<'_> {
    /// Keeps an answer that was refused, where it came too late. However often it is sent, it is
    /// kept once: its id is made of the call, the offer and the agent.
    pub(super) fn note_late(&mut self, refused: &IncomingEvent, by: &Actor) {
        let Reported::Happening(happening) = &refused.reported else { return };
        let Some(place) = self.places.get(&*refused.call_id) else { return };
        let stands = &self.working[*place].changed;
        let Some(late) = stands.call.late_answer(happening) else { return };
        let LateAnswer { agent, offer, stands: standing } = late;
        let of_agent = agent.as_deref().unwrap_or_default();
        let id = format!("{}-late-{}-{of_agent}", stands.no, offer.unwrap_or(0));
        let details = [
            ("agentId", agent.as_deref().map(Value::from)),
            ("offer", offer.map(Value::from)),
            ("standingOffer", standing.map(Value::from)),
            ("status", Some(stands.call.phase.status().into())),
        ];
        let known = details.into_iter().filter_map(|(name, it)| Some((name.to_owned(), it?)));
        let detail = Value::Object(known.collect::<Map<_, _>>());
        let action = NewAction::new(by.clone(), "late_answer", &*refused.call_id).with(&detail);
        self.actions.push(NewAction { id, ..action });
    }
}

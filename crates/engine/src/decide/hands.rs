//! What supervisors do to a call, once the call and the agent are locked.

use std::sync::Arc;

use contract::by_hand;
use lifecycle::{Happening, Phase, Target};
use store::ReceiptOf;

use super::Batch;
use crate::{Receipt, SubmitError, hands::Hand};

impl<'a> Batch<'a> {
    /// Does what a supervisor wants of a call, with the record of who wanted it and why.
    pub(super) fn hand(
        &mut self,
        hand: &'a Hand,
        receipt: Option<ReceiptOf<&'a Arc<str>>>,
    ) -> Result<Receipt, SubmitError> {
        let Hand { call, what, action, key } = hand;
        let now = self.loaded.now;
        let Some(place) = self.place(call) else {
            return Err(SubmitError::UnknownCall(call.clone()));
        };
        let stands = &self.working[place].changed;
        let (no, waits) = (stands.no, matches!(stands.call.phase, Phase::Waiting { .. }));
        let why = (&*action.by.name, action.reason.as_deref().unwrap_or_default());
        let event = by_hand(call, &stands.call.queue, what.clone(), why, key.clone());
        let done_before = receipt.is_some_and(|it| self.recorded(place, it).is_some());
        // Where the call does not wait, that is what whoever asks must hear first.
        if let Happening::Reassigned(Target::Agent(agent)) = what
            && waits
            && !done_before
        {
            self.agents.may_ring(agent, no, now)?;
        }
        let receipt = self.event(call, &event, receipt)?;
        if !receipt.replayed {
            self.actions.push(action.clone());
        }
        Ok(receipt)
    }
}

//! Answers that come too late: what they name was offered, and stands no longer.

use crate::{Call, Happening, Id, Phase};

/// An answer to an offer that stands no longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateAnswer {
    /// Who answers, where they say so.
    pub agent: Option<Id>,
    /// The offer they name.
    pub offer: Option<u32>,
    /// The offer that stands instead, if one does.
    pub stands: Option<u32>,
}

impl Call {
    /// Whether an answer that was refused came too late. `None` where it was never offered what it
    /// names: that is a mistake, and nobody's phone rang for it.
    pub fn late_answer(&self, refused: &Happening) -> Option<LateAnswer> {
        let Happening::Answered { agent, offer, .. } = refused else { return None };
        let stands = match &self.phase {
            Phase::Waiting { ring, .. } => ring.as_ref().map(|_| self.offer),
            Phase::Talking | Phase::OnHold { .. } | Phase::Ended => None,
        };
        let lapsed_up_to = match &self.phase {
            Phase::Waiting { ring: None, .. } => self.offer,
            // Nobody answered before it was over.
            Phase::Ended if self.agent.is_none() => self.offer,
            // The last one stands, or was the one that was answered.
            _ => self.offer.saturating_sub(1),
        };
        let is_late = match (offer, agent) {
            (Some(offer), _) => (1..=lapsed_up_to).contains(offer),
            (None, Some(agent)) => self.lapsed.contains(agent),
            (None, None) => false,
        };
        is_late.then(|| LateAnswer { agent: agent.clone(), offer: *offer, stands })
    }
}

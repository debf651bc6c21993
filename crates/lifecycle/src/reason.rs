//! Why calls are or are not offered to an agent, in a sentence for people.

use crate::{Agent, Engagement, MISSED_MAX, Presence, Timestamp};

/// What keeps calls from an agent, and what will change that.
type Obstacle = (String, String);

impl Agent {
    /// Why calls are or are not offered to them now, and what will change it. It names everything
    /// that stands in the way: when all of that is over, and not before, calls are offered.
    pub fn reason(&self, engaged: Option<Engagement>, queues: usize, at: Timestamp) -> String {
        let obstacles = self.obstacles(engaged, queues, at);
        if obstacles.is_empty() {
            return "Calls are offered: the next in their queues that no agent ahead of them gets; \
                    one whose offers went unanswered too often while they were idle comes only if \
                    they become free anew or it is reassigned."
                .to_owned();
        }
        let other = if engaged.is_some() { " other" } else { "" };
        let missing = if engaged == Some(Engagement::Offered)
            && self.presence == Presence::Available
            && MISSED_MAX <= self.missed + 1
        {
            "; if it rings out, they are set away"
        } else {
            ""
        };
        let (because, until): (Vec<_>, Vec<_>) = obstacles.into_iter().unzip();
        let (because, until) = (listed(&because), listed(&until));
        format!("No{other} call is offered: {because}, until {until}{missing}.")
    }

    fn obstacles(
        &self,
        engaged: Option<Engagement>,
        queues: usize,
        at: Timestamp,
    ) -> Vec<Obstacle> {
        let mut obstacles = Vec::new();
        let mut stands = |why: &str, way: &str| obstacles.push((why.to_owned(), way.to_owned()));
        match engaged {
            Some(Engagement::Offered) => stands(
                "one rings at their phone",
                "it is missed, taken back or over and wrapped up",
            ),
            Some(Engagement::OnCall) => {
                stands("they are on a call", "they are off the phone and have wrapped up");
            }
            None => {}
        }
        // Also of those who are offline: it is the next thing that would keep calls from them.
        if self.is_unheard(at) {
            stands("their tool has stopped reporting", "their tool reports");
        }
        let because = match &self.presence_reason {
            Some(reason) => format!(" ({reason})"),
            None => String::new(),
        };
        match self.presence {
            Presence::Away => stands(&format!("they are away{because}"), "they are set available"),
            Presence::Offline => {
                stands(&format!("they are offline{because}"), "they sign in as available");
            }
            // The wrap-up of a call that they are on comes after it.
            Presence::Available if engaged != Some(Engagement::OnCall) && self.is_wrapping(at) => {
                let left = self.wraps.map_or(0, |wraps| wraps.until - at);
                let left_s = (left + 999) / 1_000;
                let way = format!("the wrap-up ends in {left_s} s or they are set available");
                stands("they wrap up their last call", &way);
            }
            Presence::Available => {}
        }
        if queues == 0 {
            stands("they serve no queue", "they are given one with PUT /api/agents/:id");
        }
        obstacles
    }
}

fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{}, and {last}", first.join(", ")),
    }
}

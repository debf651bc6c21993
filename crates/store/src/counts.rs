//! Counting calls: one statement on either database, bounded however many have ended.

/// As many ended calls are looked at, the newest first. More would make a count slower with each day.
pub const ENDED_COUNTED: u32 = 1_000;

/// Which calls are counted. What is left out is no condition.
#[derive(Clone, Debug, Default)]
pub struct CountFilter {
    /// Those of this queue.
    pub queue: Option<String>,
    /// Those that name this agent.
    pub agent: Option<String>,
    /// Those with this flag; with any flag where it is `any`.
    pub flag: Option<String>,
    /// Those with this text in their id, queue or agent, in small or capital letters.
    pub text: Option<String>,
}

/// How many calls there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Waiting, ringing or not.
    pub waiting: u64,
    /// Of those: a phone rings.
    pub ringing: u64,
    /// Talking.
    pub active: u64,
    /// On hold.
    pub on_hold: u64,
    /// Ended, among the newest [`ENDED_COUNTED`].
    pub ended: u64,
}

impl CountFilter {
    /// What the column of flags has to have in it; `any` only that there is something.
    pub(crate) fn in_flags(&self) -> Option<String> {
        let flag = self.flag.as_deref()?;
        Some(if flag == "any" { String::new() } else { format!("\"rule\":\"{flag}\"") })
    }

    /// The text as it is looked for.
    pub(crate) fn lowered(&self) -> Option<String> {
        self.text.as_deref().map(str::to_lowercase)
    }
}

impl Counts {
    /// Counts calls of one status, ringing or not.
    pub(crate) fn add(&mut self, status: &str, rings: bool, count: i64) {
        let count = u64::try_from(count).unwrap_or(0);
        match status {
            "waiting" => self.waiting += count,
            "active" => self.active += count,
            "on_hold" => self.on_hold += count,
            _ => self.ended += count,
        }
        if status == "waiting" && rings {
            self.ringing += count;
        }
    }
}

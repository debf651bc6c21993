//! What is counted for a queue or an agent within a quarter of an hour.
//!
//! A tally is a sum: two of them are added field by field, in any order, so that it does not matter
//! how what happened was cut into batches. It is kept as JSON, where what is zero is left out and
//! what an earlier program did not know is zero.

use std::collections::BTreeMap;

use lifecycle::{Id, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{StoreError, Waits};

/// How long the time is that one tally is about, in milliseconds. Every time zone of today is a
/// multiple of it away from UTC, so that days begin where a tally does.
pub const INTERVAL_MS: i64 = 15 * 60_000;

/// Whom a tally is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// A queue.
    Queue,
    /// An agent.
    Agent,
}

/// Which tally it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TallyKey {
    /// Whether it is about a queue or an agent.
    pub scope: Scope,
    /// Which one.
    pub id: Id,
    /// When its interval begins.
    pub start: Timestamp,
}

/// What happened within an interval. Spans are sums in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Tally {
    /// Callers who began to wait.
    #[serde(skip_serializing_if = "is_zero")]
    pub offered: i64,
    /// Waits that were answered.
    #[serde(skip_serializing_if = "is_zero")]
    pub answered: i64,
    /// How long those callers had waited.
    #[serde(skip_serializing_if = "is_zero")]
    pub waited_ms: i64,
    /// The same wait by wait; of queues only.
    #[serde(skip_serializing_if = "Waits::is_empty")]
    pub answered_waits: Waits,
    /// Waits that ended with the call; of queues only.
    #[serde(skip_serializing_if = "Waits::is_empty")]
    pub abandoned_waits: Waits,
    /// Phones that began to ring.
    #[serde(skip_serializing_if = "is_zero")]
    pub rang: i64,
    /// Phones that were answered.
    #[serde(skip_serializing_if = "is_zero")]
    pub picked_up: i64,
    /// Phones that rang out.
    #[serde(skip_serializing_if = "is_zero")]
    pub missed: i64,
    /// Holds that ended.
    #[serde(skip_serializing_if = "is_zero")]
    pub holds: i64,
    /// How long they lasted.
    #[serde(skip_serializing_if = "is_zero")]
    pub held_ms: i64,
    /// The longest of them.
    #[serde(skip_serializing_if = "is_zero")]
    pub longest_hold_ms: i64,
    /// Callers whom an agent let go of.
    #[serde(skip_serializing_if = "is_zero")]
    pub handled: i64,
    /// How long those agents had talked with them.
    #[serde(skip_serializing_if = "is_zero")]
    pub handled_talk_ms: i64,
    /// How long those agents had left them on hold.
    #[serde(skip_serializing_if = "is_zero")]
    pub handled_hold_ms: i64,
    /// How long the agents have to wrap up afterwards.
    #[serde(skip_serializing_if = "is_zero")]
    pub wrap_up_ms: i64,
    /// Answered calls that were passed on.
    #[serde(skip_serializing_if = "is_zero")]
    pub transferred: i64,
    /// How long an agent took calls; stretches of it that are over.
    #[serde(skip_serializing_if = "is_zero")]
    pub available_ms: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(value: &i64) -> bool {
    *value == 0
}

impl Tally {
    /// Adds another.
    pub fn add(&mut self, other: &Self) {
        let Self {
            offered,
            answered,
            waited_ms,
            answered_waits,
            abandoned_waits,
            rang,
            picked_up,
            missed,
            holds,
            held_ms,
            longest_hold_ms,
            handled,
            handled_talk_ms,
            handled_hold_ms,
            wrap_up_ms,
            transferred,
            available_ms,
        } = self;
        let sums = [
            (offered, other.offered),
            (answered, other.answered),
            (waited_ms, other.waited_ms),
            (rang, other.rang),
            (picked_up, other.picked_up),
            (missed, other.missed),
            (holds, other.holds),
            (held_ms, other.held_ms),
            (handled, other.handled),
            (handled_talk_ms, other.handled_talk_ms),
            (handled_hold_ms, other.handled_hold_ms),
            (wrap_up_ms, other.wrap_up_ms),
            (transferred, other.transferred),
            (available_ms, other.available_ms),
        ];
        for (sum, more) in sums {
            *sum = sum.saturating_add(more);
        }
        *longest_hold_ms = other.longest_hold_ms.max(*longest_hold_ms);
        answered_waits.add(&other.answered_waits);
        abandoned_waits.add(&other.abandoned_waits);
    }

    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string(self).expect("numbers become JSON")
    }

    pub(crate) fn from_text(text: &str) -> Result<Self, StoreError> {
        serde_json::from_str(text).map_err(|error| corrupt("tallies", &error))
    }
}

impl TallyKey {
    /// The tally that a moment counts for.
    pub fn at(scope: Scope, id: impl Into<Id>, moment: Timestamp) -> Self {
        Self { scope, id: id.into(), start: interval(moment) }
    }
}

/// When the interval begins that a moment is in.
pub fn interval(Timestamp(at): Timestamp) -> Timestamp {
    Timestamp(at.saturating_sub(at.rem_euclid(INTERVAL_MS)))
}

impl Scope {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Agent => "agent",
        }
    }
}

/// Tallies by whom and when they are about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tallies(pub BTreeMap<TallyKey, Tally>);

impl Tallies {
    /// Adds to one of them.
    pub fn add(&mut self, key: TallyKey, more: &Tally) {
        self.0.entry(key).or_default().add(more);
    }

    /// Adds all of another.
    pub(crate) fn add_all(&mut self, other: Self) {
        for (key, more) in other.0 {
            self.add(key, &more);
        }
    }

    /// As one batch notes it, where there is anything to note.
    pub(crate) fn to_text(&self) -> Option<String> {
        let entry = self.0.iter().map(|(key, tally)| (key.scope, &key.id, key.start.0, tally));
        let entries = entry.collect::<Vec<_>>();
        let text = || serde_json::to_string(&entries).expect("numbers and text become JSON");
        (!entries.is_empty()).then(text)
    }

    /// What a batch noted.
    pub(crate) fn from_text(text: &str) -> Result<Self, StoreError> {
        let entries = serde_json::from_str::<Vec<(Scope, Id, i64, Tally)>>(text)
            .map_err(|error| corrupt("deltas", &error))?;
        let entry =
            |(scope, id, start, tally)| (TallyKey { scope, id, start: Timestamp(start) }, tally);
        Ok(Self(entries.into_iter().map(entry).collect()))
    }
}

fn corrupt(table: &'static str, error: &serde_json::Error) -> StoreError {
    StoreError::Corrupt { table, row: "with figures".to_owned(), why: error.to_string() }
}

/// The tallies of one scope, as far as they are asked for.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// How often something was folded into the tallies. To be asked from the next time.
    pub fold: i64,
    /// Tallies that were changed since, as they now are.
    pub changed: Vec<(TallyKey, Tally)>,
    /// What batches noted that is in no tally yet.
    pub unfolded: Tallies,
}

impl Books {
    /// Takes in what a batch noted.
    pub(crate) fn note(
        &mut self,
        scope: Scope,
        since: Timestamp,
        text: &str,
    ) -> Result<(), StoreError> {
        let mut noted = Tallies::from_text(text)?;
        noted.0.retain(|key, _| key.scope == scope && since <= key.start);
        self.unfolded.add_all(noted);
        Ok(())
    }
}

/// What open calls of a queue are doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenCalls {
    /// Callers who wait, ringing included.
    pub waiting: u64,
    /// Those of them for whom a phone rings.
    pub ringing: u64,
    /// Callers who talk with an agent.
    pub active: u64,
    /// Callers on hold.
    pub on_hold: u64,
    /// Since when the one waits who has waited longest.
    pub waiting_since: Option<Timestamp>,
}

impl OpenCalls {
    /// Adds those of another queue.
    pub fn add(&mut self, other: &Self) {
        self.waiting += other.waiting;
        self.ringing += other.ringing;
        self.active += other.active;
        self.on_hold += other.on_hold;
        let since = self.waiting_since.into_iter().chain(other.waiting_since);
        self.waiting_since = since.min();
    }

    /// Takes in some calls of one status.
    pub(crate) fn count(&mut self, status: &str, rings: bool, calls: i64, since: i64) {
        let calls = calls.unsigned_abs();
        match status {
            "waiting" => {
                self.waiting += calls;
                self.ringing += if rings { calls } else { 0 };
                let earliest =
                    self.waiting_since.map_or(since, |Timestamp(known)| known.min(since));
                self.waiting_since = Some(Timestamp(earliest));
            }
            "active" => self.active += calls,
            _ => self.on_hold += calls,
        }
    }
}

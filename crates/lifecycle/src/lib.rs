//! The rules of a call's life.
//!
//! [`open()`] and [`advance()`] are the whole of it: they take a call, one thing that happened, the
//! moment it happened and the promises of the call's queue, and answer with a [`Decision`] or a
//! [`Refusal`]. Nothing here reads a clock, waits, or knows that a database exists.

mod advance;
mod agent;
mod call;
mod decision;
mod dispatch;
mod facts;
mod late;
mod reason;
mod step;
#[cfg(test)]
mod tests;
mod timestamp;

pub use advance::{Happening, Opening, Refusal, Target, advance, open};
pub use agent::{
    Agent, AgentState, Engagement, Lease, MISSED_MAX, Meaning, Presence, Unfit, WrapUp, meanings,
};
pub use call::{Call, EndReason, Kind, LAPSED_MAX, PRIORITY_MAX, Phase, Ring, Timer};
pub use decision::{Alert, Decision, Flag, Policy, Record, Rule, What};
pub use dispatch::{Free, Pair, Waiting, pair};
pub use facts::{Counted, Fact, Spent, was_available, worked_on};
pub use late::LateAnswer;
pub use timestamp::Timestamp;

/// The id of a queue or an agent. Each event of a call names them, so it is shared, not copied.
pub type Id = std::sync::Arc<str>;

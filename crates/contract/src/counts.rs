//! How many calls there are of each kind.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Moment;

/// How many calls fit a filter: all open ones, and some of those that ended last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CallCounts {
    /// When they were counted, by the server's clock.
    pub as_of: Moment,
    /// Calls that wait, those whose agent's phone rings among them.
    pub waiting: u64,
    /// Of those that wait: calls whose agent's phone rings.
    pub ringing: u64,
    /// Calls in which caller and agent talk.
    pub active: u64,
    /// Calls on hold.
    pub on_hold: u64,
    /// Calls that ended, among the `endedMax` newest that did.
    pub ended: u64,
    /// As many ended calls were looked at, at most.
    pub ended_max: u64,
}

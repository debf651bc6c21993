//! Searching calls by what no index knows: so many are looked at, and whoever asked goes on from there.

use contract::{Call, CallStatus};
use lifecycle::Timestamp;

use crate::{CountFilter, Listed};

/// As many calls are looked at for one answer: some milliseconds on either database. An index for each
/// thing one may search by would be paid for with every call that ends.
pub const SEARCHED: u32 = 20_000;

/// Which calls are searched for.
#[derive(Clone, Debug)]
pub struct Search {
    /// Only those with this status.
    pub status: Option<CallStatus>,
    /// What else they have to be.
    pub filter: CountFilter,
    /// Only those with a lower number.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
    /// As many are looked at, at most; open calls are few, and all of them are where only they are
    /// searched.
    pub among: u32,
}

/// What a search found.
#[derive(Clone, Debug, Default)]
pub struct Searched {
    /// The calls that fit, the newest first.
    pub calls: Vec<Listed<Call>>,
    /// The last call that was looked at, where there may be more after it.
    pub stopped: Option<Stopped>,
}

/// Where a search stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// The number of the call.
    pub no: i64,
    /// When it began.
    pub began: Timestamp,
}

impl Search {
    /// Whether only open calls are searched.
    pub(crate) fn is_open_only(&self) -> bool {
        self.status.is_some_and(|status| status != CallStatus::Ended)
    }
}

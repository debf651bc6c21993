//! Bugs planted on purpose.
//!
//! A test that cannot fail proves nothing. Each of these names is a bug that the suite must find:
//! the suite starts the executable with `SWITCHBOARD_PLANT` set to one of them and expects to go
//! red. They exist in debug builds only; a release build ignores the variable.

/// The bugs that can be planted here and in the engine.
#[cfg(debug_assertions)]
const BUGS: [&str; 7] = [
    // What was sent is acknowledged, then recorded.
    "answer_before_commit",
    // SQLite commits without a sync to disk.
    "synchronous_off",
    // A timer decides from what it saw before it had the call to itself.
    "timer_without_lock",
    // What makes a repeat harmless is kept after the commit.
    "receipt_outside_transaction",
    // The record of what somebody did is kept after the commit.
    "action_outside_transaction",
    // Two servers may offer calls to one agent at the same time.
    "agent_without_lock",
    // Calls are locked in the order in which they come, not in one that all keep to.
    "unsorted_locks",
];

/// Whether the bug of that name is planted.
#[cfg(debug_assertions)]
pub fn planted(bug: &str) -> bool {
    use std::sync::OnceLock;
    static PLANTED: OnceLock<Option<String>> = OnceLock::new();
    debug_assert!(BUGS.contains(&bug), "`{bug}` is not listed");
    PLANTED.get_or_init(|| std::env::var("SWITCHBOARD_PLANT").ok()).as_deref() == Some(bug)
}

/// Whether the bug of that name is planted: never, in a release build.
#[cfg(not(debug_assertions))]
pub fn planted(_bug: &str) -> bool {
    false
}

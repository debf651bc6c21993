//! Bugs planted on purpose.
//!
//! A test that cannot fail proves nothing. Each of these names is a bug that the suite must find when
//! `SWITCHBOARD_PLANT` is set to it. They exist in debug builds only.

/// The bugs that can be planted here.
#[cfg(debug_assertions)]
const BUGS: [&str; 2] = [
    // Every 500th announcement is not sent.
    "dropped_packet",
    // Whoever comes back misses one announcement.
    "stale_cursor",
];

/// Whether the bug of that name is planted.
#[cfg(debug_assertions)]
pub(crate) fn planted(bug: &str) -> bool {
    use std::sync::OnceLock;
    static PLANTED: OnceLock<Option<String>> = OnceLock::new();
    debug_assert!(BUGS.contains(&bug), "`{bug}` is not listed");
    PLANTED.get_or_init(|| std::env::var("SWITCHBOARD_PLANT").ok()).as_deref() == Some(bug)
}

/// Whether the bug of that name is planted: never, in a release build.
#[cfg(not(debug_assertions))]
pub(crate) fn planted(_bug: &str) -> bool {
    false
}

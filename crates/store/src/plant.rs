//! Bugs planted on purpose.
//!
//! A test that cannot fail proves nothing. Each of these names is a bug that the suite must find:
//! the suite starts the executable with `SWITCHBOARD_PLANT` set to one of them and expects to go
//! red. They exist in debug builds only; a release build ignores the variable.

/// Whether the bug of that name is planted.
#[cfg(debug_assertions)]
pub fn planted(bug: &str) -> bool {
    use std::sync::OnceLock;
    static PLANTED: OnceLock<Option<String>> = OnceLock::new();
    PLANTED.get_or_init(|| std::env::var("SWITCHBOARD_PLANT").ok()).as_deref() == Some(bug)
}

/// Whether the bug of that name is planted: never, in a release build.
#[cfg(not(debug_assertions))]
pub fn planted(_bug: &str) -> bool {
    false
}

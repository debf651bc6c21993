//! Calls are read here.

pub(crate) mod counts;
pub(crate) mod get;
pub(crate) mod history;
pub(crate) mod list;

//! Events come in here.

pub(crate) mod batch;
pub(crate) mod door;
pub(crate) mod post;
pub(crate) mod validate;

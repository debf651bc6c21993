//! The way in: HTTP.
//!
//! One file per endpoint; `router.rs` shows them all on one page. A handler decodes, asks the engine
//! and writes the answer; what is refused becomes a problem in `problem.rs`. Nothing here knows a
//! rule of a call's life, and nothing here tells anyone but the client that asked.

mod access;
mod actions;
mod agents;
mod alerts;
mod answer;
mod body;
mod calls;
mod dashboard;
mod events;
mod hands;
mod keyring;
mod metrics;
mod openapi;
mod page;
mod problem;
mod queues;
mod request;
mod router;

pub use access::{Access, Keys};
pub use openapi::document;
pub use problem::CODES;
pub use router::{Api, Parts, router};

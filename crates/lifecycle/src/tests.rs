//! The rules, told as stories, and what holds in every story that could be told.

mod agents;
mod answering;
mod clock;
mod dispatching;
mod ending;
mod facts;
mod hands;
mod holding;
mod legal;
mod policies;
mod properties;
mod reasons;
mod ringing;
mod story;
mod table;
mod transferring;
mod waiting;

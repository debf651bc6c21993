//! The stories, by what they are about.

pub(crate) mod alerts;
pub(crate) mod figures;
pub(crate) mod keys;
pub(crate) mod listing;
pub(crate) mod proof;
pub(crate) mod receipts;
pub(crate) mod recording;
pub(crate) mod searching;
pub(crate) mod timers;

mod crash;
mod offers;
mod rivals;
mod trouble;

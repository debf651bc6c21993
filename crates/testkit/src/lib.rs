//! What tests of several crates need: a PostgreSQL of their own, a wire that can be cut, and figures
//! computed a second time.
//!
//! A dependency of tests only.

pub mod figures;
mod postgres;
mod wire;

pub use postgres::{Postgres, postgres};
pub use wire::{Cut, Wire};

//! What tests of several crates need: a PostgreSQL of their own, and a wire that can be cut.
//!
//! A dependency of tests only.

mod postgres;
mod wire;

pub use postgres::{Postgres, postgres};
pub use wire::{Cut, Wire};

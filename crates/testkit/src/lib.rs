//! What tests of several crates need: a PostgreSQL of their own, a wire that can be cut, and figures
//! computed a second time.
//!
//! A dependency of tests only.

pub mod figures;
mod postgres;
mod wire;

pub use postgres::{Postgres, postgres};
pub use wire::{Cut, Wire};

use std::{fmt::Display, thread::sleep, time::Duration};

/// Opens what was closed a moment ago. A child that another test starts just then has its locks, until
/// it runs a program of its own.
pub fn reopened<T, E: Display>(open: impl Fn() -> Result<T, E>) -> T {
    for _ in 0..200 {
        match open() {
            Ok(opened) => return opened,
            Err(error) if error.to_string().contains("another switchboard") => {
                sleep(Duration::from_millis(5));
            }
            Err(error) => panic!("it does not open: {error}"),
        }
    }
    panic!("its lock is not given back")
}

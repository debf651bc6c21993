//! x

pub mod cursor;
mod plant;
pub mod rooms;

//! wip
#![expect(dead_code, reason = "wip")]
mod centre;
mod chance;
mod script;
mod staff;
mod talk;
mod traffic;
#[cfg(test)]
mod tests;

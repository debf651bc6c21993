//! The way out: Socket.IO over WebSocket and long polling, at `/socket.io`.
//!
//! ```text
//!   bus ──► pump ──► follower (a client: its cursor and its buffer) ──► transport
//!                       ▲
//!   transport ──► sessions (packet ──► command)
//! ```
//!
//! Each client has its place among the announcements of the bus ([`cursor`]), and follows scopes
//! ([`rooms`]). The pump goes round the clients and sends each what it wants and what there is room
//! for. A live client, one that catches up after a lost connection and a slow one are the same thing
//! at different places.
//!
//! **The database is never read here.** A client joins first and then fetches; what it hears carries
//! the whole state of a call, so that order and repeats between the two do not matter.
//!
//! # What `after` and `position` mean
//!
//! A position is a place among all announcements of one process's life. `subscribe_*` answers with
//! the head at that moment, whether or not `after` was given:
//!
//! - `recovered: false`: only what comes after `position` follows. What there is at that point is to
//!   be fetched, after the answer came.
//! - `recovered: true`: everything after `after` follows, in order: first what was missed, up to
//!   `position`, then what comes.
//!
//! To come back with: the position of the last update that was heard, or the one in the answer once
//! the fetch is done, whichever is later. `recovered` is false where `after` is of another life, too
//! long ago, or unreadable. On one connection no update is sent twice, so recovering what the same
//! connection heard already sends nothing.

pub mod cursor;
pub mod rooms;

mod command;
mod follower;
mod gateway;
mod keys;
mod packet;
mod plant;
mod pump;
mod sessions;
mod settings;
mod window;

pub use gateway::Gateway;
pub use keys::{ReadCheck, Still};
pub use rooms::InterestLimits;
pub use settings::Settings;

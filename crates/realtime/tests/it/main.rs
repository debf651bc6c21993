//! The gateway as a client sees it: a real server on a free port, and real connections.

mod bench;
mod client;
mod commands;
mod connections;
mod following;
mod polling;
mod server;
mod slow;

//! What can be set.

use std::time::Duration;

use crate::{keys::ReadCheck, rooms::InterestLimits};

/// How the gateway behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who may listen; everyone where it is left out.
    pub may_read: Option<ReadCheck>,
    /// How often it is seen whether those who listen still may.
    pub recheck_every: Duration,
    /// At most so many connections. Further ones get a 503.
    pub sockets_max: usize,
    /// How much one connection may follow.
    pub interest: InterestLimits,
    /// At most so many bytes in what a client sends. Whoever sends more is cut off.
    pub payload_bytes_max: u32,
    /// At most so many packets on their way to one client. The rest waits in the bus.
    pub buffer_packets_max: usize,
    /// How long a session may take to join.
    pub join_within: Duration,
    /// A client that takes nothing for so long is cut off.
    pub stuck_for_max: Duration,
    /// How often a client is asked whether it is still there.
    pub ping_every: Duration,
    /// How long it may take to answer that.
    pub pong_within: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            may_read: None,
            recheck_every: Duration::from_secs(1),
            sockets_max: 10_000,
            interest: InterestLimits { calls_max: 1_000, queues_max: 200 },
            payload_bytes_max: 64 * 1024,
            buffer_packets_max: 1_024,
            join_within: Duration::from_secs(20),
            stuck_for_max: Duration::from_mins(1),
            ping_every: Duration::from_secs(25),
            pong_within: Duration::from_secs(20),
        }
    }
}

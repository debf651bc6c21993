//! Who may do what, and who did what.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Metadata, Moment};

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// No key at all, where reading needs none.
    Open,
    /// Reading, and listening.
    Read,
    /// Posting events, and reading.
    Ingest,
    /// Taking note of alerts, acting on calls and agents, and reading.
    Supervise,
    /// Everything, settings included.
    Admin,
}

impl Role {
    /// The roles a key can have.
    pub const OF_KEYS: [Self; 4] = [Self::Ingest, Self::Read, Self::Supervise, Self::Admin];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Read => "read",
            Self::Ingest => "ingest",
            Self::Supervise => "supervise",
            Self::Admin => "admin",
        }
    }

    /// The role of that name, among those a key can have.
    pub fn named(name: &str) -> Option<Self> {
        Self::OF_KEYS.into_iter().find(|role| role.name() == name)
    }

    /// Every role whose work this one may do.
    pub fn may(self) -> &'static [Self] {
        match self {
            Self::Open | Self::Read => &[Self::Read],
            Self::Ingest => &[Self::Read, Self::Ingest],
            Self::Supervise => &[Self::Read, Self::Supervise],
            Self::Admin => &[Self::Read, Self::Ingest, Self::Supervise, Self::Admin],
        }
    }

    /// Whether it may do the work of the other.
    pub fn may_as(self, other: Self) -> bool {
        self.may().contains(&other)
    }
}

/// Who the server takes a client for, and what it may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// The key's name; `API_KEY` or `READ_KEY` for one of those; `anyone` without a key.
    pub name: String,
    /// The key's role; `open` without a key, where reading needs none.
    pub role: Role,
    /// The roles whose work it may do.
    pub may: Vec<Role>,
}

/// Something that somebody did on purpose, or an answer that came too late. It is kept for good.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Action {
    /// Unique among actions.
    pub id: String,
    /// When it was done.
    pub at: Moment,
    /// The name of the key it was done with.
    pub by: String,
    /// The role of that key.
    pub role: Role,
    /// What was done: `queue_changed`, `agent_changed`, `call_reassigned`, `call_ended`, `agent_freed`,
    /// `presence_set`, `alert_acknowledged`, `key_made`, `key_rotated`, `key_revoked`, `late_answer`; others
    /// may come.
    pub action: String,
    /// The id or the name of what it was done to.
    pub target: String,
    /// Why, as whoever did it said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What else is worth knowing; it depends on the action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Metadata>,
}

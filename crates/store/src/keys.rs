//! Keys, and what was done with them: what both databases keep of who is who.
//!
//! A key is shown once, when it is made; only its SHA-256 is kept. It is 256 random bits, so there
//! is nothing to guess, and the slow hashes that protect passwords would protect nothing here: they
//! would make each request pay.

use std::sync::Arc;

use async_trait::async_trait;
use contract::{Action, Moment, Role};
use lifecycle::Timestamp;
use sha2::{Digest, Sha256};
use thiserror::Error;
use uuid::Uuid;

use crate::{Listed, StoreError};

/// What is kept of a key.
pub type KeyHash = [u8; 32];

const NAME_CHARS_MAX: usize = 64;
/// Names of keys that are settings, and what others are called in the record.
const RESERVED: [&str; 4] = ["API_KEY", "READ_KEY", "anyone", "dispatch"];

/// Whoever does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The name of their key.
    pub name: Arc<str>,
    /// Its role.
    pub role: Role,
}

impl Actor {
    /// Whoever has a key of this name and role.
    pub fn new(name: &str, role: Role) -> Self {
        Self { name: name.into(), role }
    }
}

/// An action to keep.
#[derive(Clone, Debug)]
pub struct NewAction {
    /// Its id. One that is kept twice is kept once.
    pub id: String,
    /// Who does it.
    pub by: Actor,
    /// What is done, in a word.
    pub action: &'static str,
    /// The id or name of what it is done to.
    pub target: String,
    /// Why.
    pub reason: Option<String>,
    /// What else is worth knowing: the text of a JSON object.
    pub detail: Option<String>,
}

impl NewAction {
    /// Somebody does something to something.
    pub fn new(by: Actor, action: &'static str, target: impl Into<String>) -> Self {
        let id = Uuid::now_v7().to_string();
        Self { id, by, action, target: target.into(), reason: None, detail: None }
    }

    /// With the reason that was given.
    #[must_use]
    pub fn because(self, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }

    /// With what else is worth knowing.
    #[must_use]
    pub fn with(self, detail: &serde_json::Value) -> Self {
        Self { detail: Some(detail.to_string()), ..self }
    }
}

/// A key as it is listed: everything but the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// What actions name.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// When it was made.
    pub made_at: Moment,
    /// When it was last rotated.
    pub rotated_at: Option<Moment>,
    /// Until when the key before that works, too.
    pub old_until: Option<Moment>,
    /// When it was revoked.
    pub revoked_at: Option<Moment>,
}

/// A key that works now.
#[derive(Clone, Debug)]
pub struct WorkingKey {
    /// How it is recognised.
    pub hash: KeyHash,
    /// Whoever shows it.
    pub actor: Actor,
}

/// Why a key was not made or changed.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The name is taken.
    #[error("there is a key `{0}` already; choose another name, or rotate that one")]
    Taken(String),
    /// The name was taken.
    #[error(
        "there was a key `{0}`, which is revoked; names are not used twice, so that the record of \
         actions stays clear: choose another"
    )]
    WasTaken(String),
    /// There is no such key.
    #[error("there is no key `{0}`; `switchboard keys list` shows which there are")]
    Unknown(String),
    /// It does not work any more.
    #[error("key `{0}` is revoked; make a new one with `switchboard keys make`")]
    Revoked(String),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who may do what, and who did what.
#[async_trait]
pub trait Keyring: Send + Sync + 'static {
    /// Every key there is or was, by name.
    async fn keys(&self) -> Result<Vec<Key>, StoreError>;

    /// The keys that work now.
    async fn working_keys(&self) -> Result<Vec<WorkingKey>, StoreError>;

    /// Keeps a new key.
    async fn make_key(&self, key: WorkingKey, by: Actor) -> Result<Key, KeyError>;

    /// Puts a key in another's place. The one before works for so much longer.
    async fn rotate_key(
        &self,
        name: &str,
        hash: KeyHash,
        grace_ms: i64,
        by: Actor,
    ) -> Result<Key, KeyError>;

    /// Makes a key useless, for good. One that is revoked already stays as it is.
    async fn revoke_key(&self, name: &str, by: Actor) -> Result<Key, KeyError>;

    /// Keeps an action that changes nothing else in the store.
    async fn act(&self, action: NewAction) -> Result<(), StoreError>;

    /// A page of actions, the newest first; of those done to one call, agent or other thing where
    /// `target` names it.
    async fn actions(
        &self,
        target: Option<&str>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Listed<Action>>, StoreError>;
}

/// A key nobody had before: `sb_`, its role, and 256 random bits.
pub fn new_key(role: Role) -> String {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    let start = format!("sb_{}_", role.name());
    bytes.iter().fold(start, |key, byte| key + &format!("{byte:02x}"))
}

/// What is kept of a key.
pub fn key_hash(key: &str) -> KeyHash {
    Sha256::digest(key).into()
}

/// What is wrong with a name for a key, in a sentence.
pub fn key_name_issue(name: &str) -> Option<String> {
    let chars = name.chars().count();
    if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name)) {
        return Some(format!("`{name}` means something else already: choose another name"));
    }
    let allowed = |it: char| it.is_alphanumeric() || "-_.@".contains(it);
    let is_name = (1..=NAME_CHARS_MAX).contains(&chars)
        && name.starts_with(char::is_alphanumeric)
        && name.chars().all(allowed);
    let what = "a key's name has 1 to 64 letters, digits, `-`, `_`, `.` or `@`, and begins with a \
                letter or a digit";
    (!is_name).then(|| what.to_owned())
}

/// What changing a key leaves in the record.
pub(crate) fn key_action(by: Actor, action: &'static str, name: &str, role: Role) -> NewAction {
    NewAction::new(by, action, name).with(&serde_json::json!({ "role": role.name() }))
}

/// The role in a row of a table.
pub(crate) fn role(name: &str, table: &'static str, row: &str) -> Result<Role, StoreError> {
    Role::named(name).ok_or_else(|| StoreError::Corrupt {
        table,
        row: row.to_owned(),
        why: format!("`{name}` is not a role"),
    })
}

/// An action in a row.
pub(crate) struct ActionRow {
    pub(crate) no: i64,
    pub(crate) id: String,
    pub(crate) at: i64,
    pub(crate) by: String,
    pub(crate) role: String,
    pub(crate) action: String,
    pub(crate) target: String,
    pub(crate) reason: Option<String>,
    pub(crate) detail: Option<String>,
}

impl ActionRow {
    pub(crate) fn listed(self) -> Result<Listed<Action>, StoreError> {
        let role = role(&self.role, "actions", &self.id)?;
        let corrupt = || StoreError::Corrupt {
            table: "actions",
            row: self.id.clone(),
            why: "detail that is not JSON".to_owned(),
        };
        let detail = self
            .detail
            .map(|text| contract::Metadata::from_text(text).ok_or_else(corrupt))
            .transpose()?;
        let at = Moment(Timestamp(self.at));
        let Self { no, id, by, action, target, reason, .. } = self;
        Ok(Listed { no, item: Action { id, at, by, role, action, target, reason, detail } })
    }
}

/// A key in a row.
pub(crate) struct KeyRow {
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) hash: Vec<u8>,
    pub(crate) made_at: i64,
    pub(crate) rotated_at: Option<i64>,
    pub(crate) old_until: Option<i64>,
    pub(crate) revoked_at: Option<i64>,
}

impl KeyRow {
    pub(crate) fn key(self) -> Result<Key, StoreError> {
        let moment = |at: i64| Moment(Timestamp(at));
        Ok(Key {
            role: role(&self.role, "keys", &self.name)?,
            name: self.name,
            made_at: moment(self.made_at),
            rotated_at: self.rotated_at.map(moment),
            old_until: self.old_until.map(moment),
            revoked_at: self.revoked_at.map(moment),
        })
    }
}

/// A key in force, in a row: its name, its role and a hash.
pub(crate) fn working(name: &str, role_name: &str, hash: &[u8]) -> Result<WorkingKey, StoreError> {
    let role = role(role_name, "keys", name)?;
    let hash = hash.try_into().map_err(|_| StoreError::Corrupt {
        table: "keys",
        row: name.to_owned(),
        why: "a hash that is not SHA-256".to_owned(),
    })?;
    Ok(WorkingKey { hash, actor: Actor::new(name, role) })
}

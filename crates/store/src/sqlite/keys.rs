//! Keys in the file, whether it is the store that changes them or a process beside it.

use async_trait::async_trait;
use contract::Action;
use lifecycle::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::actions::{append, page};
use crate::{
    Actor, Key, KeyError, KeyHash, Keyring, Listed, NewAction, StoreError, WorkingKey,
    keys::{KeyRow, key_action, working},
    sqlite::away,
};

/// A way to the file: the store's own, or one beside it.
pub(super) trait Reach: Send + Sync + 'static {
    /// Reads something.
    fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection, Timestamp) -> Result<T, StoreError> + Send + 'static,
    ) -> impl Future<Output = Result<T, StoreError>> + Send;

    /// Changes something: all of it or nothing.
    fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection, Timestamp) -> Result<T, StoreError> + Send + 'static,
    ) -> impl Future<Output = Result<T, StoreError>> + Send;
}

#[async_trait]
impl<R: Reach> Keyring for R {
    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        self.look(|connection, _| all(connection)).await
    }

    async fn working_keys(&self) -> Result<Vec<WorkingKey>, StoreError> {
        self.look(in_force).await
    }

    async fn make_key(&self, key: WorkingKey, by: Actor) -> Result<Key, KeyError> {
        self.change(move |connection, now| make(connection, now, &key, by)).await?
    }

    async fn rotate_key(
        &self,
        name: &str,
        hash: KeyHash,
        grace_ms: i64,
        by: Actor,
    ) -> Result<Key, KeyError> {
        let name = name.to_owned();
        self.change(move |connection, now| rotate(connection, now, &name, hash, grace_ms, by))
            .await?
    }

    async fn revoke_key(&self, name: &str, by: Actor) -> Result<Key, KeyError> {
        let name = name.to_owned();
        self.change(move |connection, now| revoke(connection, now, &name, by)).await?
    }

    async fn act(&self, action: NewAction) -> Result<(), StoreError> {
        self.change(move |connection, now| append(connection, now, &action)).await
    }

    async fn actions(
        &self,
        target: Option<&str>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Listed<Action>>, StoreError> {
        let target = target.map(str::to_owned);
        self.look(move |connection, _| page(connection, target.as_deref(), before, limit)).await
    }
}

/// A key's outcome within a transaction that went well.
type Outcome = Result<Result<Key, KeyError>, StoreError>;

const KEY: &str = "name, role, hash, made_at, rotated_at, old_until, revoked_at";

fn row(row: &Row<'_>) -> rusqlite::Result<KeyRow> {
    Ok(KeyRow {
        name: row.get(0)?,
        role: row.get(1)?,
        hash: row.get(2)?,
        made_at: row.get(3)?,
        rotated_at: row.get(4)?,
        old_until: row.get(5)?,
        revoked_at: row.get(6)?,
    })
}

fn all(connection: &Connection) -> Result<Vec<Key>, StoreError> {
    let rows = connection
        .prepare_cached(&format!("select {KEY} from keys order by name"))
        .and_then(|mut it| it.query_map([], row)?.collect::<Result<Vec<_>, _>>())
        .map_err(away)?;
    rows.into_iter().map(KeyRow::key).collect()
}

fn find(connection: &Connection, name: &str) -> Result<Option<Key>, StoreError> {
    connection
        .prepare_cached(&format!("select {KEY} from keys where name = ?"))
        .and_then(|mut it| it.query_row([name], row).optional())
        .map_err(away)?
        .map(KeyRow::key)
        .transpose()
}

fn in_force(connection: &Connection, now: Timestamp) -> Result<Vec<WorkingKey>, StoreError> {
    let rows = connection
        .prepare_cached(
            "select name, role, hash from keys where revoked_at is null union all \
             select name, role, old_hash from keys where revoked_at is null and old_until > ?",
        )
        .and_then(|mut it| {
            it.query_map([now.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect::<Result<Vec<(String, String, Vec<u8>)>, _>>()
        })
        .map_err(away)?;
    rows.iter().map(|(name, role, hash)| working(name, role, hash)).collect()
}

fn make(connection: &Connection, now: Timestamp, key: &WorkingKey, by: Actor) -> Outcome {
    let (name, role) = (&*key.actor.name, key.actor.role);
    if let Some(there) = find(connection, name)? {
        let taken = if there.revoked_at.is_some() { KeyError::WasTaken } else { KeyError::Taken };
        return Ok(Err(taken(there.name)));
    }
    connection
        .execute(
            "insert into keys (name, role, hash, made_at) values (?, ?, ?, ?)",
            params![name, role.name(), key.hash, now.0],
        )
        .map_err(away)?;
    append(connection, now, &key_action(by, "key_made", name, role))?;
    changed(connection, name)
}

fn rotate(
    connection: &Connection,
    now: Timestamp,
    name: &str,
    hash: KeyHash,
    grace_ms: i64,
    by: Actor,
) -> Outcome {
    let key = match find(connection, name)? {
        None => return Ok(Err(KeyError::Unknown(name.to_owned()))),
        Some(key) if key.revoked_at.is_some() => return Ok(Err(KeyError::Revoked(key.name))),
        Some(key) => key,
    };
    let old_until = (0 < grace_ms).then(|| now.0 + grace_ms);
    connection
        .execute(
            "update keys set old_hash = case when ?1 is null then null else hash end, \
             old_until = ?1, hash = ?2, rotated_at = ?3 where name = ?4",
            params![old_until, hash, now.0, name],
        )
        .map_err(away)?;
    append(connection, now, &key_action(by, "key_rotated", name, key.role))?;
    changed(connection, name)
}

fn revoke(connection: &Connection, now: Timestamp, name: &str, by: Actor) -> Outcome {
    let key = match find(connection, name)? {
        None => return Ok(Err(KeyError::Unknown(name.to_owned()))),
        Some(key) if key.revoked_at.is_some() => return Ok(Ok(key)),
        Some(key) => key,
    };
    connection
        .execute(
            "update keys set revoked_at = ?, old_hash = null, old_until = null where name = ?",
            params![now.0, name],
        )
        .map_err(away)?;
    append(connection, now, &key_action(by, "key_revoked", name, key.role))?;
    changed(connection, name)
}

fn changed(connection: &Connection, name: &str) -> Outcome {
    let missing = || StoreError::Away(format!("key `{name}` was not kept"));
    find(connection, name)?.ok_or_else(missing).map(Ok)
}

//! Keys in the database. Each change is one statement with the action that it is, and harmless when
//! a broken connection has it sent twice: a key that is there already with the same hash is ours.

use async_trait::async_trait;
use contract::Action;
use sqlx::{
    Row,
    postgres::{PgArguments, PgRow},
};

use super::{
    Postgres,
    actions::{APPEND, as_argument, insert_action, page},
    connections::arguments,
    fault::Fault,
    read::now_ms,
};
use crate::{
    Actor, Key, KeyError, KeyHash, Keyring, Listed, NewAction, StoreError, WorkingKey,
    keys::{KeyRow, key_action, working},
};

macro_rules! key_columns {
    () => {
        "name, role, hash, made_at, rotated_at, old_until, revoked_at"
    };
}

/// A change of a key, the action that it is (`$1`), then the key.
macro_rules! with_action {
    ($($change:expr),+) => {
        concat!(
            "with changed as (", $($change,)+ " returning ", key_columns!(), "), noted as (",
            insert_action!("$1", "changed"), ") select ", key_columns!(), " from changed"
        )
    };
}

const MAKE: &str = with_action!(
    "insert into keys (name, made_at, role, hash) values ($2, coalesce($3, ",
    now_ms!(),
    "), $4, $5) on conflict (name) do nothing"
);

/// `$5` is how long the one before still works, in milliseconds.
const ROTATE: &str = with_action!(
    "update keys set old_hash = case when $5::bigint > 0 then hash end, \
     old_until = case when $5::bigint > 0 then coalesce($3, ",
    now_ms!(),
    ") + $5::bigint end, hash = $4, rotated_at = coalesce($3, ",
    now_ms!(),
    ") where name = $2 and revoked_at is null and hash <> $4"
);

const REVOKE: &str = with_action!(
    "update keys set old_hash = null, old_until = null, revoked_at = coalesce($3, ",
    now_ms!(),
    ") where name = $2 and revoked_at is null"
);

const FIND: &str = concat!("select ", key_columns!(), " from keys where name = $1");
const ALL: &str = concat!("select ", key_columns!(), " from keys order by name");

const IN_FORCE: &str = concat!(
    "select name, role, hash from keys where revoked_at is null union all \
     select name, role, old_hash from keys where revoked_at is null and old_until > coalesce($1, ",
    now_ms!(),
    ")"
);

fn row(row: &PgRow) -> Result<KeyRow, Fault> {
    Ok(KeyRow {
        name: row.try_get(0)?,
        role: row.try_get(1)?,
        hash: row.try_get(2)?,
        made_at: row.try_get(3)?,
        rotated_at: row.try_get(4)?,
        old_until: row.try_get(5)?,
        revoked_at: row.try_get(6)?,
    })
}

fn read(found: &PgRow) -> Result<Key, StoreError> {
    row(found).map_err(Fault::told)?.key()
}

impl Postgres {
    /// The role of a key, for the record of what is done with it.
    async fn key_row(&self, name: &str) -> Result<Option<KeyRow>, StoreError> {
        let rows = self.writes.ask(FIND, arguments![name]).await?;
        rows.first().map(row).transpose().map_err(Fault::told)
    }

    async fn change_key(
        &self,
        sql: &'static str,
        arguments: PgArguments,
    ) -> Result<Option<Key>, StoreError> {
        let rows = self.writes.ask(sql, arguments).await?;
        rows.first().map(read).transpose()
    }
}

#[async_trait]
impl Keyring for Postgres {
    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        self.reads.ask(ALL, arguments![]).await?.iter().map(read).collect()
    }

    async fn working_keys(&self) -> Result<Vec<WorkingKey>, StoreError> {
        let now = self.wound().map(|now| now.0);
        let rows = self.reads.ask(IN_FORCE, arguments![now]).await?;
        let columns = |row: &PgRow| {
            Ok::<(String, String, Vec<u8>), Fault>((
                row.try_get(0)?,
                row.try_get(1)?,
                row.try_get(2)?,
            ))
        };
        let rows = rows.iter().map(columns).collect::<Result<Vec<_>, _>>().map_err(Fault::told)?;
        rows.iter().map(|(name, role, hash)| working(name, role, hash)).collect()
    }

    async fn make_key(&self, key: WorkingKey, by: Actor) -> Result<Key, KeyError> {
        let (name, role) = (&*key.actor.name, key.actor.role);
        let now = self.wound();
        let action = as_argument(now, &key_action(by, "key_made", name, role));
        let made = arguments![action, name, now.map(|now| now.0), role.name(), &key.hash[..]];
        if let Some(made) = self.change_key(MAKE, made).await? {
            return Ok(made);
        }
        match self.key_row(name).await? {
            Some(there) if there.hash == key.hash => Ok(there.key()?),
            Some(there) if there.revoked_at.is_some() => Err(KeyError::WasTaken(there.name)),
            _ => Err(KeyError::Taken(name.to_owned())),
        }
    }

    async fn rotate_key(
        &self,
        name: &str,
        hash: KeyHash,
        grace_ms: i64,
        by: Actor,
    ) -> Result<Key, KeyError> {
        let unknown = || KeyError::Unknown(name.to_owned());
        let before = self.key_row(name).await?.ok_or_else(unknown)?.key()?;
        let now = self.wound();
        let action = as_argument(now, &key_action(by, "key_rotated", name, before.role));
        let rotated = arguments![action, name, now.map(|now| now.0), &hash[..], grace_ms];
        if let Some(rotated) = self.change_key(ROTATE, rotated).await? {
            return Ok(rotated);
        }
        let there = self.key_row(name).await?.ok_or_else(unknown)?;
        if there.revoked_at.is_some() {
            return Err(KeyError::Revoked(there.name));
        }
        Ok(there.key()?)
    }

    async fn revoke_key(&self, name: &str, by: Actor) -> Result<Key, KeyError> {
        let unknown = || KeyError::Unknown(name.to_owned());
        let before = self.key_row(name).await?.ok_or_else(unknown)?.key()?;
        let now = self.wound();
        let action = as_argument(now, &key_action(by, "key_revoked", name, before.role));
        let revoked = arguments![action, name, now.map(|now| now.0)];
        match self.change_key(REVOKE, revoked).await? {
            Some(revoked) => Ok(revoked),
            None => Ok(self.key_row(name).await?.ok_or_else(unknown)?.key()?),
        }
    }

    async fn act(&self, action: NewAction) -> Result<(), StoreError> {
        let action = as_argument(self.wound(), &action);
        self.writes.ask(APPEND, arguments![action]).await.map(drop)
    }

    async fn actions(
        &self,
        target: Option<&str>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Listed<Action>>, StoreError> {
        page(&self.reads, target, before, limit).await
    }
}

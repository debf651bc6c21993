//! The tables, brought up to date when the store is opened.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use contract::Queue;
use tracing::info;

use crate::{
    OpenError,
    audit::{AUDIT_KEY, AUDIT_MARK, AuditKey},
};

const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_calls.sql"),
    include_str!("../../migrations/sqlite/0002_keys.sql"),
    include_str!("../../migrations/sqlite/0003_figures.sql"),
    include_str!("../../migrations/sqlite/0004_agents.sql"),
    include_str!("../../migrations/sqlite/0005_late_answers.sql"),
    include_str!("../../migrations/sqlite/0006_floor.sql"),
    include_str!("../../migrations/sqlite/0007_narrow_index.sql"),
    include_str!("../../migrations/sqlite/0008_ids.sql"),
];

/// Applies the migrations that are missing, all or none. A schema newer than this program knows is
/// refused.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    let known = MIGRATIONS.len();
    let found = version(connection).map_err(|error| OpenError(error.to_string()))?;
    if found > known {
        return Err(OpenError(format!(
            "the database has schema {found}, but this switchboard knows only up to {known}; \
             start the newer switchboard that wrote it"
        )));
    }
    apply(connection, found).map_err(|error| OpenError(format!("cannot prepare tables: {error}")))
}

/// Whether migrations are missing.
pub(super) fn is_behind(connection: &Connection) -> Result<bool, OpenError> {
    let found = version(connection).map_err(|error| OpenError(error.to_string()))?;
    Ok(found < MIGRATIONS.len())
}

fn version(connection: &Connection) -> rusqlite::Result<usize> {
    connection
        .pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))
        .map(|version| version as usize)
}

fn apply(connection: &mut Connection, found: usize) -> rusqlite::Result<()> {
    if found == MIGRATIONS.len() {
        return Ok(());
    }
    if found != 0 {
        info!(
            "The tables go from schema {found} to {}; a million calls take some seconds",
            MIGRATIONS.len()
        );
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for migration in &MIGRATIONS[found..] {
        transaction.execute_batch(migration)?;
    }
    if found == 0 {
        for queue in Queue::first() {
            super::write::put_queue(&transaction, &queue)?;
        }
    }
    transaction.pragma_update(
        None,
        "user_version",
        u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX),
    )?;
    transaction.commit()
}

/// The key of the audit chain: the one given, else the one kept here, made at the first start.
pub(super) fn audit_key(
    connection: &Connection,
    given: Option<Vec<u8>>,
) -> rusqlite::Result<AuditKey> {
    let kept = |name: &str| {
        let sql = "select value from memory where name = ?";
        connection.query_row(sql, [name], |row| row.get::<_, Vec<u8>>(0)).optional()
    };
    let keep = |name: &str, value: &[u8]| {
        let sql = "insert into memory (name, value) values (?, ?)";
        connection.execute(sql, params![name, value]).map(|_| ())
    };
    let mark = kept(AUDIT_MARK)?;
    let found = AuditKey::found(given, kept(AUDIT_KEY)?, mark.as_deref());
    let key = if let Some(key) = found {
        key
    } else {
        let made = AuditKey::made();
        keep(AUDIT_KEY, made.bytes())?;
        made
    };
    if mark.is_none() {
        keep(AUDIT_MARK, &key.mark())?;
    }
    Ok(key)
}

//! The tables, brought up to date when the store is opened.

use std::time::Duration;

use contract::Queue;
use sqlx::{AssertSqlSafe, PgConnection, Row};
use tracing::info;

use super::{
    connections::{arguments, fetch, say},
    fault::Fault,
};
use crate::{
    OpenError, StoreError,
    audit::{AUDIT_KEY, AUDIT_MARK, AuditKey},
};

const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/postgres/0001_calls.sql"),
    include_str!("../../migrations/postgres/0002_keys.sql"),
    include_str!("../../migrations/postgres/0003_figures.sql"),
    include_str!("../../migrations/postgres/0004_agents.sql"),
    include_str!("../../migrations/postgres/0005_late_answers.sql"),
    include_str!("../../migrations/postgres/0006_agent_versions.sql"),
    include_str!("../../migrations/postgres/0007_fewer_indexes.sql"),
    include_str!("../../migrations/postgres/0008_priority.sql"),
    include_str!("../../migrations/postgres/0009_lines.sql"),
];

/// Processes that start together take turns, by this number.
const TURN: i64 = 0x5357_4954_4348;

/// Another process may be at work on a large table.
const PATIENCE: Duration = Duration::from_mins(1);

/// Applies the migrations that are missing, all or none, and finds the key of the audit chain. A
/// schema newer than this program knows is refused.
pub(super) async fn prepare(
    connection: &mut PgConnection,
    audit_key: Option<Vec<u8>>,
) -> Result<AuditKey, OpenError> {
    let failed =
        |fault: Fault| OpenError(format!("cannot prepare tables: {}", explain(&fault.told())));
    say(connection, "begin; set local lock_timeout = 0; set local statement_timeout = 0", PATIENCE)
        .await
        .map_err(failed)?;
    let turn = arguments![TURN];
    fetch(connection, "select pg_advisory_xact_lock($1)", turn, PATIENCE).await.map_err(failed)?;
    let found = version(connection).await.map_err(failed)?;
    let known = MIGRATIONS.len();
    if found > known {
        return Err(OpenError(format!(
            "the database has schema {found}, but this switchboard knows only up to {known}; \
             start the newer switchboard that wrote it"
        )));
    }
    apply(connection, found).await.map_err(failed)?;
    let audit_key = find_audit_key(connection, audit_key).await.map_err(failed)?;
    say(connection, "commit", PATIENCE).await.map_err(failed)?;
    Ok(audit_key)
}

/// What the database said, without the words for a caller at work.
fn explain(error: &StoreError) -> String {
    match error {
        StoreError::Away(why) | StoreError::Poison(why) => why.clone(),
        other => other.to_string(),
    }
}

async fn version(connection: &mut PgConnection) -> Result<usize, Fault> {
    let there = "select to_regclass('migrations') is not null";
    let rows = fetch(connection, there, arguments![], PATIENCE).await?;
    if !rows[0].try_get::<bool, _>(0)? {
        return Ok(0);
    }
    let last = "select coalesce(max(version), 0) from migrations";
    let rows = fetch(connection, last, arguments![], PATIENCE).await?;
    Ok(usize::try_from(rows[0].try_get::<i64, _>(0)?).unwrap_or(usize::MAX))
}

async fn apply(connection: &mut PgConnection, found: usize) -> Result<(), Fault> {
    if found == 0 {
        let table = "create table migrations (version bigint primary key, \
                     at timestamptz not null default clock_timestamp())";
        say(connection, table, PATIENCE).await?;
    } else if found < MIGRATIONS.len() {
        info!(
            "The tables go from schema {found} to {}; a million calls take some seconds",
            MIGRATIONS.len()
        );
    }
    for (migration, version) in MIGRATIONS.iter().zip(1_i64..).skip(found) {
        sqlx::raw_sql(AssertSqlSafe(*migration)).execute(&mut *connection).await?;
        let noted = "insert into migrations (version) values ($1)";
        fetch(connection, noted, arguments![version], PATIENCE).await?;
    }
    if found == 0 {
        for queue in Queue::first() {
            fetch(connection, PUT_QUEUE, queue_arguments(&queue), PATIENCE).await?;
        }
    }
    Ok(())
}

async fn find_audit_key(
    connection: &mut PgConnection,
    given: Option<Vec<u8>>,
) -> Result<AuditKey, Fault> {
    let mark = remembered(connection, AUDIT_MARK).await?;
    let kept = remembered(connection, AUDIT_KEY).await?;
    let key = if let Some(key) = AuditKey::found(given, kept, mark.as_deref()) {
        key
    } else {
        let made = AuditKey::made();
        remember(connection, AUDIT_KEY, made.bytes()).await?;
        made
    };
    if mark.is_none() {
        remember(connection, AUDIT_MARK, &key.mark()).await?;
    }
    Ok(key)
}

async fn remembered(connection: &mut PgConnection, name: &str) -> Result<Option<Vec<u8>>, Fault> {
    let sql = "select value from memory where name = $1";
    let rows = fetch(connection, sql, arguments![name], PATIENCE).await?;
    Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
}

async fn remember(connection: &mut PgConnection, name: &str, value: &[u8]) -> Result<(), Fault> {
    let sql = "insert into memory (name, value) values ($1, $2)";
    fetch(connection, sql, arguments![name, value], PATIENCE).await.map(|_| ())
}

/// Keeps a queue, which is `$1` to `$8`.
macro_rules! put_queue {
    () => {
        "insert into queues (id, name, sla_ms, ring_ms, max_hold_ms, short_call_ms, max_reroutes, \
         wrap_ms) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do update set \
         name = excluded.name, sla_ms = excluded.sla_ms, ring_ms = excluded.ring_ms, \
         max_hold_ms = excluded.max_hold_ms, short_call_ms = excluded.short_call_ms, \
         max_reroutes = excluded.max_reroutes, wrap_ms = excluded.wrap_ms"
    };
}
pub(super) use put_queue;

const PUT_QUEUE: &str = put_queue!();

pub(super) fn queue_arguments(queue: &Queue) -> sqlx::postgres::PgArguments {
    arguments![
        queue.id.as_str(),
        queue.name.as_str(),
        queue.sla_seconds.ms,
        queue.ring_seconds.ms,
        queue.max_hold_seconds.ms,
        queue.short_call_seconds.ms,
        i64::from(queue.max_reroutes),
        queue.wrap_up_seconds.ms,
    ]
}

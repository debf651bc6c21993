//! What people did: appended to, and read in pages.

use contract::Action;
use lifecycle::Timestamp;
use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};

use crate::{Listed, NewAction, StoreError, keys::ActionRow, sqlite::away};

/// Makes a change and keeps the action that it is: both or neither.
pub(super) fn together<T>(
    connection: &Connection,
    change: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction =
        Transaction::new_unchecked(connection, TransactionBehavior::Immediate).map_err(away)?;
    let done = change(&transaction)?;
    transaction.commit().map_err(away)?;
    Ok(done)
}

/// Appends an action, within whatever transaction is open.
pub(super) fn append(
    connection: &Connection,
    now: Timestamp,
    action: &NewAction,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "insert into actions (id, at, by, role, action, target, reason, detail) \
             values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing",
        )
        .and_then(|mut it| {
            it.execute(params![
                action.id,
                now.0,
                &*action.by.name,
                action.by.role.name(),
                action.action,
                action.target,
                action.reason,
                action.detail
            ])
        })
        .map(drop)
        .map_err(away)
}

const ALL: &str = "select no, id, at, by, role, action, target, reason, detail from actions \
    where no < ?1 order by no desc limit ?2";
const DONE_TO: &str = "select no, id, at, by, role, action, target, reason, detail from actions \
    where target = ?3 and no < ?1 order by no desc limit ?2";

fn row(row: &Row<'_>) -> rusqlite::Result<ActionRow> {
    Ok(ActionRow {
        no: row.get(0)?,
        id: row.get(1)?,
        at: row.get(2)?,
        by: row.get(3)?,
        role: row.get(4)?,
        action: row.get(5)?,
        target: row.get(6)?,
        reason: row.get(7)?,
        detail: row.get(8)?,
    })
}

/// A page, the newest first: of all, or of what was done to one thing.
pub(super) fn page(
    connection: &Connection,
    target: Option<&str>,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Listed<Action>>, StoreError> {
    let before = before.unwrap_or(i64::MAX);
    let rows = match target {
        None => connection.prepare_cached(ALL).and_then(|mut it| {
            it.query_map(params![before, limit], row)?.collect::<Result<Vec<_>, _>>()
        }),
        Some(target) => connection.prepare_cached(DONE_TO).and_then(|mut it| {
            it.query_map(params![before, limit, target], row)?.collect::<Result<Vec<_>, _>>()
        }),
    };
    let rows = rows.map_err(away)?;
    rows.into_iter().map(ActionRow::listed).collect()
}

//! What people did: appended to in the statement that does it, and read in pages.

use contract::Action;
use lifecycle::Timestamp;
use serde_json::json;
use sqlx::{Row, postgres::PgRow};

use super::{
    connections::{Connections, arguments},
    fault::Fault,
};
use crate::{Listed, NewAction, StoreError, keys::ActionRow};

/// Inserts the action that an argument is, as JSON: one that is sent twice is kept once. What is
/// named after it must have a row for the action to be kept.
macro_rules! insert_action {
    ($argument:literal $(, $needed:literal)?) => {
        concat!(
            "insert into actions (id, at, by, role, action, target, reason, detail) \
             select a.id, coalesce(a.at, ",
            $crate::postgres::read::now_ms!(),
            "), a.by, a.role, a.action, a.target, a.reason, a.detail from jsonb_to_record(",
            $argument,
            "::text::jsonb) a (id text, at bigint, by text, role text, action text, target text, \
             reason text, detail text)",
            $(", ", $needed,)?
            " on conflict (id) do nothing"
        )
    };
}
pub(super) use insert_action;

/// An action as the argument of [`insert_action`].
pub(super) fn as_argument(now: Option<Timestamp>, action: &NewAction) -> String {
    json!({
        "id": action.id,
        "at": now.map(|now| now.0),
        "by": &*action.by.name,
        "role": action.by.role.name(),
        "action": action.action,
        "target": action.target,
        "reason": action.reason,
        "detail": action.detail,
    })
    .to_string()
}

/// Keeps an action by itself, within whatever transaction is open.
pub(super) const APPEND: &str = insert_action!("$1");

const ALL: &str = "select no, id, at, by, role, action, target, reason, detail from actions \
    where no < $1 order by no desc limit $2";
const DONE_TO: &str = "select no, id, at, by, role, action, target, reason, detail from actions \
    where target = $3 and no < $1 order by no desc limit $2";

fn listed(row: &PgRow) -> Result<Listed<Action>, Fault> {
    let row = ActionRow {
        no: row.try_get(0)?,
        id: row.try_get(1)?,
        at: row.try_get(2)?,
        by: row.try_get(3)?,
        role: row.try_get(4)?,
        action: row.try_get(5)?,
        target: row.try_get(6)?,
        reason: row.try_get(7)?,
        detail: row.try_get(8)?,
    };
    Ok(row.listed()?)
}

/// A page, the newest first: of all, or of what was done to one thing.
pub(super) async fn page(
    reads: &Connections,
    target: Option<&str>,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Listed<Action>>, StoreError> {
    let (before, limit) = (before.unwrap_or(i64::MAX), i64::from(limit));
    let rows = match target {
        None => reads.ask(ALL, arguments![before, limit]).await?,
        Some(target) => reads.ask(DONE_TO, arguments![before, limit, target]).await?,
    };
    rows.iter().map(listed).collect::<Result<_, _>>().map_err(Fault::told)
}

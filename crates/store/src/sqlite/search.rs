//! Searching calls by what no index knows.

use contract::CallStatus;
use lifecycle::Timestamp;
use rusqlite::{Connection, OptionalExtension, params_from_iter, types::Value};

use super::read::{CALL, found, listed};
use crate::{Search, Searched, Stopped, StoreError, sqlite::away};

/// Conditions, and what is put in their places.
#[derive(Clone, Debug, Default)]
struct Conditions {
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    fn and(&mut self, condition: &str, value: impl Into<Value>) {
        self.sql.push_str(condition);
        self.sql.push_str(" and ");
        let value = value.into();
        self.values.extend(condition.matches('?').map(|_| value.clone()));
    }
}

pub(super) fn search(connection: &Connection, search: &Search) -> Result<Searched, StoreError> {
    let scope = scope(search);
    let stopped = if search.is_open_only() { None } else { stop(connection, search, &scope)? };
    let mut wanted = scope;
    if let Some(stopped) = stopped {
        wanted.and("no >= ?", stopped.no);
    }
    let filter = &search.filter;
    if let Some(queue) = &filter.queue {
        wanted.and("queue_id = ?", queue.clone());
    }
    if let Some(agent) = &filter.agent {
        wanted.and("agent_id = ?", agent.clone());
    }
    if let Some(flag) = filter.in_flags() {
        wanted.and("instr(flags, ?)", flag);
    }
    if let Some(text) = filter.lowered() {
        let anywhere =
            "(instr(lower(id), ?) or instr(lower(queue_id), ?) or instr(lower(agent_id), ?))";
        wanted.and(anywhere, text);
    }
    let Conditions { sql, mut values } = wanted;
    values.extend([search.before.unwrap_or(i64::MAX), search.limit.into()].map(Value::Integer));
    let sql = format!("select {CALL} from calls where {sql} no < ? order by no desc limit ?");
    let rows = connection
        .prepare_cached(&sql)
        .and_then(|mut it| {
            it.query_map(params_from_iter(values), found)?.collect::<Result<Vec<_>, _>>()
        })
        .map_err(away)?;
    let calls = rows.into_iter().map(listed).collect::<Result<_, _>>()?;
    Ok(Searched { calls, stopped })
}

/// What an index knows.
fn scope(search: &Search) -> Conditions {
    let mut scope = Conditions::default();
    match search.status {
        None => {}
        Some(CallStatus::Ended) => {
            scope.sql.push_str("end_time is not null and ");
            if let Some(queue) = &search.filter.queue {
                scope.and("queue_id = ?", queue.clone());
            }
        }
        Some(status) => {
            scope.sql.push_str("end_time is null and ");
            scope.and("status = ?", status.name().to_owned());
        }
    }
    scope
}

/// The last call to look at; none where the oldest comes first.
fn stop(
    connection: &Connection,
    search: &Search,
    scope: &Conditions,
) -> Result<Option<Stopped>, StoreError> {
    let Conditions { sql, mut values } = scope.clone();
    let skipped = search.among.saturating_sub(1);
    values.extend([search.before.unwrap_or(i64::MAX), skipped.into()].map(Value::Integer));
    let sql = format!(
        "select no, start_time from calls where no = (select no from calls \
         where {sql} no < ? order by no desc limit 1 offset ?)"
    );
    connection
        .prepare_cached(&sql)
        .and_then(|mut it| {
            it.query_row(params_from_iter(values), |row| {
                Ok(Stopped { no: row.get(0)?, began: Timestamp(row.get(1)?) })
            })
            .optional()
        })
        .map_err(away)
}

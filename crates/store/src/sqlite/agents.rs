//! Agents: read when the store is opened, changed, and noted by a batch.

use std::sync::Arc;

use foldhash::HashMap;
use lifecycle::{Agent, Timestamp};
use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};

use crate::{
    AgentsNeeded, ChangeAgent, LoadedAgent, NewAction, StoreError, StoredAgent, StoredCall,
    agents::AgentRow,
    sqlite::{actions::append, away, floor::Floor, tallies::note},
};

const AGENT: &str = "a.id, a.name, a.presence, a.presence_since, a.presence_reason, a.missed, \
    a.idle_since, a.wraps_since, a.wraps_until, a.lease_ms, a.renewed_at, \
    (select json_group_array(json_array(queue_id, readiness)) from agent_queues \
    where agent_id = a.id)";

fn row(row: &Row<'_>) -> rusqlite::Result<(String, AgentRow)> {
    let columns = AgentRow {
        name: row.get(1)?,
        presence: row.get(2)?,
        presence_since: row.get(3)?,
        presence_reason: row.get(4)?,
        missed: row.get(5)?,
        idle_since: row.get(6)?,
        wraps_since: row.get(7)?,
        wraps_until: row.get(8)?,
        lease_ms: row.get(9)?,
        renewed_at: row.get(10)?,
        queues: row.get(11)?,
    };
    Ok((row.get(0)?, columns))
}

/// Every agent.
pub(super) fn all(connection: &Connection) -> Result<Vec<StoredAgent>, StoreError> {
    let rows = connection
        .prepare(&format!("select {AGENT} from agents a"))
        .and_then(|mut it| it.query_map([], row)?.collect::<Result<Vec<_>, _>>())
        .map_err(away)?;
    rows.into_iter().map(|(id, columns)| columns.into_agent(id)).collect()
}

/// The agents a batch must know, once its calls are known.
pub(super) fn load(
    floor: &Floor,
    needed: &AgentsNeeded,
    calls: &HashMap<Arc<str>, StoredCall>,
) -> HashMap<String, LoadedAgent> {
    let offered = needed.offered.iter().map(String::as_str);
    let ids = needed.of(calls.values()).into_iter().chain(offered);
    ids.filter_map(|id| Some((id.to_owned(), floor.loaded_agent(id)?))).collect()
}

/// Keeps what a batch changed of an agent.
pub(super) fn keep(connection: &Connection, id: &str, agent: &Agent) -> rusqlite::Result<()> {
    put(connection, id, &AgentRow::of(id, agent), "name")
}

/// Makes an agent known whom an event named.
pub(super) fn name(connection: &Connection, id: &str, at: Timestamp) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "insert into agents (id, name, presence, presence_since, missed, idle_since) \
             values (?1, ?1, 'offline', ?2, 0, ?2) on conflict (id) do nothing",
        )?
        .execute(params![id, at.0])?;
    Ok(())
}

/// `kept_name`: what becomes of the name of an agent who is there already.
fn put(connection: &Connection, id: &str, row: &AgentRow, kept_name: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached(&format!(
            "insert into agents (id, name, presence, presence_since, presence_reason, missed, \
             idle_since, wraps_since, wraps_until, lease_ms, renewed_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
             on conflict (id) do update set name = {kept_name}, presence = excluded.presence, \
             presence_since = excluded.presence_since, presence_reason = excluded.presence_reason, \
             missed = excluded.missed, idle_since = excluded.idle_since, \
             wraps_since = excluded.wraps_since, wraps_until = excluded.wraps_until, lease_ms = excluded.lease_ms, \
             renewed_at = excluded.renewed_at"
        ))?
        .execute(params![
            id,
            row.name,
            row.presence,
            row.presence_since,
            row.presence_reason,
            row.missed,
            row.idle_since,
            row.wraps_since,
            row.wraps_until,
            row.lease_ms,
            row.renewed_at,
        ])?;
    Ok(())
}

/// Changes an agent in a transaction of its own.
pub(super) fn change(
    connection: &Connection,
    id: &str,
    before: Option<StoredAgent>,
    now: Timestamp,
    change: ChangeAgent,
    action: Option<&NewAction>,
) -> Result<StoredAgent, StoreError> {
    let begun = Transaction::new_unchecked(connection, TransactionBehavior::Immediate);
    let transaction = begun.map_err(away)?;
    let served = before.as_ref().map(|it| it.queues.clone());
    let (after, tallies) = change(before, now);
    let keep = || -> rusqlite::Result<()> {
        put(&transaction, id, &AgentRow::of(&after.name, &after.agent), "excluded.name")?;
        if served.as_ref() != Some(&after.queues) {
            transaction
                .prepare_cached("delete from agent_queues where agent_id = ?")?
                .execute([id])?;
            for (queue, readiness) in &after.queues {
                transaction
                    .prepare_cached(
                        "insert into agent_queues (agent_id, queue_id, readiness) values (?, ?, ?)",
                    )?
                    .execute(params![id, queue, readiness])?;
            }
        }
        Ok(())
    };
    keep().map_err(away)?;
    note(&transaction, &tallies)?;
    if let Some(action) = action {
        append(&transaction, now, action)?;
    }
    transaction.commit().map_err(away)?;
    Ok(after)
}

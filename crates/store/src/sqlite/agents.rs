//! Agents: read, changed, and noted by a batch.

use std::collections::{BTreeSet, HashMap};

use lifecycle::{Agent, Engagement, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use crate::{
    AgentsNeeded, ChangeAgent, Engaged, LoadedAgent, NewAction, SeenAgent, StoreError, StoredAgent,
    StoredCall, WaitingCall,
    agents::AgentRow,
    sqlite::{actions::append, away, tallies::note},
};

/// So many of one kind are looked at in one round of dispatch.
const ROUND: u32 = 1_000;

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

fn stored(connection: &Connection, id: &str) -> Result<Option<StoredAgent>, StoreError> {
    let found = connection
        .prepare_cached(&format!("select {AGENT} from agents a where a.id = ?"))
        .and_then(|mut it| it.query_row([id], row).optional())
        .map_err(away)?;
    found.map(|(id, columns)| columns.into_agent(id)).transpose()
}

/// The agents a batch must know, once its calls are known.
pub(super) fn load(
    connection: &Connection,
    needed: &AgentsNeeded,
    calls: &HashMap<String, StoredCall>,
) -> Result<HashMap<String, LoadedAgent>, StoreError> {
    let of_calls = calls.values().filter_map(|stored| stored.call.named_agent());
    let of_calls = of_calls.filter(|agent| needed.serving.contains_key(*agent));
    let ids = needed.named.iter().map(String::as_str).chain(of_calls).collect::<BTreeSet<_>>();
    let mut loaded = HashMap::new();
    for id in ids {
        let Some(StoredAgent { agent, queues, .. }) = stored(connection, id)? else { continue };
        let engaged = if needed.engaged { engaged(connection, id)? } else { Vec::new() };
        let queues = queues.into_iter().map(|(queue, _)| queue).collect();
        loaded.insert(id.to_owned(), LoadedAgent { agent, queues, engaged });
    }
    Ok(loaded)
}

fn engaged(connection: &Connection, id: &str) -> Result<Vec<i64>, StoreError> {
    connection
        .prepare_cached("select no from calls where agent_id = ? and end_time is null")
        .and_then(|mut it| it.query_map([id], |row| row.get(0))?.collect())
        .map_err(away)
}

/// The open calls that name an agent.
pub(super) fn calls_of(connection: &Connection, agent: &str) -> Result<Vec<String>, StoreError> {
    connection
        .prepare_cached("select id from calls where agent_id = ? and end_time is null order by no")
        .and_then(|mut it| it.query_map([agent], |row| row.get(0))?.collect())
        .map_err(away)
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
    now: Timestamp,
    change: ChangeAgent,
    action: Option<&NewAction>,
) -> Result<StoredAgent, StoreError> {
    let begun = Transaction::new_unchecked(connection, TransactionBehavior::Immediate);
    let transaction = begun.map_err(away)?;
    let before = stored(&transaction, id)?;
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

/// Agents with the call that names them: those of the given ids, or all, by id.
pub(super) fn seen(
    connection: &Connection,
    ids: Option<&[String]>,
) -> Result<Vec<SeenAgent>, StoreError> {
    let ids = ids.map(|ids| serde_json::json!(ids).to_string());
    let rows = connection
        .prepare_cached(&format!(
            "select {AGENT}, c.id, c.status, c.moved_at from agents a left join calls c on c.no = \
             (select no from calls where agent_id = a.id and end_time is null \
             order by status = 'waiting', no limit 1) \
             where ?1 is null or a.id in (select value from json_each(?1)) order by a.id"
        ))
        .and_then(|mut it| {
            it.query_map([ids], |found| {
                let call: Option<String> = found.get(12)?;
                let engaged = match call {
                    None => None,
                    Some(call) => Some(Engaged {
                        call,
                        engagement: engagement(&found.get::<_, String>(13)?),
                        moved_at: Timestamp(found.get(14)?),
                    }),
                };
                Ok((row(found)?, engaged))
            })?
            .collect::<Result<Vec<_>, _>>()
        })
        .map_err(away)?;
    rows.into_iter()
        .map(|((id, row), engaged)| Ok(SeenAgent { stored: row.into_agent(id)?, engaged }))
        .collect()
}

fn engagement(status: &str) -> Engagement {
    if status == "waiting" { Engagement::Offered } else { Engagement::OnCall }
}

/// Calls of these queues that wait with nobody's phone ringing.
pub(super) fn waiting(
    connection: &Connection,
    queues: &[String],
) -> Result<Vec<WaitingCall>, StoreError> {
    let mut waiting = Vec::new();
    for queue in queues {
        let found = connection
            .prepare_cached(
                "select id, priority, since, attempt, moved_at from calls \
                 where end_time is null and queue_id = ? and status = 'waiting' \
                 and agent_id is null order by priority desc, since limit 100",
            )
            .and_then(|mut it| {
                it.query_map(params![queue], |row| {
                    Ok(WaitingCall {
                        call: row.get(0)?,
                        queue: queue.clone(),
                        priority: row.get(1)?,
                        since: Timestamp(row.get(2)?),
                        attempt: row.get(3)?,
                        moved_at: Timestamp(row.get(4)?),
                    })
                })?
                .collect::<Result<Vec<_>, _>>()
            })
            .map_err(away)?;
        waiting.extend(found);
    }
    Ok(waiting)
}

/// Agents of these queues to whom a call may be offered now.
pub(super) fn free(
    connection: &Connection,
    queues: &[String],
    now: Timestamp,
) -> Result<Vec<(String, Timestamp)>, StoreError> {
    connection
        .prepare_cached(
            "select a.id, a.idle_since from (select distinct agent_id from json_each(?1) j \
             join agent_queues q on q.queue_id = j.value) q cross join agents a \
             where a.id = q.agent_id and a.presence = 'available' \
             and (a.wraps_until is null or a.wraps_until <= ?2) \
             and (a.lease_ms is null or ?2 <= a.renewed_at + a.lease_ms) \
             and not exists (select 1 from calls c where c.agent_id = a.id and c.end_time is null) \
             order by a.idle_since limit ?3",
        )
        .and_then(|mut it| {
            it.query_map(params![serde_json::json!(queues).to_string(), now.0, ROUND], |row| {
                Ok((row.get(0)?, Timestamp(row.get(1)?)))
            })?
            .collect::<Result<Vec<_>, _>>()
        })
        .map_err(away)
}

/// When the next wrap-up ends after `now`.
pub(super) fn next_wrapped(
    connection: &Connection,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    connection
        .prepare_cached("select min(wraps_until) from agents where wraps_until > ?")
        .and_then(|mut it| it.query_row([now.0], |row| row.get::<_, Option<i64>>(0)))
        .map(|at| at.map(Timestamp))
        .map_err(away)
}

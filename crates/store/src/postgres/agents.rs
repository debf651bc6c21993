//! Agents: read, changed, and noted by a batch.

use std::{collections::BTreeSet, time::Duration};

use lifecycle::{Engagement, Timestamp};
use sqlx::{PgConnection, Row, postgres::PgArguments, postgres::PgRow};

use super::{
    actions::{APPEND, as_argument},
    connections::{ANSWERED_WITHIN, Connections, arguments, fetch, say},
    fault::Fault,
    read::now_ms,
    tallies::NOTE,
};
use crate::{
    AgentsNeeded, ChangeAgent, Changes, Engaged, Loaded, LoadedAgent, NewAction, SeenAgent,
    StoreError, StoredAgent, WaitingCall, agents::AgentRow,
};

/// So many of one kind are looked at in one round of dispatch.
const ROUND: i64 = 1_000;

macro_rules! agent_columns {
    () => {
        "a.id, a.name, a.presence, a.presence_since, a.presence_reason, a.missed, a.idle_since, \
         a.wraps_since, a.wraps_until, a.lease_ms, a.renewed_at, (select \
         json_agg(json_build_array(queue_id, readiness) order by queue_id)::text \
         from agent_queues where agent_id = a.id)"
    };
}

fn stored(row: &PgRow) -> Result<StoredAgent, Fault> {
    let columns = AgentRow {
        name: row.try_get(1)?,
        presence: row.try_get(2)?,
        presence_since: row.try_get(3)?,
        presence_reason: row.try_get(4)?,
        missed: row.try_get(5)?,
        idle_since: row.try_get(6)?,
        wraps_since: row.try_get(7)?,
        wraps_until: row.try_get(8)?,
        lease_ms: row.try_get(9)?,
        renewed_at: row.try_get(10)?,
        queues: row.try_get(11)?,
    };
    Ok(columns.into_agent(row.try_get(0)?)?)
}

const LOCK: &str = concat!(
    "select ",
    agent_columns!(),
    " from agents a where a.id = any($1) order by a.id for update of a"
);
const LOCK_FREE: &str = concat!(
    "select ",
    agent_columns!(),
    " from agents a where a.id = any($1) order by a.id for update of a skip locked"
);
const LOOK: &str =
    concat!("select ", agent_columns!(), " from agents a where a.id = any($1) order by a.id");

/// A statement after the locks: what a rival recorded while we waited is not in the snapshot of the
/// statement that waited.
const ENGAGED: &str = "select agent_id, call_no from open_calls where agent_id = any($1)";

/// Locks the agents a batch must know, once its calls are locked.
pub(super) async fn load(
    connection: &mut PgConnection,
    needed: &AgentsNeeded,
    loaded: &mut Loaded,
    within: Duration,
) -> Result<(), Fault> {
    let of_calls = loaded.calls.values().filter_map(|stored| stored.call.named_agent());
    let of_calls = of_calls.filter(|agent| needed.serving.contains_key(*agent));
    let ids = needed.named.iter().map(String::as_str).chain(of_calls).collect::<BTreeSet<_>>();
    if ids.is_empty() {
        return Ok(());
    }
    let ids = ids.into_iter().collect::<Vec<_>>();
    let sql = match needed.offers {
        true if crate::planted("agent_without_lock") => LOOK,
        true => LOCK_FREE,
        false => LOCK,
    };
    let rows = fetch(connection, sql, arguments![&ids], within).await?;
    let engaged = if needed.engaged {
        fetch(connection, ENGAGED, arguments![&ids], within).await?
    } else {
        Vec::new()
    };
    for row in &rows {
        let StoredAgent { id, agent, queues, .. } = stored(row)?;
        let queues = queues.into_iter().map(|(queue, _)| queue).collect();
        loaded.agents.insert(id, LoadedAgent { agent, queues, engaged: Vec::new() });
    }
    for row in &engaged {
        if let Some(agent) = loaded.agents.get_mut(row.try_get::<&str, _>(0)?) {
            agent.engaged.push(row.try_get(1)?);
        }
    }
    Ok(())
}

const NAME: &str = "insert into agents (id, name, presence, presence_since, missed, idle_since) \
     select id, id, 'offline', $2, 0, $2 from unnest($1::text[]) n (id) order by id \
     on conflict (id) do nothing";

macro_rules! put {
    ($name:literal) => {
        concat!(
            "insert into agents (id, name, presence, presence_since, presence_reason, missed, \
             idle_since, wraps_since, wraps_until, lease_ms, renewed_at) select * from unnest($1::text[], \
             $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[], \
             $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[]) on conflict (id) do update set name = ",
            $name,
            ", presence = excluded.presence, presence_since = excluded.presence_since, \
             presence_reason = excluded.presence_reason, missed = excluded.missed, \
             idle_since = excluded.idle_since, wraps_since = excluded.wraps_since, wraps_until = excluded.wraps_until, \
             lease_ms = excluded.lease_ms, renewed_at = excluded.renewed_at"
        )
    };
}

const KEEP: &str = put!("agents.name");
const PUT: &str = put!("excluded.name");

/// Keeps what a batch changed of agents, and who was named for the first time.
pub(super) async fn keep(
    connection: &mut PgConnection,
    changes: &Changes,
    now: Timestamp,
    within: Duration,
) -> Result<(), Fault> {
    if !changes.named.is_empty() {
        fetch(connection, NAME, arguments![&changes.named, now.0], within).await?;
    }
    if !changes.agents.is_empty() {
        let agents = changes.agents.iter();
        let rows = agents.map(|(id, agent)| (id.as_str(), AgentRow::of(id, agent)));
        fetch(connection, KEEP, rows_of(&rows.collect::<Vec<_>>()), within).await?;
    }
    Ok(())
}

fn rows_of(rows: &[(&str, AgentRow)]) -> PgArguments {
    macro_rules! column {
        ($row:ident, $value:expr) => {
            rows.iter().map(|(_, $row)| $value).collect::<Vec<_>>()
        };
    }
    arguments![
        rows.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        column!(row, row.name.as_str()),
        column!(row, row.presence.as_str()),
        column!(row, row.presence_since),
        column!(row, row.presence_reason.as_deref()),
        column!(row, row.missed),
        column!(row, row.idle_since),
        column!(row, row.wraps_since),
        column!(row, row.wraps_until),
        column!(row, row.lease_ms),
        column!(row, row.renewed_at),
    ]
}

/// Changes an agent in a transaction of its own. `now`: the moment to use, or else the database's.
pub(super) async fn change(
    writes: &Connections,
    now: Option<Timestamp>,
    id: &str,
    change: ChangeAgent,
    action: Option<&NewAction>,
) -> Result<StoredAgent, StoreError> {
    let mut lent = writes.lend().await.map_err(Fault::told)?;
    let done = changed(&mut lent.connection, now, id, change, action).await;
    match &done {
        Ok(_) => writes.take_back(lent),
        // It is closed, and with it whatever it had begun.
        Err(_) => drop(lent),
    }
    done.map_err(Fault::told)
}

async fn changed(
    connection: &mut PgConnection,
    now: Option<Timestamp>,
    id: &str,
    change: ChangeAgent,
    action: Option<&NewAction>,
) -> Result<StoredAgent, Fault> {
    let within = ANSWERED_WITHIN + super::LOCKED_WITHIN;
    say(connection, "begin isolation level read committed", ANSWERED_WITHIN).await?;
    let rows = fetch(connection, LOCK, arguments![vec![id]], within).await?;
    let before = rows.first().map(stored).transpose()?;
    let now = if let Some(now) = now {
        now
    } else {
        let sql = concat!("select ", now_ms!());
        let rows = fetch(connection, sql, arguments![], ANSWERED_WITHIN).await?;
        Timestamp(rows[0].try_get(0)?)
    };
    let served = before.as_ref().map(|it| it.queues.clone());
    let (after, tallies) = change(before, now);
    let row = (after.id.as_str(), AgentRow::of(&after.name, &after.agent));
    fetch(connection, PUT, rows_of(&[row]), within).await?;
    if served.as_ref() != Some(&after.queues) {
        let forget = "delete from agent_queues where agent_id = $1";
        fetch(connection, forget, arguments![id], ANSWERED_WITHIN).await?;
        let serve = "insert into agent_queues (agent_id, queue_id, readiness) \
                     select $1, * from unnest($2::text[], $3::bigint[])";
        let queues = after.queues.iter().map(|(queue, _)| queue.as_str()).collect::<Vec<_>>();
        let readiness = after.queues.iter().map(|(_, it)| i64::from(*it)).collect::<Vec<_>>();
        fetch(connection, serve, arguments![id, queues, readiness], ANSWERED_WITHIN).await?;
    }
    if let Some(data) = tallies.to_text() {
        fetch(connection, NOTE, arguments![data], ANSWERED_WITHIN).await?;
    }
    if let Some(action) = action {
        let action = arguments![as_argument(Some(now), action)];
        fetch(connection, APPEND, action, ANSWERED_WITHIN).await?;
    }
    say(connection, "commit", super::LOCKED_WITHIN).await?;
    Ok(after)
}

/// The open calls that name an agent.
pub(super) async fn calls_of(reads: &Connections, agent: &str) -> Result<Vec<String>, StoreError> {
    let sql = "select c.id from open_calls o join calls c on c.no = o.call_no \
               where o.agent_id = $1 order by c.no";
    let rows = reads.ask(sql, arguments![agent]).await?;
    let id = |row: &PgRow| row.try_get(0);
    rows.iter().map(id).collect::<Result<_, _>>().map_err(|it| Fault::from(it).told())
}

/// Agents with the call that names them: those of the given ids, or all, by id.
pub(super) async fn seen(
    reads: &Connections,
    ids: Option<&[String]>,
) -> Result<Vec<SeenAgent>, StoreError> {
    let sql = concat!(
        "select ",
        agent_columns!(),
        ", c.id, o.status, c.moved_at from agents a left join lateral (select call_no, status \
         from open_calls where agent_id = a.id order by status = 'waiting', call_no limit 1) o \
         on true left join calls c on c.no = o.call_no \
         where $1::text[] is null or a.id = any($1) order by a.id"
    );
    let rows = reads.ask(sql, arguments![ids]).await?;
    rows.iter().map(seen_in).collect::<Result<_, _>>().map_err(Fault::told)
}

fn seen_in(row: &PgRow) -> Result<SeenAgent, Fault> {
    let engaged = match row.try_get::<Option<String>, _>(12)? {
        None => None,
        Some(call) => Some(Engaged {
            call,
            engagement: match row.try_get::<&str, _>(13)? {
                "waiting" => Engagement::Offered,
                _ => Engagement::OnCall,
            },
            moved_at: Timestamp(row.try_get(14)?),
        }),
    };
    Ok(SeenAgent { stored: stored(row)?, engaged })
}

/// Calls of these queues that wait with nobody's phone ringing.
pub(super) async fn waiting(
    reads: &Connections,
    queues: &[String],
) -> Result<Vec<WaitingCall>, StoreError> {
    let sql = "select c.id, o.queue_id, o.priority, c.since, c.attempt, c.moved_at \
               from unnest($1::text[]) q (id) cross join lateral (select * from open_calls \
               where queue_id = q.id and status = 'waiting' and agent_id is null \
               order by priority desc, call_no limit 100) o join calls c on c.no = o.call_no";
    let waiting = |row: &PgRow| -> Result<WaitingCall, sqlx::Error> {
        Ok(WaitingCall {
            call: row.try_get(0)?,
            queue: row.try_get(1)?,
            priority: u8::try_from(row.try_get::<i64, _>(2)?).unwrap_or_default(),
            since: Timestamp(row.try_get(3)?),
            attempt: u32::try_from(row.try_get::<i64, _>(4)?).unwrap_or_default(),
            moved_at: Timestamp(row.try_get(5)?),
        })
    };
    let rows = reads.ask(sql, arguments![queues]).await?;
    rows.iter().map(waiting).collect::<Result<_, _>>().map_err(|it| Fault::from(it).told())
}

/// Agents of these queues to whom a call may be offered now.
pub(super) async fn free(
    reads: &Connections,
    queues: &[String],
    now: Option<Timestamp>,
) -> Result<Vec<(String, Timestamp)>, StoreError> {
    let sql = concat!(
        "select a.id, a.idle_since from (select coalesce($2, ",
        now_ms!(),
        ") as at) now cross join (select distinct agent_id from agent_queues \
         where queue_id = any($1)) q cross join lateral (select * from agents \
         where id = q.agent_id and presence = 'available' \
         and (wraps_until is null or wraps_until <= now.at) \
         and (lease_ms is null or now.at <= renewed_at + lease_ms) \
         and not exists (select from open_calls o where o.agent_id = agents.id) offset 0) a \
         order by a.idle_since limit $3"
    );
    let rows = reads.ask(sql, arguments![queues, now.map(|now| now.0), ROUND]).await?;
    let free = |row: &PgRow| Ok((row.try_get(0)?, Timestamp(row.try_get(1)?)));
    rows.iter().map(free).collect::<Result<_, sqlx::Error>>().map_err(|it| Fault::from(it).told())
}

/// When the next wrap-up ends.
pub(super) async fn next_wrapped(
    reads: &Connections,
    now: Option<Timestamp>,
) -> Result<Option<Timestamp>, StoreError> {
    let sql = concat!(
        "select min(wraps_until) from agents where wraps_until > (select coalesce($1, ",
        now_ms!(),
        "))"
    );
    let rows = reads.ask(sql, arguments![now.map(|now| now.0)]).await?;
    let at = rows[0].try_get::<Option<i64>, _>(0).map_err(|it| Fault::from(it).told())?;
    Ok(at.map(Timestamp))
}

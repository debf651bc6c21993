//! Agents: read, changed, and noted by a batch.

use std::{collections::BTreeSet, time::Duration};

use lifecycle::{Engagement, Timestamp};
use sqlx::{PgConnection, Row, postgres::PgRow};

use super::{
    actions::{APPEND, as_argument},
    connections::{ANSWERED_WITHIN, Connections, arguments, fetch, its_call, say},
    fault::Fault,
    memory::Recalled,
    read::now_ms,
    tallies::NOTE,
};
use crate::{
    AgentsNeeded, ChangeAgent, ChangedAgent, Engaged, FreeAgent, Loaded, LoadedAgent, NewAction,
    SeenAgent, StoreError, StoredAgent, WaitingCall, agents::AgentRow,
};

/// So many of one kind are looked at in one round of dispatch.
const ROUND: i64 = 1_000;

macro_rules! agent_columns {
    () => {
        "a.id, a.name, a.presence, a.presence_since, a.presence_reason, a.missed, a.idle_since, \
         a.wraps_since, a.wraps_until, a.lease_ms, a.renewed_at, (select \
         json_agg(json_build_array(queue_id, readiness) order by queue_id)::text \
         from agent_queues where agent_id = a.id), a.version"
    };
}

/// An agent, and their version.
fn stored_version(row: &PgRow) -> Result<(StoredAgent, i64), Fault> {
    Ok((stored(row)?, row.try_get(12)?))
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
    let locked = needed.of(loaded.calls.values());
    let offered = needed.offered.iter().map(String::as_str);
    let offered = offered.filter(|agent| !locked.contains(agent)).collect::<BTreeSet<_>>();
    let planted = crate::planted("agent_without_lock");
    let free = if planted { LOOK } else { LOCK_FREE };
    let mut found = Vec::new();
    for (sql, ids) in [(LOCK, &locked), (free, &offered)] {
        if !ids.is_empty() {
            let ids = ids.iter().copied().collect::<Vec<_>>();
            found.extend(fetch(connection, sql, arguments![ids], within).await?);
        }
    }
    if planted && !offered.is_empty() {
        // As a slow network would; two servers seldom meet in the moment that a fast one takes.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for row in &found {
        let (agent, version) = stored_version(row)?;
        loaded.agents.insert(agent.id.clone(), loaded_agent(&agent, version));
    }
    if found.is_empty() || !needed.engaged && needed.offered.is_empty() {
        return Ok(());
    }
    let ids = loaded.agents.keys().map(String::as_str).collect::<Vec<_>>();
    for row in &fetch(connection, ENGAGED, arguments![ids], within).await? {
        if let Some(agent) = loaded.agents.get_mut(row.try_get::<&str, _>(0)?) {
            agent.engaged.push(row.try_get(1)?);
        }
    }
    Ok(())
}

/// Reads those who are not remembered, without locks.
pub(super) async fn look(writes: &Connections, recalled: &mut Recalled) -> Result<(), StoreError> {
    if recalled.unmet.is_empty() {
        return Ok(());
    }
    for row in &writes.ask(LOOK, arguments![&recalled.unmet]).await? {
        let (agent, version) = stored_version(row).map_err(Fault::told)?;
        recalled.loaded.agents.insert(agent.id.clone(), loaded_agent(&agent, version));
    }
    Ok(())
}

/// An agent as a batch finds them, as long as nobody asks which calls name them.
pub(super) fn loaded_agent(stored: &StoredAgent, version: i64) -> LoadedAgent {
    let queues = stored.queues.iter().map(|(queue, _)| queue.clone()).collect();
    LoadedAgent { agent: stored.agent.clone(), queues, engaged: Vec::new(), version }
}

/// The planted bug `agent_without_lock`: what others changed meanwhile is overwritten.
pub(super) async fn overwrite(
    connection: &mut PgConnection,
    agents: &mut [ChangedAgent],
    within: Duration,
) -> Result<(), Fault> {
    let ids = agents.iter().map(|changed| changed.id.as_str()).collect::<Vec<_>>();
    for row in &fetch(connection, LOCK, arguments![ids], within).await? {
        let (now, version) = stored_version(row)?;
        let changed = agents.iter_mut().filter(|changed| changed.id == now.id);
        changed.for_each(|changed| changed.version = version);
    }
    Ok(())
}

const NAME: &str = "insert into agents (id, name, presence, presence_since, missed, idle_since) \
     select id, id, 'offline', $2, 0, $2 from unnest($1::text[]) n (id) order by id \
     on conflict (id) do nothing";

const PUT: &str = "insert into agents (id, name, presence, presence_since, presence_reason, missed, \
     idle_since, wraps_since, wraps_until, lease_ms, renewed_at) \
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (id) do update set \
     name = excluded.name, presence = excluded.presence, presence_since = excluded.presence_since, \
     presence_reason = excluded.presence_reason, missed = excluded.missed, \
     idle_since = excluded.idle_since, wraps_since = excluded.wraps_since, \
     wraps_until = excluded.wraps_until, lease_ms = excluded.lease_ms, \
     renewed_at = excluded.renewed_at, version = agents.version + 1 returning version";

/// The last thing before the commit: whoever changes queues next waits for it.
const SERVING_CHANGED: &str = "update serving set version = version + 1";

/// Makes agents known whom events named.
pub(super) async fn name(
    connection: &mut PgConnection,
    named: &[String],
    now: Timestamp,
    within: Duration,
) -> Result<(), Fault> {
    fetch(connection, NAME, arguments![named, now.0], within).await.map(drop)
}

/// Changes an agent in a transaction of its own. `now`: the moment to use, or else the database's.
pub(super) async fn change(
    writes: &Connections,
    now: Option<Timestamp>,
    id: &str,
    change: ChangeAgent,
    action: Option<&NewAction>,
) -> Result<(StoredAgent, i64), StoreError> {
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
) -> Result<(StoredAgent, i64), Fault> {
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
    let row = AgentRow::of(&after.name, &after.agent);
    let columns = arguments![
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
    ];
    let version = fetch(connection, PUT, columns, within).await?[0].try_get(0)?;
    let serves_others = served.unwrap_or_default() != after.queues;
    if serves_others {
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
    if serves_others {
        fetch(connection, SERVING_CHANGED, arguments![], within).await?;
    }
    say(connection, "commit", super::LOCKED_WITHIN).await?;
    Ok((after, version))
}

/// A number that is another one after any process changed who serves which queue.
pub(super) async fn serving_version(reads: &Connections) -> Result<i64, StoreError> {
    let rows = reads.ask("select version from serving", arguments![]).await?;
    rows[0].try_get(0).map_err(|it| Fault::from(it).told())
}

/// The open calls that name an agent.
pub(super) async fn calls_of(reads: &Connections, agent: &str) -> Result<Vec<String>, StoreError> {
    let sql = concat!(
        "select c.id from open_calls o cross join ",
        its_call!("o.call_no"),
        " where o.agent_id = $1 order by c.no"
    );
    let rows = reads.ask(sql, arguments![agent]).await?;
    let id = |row: &PgRow| row.try_get(0);
    rows.iter().map(id).collect::<Result<_, _>>().map_err(|it| Fault::from(it).told())
}

macro_rules! see {
    ($which:literal) => {
        concat!(
            "select ",
            agent_columns!(),
            ", c.id, o.status, case o.status when 'waiting' then c.moved_at \
             else c.since - c.talked_ms - c.held_ms end from agents a left join lateral (select call_no, status \
             from open_calls where agent_id = a.id order by status = 'waiting', call_no limit 1) o \
             on true left join ",
            its_call!("o.call_no"),
            " on true",
            $which,
            " order by a.id"
        )
    };
}

/// Agents with the call that names them, and their versions: those of the given ids, or all, by id.
pub(super) async fn seen(
    reads: &Connections,
    ids: Option<&[String]>,
) -> Result<Vec<(SeenAgent, i64)>, StoreError> {
    let rows = match ids {
        None => reads.ask(see!(""), arguments![]).await?,
        Some(ids) => reads.ask(see!(" where a.id = any($1)"), arguments![ids]).await?,
    };
    rows.iter().map(seen_in).collect::<Result<_, _>>().map_err(Fault::told)
}

fn seen_in(row: &PgRow) -> Result<(SeenAgent, i64), Fault> {
    let engaged = match row.try_get::<Option<String>, _>(13)? {
        None => None,
        Some(call) => Some(Engaged {
            call,
            engagement: match row.try_get::<&str, _>(14)? {
                "waiting" => Engagement::Offered,
                _ => Engagement::OnCall,
            },
            since: Timestamp(row.try_get(15)?),
        }),
    };
    let (stored, version) = stored_version(row)?;
    Ok((SeenAgent { stored, engaged }, version))
}

/// Calls of these queues that wait with nobody's phone ringing.
pub(super) async fn waiting(
    reads: &Connections,
    queues: &[String],
    limit: usize,
) -> Result<Vec<WaitingCall>, StoreError> {
    let sql = concat!(
        // A line is long, and only its head is wanted: it is in the order of an index.
        "select c.id, o.queue_id, o.priority, o.since, c.attempt, c.moved_at \
               from unnest($1::text[]) q (id) cross join lateral (select * from open_calls \
               where queue_id = q.id and status = 'waiting' and agent_id is null \
               order by priority desc, since, call_no limit $2) o cross join ",
        its_call!("o.call_no")
    );
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
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = reads.ask(sql, arguments![queues, limit]).await?;
    rows.iter().map(waiting).collect::<Result<_, _>>().map_err(|it| Fault::from(it).told())
}

/// Those of the given agents, and of all agents of these queues, to whom a call may be offered now.
pub(super) async fn free(
    reads: &Connections,
    queues: &[String],
    agents: &[String],
    now: Option<Timestamp>,
) -> Result<Vec<FreeAgent>, StoreError> {
    let sql = concat!(
        // Whoever has a call is left out first: in a busy centre that is nearly everybody. With a limit
        // each is looked up: a join, planned while calls were few, would read all open ones for each agent.
        "select a.id, a.idle_since, a.missed > 0 from (select coalesce($2, ",
        now_ms!(),
        ") as at) now cross join (select agent_id from (select agent_id from agent_queues \
         where queue_id = any($1) union select unnest($4::text[])) asked where \
         (select o.call_no from open_calls o where o.agent_id = asked.agent_id limit 1) is null \
         offset 0) q \
         cross join lateral (select * from agents \
         where id = q.agent_id and presence = 'available' \
         and (wraps_until is null or wraps_until <= now.at) \
         and (lease_ms is null or now.at <= renewed_at + lease_ms) offset 0) a \
         order by a.idle_since limit $3"
    );
    let arguments = arguments![queues, now.map(|now| now.0), ROUND, agents];
    let rows = reads.ask(sql, arguments).await?;
    let free = |row: &PgRow| {
        let (id, idle_since) = (row.try_get(0)?, Timestamp(row.try_get(1)?));
        Ok(FreeAgent { idle_since, id, missed: row.try_get(2)? })
    };
    rows.iter().map(free).collect::<Result<_, sqlx::Error>>().map_err(|it| Fault::from(it).told())
}

/// When the next wrap-up ends after `after`, and whose it is.
pub(super) async fn next_wrapped(
    reads: &Connections,
    after: Timestamp,
) -> Result<Option<(Timestamp, Vec<String>)>, StoreError> {
    let sql = "select wraps_until, id from agents where wraps_until = \
               (select min(wraps_until) from agents where wraps_until > $1)";
    let rows = reads.ask(sql, arguments![after.0]).await?;
    let agent = |row: &PgRow| Ok((Timestamp(row.try_get(0)?), row.try_get(1)?));
    let agents = rows.iter().map(agent).collect::<Result<Vec<(_, _)>, sqlx::Error>>();
    let agents = agents.map_err(|it| Fault::from(it).told())?;
    let Some(ends) = agents.first().map(|(ends, _)| *ends) else { return Ok(None) };
    Ok(Some((ends, agents.into_iter().map(|(_, agent)| agent).collect())))
}

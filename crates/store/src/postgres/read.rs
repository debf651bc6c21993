//! Everything that only reads, and rows as what they mean.

use std::sync::Arc;

use contract::{Alert, CallEvent, CallStatus, Moment, Queue, Seconds};
use lifecycle::Timestamp;
use sqlx::{Row, postgres::PgRow};

use super::{
    connections::{Connections, arguments, its_call},
    fault::Fault,
};
use crate::{
    CallFilter, Listed, StoreError, StoredCall,
    audit::{Chain, ChainedEvent, Link},
    row::{CallRow, EventRow},
};

/// The columns of a call, in the order `found` reads them.
macro_rules! call_columns {
    () => {
        "c.no, c.id, c.chain, c.type, c.status, c.queue_id, c.agent_id, c.start_time, c.end_time, \
         c.version, c.sla_due_at, c.ring_due_at, c.hold_due_at, c.wait_reported, c.hold_reported, \
         c.offer, c.attempt, c.flags, c.moved_at, c.priority, c.since, c.talked_ms, c.held_ms, \
         c.passed_on, c.lapsed"
    };
}
pub(super) use call_columns;

/// The columns of an event, in the order `event_row` reads them.
macro_rules! event_columns {
    () => {
        "e.call_no, e.seq, e.type, e.timestamp, e.occurred_at, e.metadata"
    };
}
pub(super) use event_columns;

/// Now by the database's clock, in Unix milliseconds.
macro_rules! now_ms {
    () => {
        "trunc(extract(epoch from clock_timestamp()) * 1000)::bigint"
    };
}
pub(super) use now_ms;

pub(super) struct Found {
    pub(super) id: String,
    pub(super) stored: StoredCall,
}

/// The call in a row, whose columns begin at `from`.
pub(super) fn found(row: &PgRow, from: usize) -> Result<Found, Fault> {
    let id: String = row.try_get(from + 1)?;
    let columns = CallRow {
        kind: row.try_get(from + 3)?,
        status: row.try_get(from + 4)?,
        queue_id: row.try_get(from + 5)?,
        agent_id: row.try_get(from + 6)?,
        start_time: row.try_get(from + 7)?,
        end_time: row.try_get(from + 8)?,
        version: row.try_get(from + 9)?,
        sla_due_at: row.try_get(from + 10)?,
        ring_due_at: row.try_get(from + 11)?,
        hold_due_at: row.try_get(from + 12)?,
        wait_reported: row.try_get(from + 13)?,
        hold_reported: row.try_get(from + 14)?,
        offer: row.try_get(from + 15)?,
        attempt: row.try_get(from + 16)?,
        flags: row.try_get(from + 17)?,
        moved_at: row.try_get(from + 18)?,
        priority: row.try_get(from + 19)?,
        due_at: None,
        since: row.try_get(from + 20)?,
        talked_ms: row.try_get(from + 21)?,
        held_ms: row.try_get(from + 22)?,
        passed_on: row.try_get(from + 23)?,
        lapsed: row.try_get(from + 24)?,
    };
    let stored = StoredCall {
        no: row.try_get(from)?,
        call: columns.into_call(&id)?,
        chain: link(row.try_get(from + 2)?, &id)?,
    };
    Ok(Found { id, stored })
}

fn link(bytes: &[u8], id: &str) -> Result<Link, StoreError> {
    Link::try_from(bytes).map_err(|_| StoreError::Corrupt {
        table: "calls",
        row: format!("`{id}`"),
        why: "a link of another length".to_owned(),
    })
}

pub(super) async fn call(
    reads: &Connections,
    id: &str,
) -> Result<Option<Arc<lifecycle::Call>>, StoreError> {
    let sql = concat!("select ", call_columns!(), " from calls c where c.id = $1");
    let rows = reads.ask(sql, arguments![id]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let found = found(row, 0).map_err(Fault::told)?;
    Ok(Some(found.stored.call))
}

/// The calls whose numbers a query gives, newest first. `$1`: only before this number; `$2`: at
/// most so many.
macro_rules! page_of {
    ($($numbers:expr),+) => {
        concat!(
            "select ", call_columns!(), " from (", $($numbers),+,
            ") n cross join ", its_call!("n.no"), " order by c.no desc limit $2"
        )
    };
}

macro_rules! open_in {
    ($queue:literal, $status:literal) => {
        concat!(
            "(select call_no as no from open_calls where queue_id = ",
            $queue,
            " and status = ",
            $status,
            " and -call_no > -$1 order by -call_no limit $2)"
        )
    };
}

const ALL: &str = concat!(
    "select ",
    call_columns!(),
    " from calls c where c.no < $1 order by c.no desc limit $2"
);
const ENDED: &str = concat!(
    "select ",
    call_columns!(),
    " from calls c where c.end_time is not null and c.no < $1 order by c.no desc limit $2"
);
const ENDED_IN_QUEUE: &str = concat!(
    "select ",
    call_columns!(),
    " from calls c where c.queue_id = $3 and c.end_time is not null and -c.no > -$1 \
     order by -c.no limit $2"
);
const OPEN_IN_QUEUE: &str = page_of!(open_in!("$3", "$4"));
/// Queues are few: the index is entered once for each, rather than kept a second time by status.
const OPEN: &str = page_of!(
    "with recursive q (id) as ((select min(queue_id) from open_calls) union all \
     select (select min(queue_id) from open_calls where queue_id > q.id) from q \
     where q.id is not null) \
     select n.no from q cross join lateral ",
    open_in!("q.id", "$3"),
    " n order by n.no desc limit $2"
);
const IN_QUEUE: &str = concat!(
    "select ",
    call_columns!(),
    " from calls c where c.queue_id = $3 and -c.no > -$1 order by -c.no limit $2"
);

pub(super) async fn calls(
    reads: &Connections,
    filter: &CallFilter,
) -> Result<Vec<Listed<contract::Call>>, StoreError> {
    let (before, limit) = (filter.before.unwrap_or(i64::MAX), i64::from(filter.limit));
    let (sql, arguments) = match (filter.status, filter.queue.as_deref()) {
        (None, None) => (ALL, arguments![before, limit]),
        (Some(CallStatus::Ended), None) => (ENDED, arguments![before, limit]),
        (Some(status), None) => (OPEN, arguments![before, limit, status.name()]),
        (None, Some(queue)) => (IN_QUEUE, arguments![before, limit, queue]),
        (Some(CallStatus::Ended), Some(queue)) => {
            (ENDED_IN_QUEUE, arguments![before, limit, queue])
        }
        (Some(status), Some(queue)) => {
            (OPEN_IN_QUEUE, arguments![before, limit, queue, status.name()])
        }
    };
    let rows = reads.ask(sql, arguments).await?;
    rows.iter()
        .map(|row| found(row, 0).map(|it| listed(&it)))
        .collect::<Result<_, _>>()
        .map_err(Fault::told)
}

pub(super) fn listed(found: &Found) -> Listed<contract::Call> {
    let item = contract::Call::new(&found.id, &found.stored.call);
    Listed { no: found.stored.no, item }
}

/// The event in a row, whose columns come first.
fn event_row(row: &PgRow) -> Result<EventRow, Fault> {
    let (call_no, seq): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    Ok(EventRow {
        call_no,
        seq: u32::try_from(seq).map_err(|_| StoreError::Corrupt {
            table: "call_events",
            row: format!("{call_no}-{seq}"),
            why: "a seq that is not".to_owned(),
        })?,
        kind: row.try_get(2)?,
        at: row.try_get(3)?,
        occurred_at: row.try_get(4)?,
        metadata: row.try_get(5)?,
    })
}

/// The event in a row, for the world.
pub(super) fn event(row: &PgRow, call: &str) -> Result<CallEvent, Fault> {
    Ok(event_row(row)?.into_event(call)?)
}

pub(super) async fn events(
    reads: &Connections,
    call: &str,
    after_seq: u32,
    limit: u32,
) -> Result<Option<Vec<CallEvent>>, StoreError> {
    // A call without a further event leaves one row of nothing, a call that is not leaves none.
    let sql = concat!(
        "select ",
        event_columns!(),
        " from calls c left join lateral (select * from call_events e \
         where e.call_no = c.no and e.seq > $2 order by e.seq limit $3) e on true \
         where c.id = $1 order by e.seq"
    );
    let rows = reads.ask(sql, arguments![call, i64::from(after_seq), i64::from(limit)]).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let events = rows.iter().filter(|row| is_there(row, 0)).map(|row| event(row, call));
    events.collect::<Result<_, _>>().map(Some).map_err(Fault::told)
}

fn is_there(row: &PgRow, column: usize) -> bool {
    row.try_get::<Option<i64>, _>(column).is_ok_and(|value| value.is_some())
}

/// `now`: the moment to ask for, or else the database's own.
pub(super) async fn due(
    reads: &Connections,
    now: Option<Timestamp>,
    limit: u32,
) -> Result<Vec<String>, StoreError> {
    let sql = concat!(
        "select c.id from (select call_no, due_at from open_calls where due_at is not null \
         and due_at <= (select coalesce($1, ",
        now_ms!(),
        ")) order by due_at, call_no limit $2) o cross join ",
        its_call!("o.call_no"),
        " order by o.due_at, o.call_no"
    );
    let rows = reads.ask(sql, arguments![now.map(|now| now.0), i64::from(limit)]).await?;
    rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(told)
}

pub(super) async fn next_due(reads: &Connections) -> Result<Option<Timestamp>, StoreError> {
    let sql = "select min(due_at) from open_calls where due_at is not null";
    Ok(one::<Option<i64>>(reads, sql).await?.map(Timestamp))
}

pub(super) async fn armed(reads: &Connections) -> Result<u64, StoreError> {
    let sql = "select count(*) from open_calls where due_at is not null";
    one::<i64>(reads, sql).await.map(i64::unsigned_abs)
}

pub(super) async fn now(reads: &Connections) -> Result<Timestamp, StoreError> {
    one(reads, concat!("select ", now_ms!())).await.map(Timestamp)
}

async fn one<T>(reads: &Connections, sql: &'static str) -> Result<T, StoreError>
where
    T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    let rows = reads.ask(sql, arguments![]).await?;
    rows[0].try_get(0).map_err(told)
}

fn told(error: sqlx::Error) -> StoreError {
    Fault::from(error).told()
}

pub(super) async fn queues(reads: &Connections) -> Result<Vec<Queue>, StoreError> {
    let sql = "select id, name, sla_ms, ring_ms, max_hold_ms, short_call_ms, max_reroutes, \
               wrap_ms from queues order by id";
    let queue = |row: &PgRow| {
        Ok(Queue {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            sla_seconds: Seconds { ms: row.try_get(2)? },
            ring_seconds: Seconds { ms: row.try_get(3)? },
            max_hold_seconds: Seconds { ms: row.try_get(4)? },
            short_call_seconds: Seconds { ms: row.try_get(5)? },
            max_reroutes: u32::try_from(row.try_get::<i64, _>(6)?).unwrap_or(u32::MAX),
            wrap_up_seconds: Seconds { ms: row.try_get(7)? },
        })
    };
    let rows = reads.ask(sql, arguments![]).await?;
    rows.iter().map(queue).collect::<Result<_, _>>().map_err(told)
}

macro_rules! alert_columns {
    () => {
        "no, id, call_id, rule, message, raised_at, acknowledged_at, acknowledged_by"
    };
}
pub(super) use alert_columns;

pub(super) fn listed_alert(row: &PgRow) -> Result<Listed<Alert>, sqlx::Error> {
    let item = Alert {
        id: row.try_get(1)?,
        call_id: row.try_get(2)?,
        rule: row.try_get(3)?,
        message: row.try_get(4)?,
        raised_at: Moment(Timestamp(row.try_get(5)?)),
        acknowledged_at: row.try_get::<Option<i64>, _>(6)?.map(|at| Moment(Timestamp(at))),
        acknowledged_by: row.try_get(7)?,
    };
    Ok(Listed { no: row.try_get(0)?, item })
}

pub(super) async fn alerts(
    reads: &Connections,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Listed<Alert>>, StoreError> {
    let sql = concat!(
        "select ",
        alert_columns!(),
        " from alerts where no < $1 order by no desc limit $2"
    );
    let rows = reads.ask(sql, arguments![before.unwrap_or(i64::MAX), i64::from(limit)]).await?;
    rows.iter().map(listed_alert).collect::<Result<_, _>>().map_err(told)
}

pub(super) async fn chains(
    reads: &Connections,
    after: i64,
    limit: u32,
) -> Result<Vec<Chain>, StoreError> {
    // One statement, one snapshot: a call and its events are compared.
    let sql = concat!(
        "select ",
        event_columns!(),
        ", e.salt, e.digest, e.link, c.no, c.id, c.version, c.chain \
         from (select * from calls where no > $1 order by no limit $2) c \
         left join call_events e on e.call_no = c.no order by c.no, e.seq"
    );
    let rows = reads.ask(sql, arguments![after, i64::from(limit)]).await?;
    let mut chains = Vec::<Chain>::new();
    for row in &rows {
        let no: i64 = row.try_get(9).map_err(told)?;
        if chains.last().is_none_or(|chain| chain.no != no) {
            chains.push(chain(row, no).map_err(Fault::told)?);
        }
        if let Some(chain) = chains.last_mut().filter(|_| is_there(row, 0)) {
            chain.events.push(chained(row).map_err(Fault::told)?);
        }
    }
    Ok(chains)
}

fn chain(row: &PgRow, no: i64) -> Result<Chain, Fault> {
    let call: String = row.try_get(10)?;
    let last = link(row.try_get(12)?, &call)?;
    let version = u32::try_from(row.try_get::<i64, _>(11)?).unwrap_or(u32::MAX);
    Ok(Chain { no, call, version, last, events: Vec::new() })
}

fn chained(row: &PgRow) -> Result<ChainedEvent, Fault> {
    Ok(ChainedEvent {
        event: event_row(row)?,
        salt: row.try_get(6)?,
        digest: row.try_get(7)?,
        link: row.try_get(8)?,
    })
}

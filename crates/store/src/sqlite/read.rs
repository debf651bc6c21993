//! Everything that only reads.

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use contract::{Alert, CallEvent, Moment, Queue, Seconds};
use lifecycle::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter, types::Value};
use tracing::error;

use crate::{
    CallFilter, Listed, StoreError, StoredCall,
    audit::{Chain, ChainedEvent, Link},
    row::{CallRow, EventRow},
    sqlite::{away, ids::Ids},
};

pub(super) const CALL: &str = "no, id, chain, type, status, queue_id, agent_id, start_time, end_time, version, \
                    sla_due_at, ring_due_at, hold_due_at, wait_reported, hold_reported, offer, \
                    attempt, flags, moved_at, priority, since, talked_ms, held_ms, passed_on, \
                    lapsed";

/// How often a page is begun anew at most because calls in it moved.
const PAGE_TRIES: usize = 10;

// Every event asks these two, so their text is made once.
static FIND_CALL: LazyLock<String> =
    LazyLock::new(|| format!("select {CALL} from calls where no = ?"));
static FIND_EVENT: LazyLock<String> =
    LazyLock::new(|| format!("select {EVENT} from call_events where call_no = ? and seq = ?"));

pub(super) struct Found {
    no: i64,
    id: String,
    chain: Link,
    row: CallRow<'static>,
}

pub(super) fn found(row: &Row<'_>) -> rusqlite::Result<Found> {
    Ok(Found {
        no: row.get(0)?,
        id: row.get(1)?,
        chain: row.get(2)?,
        row: CallRow {
            kind: row.get::<_, String>(3)?.into(),
            status: row.get::<_, String>(4)?.into(),
            queue_id: row.get::<_, String>(5)?.into(),
            agent_id: row.get::<_, Option<String>>(6)?.map(Cow::from),
            start_time: row.get(7)?,
            end_time: row.get(8)?,
            version: row.get(9)?,
            sla_due_at: row.get(10)?,
            ring_due_at: row.get(11)?,
            hold_due_at: row.get(12)?,
            wait_reported: row.get(13)?,
            hold_reported: row.get(14)?,
            offer: row.get(15)?,
            attempt: row.get(16)?,
            flags: row.get(17)?,
            moved_at: row.get(18)?,
            priority: row.get(19)?,
            due_at: None,
            since: row.get(20)?,
            talked_ms: row.get(21)?,
            held_ms: row.get(22)?,
            passed_on: row.get(23)?,
            lapsed: row.get(24)?,
        },
    })
}

pub(super) fn stored_call(
    connection: &Connection,
    ids: &Ids,
    id: &str,
) -> Result<Option<StoredCall>, StoreError> {
    let Some(no) = ids.find(connection, id).map_err(away)? else { return Ok(None) };
    let found = connection
        .prepare_cached(&FIND_CALL)
        .and_then(|mut statement| statement.query_row([no], found))
        .map_err(away)?;
    let call = found.row.into_call(id)?;
    Ok(Some(StoredCall { no, call, chain: found.chain }))
}

pub(super) fn call(
    connection: &Connection,
    ids: &Ids,
    id: &str,
) -> Result<Option<Arc<lifecycle::Call>>, StoreError> {
    let stored = stored_call(connection, ids, id)?;
    Ok(stored.map(|stored| stored.call))
}

/// Every open call.
pub(super) fn open(connection: &Connection) -> Result<Vec<(String, StoredCall)>, StoreError> {
    let found = connection
        .prepare(&format!("select {CALL} from calls where end_time is null"))
        .and_then(|mut it| it.query_map([], found)?.collect::<Result<Vec<_>, _>>())
        .map_err(away)?;
    let stored = found.into_iter().filter_map(|Found { no, id, chain, row }| {
        let call = row.into_call(&id);
        // It answers for itself when it is asked for; the others need not wait for that.
        let call = call.inspect_err(|error| error!(%error, "An open call is left out: {error}"));
        Some((id, StoredCall { no, call: call.ok()?, chain }))
    });
    Ok(stored.collect())
}

/// One page. Which open calls are in it is asked of the floor first; a commit that moves one of them
/// in between makes it ask again.
pub(super) fn calls(
    connection: &Connection,
    filter: &CallFilter,
    floor: impl Fn() -> Vec<i64>,
) -> Result<Vec<Listed<contract::Call>>, StoreError> {
    let mut tries = 0..PAGE_TRIES;
    loop {
        // Without a filter they are found by their number, like all others.
        let is_filtered = filter.status.is_some() || filter.queue.is_some();
        let open = if is_filtered { floor() } else { Vec::new() };
        let rows = page(connection, filter, &open).map_err(away)?;
        let is_full = rows.len() == filter.limit as usize;
        let last = rows.last().filter(|_| is_full).map_or(0, |row| row.no);
        let mut stood = open.iter().take_while(|no| last <= **no);
        let stays = stood.all(|no| rows.binary_search_by(|row| no.cmp(&row.no)).is_ok());
        if stays || tries.next().is_none() {
            return rows.into_iter().map(listed).collect();
        }
    }
}

/// `open`: the open calls that are in it, unless they were moved in the meantime.
fn page(
    connection: &Connection,
    filter: &CallFilter,
    open: &[i64],
) -> rusqlite::Result<Vec<Found>> {
    let before = filter.before.unwrap_or(i64::MAX);
    let mut values = Vec::<Value>::new();
    let mut part = |conditions: &str, given: &[&str]| {
        values.extend(given.iter().map(|&it| Value::Text(it.to_owned())));
        values.extend([Value::Integer(before), Value::Integer(filter.limit.into())]);
        format!(
            "select * from (select {CALL} from calls where {conditions} no < ? order by no desc limit ?)"
        )
    };
    let open = serde_json::json!(open).to_string();
    let those = "no in (select value from json_each(?)) and";
    let status = filter.status.map(contract::CallStatus::name);
    let sql = match (status, filter.queue.as_deref()) {
        (None, None) => part("", &[]),
        (Some("ended"), None) => part("end_time is not null and", &[]),
        (Some("ended"), Some(queue)) => part("end_time is not null and queue_id = ? and", &[queue]),
        (Some(status), None) => part(&format!("{those} status = ? and"), &[&open, status]),
        (Some(status), Some(queue)) => {
            let conditions = format!("{those} status = ? and queue_id = ? and");
            part(&conditions, &[&open, status, queue])
        }
        // Whatever ends in between is found by both, and kept once.
        (None, Some(queue)) => [
            part("end_time is not null and queue_id = ? and", &[queue]),
            part(&format!("{those} queue_id = ? and"), &[&open, queue]),
        ]
        .join(" union "),
    };
    values.push(Value::Integer(filter.limit.into()));
    let sql = format!("select * from ({sql}) order by no desc limit ?");
    connection.prepare_cached(&sql)?.query_map(params_from_iter(values), found)?.collect()
}

pub(super) fn listed(found: Found) -> Result<Listed<contract::Call>, StoreError> {
    let call = found.row.into_call(&found.id)?;
    Ok(Listed { no: found.no, item: contract::Call::new(&found.id, &call) })
}

const EVENT: &str = "call_no, seq, type, timestamp, occurred_at, metadata";

fn event_row(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        call_no: row.get(0)?,
        seq: row.get(1)?,
        kind: row.get(2)?,
        at: row.get(3)?,
        occurred_at: row.get(4)?,
        metadata: row.get(5)?,
    })
}

pub(super) fn event(
    connection: &Connection,
    call_no: i64,
    call: &str,
    seq: u32,
) -> Result<Option<CallEvent>, StoreError> {
    let row = connection
        .prepare_cached(&FIND_EVENT)
        .and_then(|mut it| it.query_row(params![call_no, seq], event_row).optional())
        .map_err(away)?;
    row.map(|row| row.into_event(call)).transpose()
}

pub(super) fn events(
    connection: &Connection,
    ids: &Ids,
    call: &str,
    after_seq: u32,
    limit: u32,
) -> Result<Option<Vec<CallEvent>>, StoreError> {
    let Some(no) = ids.find(connection, call).map_err(away)? else { return Ok(None) };
    let rows = connection
        .prepare_cached(&format!(
            "select {EVENT} from call_events where call_no = ? and seq > ? order by seq limit ?"
        ))
        .and_then(|mut it| {
            it.query_map(params![no, after_seq, limit], event_row)?.collect::<Result<Vec<_>, _>>()
        })
        .map_err(away)?;
    rows.into_iter().map(|row| row.into_event(call)).collect::<Result<_, _>>().map(Some)
}

pub(super) fn queues(connection: &Connection) -> Result<Vec<Queue>, StoreError> {
    let queue = |row: &Row<'_>| {
        Ok(Queue {
            id: row.get(0)?,
            name: row.get(1)?,
            sla_seconds: Seconds { ms: row.get(2)? },
            ring_seconds: Seconds { ms: row.get(3)? },
            max_hold_seconds: Seconds { ms: row.get(4)? },
            short_call_seconds: Seconds { ms: row.get(5)? },
            max_reroutes: row.get(6)?,
            wrap_up_seconds: Seconds { ms: row.get(7)? },
        })
    };
    connection
        .prepare_cached(
            "select id, name, sla_ms, ring_ms, max_hold_ms, short_call_ms, max_reroutes, \
             wrap_ms from queues order by id",
        )
        .and_then(|mut it| it.query_map([], queue)?.collect::<Result<Vec<_>, _>>())
        .map_err(away)
}

const ALERT: &str = "no, id, call_id, rule, message, raised_at, acknowledged_at, acknowledged_by";

fn listed_alert(row: &Row<'_>) -> rusqlite::Result<Listed<Alert>> {
    let item = Alert {
        id: row.get(1)?,
        call_id: row.get(2)?,
        rule: row.get(3)?,
        message: row.get(4)?,
        raised_at: Moment(Timestamp(row.get(5)?)),
        acknowledged_at: row.get::<_, Option<i64>>(6)?.map(|at| Moment(Timestamp(at))),
        acknowledged_by: row.get(7)?,
    };
    Ok(Listed { no: row.get(0)?, item })
}

pub(super) fn alert(connection: &Connection, id: &str) -> Result<Option<Alert>, StoreError> {
    connection
        .prepare_cached(&format!("select {ALERT} from alerts where id = ?"))
        .and_then(|mut it| it.query_row([id], listed_alert).optional())
        .map(|found| found.map(|listed| listed.item))
        .map_err(away)
}

pub(super) fn alerts(
    connection: &Connection,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Listed<Alert>>, StoreError> {
    connection
        .prepare_cached(&format!(
            "select {ALERT} from alerts where no < ? order by no desc limit ?"
        ))
        .and_then(|mut it| {
            it.query_map(params![before.unwrap_or(i64::MAX), limit], listed_alert)?
                .collect::<Result<Vec<_>, _>>()
        })
        .map_err(away)
}

pub(super) fn chains(
    connection: &Connection,
    after: i64,
    limit: u32,
) -> Result<Vec<Chain>, StoreError> {
    // One snapshot for all of it: a call and its events are compared.
    let snapshot = connection.unchecked_transaction().map_err(away)?;
    let mut chains = snapshot
        .prepare_cached("select no, id, version, chain from calls where no > ? order by no limit ?")
        .and_then(|mut it| {
            it.query_map(params![after, limit], |row| {
                Ok(Chain {
                    no: row.get(0)?,
                    call: row.get(1)?,
                    version: row.get(2)?,
                    last: row.get(3)?,
                    events: Vec::new(),
                })
            })?
            .collect::<Result<Vec<_>, _>>()
        })
        .map_err(away)?;
    for chain in &mut chains {
        chain.events = chained(&snapshot, chain.no).map_err(away)?;
    }
    Ok(chains)
}

fn chained(connection: &Connection, call_no: i64) -> rusqlite::Result<Vec<ChainedEvent>> {
    connection
        .prepare_cached(&format!(
            "select {EVENT}, salt, digest, link from call_events where call_no = ? order by seq"
        ))?
        .query_map([call_no], |row| {
            let event = event_row(row)?;
            Ok(ChainedEvent { event, salt: row.get(6)?, digest: row.get(7)?, link: row.get(8)? })
        })?
        .collect()
}

#[cfg(test)]
mod tests;

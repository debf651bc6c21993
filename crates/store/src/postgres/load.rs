//! What a batch needs, with its calls locked.

use foldhash::HashMapExt as _;
use lifecycle::Timestamp;
use sqlx::{
    PgConnection, Row,
    postgres::{PgArguments, PgRow},
};

use super::{
    agents,
    connections::{Connections, arguments, fetch},
    fault::Fault,
    memory::Recalled,
    read::{call_columns, event, event_columns, found, now_ms},
};
use crate::{Clock, Loaded, Need, Needs, ReceiptOf, Receipts, StoreError};

/// Locks the calls that exist, sorted by id, and then reads the clock: the count in `facts` is not
/// known before the last lock is held. Rows without a number of a call carry the facts.
macro_rules! load {
    ($waiting:literal) => {
        concat!(
            "with locked as materialized (select ",
            call_columns!(),
            " from calls c where c.id = any($1) order by c.id for update of c",
            $waiting,
            "), facts as materialized (select count(*) as calls, ",
            now_ms!(),
            " as now from locked) \
             select locked.*, null::bigint, null::bigint, null::boolean, null::bigint[] from locked \
             union all select null, null, null, null, null, null, null, null, null, null, null, null, \
             null, null, null, null, null, null, null, null, null, null, null, null, null, \
             facts.now, (select count(*) from calls where id = any($1)), \
             exists (select from batches where id = $2::uuid), \
             array(select nextval('calls_no') \
             from generate_series(1, cardinality($1) - facts.calls)) from facts"
        )
    };
}

const LOAD: &str = load!(" skip locked");
const LOAD_WAITING: &str = load!("");

/// By key, and by being the only one of its type. A statement after the locks: what a rival
/// recorded while we waited is not in the snapshot of the statement that waited. The limit says nothing
/// but that this is the short side of the join: see [`super::record::RECORD`].
const RECEIPTS: &str = concat!(
    "select ",
    event_columns!(),
    ", k.n from (select * from unnest($1::bigint[], $2::text[], $3::bigint[]) \
     limit cardinality($1)) k (call_no, key, n) \
     join call_events e on e.call_no = k.call_no and e.seq <= 16 and e.key = k.key \
     union all select ",
    event_columns!(),
    ", k.n from (select * from unnest($1::bigint[], $2::text[], $3::bigint[]) \
     limit cardinality($1)) k (call_no, key, n) \
     join call_events e on e.call_no = k.call_no and e.seq > 16 and e.key = k.key \
     union all select ",
    event_columns!(),
    ", k.n from (select * from unnest($4::bigint[], $5::text[], $6::bigint[]) \
     limit cardinality($4)) k (call_no, type, n) \
     join call_events e on e.call_no = k.call_no and e.type = k.type"
);

const THERE: &str = "select id from calls where id = any($1)";
const LOCK_ONE: &str = "select no from calls where id = $1 for update";

const LOOK: &str =
    concat!("select ", call_columns!(), " from calls c where c.id = any($1) order by c.id");

/// Reads the calls that are not remembered, and what may be recorded of the batch already, without
/// locks.
pub(super) async fn look_for_calls(
    writes: &Connections,
    needs: &Needs,
    recalled: &mut Recalled,
) -> Result<(), StoreError> {
    let Recalled { loaded, unread, unsure, .. } = recalled;
    if !unread.is_empty() {
        let ids = unread.iter().map(|id| &**id).collect::<Vec<_>>();
        for row in &writes.ask(LOOK, arguments![ids]).await? {
            let found = found(row, 0).map_err(Fault::told)?;
            loaded.calls.insert(found.id.into(), found.stored);
        }
    }
    let unsure = unsure.iter().map(|n| &needs.items[*n]).collect::<Vec<_>>();
    if let Some(arguments) = receipts_of(&unsure, loaded) {
        let rows = writes.ask(RECEIPTS, arguments).await?;
        loaded.receipts = found_receipts(&rows, &unsure).map_err(Fault::told)?;
    }
    Ok(())
}

/// Loads and locks.
pub(super) async fn load(
    connection: &mut PgConnection,
    needs: &Needs,
    clock: Option<&dyn Clock>,
) -> Result<Loaded, Fault> {
    let mut ids = needs.items.iter().map(|need| &*need.call).collect::<Vec<_>>();
    if crate::planted("unsorted_locks") {
        lock_as_given(connection, &ids).await?;
    }
    ids.sort_unstable();
    ids.dedup();
    let sql = if needs.wait { LOAD_WAITING } else { LOAD };
    let arguments = arguments![&ids, needs.batch.to_string()];
    let rows = fetch(connection, sql, arguments, needs_within(needs)).await?;
    let mut loaded = Loaded::default();
    let mut there = 0;
    for row in &rows {
        if let Some(facts) = facts(row)? {
            if facts.recorded {
                return Err(Fault::Recorded);
            }
            (loaded.now, loaded.fresh, there) = (facts.now, facts.fresh, facts.there);
        } else {
            let found = found(row, 0)?;
            loaded.calls.insert(found.id.into(), found.stored);
        }
    }
    if let Some(clock) = clock {
        loaded.now = clock.now();
    }
    if there > loaded.calls.len() {
        let rows = fetch(connection, THERE, arguments![&ids], needs_within(needs)).await?;
        for row in &rows {
            let id: &str = row.try_get(0)?;
            if !loaded.calls.contains_key(id) {
                loaded.busy.insert(id.into());
            }
        }
    }
    let items = needs.items.iter().collect::<Vec<_>>();
    if let Some(arguments) = receipts_of(&items, &loaded) {
        let rows = fetch(connection, RECEIPTS, arguments, needs_within(needs)).await?;
        loaded.receipts = found_receipts(&rows, &items)?;
    }
    agents::load(connection, &needs.agents, &mut loaded, needs_within(needs)).await?;
    Ok(loaded)
}

/// How long a statement of this batch may take.
pub(super) fn needs_within(needs: &Needs) -> std::time::Duration {
    let locks = if needs.wait { super::LOCKED_WITHIN } else { std::time::Duration::ZERO };
    super::connections::ANSWERED_WITHIN + locks
}

struct Facts {
    now: Timestamp,
    there: usize,
    recorded: bool,
    fresh: Vec<i64>,
}

fn facts(row: &PgRow) -> Result<Option<Facts>, Fault> {
    let Some(now) = row.try_get::<Option<i64>, _>(25)? else { return Ok(None) };
    let there = row.try_get::<i64, _>(26)?;
    Ok(Some(Facts {
        now: Timestamp(now),
        there: usize::try_from(there).unwrap_or_default(),
        recorded: row.try_get(27)?,
        fresh: row.try_get(28)?,
    }))
}

/// A bug planted for the suite: waits for each lock in the order of arrival.
async fn lock_as_given(connection: &mut PgConnection, ids: &[&str]) -> Result<(), Fault> {
    for id in ids {
        fetch(connection, LOCK_ONE, arguments![*id], 2 * super::LOCKED_WITHIN).await?;
    }
    Ok(())
}

/// Asks for the events already recorded. Most batches ask for none: a call that begins has none, and
/// one that is not over has no end.
fn receipts_of(items: &[&Need], loaded: &Loaded) -> Option<PgArguments> {
    let (mut keyed, mut keys, mut keyed_at) = (Vec::new(), Vec::new(), Vec::new());
    let (mut only, mut types, mut only_at) = (Vec::new(), Vec::new(), Vec::new());
    for (need, n) in items.iter().zip(0_i64..) {
        let Some(stored) = loaded.calls.get(&need.call) else { continue };
        match &need.receipt {
            Some(ReceiptOf::Key(key)) => {
                keyed.push(stored.no);
                keys.push(&**key);
                keyed_at.push(n);
            }
            Some(ReceiptOf::Only(kind)) if may_have(stored, *kind) => {
                only.push(stored.no);
                types.push(kind.name());
                only_at.push(n);
            }
            Some(ReceiptOf::Only(_)) | None => {}
        }
    }
    let some = !(keyed.is_empty() && only.is_empty());
    some.then(|| arguments![keyed, keys, keyed_at, only, types, only_at])
}

fn found_receipts(rows: &[PgRow], items: &[&Need]) -> Result<Receipts, Fault> {
    let mut receipts = Receipts::with_capacity(rows.len());
    for row in rows {
        let n = usize::try_from(row.try_get::<i64, _>(6)?).unwrap_or_default();
        let need = items[n];
        if let Some(receipt) = &need.receipt {
            let of_call = receipts.entry(need.call.clone()).or_default();
            of_call.push((receipt.clone(), event(row, &need.call)?));
        }
    }
    Ok(receipts)
}

fn may_have(stored: &crate::StoredCall, kind: contract::EventType) -> bool {
    kind != contract::EventType::CallEnded || stored.call.ended_at.is_some()
}

//! Figures: noted with each batch (see `record`), folded into tallies by and by, and read.
//!
//! Whoever has locked the one row of `folds` is the bookkeeper; others find nothing to do. Batches go
//! on noting in the meantime: folding touches no row of theirs.

use std::collections::BTreeMap;

use lifecycle::Timestamp;
use sqlx::{PgConnection, Row};

use super::{
    Postgres,
    connections::{ANSWERED_WITHIN, Connections, arguments, fetch, its_call, say},
    fault::Fault,
};
use crate::{Books, OpenCalls, Scope, StoreError, Tallies, Tally, TallyKey};

/// What is not noted with a batch.
pub(super) const NOTE: &str = "insert into deltas (data) values ($1)";

const TURN: &str = "select no from folds for update skip locked";

const TAKE: &str = "delete from deltas where no = any(array(\
     select no from deltas order by no limit $1)) returning data";

const KEPT: &str = "select t.scope, t.start, t.id, t.data \
     from unnest($1::text[], $2::bigint[], $3::text[]) k (scope, start, id) \
     join tallies t on t.scope = k.scope and t.start = k.start and t.id = k.id";

const PUT: &str = "with turn as (update folds set no = no + 1 returning no) \
     insert into tallies (scope, start, id, fold, data) \
     select k.scope, k.start, k.id, turn.no, k.data from turn, \
     unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) k (scope, start, id, data) \
     on conflict (scope, start, id) do update set fold = excluded.fold, data = excluded.data";

/// One statement, one snapshot: what was folded in between would be missed, or counted twice. Where
/// nothing was, tallies are not looked through.
const BOOKS: &str = "select no as number, null as id, null::bigint as start, null as data from folds \
     union all select 0, id, start, data from tallies \
     where $3 < (select no from folds) and scope = $1 and start >= $2 and fold > $3 \
     union all select -1, null, null, data from deltas";

const OPEN: &str = concat!(
    "select o.queue_id, o.status, c.ring_due_at is not null, count(*), min(c.since) \
     from open_calls o cross join ",
    its_call!("o.call_no"),
    " group by 1, 2, 3"
);

impl Postgres {
    /// Folds what some batches noted, and says how many.
    pub(super) async fn fold_some(&self, batches: u32) -> Result<u32, Fault> {
        let mut lent = self.writes.lend().await?;
        match fold(&mut lent.connection, batches).await {
            Ok(0) => {
                say(&mut lent.connection, "rollback", ANSWERED_WITHIN).await?;
                self.writes.take_back(lent);
                Ok(0)
            }
            Ok(folded) => {
                // Where the answer is lost, the next turn finds either state, and both are right.
                say(&mut lent.connection, "commit", ANSWERED_WITHIN).await?;
                self.writes.take_back(lent);
                Ok(folded)
            }
            Err(fault) if fault.spares_the_connection() => {
                if say(&mut lent.connection, "rollback", ANSWERED_WITHIN).await.is_ok() {
                    self.writes.take_back(lent);
                }
                Err(fault)
            }
            Err(fault) => Err(fault),
        }
    }
}

async fn fold(connection: &mut PgConnection, batches: u32) -> Result<u32, Fault> {
    say(connection, "begin isolation level read committed", ANSWERED_WITHIN).await?;
    if fetch(connection, TURN, arguments![], ANSWERED_WITHIN).await?.is_empty() {
        return Ok(0);
    }
    let noted = fetch(connection, TAKE, arguments![i64::from(batches)], ANSWERED_WITHIN).await?;
    let mut sums = Tallies::default();
    for row in &noted {
        sums.add_all(Tallies::from_text(row.try_get(0)?)?);
    }
    if noted.is_empty() {
        return Ok(0);
    }
    let (mut scopes, mut starts, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    for TallyKey { scope, id, start } in sums.0.keys() {
        scopes.push(scope.name());
        starts.push(start.0);
        ids.push(id.to_string());
    }
    let keys = arguments![scopes.clone(), starts.clone(), ids.clone()];
    for row in fetch(connection, KEPT, keys, ANSWERED_WITHIN).await? {
        let scope = if row.try_get::<&str, _>(0)? == "agent" { Scope::Agent } else { Scope::Queue };
        let key = TallyKey { scope, start: Timestamp(row.try_get(1)?), id: row.try_get(2)? };
        sums.add(key, &Tally::from_text(row.try_get(3)?)?);
    }
    let data = sums.0.values().map(Tally::to_text).collect::<Vec<_>>();
    fetch(connection, PUT, arguments![scopes, starts, ids, data], ANSWERED_WITHIN).await?;
    Ok(u32::try_from(noted.len()).unwrap_or(u32::MAX))
}

/// The tallies of a scope from a moment on that were changed after a fold, and what is in none yet.
pub(super) async fn books(
    reads: &Connections,
    scope: Scope,
    since: Timestamp,
    after: i64,
) -> Result<Books, StoreError> {
    let rows = reads.ask(BOOKS, arguments![scope.name(), since.0, after]).await?;
    let mut books = Books::default();
    for row in &rows {
        match row.try_get::<i64, _>(0).map_err(told)? {
            -1 => books.note(scope, since, row.try_get(3).map_err(told)?)?,
            0 if row.try_get::<Option<i64>, _>(2).map_err(told)?.is_some() => {
                let start = Timestamp(row.try_get(2).map_err(told)?);
                let key = TallyKey { scope, id: row.try_get(1).map_err(told)?, start };
                books.changed.push((key, Tally::from_text(row.try_get(3).map_err(told)?)?));
            }
            fold => books.fold = fold,
        }
    }
    Ok(books)
}

/// What open calls are doing, by queue.
pub(super) async fn open_calls(
    reads: &Connections,
) -> Result<BTreeMap<String, OpenCalls>, StoreError> {
    let mut queues = BTreeMap::<String, OpenCalls>::new();
    for row in &reads.ask(OPEN, arguments![]).await? {
        let read = || -> Result<(String, &str, bool, i64, i64), sqlx::Error> {
            Ok((
                row.try_get(0)?,
                row.try_get(1)?,
                row.try_get(2)?,
                row.try_get(3)?,
                row.try_get(4)?,
            ))
        };
        let (queue, status, rings, calls, since) = read().map_err(told)?;
        queues.entry(queue).or_default().count(status, rings, calls, since);
    }
    Ok(queues)
}

fn told(error: sqlx::Error) -> StoreError {
    Fault::from(error).told()
}

//! Figures: noted with each batch, folded into tallies by and by, and read.
//!
//! Folding is prepared on a reader's connection, so that the writer only has to put rows in place.

use lifecycle::{Id, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{Books, Scope, StoreError, Tallies, Tally, TallyKey, sqlite::away};

/// Notes what a batch adds, in its transaction.
pub(super) fn note(connection: &Connection, tallies: &Tallies) -> Result<(), StoreError> {
    let Some(data) = tallies.to_text() else { return Ok(()) };
    connection
        .prepare_cached("insert into deltas (data) values (?)")
        .and_then(|mut it| it.execute([data]))
        .map(drop)
        .map_err(away)
}

/// Some batches' notes, added to the tallies they are about.
pub(super) struct Folding {
    fold: i64,
    last: i64,
    batches: u32,
    tallies: Vec<(TallyKey, String)>,
}

/// Adds up what the first batches noted. `None` where none did.
pub(super) fn prepare(
    connection: &Connection,
    batches: u32,
) -> Result<Option<Folding>, StoreError> {
    let snapshot = connection.unchecked_transaction().map_err(away)?;
    let fold = folds(&snapshot)?;
    let noted = snapshot
        .prepare_cached("select no, data from deltas order by no limit ?")
        .and_then(|mut it| it.query_map([batches], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .map_err(away);
    let noted: Vec<(i64, String)> = noted?;
    let Some((last, _)) = noted.last() else { return Ok(None) };
    let (last, batches) = (*last, u32::try_from(noted.len()).unwrap_or(u32::MAX));
    let mut sums = Tallies::default();
    for (_, data) in &noted {
        sums.add_all(Tallies::from_text(data)?);
    }
    let mut tallies = Vec::with_capacity(sums.0.len());
    for (key, more) in sums.0 {
        let mut sum = kept(&snapshot, &key)?;
        sum.add(&more);
        tallies.push((key, sum.to_text()));
    }
    Ok(Some(Folding { fold, last, batches, tallies }))
}

fn kept(connection: &Connection, key: &TallyKey) -> Result<Tally, StoreError> {
    let data: Option<String> = connection
        .prepare_cached("select data from tallies where scope = ? and start = ? and id = ?")
        .and_then(|mut it| {
            it.query_row(params![key.scope.name(), key.start.0, key.id], |row| row.get(0))
                .optional()
        })
        .map_err(away)?;
    data.map_or_else(|| Ok(Tally::default()), |data| Tally::from_text(&data))
}

fn folds(connection: &Connection) -> Result<i64, StoreError> {
    connection
        .prepare_cached("select no from folds")
        .and_then(|mut it| it.query_row([], |row| row.get(0)))
        .map_err(away)
}

/// Puts the sums in place and removes what is in them, in the writer's transaction. Says how many
/// batches that were: none where another folding came in between.
pub(super) fn fold(connection: &Connection, folding: &Folding) -> Result<u32, StoreError> {
    let next = folding.fold + 1;
    let first = connection
        .prepare_cached("update folds set no = ? where no = ?")
        .and_then(|mut it| it.execute([next, folding.fold]))
        .map_err(away)?;
    if first == 0 {
        return Ok(0);
    }
    let mut put = connection
        .prepare_cached(
            "insert into tallies (scope, start, id, fold, data) values (?, ?, ?, ?, ?) \
             on conflict do update set fold = excluded.fold, data = excluded.data",
        )
        .map_err(away)?;
    for (TallyKey { scope, id, start }, data) in &folding.tallies {
        put.execute(params![scope.name(), start.0, id, next, data]).map_err(away)?;
    }
    connection
        .prepare_cached("delete from deltas where no <= ?")
        .and_then(|mut it| it.execute([folding.last]))
        .map_err(away)?;
    Ok(folding.batches)
}

/// The tallies of a scope from a moment on that were changed after a fold, and what is in none yet.
pub(super) fn books(
    connection: &Connection,
    scope: Scope,
    since: Timestamp,
    after: i64,
) -> Result<Books, StoreError> {
    let snapshot = connection.unchecked_transaction().map_err(away)?;
    let mut books = Books { fold: folds(&snapshot)?, ..Books::default() };
    if after < books.fold {
        books.changed = changed(&snapshot, scope, since, after)?;
    }
    let mut noted = snapshot.prepare_cached("select data from deltas").map_err(away)?;
    let mut rows = noted.query([]).map_err(away)?;
    while let Some(row) = rows.next().map_err(away)? {
        books.note(scope, since, row.get_ref(0).map_err(away)?.as_str().unwrap_or_default())?;
    }
    Ok(books)
}

fn changed(
    connection: &Connection,
    scope: Scope,
    since: Timestamp,
    after: i64,
) -> Result<Vec<(TallyKey, Tally)>, StoreError> {
    let rows = connection
        .prepare_cached(
            "select id, start, data from tallies where scope = ? and start >= ? and fold > ?",
        )
        .and_then(|mut it| {
            let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            it.query_map(params![scope.name(), since.0, after], row)?.collect()
        })
        .map_err(away);
    let rows: Vec<(Id, i64, String)> = rows?;
    let tally = |(id, start, data): (Id, i64, String)| {
        Ok((TallyKey { scope, id, start: Timestamp(start) }, Tally::from_text(&data)?))
    };
    rows.into_iter().map(tally).collect()
}

//! Finds a call by its client's id.
//!
//! Ids are random. An index that each call enters as it begins has another of its pages to read, to
//! change and to log for each of them. So the newest calls stand in memory, in the index's own order,
//! and enter it with later batches, neighbours together: each page is changed once for many of them.
//! One sweep after another goes through the index from its first place to its last, at the pace at
//! which calls begin.

mod filter;

use std::{
    collections::BTreeSet,
    ops::Bound::{Excluded, Unbounded},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use tracing::info;

use super::CACHE;
use filter::Filter;

/// So many calls stand in memory before any enters the index.
const NEWEST: usize = 65_536;
/// While more do, a batch has as many enter as begin with it, and so many more.
const FURTHER: usize = 256;
/// At the start so many enter together.
const TOGETHER: i64 = 65_536;

const ENTER: &str = "insert or ignore into call_ids (place, no) values (?, ?)";

/// Where an id stands in the index, and the number of its call: two ids may share a place.
type Entry = (i64, i64);

/// The place of an id. Chosen ids are spread as evenly as random ones.
fn place(id: &str) -> i64 {
    let digest = Sha256::digest(id);
    digest.iter().take(8).fold(0, |place, byte| place << 8 | i64::from(*byte))
}

/// Calls by their ids, for the writer and for all who ask.
#[derive(Clone)]
pub(super) struct Ids(Arc<Mutex<Newest>>);

/// The calls in memory, and how far the sweep is.
struct Newest {
    /// So many stay.
    stay: usize,
    entries: BTreeSet<Entry>,
    /// Of those in the index; with room for so many.
    filter: Filter,
    room: usize,
    /// The last that entered.
    swept: Option<Entry>,
    /// The last call that was there when the sweep began: at its end all up to it are in the index.
    swept_for: i64,
}

/// What enters the index with a batch.
pub(super) struct Entering {
    entries: Vec<Entry>,
    ends_sweep: bool,
}

impl Ids {
    /// Reads the calls that are not in the index yet. Where those are more than stay in memory, as when
    /// a sweep was cut off, they enter it first.
    pub(super) fn read(connection: &mut Connection, last_no: i64) -> rusqlite::Result<Self> {
        Self::keeping(NEWEST, TOGETHER, connection, last_no)
    }

    fn keeping(
        stay: usize,
        together: i64,
        connection: &mut Connection,
        last_no: i64,
    ) -> rusqlite::Result<Self> {
        // The calls that are looked through are not asked for soon.
        connection.pragma_update(None, "cache_size", -256)?;
        let mut entered: i64 =
            connection.query_row("select no from ids_entered", [], |row| row.get(0))?;
        while stay < usize::try_from(last_no - entered).unwrap_or(0) {
            let to = last_no.min(entered + together);
            info!("The ids of calls {} to {to} of {last_no} enter their index", entered + 1);
            let transaction = connection.transaction()?;
            {
                let mut enter = transaction.prepare(ENTER)?;
                for entry in missing(&transaction, entered, to)? {
                    enter.execute(entry)?;
                }
            }
            all_entered(&transaction, to)?;
            transaction.commit()?;
            entered = to;
        }
        let entries = missing(connection, entered, last_no)?;
        connection.pragma_update(None, "cache_size", CACHE)?;
        let (room, filter) = (0, Filter::new(0));
        let mut newest = Newest { stay, entries, filter, room, swept: None, swept_for: last_no };
        newest.make_room(last_no);
        Ok(Self(Arc::new(Mutex::new(newest))))
    }

    /// Whether it is sure that no call has that id. Only the writer may ask: others may see an index
    /// of before.
    pub(super) fn lacks(&self, connection: &Connection, id: &str) -> rusqlite::Result<bool> {
        let (place, mut newest) = (place(id), self.lock());
        Ok(newest.at(place).is_empty() && newest.filter.lacks(connection, place)?)
    }

    /// The number of the call with that id.
    pub(super) fn find(&self, connection: &Connection, id: &str) -> rusqlite::Result<Option<i64>> {
        let place = place(id);
        let is_it = |no: &i64| {
            connection
                .prepare_cached("select 1 from calls where no = ? and id = ?")?
                .exists(params![no, id])
        };
        let known = self.lock().at(place);
        // Whatever leaves the memory meanwhile is in the index by then.
        for no in known {
            if is_it(&no)? {
                return Ok(Some(no));
            }
        }
        connection
            .prepare_cached(
                "select no from call_ids cross join calls using (no) where place = ? and id = ?",
            )?
            .query_row(params![place, id], |row| row.get(0))
            .optional()
    }

    /// Has those enter the index whose turn it is, in the transaction with which so many begin.
    pub(super) fn enter(
        &self,
        connection: &Connection,
        begin: usize,
    ) -> rusqlite::Result<Entering> {
        let (entering, swept_for) = {
            let newest = self.lock();
            (newest.next(begin + FURTHER), newest.swept_for)
        };
        if !entering.entries.is_empty() {
            let mut enter = connection.prepare_cached(ENTER)?;
            for entry in &entering.entries {
                enter.execute(*entry)?;
            }
        }
        if entering.ends_sweep {
            all_entered(connection, swept_for)?;
        }
        Ok(entering)
    }

    /// The transaction was committed: some entered, and these calls began with it, up to `last_no`.
    pub(super) fn entered<'a>(
        &self,
        entering: &Entering,
        begun: impl Iterator<Item = (&'a str, i64)>,
        last_no: i64,
    ) {
        let mut newest = self.lock();
        for entry in &entering.entries {
            newest.entries.remove(entry);
            newest.filter.add(entry.0);
        }
        newest.swept = entering.entries.last().copied().or(newest.swept);
        if entering.ends_sweep {
            newest.swept = None;
            newest.swept_for = last_no;
        }
        newest.entries.extend(begun.map(|(id, no)| (place(id), no)));
        newest.make_room(last_no);
    }

    fn lock(&self) -> MutexGuard<'_, Newest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Newest {
    /// Where the filter is full, one for twice as many calls begins to learn.
    fn make_room(&mut self, last_no: i64) {
        let calls = usize::try_from(last_no).unwrap_or(0);
        if self.room <= calls {
            self.room = 2 * calls.max(self.stay);
            self.filter = Filter::new(self.room);
        }
    }

    fn at(&self, place: i64) -> Vec<i64> {
        self.entries.range((place, i64::MIN)..=(place, i64::MAX)).map(|(_, no)| *no).collect()
    }

    /// Those that enter next, so many at most.
    fn next(&self, max: usize) -> Entering {
        let many = self.entries.len().saturating_sub(self.stay).min(max);
        let from = self.swept.map_or(Unbounded, Excluded);
        let entries = self.entries.range((from, Unbounded)).take(many).copied().collect::<Vec<_>>();
        Entering { ends_sweep: entries.len() < many, entries }
    }
}

/// The entries of calls after the one number and up to the other.
fn missing(connection: &Connection, after: i64, last: i64) -> rusqlite::Result<BTreeSet<Entry>> {
    connection
        .prepare("select no, id from calls where no > ? and no <= ?")?
        .query_map([after, last], |row| Ok((place(row.get_ref(1)?.as_str()?), row.get(0)?)))?
        .collect()
}

fn all_entered(connection: &Connection, no: i64) -> rusqlite::Result<()> {
    connection.execute("update ids_entered set no = ?", [no]).map(|_| ())
}

#[cfg(test)]
mod tests;

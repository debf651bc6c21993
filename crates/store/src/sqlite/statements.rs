//! The statements that are run for every event. To look one up by its text takes longer than to bind
//! its values, so they are looked up once for a batch.

use contract::CallEvent;
use rusqlite::{CachedStatement, Connection, params};

use crate::{
    ChangedCall,
    audit::{Link, Proof, Salt},
    row::CallRow,
};

// Numbers of parameters, so that each statement takes the first so many of the same values. While a
// call goes on its `end_time` is not named: SQLite would take it out of every index that asks for it
// and put it back.
const BEGIN: &str = "insert into calls (status, queue_id, agent_id, version, sla_due_at, \
    ring_due_at, hold_due_at, wait_reported, hold_reported, offer, attempt, flags, moved_at, chain, \
    due_at, since, talked_ms, held_ms, passed_on, lapsed, no, end_time, id, type, start_time, \
    priority) \
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, \
    ?20, ?21, ?22, ?23, ?24, ?25, ?26)";
macro_rules! go_on {
    ($and:literal) => {
        concat!(
            "update calls set status = ?1, queue_id = ?2, agent_id = ?3, version = ?4, \
             sla_due_at = ?5, ring_due_at = ?6, hold_due_at = ?7, wait_reported = ?8, \
             hold_reported = ?9, offer = ?10, attempt = ?11, flags = ?12, moved_at = ?13, \
             chain = ?14, due_at = ?15, since = ?16, talked_ms = ?17, held_ms = ?18, \
             passed_on = ?19, lapsed = ?20",
            $and,
            " where no = ?21"
        )
    };
}
const GO_ON: &str = go_on!("");
const END: &str = go_on!(", end_time = ?22");
const EVENT: &str = "insert into call_events (call_no, seq, type, timestamp, occurred_at, \
    metadata, key, salt, digest, link) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

pub(super) struct Statements<'a> {
    begin: CachedStatement<'a>,
    go_on: CachedStatement<'a>,
    end: CachedStatement<'a>,
    event: CachedStatement<'a>,
}

impl<'a> Statements<'a> {
    pub(super) fn of(connection: &'a Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            begin: connection.prepare_cached(BEGIN)?,
            go_on: connection.prepare_cached(GO_ON)?,
            end: connection.prepare_cached(END)?,
            event: connection.prepare_cached(EVENT)?,
        })
    }

    /// Appends an event of the call with that number.
    pub(super) fn event(
        &mut self,
        call_no: i64,
        event: &CallEvent,
        key: Option<&str>,
        salt: &Salt,
        proof: &Proof,
    ) -> rusqlite::Result<()> {
        self.event.execute(params![
            call_no,
            event.seq,
            event.kind.name(),
            event.timestamp.0.0,
            event.occurred_at.map(|at| at.0.0),
            event.metadata_text(),
            key,
            event.metadata.is_some().then_some(&salt[..]),
            &proof.digest[..],
            &proof.link[..],
        ])?;
        Ok(())
    }

    /// Keeps a call as it now stands; `chain` is its last link.
    pub(super) fn call(&mut self, changed: &ChangedCall, chain: &Link) -> rusqlite::Result<()> {
        let row = CallRow::from(&*changed.call);
        let values = params![
            row.status,
            row.queue_id,
            row.agent_id,
            row.version,
            row.sla_due_at,
            row.ring_due_at,
            row.hold_due_at,
            row.wait_reported,
            row.hold_reported,
            row.offer,
            row.attempt,
            row.flags,
            row.moved_at,
            &chain[..],
            row.due_at,
            row.since,
            row.talked_ms,
            row.held_ms,
            row.passed_on,
            row.lapsed,
            changed.no,
            row.end_time,
            changed.id,
            row.kind,
            row.start_time,
            row.priority,
        ];
        if changed.begins {
            self.begin.execute(values)?;
        } else if row.end_time.is_some() {
            self.end.execute(&values[..22])?;
        } else {
            self.go_on.execute(&values[..21])?;
        }
        Ok(())
    }
}

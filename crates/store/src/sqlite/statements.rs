//! The statements that are run for every event. To look one up by its text takes longer than to bind
//! its values, so they are looked up once for a batch.

use rusqlite::{CachedStatement, Connection, params};

use crate::{
    ChangedCall, NewEvent,
    audit::{Link, Proof, Salt},
    row::CallRow,
};

const BEGIN: &str = "insert into calls (status, queue_id, agent_id, end_time, version, \
    sla_due_at, ring_due_at, hold_due_at, wait_reported, hold_reported, offer, attempt, flags, \
    moved_at, chain, due_at, since, talked_ms, held_ms, passed_on, lapsed, no, id, type, \
    start_time, priority) \
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const GO_ON: &str = "update calls set status = ?, queue_id = ?, agent_id = ?, end_time = ?, \
    version = ?, sla_due_at = ?, ring_due_at = ?, hold_due_at = ?, wait_reported = ?, \
    hold_reported = ?, offer = ?, attempt = ?, flags = ?, moved_at = ?, chain = ?, due_at = ?, \
    since = ?, talked_ms = ?, held_ms = ?, passed_on = ?, lapsed = ? where no = ?";
const EVENT: &str = "insert into call_events (call_no, seq, type, timestamp, occurred_at, \
    metadata, key, salt, digest, link) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

pub(super) struct Statements<'a> {
    begin: CachedStatement<'a>,
    go_on: CachedStatement<'a>,
    event: CachedStatement<'a>,
}

impl<'a> Statements<'a> {
    pub(super) fn of(connection: &'a Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            begin: connection.prepare_cached(BEGIN)?,
            go_on: connection.prepare_cached(GO_ON)?,
            event: connection.prepare_cached(EVENT)?,
        })
    }

    /// Appends an event of the call with that number.
    pub(super) fn event(
        &mut self,
        call_no: i64,
        event: &NewEvent,
        key: Option<&str>,
        salt: &Salt,
        proof: &Proof,
    ) -> rusqlite::Result<()> {
        self.event.execute(params![
            call_no,
            event.seq,
            event.kind.name(),
            event.at.0,
            event.occurred_at.map(|at| at.0),
            event.metadata,
            key,
            event.metadata.is_some().then_some(&salt[..]),
            &proof.digest[..],
            &proof.link[..],
        ])?;
        Ok(())
    }

    /// Keeps a call as it now stands; `chain` is its last link.
    pub(super) fn call(&mut self, changed: &ChangedCall, chain: &Link) -> rusqlite::Result<()> {
        let row = CallRow::from(&changed.call);
        let values = params![
            row.status,
            row.queue_id,
            row.agent_id,
            row.end_time,
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
            changed.id,
            row.kind,
            row.start_time,
            row.priority,
        ];
        // The last four never change, so they come last and an update leaves them out.
        if changed.begins {
            self.begin.execute(values)?;
        } else {
            self.go_on.execute(&values[..values.len() - 4])?;
        }
        Ok(())
    }
}

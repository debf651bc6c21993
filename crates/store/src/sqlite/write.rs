//! The one writer: loads, decides and records a batch in one transaction.

use std::sync::Arc;

use contract::{Alert, CallEvent, EventType, Queue};
use lifecycle::Timestamp;
use rusqlite::{Connection, OptionalExtension, named_params, params};

use crate::{
    Acknowledged, ChangedCall, Clock, Decide, Loaded, Need, Needs, NewEvent, ReceiptOf, StoreError,
    audit::{Prover, Salt, salts},
    row::CallRow,
    sqlite::{away, read},
};

/// The connection that writes, and what it needs to do so.
pub(super) struct Writer {
    connection: Connection,
    clock: Arc<dyn Clock>,
    prover: Prover,
    last_no: i64,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        clock: Arc<dyn Clock>,
        audit_key: &[u8],
    ) -> rusqlite::Result<Self> {
        let last_no =
            connection.query_row("select coalesce(max(no), 0) from calls", [], |row| row.get(0))?;
        Ok(Self { connection, clock, prover: Prover::new(audit_key), last_no })
    }

    pub(super) fn transact(&mut self, needs: &Needs, decide: Decide<'_>) -> Result<(), StoreError> {
        self.connection.execute_batch("begin immediate").map_err(away)?;
        let done = self.decide_and_record(needs, decide).and_then(|last_no| {
            self.connection.execute_batch("commit").map_err(away)?;
            self.last_no = last_no;
            Ok(())
        });
        if done.is_err() {
            self.undo();
        }
        done
    }

    fn decide_and_record(&self, needs: &Needs, mut decide: Decide<'_>) -> Result<i64, StoreError> {
        let loaded = self.load(needs)?;
        let changes = decide(loaded);
        let mut salts = salts(changes.calls.iter().map(|it| it.events.len()).sum())?.into_iter();
        let mut last_no = self.last_no;
        for call in &changes.calls {
            self.record(call, &mut salts).map_err(away)?;
            last_no = last_no.max(call.no);
        }
        Ok(last_no)
    }

    fn load(&self, needs: &Needs) -> Result<Loaded, StoreError> {
        let mut loaded = Loaded { now: self.clock.now(), ..Loaded::default() };
        for Need { call, receipt } in &needs.items {
            if !loaded.calls.contains_key(call) {
                match read::stored_call(&self.connection, call)? {
                    Some(stored) => {
                        loaded.calls.insert(call.clone(), stored);
                    }
                    None => loaded.fresh.push(self.last_no + 1 + as_i64(loaded.fresh.len())),
                }
            }
            let (Some(stored), Some(receipt)) = (loaded.calls.get(call), receipt) else { continue };
            if let Some(event) = self.receipt(stored.no, call, receipt)? {
                loaded.receipts.insert((call.clone(), receipt.clone()), event);
            }
        }
        Ok(loaded)
    }

    fn receipt(
        &self,
        call_no: i64,
        call: &str,
        receipt: &ReceiptOf,
    ) -> Result<Option<CallEvent>, StoreError> {
        let seq = match receipt {
            ReceiptOf::Key(key) => self
                .connection
                .prepare_cached("select seq from receipts where call_no = ? and key = ?")
                .and_then(|mut it| it.query_row(params![call_no, key], |row| row.get(0)).optional())
                .map_err(away)?,
            ReceiptOf::Only(EventType::CallInitiated) => Some(1),
            ReceiptOf::Only(kind) => self
                .connection
                .prepare_cached("select seq from call_events where call_no = ? and type = ?")
                .and_then(|mut it| {
                    it.query_row(params![call_no, kind.name()], |row| row.get(0)).optional()
                })
                .map_err(away)?,
        };
        let Some(seq) = seq else { return Ok(None) };
        read::event(&self.connection, call_no, call, seq)
    }

    fn record(
        &self,
        changed: &ChangedCall,
        salts: &mut impl Iterator<Item = Salt>,
    ) -> rusqlite::Result<()> {
        let mut chain = changed.chain;
        for event in &changed.events {
            let salt = salts.next().unwrap_or_default();
            let proof = self.prover.prove(&chain, &changed.id, event, &salt);
            self.connection
                .prepare_cached(
                    "insert into call_events (call_no, seq, type, timestamp, occurred_at, metadata, \
                     salt, digest, link) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                )?
                .execute(params![
                    changed.no,
                    event.seq,
                    event.kind.name(),
                    event.at.0,
                    event.occurred_at.map(|at| at.0),
                    event.metadata,
                    event.metadata.is_some().then_some(&salt[..]),
                    &proof.digest[..],
                    &proof.link[..],
                ])?;
            self.receive(changed.no, event)?;
            chain = proof.link;
        }
        for alert in &changed.alerts {
            self.raise(changed.no, alert)?;
        }
        self.keep_call(changed, &chain)
    }

    fn receive(&self, call_no: i64, event: &NewEvent) -> rusqlite::Result<()> {
        let Some(key) = &event.key else { return Ok(()) };
        self.connection
            .prepare_cached("insert into receipts (call_no, key, seq) values (?, ?, ?)")?
            .execute(params![call_no, key, event.seq])?;
        Ok(())
    }

    fn raise(&self, call_no: i64, alert: &Alert) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "insert into alerts (id, call_no, call_id, rule, message, raised_at) \
                 values (?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                alert.id,
                call_no,
                alert.call_id,
                alert.rule,
                alert.message,
                alert.raised_at.0.0
            ])?;
        Ok(())
    }

    fn keep_call(&self, changed: &ChangedCall, chain: &[u8]) -> rusqlite::Result<()> {
        let row = CallRow::from(&changed.call);
        let sql = if changed.begins {
            "insert into calls (no, id, type, status, queue_id, agent_id, start_time, end_time, \
             version, sla_due_at, ring_due_at, hold_due_at, wait_reported, hold_reported, offer, \
             attempt, flags, moved_at, chain, due_at) values (:no, :id, :type, :status, :queue_id, \
             :agent_id, :start_time, :end_time, :version, :sla_due_at, :ring_due_at, :hold_due_at, \
             :wait_reported, :hold_reported, :offer, :attempt, :flags, :moved_at, :chain, :due_at)"
        } else {
            "update calls set status = :status, queue_id = :queue_id, agent_id = :agent_id, \
             end_time = :end_time, version = :version, sla_due_at = :sla_due_at, \
             ring_due_at = :ring_due_at, hold_due_at = :hold_due_at, \
             wait_reported = :wait_reported, hold_reported = :hold_reported, offer = :offer, \
             attempt = :attempt, flags = :flags, moved_at = :moved_at, chain = :chain, \
             due_at = :due_at where no = :no"
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        if changed.begins {
            statement.execute(named_params! {
                ":no": changed.no, ":id": changed.id, ":type": row.kind, ":status": row.status,
                ":queue_id": row.queue_id, ":agent_id": row.agent_id,
                ":start_time": row.start_time, ":end_time": row.end_time,
                ":version": row.version, ":sla_due_at": row.sla_due_at,
                ":ring_due_at": row.ring_due_at, ":hold_due_at": row.hold_due_at,
                ":wait_reported": row.wait_reported, ":hold_reported": row.hold_reported,
                ":offer": row.offer, ":attempt": row.attempt, ":flags": row.flags,
                ":moved_at": row.moved_at, ":chain": chain, ":due_at": row.due_at,
            })?;
        } else {
            statement.execute(named_params! {
                ":no": changed.no, ":status": row.status,
                ":queue_id": row.queue_id, ":agent_id": row.agent_id, ":end_time": row.end_time,
                ":version": row.version, ":sla_due_at": row.sla_due_at,
                ":ring_due_at": row.ring_due_at, ":hold_due_at": row.hold_due_at,
                ":wait_reported": row.wait_reported, ":hold_reported": row.hold_reported,
                ":offer": row.offer, ":attempt": row.attempt, ":flags": row.flags,
                ":moved_at": row.moved_at, ":chain": chain, ":due_at": row.due_at,
            })?;
        }
        Ok(())
    }

    pub(super) fn put_queue(&self, queue: &Queue) -> Result<(), StoreError> {
        put_queue(&self.connection, queue).map_err(away)
    }

    pub(super) fn acknowledge(
        &self,
        id: &str,
        by: &str,
    ) -> Result<Option<Acknowledged>, StoreError> {
        let Timestamp(now) = self.clock.now();
        let changed = self
            .connection
            .prepare_cached(
                "update alerts set acknowledged_at = ?, acknowledged_by = ? \
                 where id = ? and acknowledged_at is null",
            )
            .and_then(|mut it| it.execute(params![now, by, id]))
            .map_err(away)?;
        let alert = read::alert(&self.connection, id)?;
        Ok(alert.map(|alert| Acknowledged { alert, first: changed == 1 }))
    }

    /// The file takes writes: asks for the write lock and gives it back.
    pub(super) fn healthy(&mut self) -> Result<(), StoreError> {
        self.connection.execute_batch("begin immediate; rollback").map_err(away)
    }

    /// Leaves no transaction open, whatever happened.
    pub(super) fn undo(&self) {
        if !self.connection.is_autocommit() {
            // A failed rollback leaves a connection that refuses to begin: every later batch says so.
            let _ = self.connection.execute_batch("rollback");
        }
    }

    pub(super) fn close(self) {
        // What is in the log is safe; folding it into the database only makes the next start quicker.
        let _ = self.connection.execute_batch("pragma wal_checkpoint(truncate)");
    }
}

pub(super) fn put_queue(connection: &Connection, queue: &Queue) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "insert into queues (id, name, sla_ms, ring_ms, max_hold_ms, short_call_ms, \
             max_reroutes) values (?, ?, ?, ?, ?, ?, ?) on conflict (id) do update set \
             name = excluded.name, sla_ms = excluded.sla_ms, ring_ms = excluded.ring_ms, \
             max_hold_ms = excluded.max_hold_ms, short_call_ms = excluded.short_call_ms, \
             max_reroutes = excluded.max_reroutes",
        )?
        .execute(params![
            queue.id,
            queue.name,
            queue.sla_seconds.ms,
            queue.ring_seconds.ms,
            queue.max_hold_seconds.ms,
            queue.short_call_seconds.ms,
            queue.max_reroutes
        ])?;
    Ok(())
}

fn as_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

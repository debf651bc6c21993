//! The one writer: loads, decides and records a batch in one transaction.

use std::{path::Path, sync::Arc};

use contract::{Alert, CallEvent, EventType, Queue};
use foldhash::{HashMap, HashMapExt as _, HashSet, HashSetExt as _};
use lifecycle::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    Acknowledged, ChangeAgent, ChangedAgent, ChangedCall, Changes, Clock, Decide, Loaded, Need,
    Needs, NewAction, NewEvent, ReceiptOf, StoreError, StoredAgent, StoredCall,
    audit::{Link, Prover, Salt, salts},
    recent::{Known, Recent},
    row::storable,
    sqlite::{
        actions::{append, together},
        agents, away,
        files::Files,
        floor::Shared,
        ids::{Entering, Ids},
        read,
        statements::Statements,
        tallies::{self, Folding},
    },
};

const TRY_TO_WRITE: &str =
    "insert or replace into memory (name, value) values ('tried to write', randomblob(8))";

/// The first events of a call are read for their keys; the others' are in an index.
const FIND_KEY: &str = "select seq from call_events where call_no = ?1 and seq <= 16 and key = ?2 \
     union all select seq from call_events indexed by late_keys \
     where call_no = ?1 and seq > 16 and key = ?2";

/// The connection that writes, and what it needs to do so.
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) clock: Arc<dyn Clock>,
    prover: Prover,
    last_no: i64,
    recent: Recent,
    pub(super) floor: Shared,
    pub(super) ids: Ids,
    pub(super) files: Files,
    /// The last batch with something to write could not be written.
    failing: bool,
}

/// What is recorded, and in force once it is committed.
struct Decided {
    now: Timestamp,
    changes: Changes,
    /// The last link of each call that changed.
    chains: Vec<Link>,
    entering: Entering,
}

impl Writer {
    pub(super) fn new(
        dir: &Path,
        mut connection: Connection,
        clock: Arc<dyn Clock>,
        audit_key: &[u8],
    ) -> Result<Self, StoreError> {
        // They guard against others' writes. Here each value is one of an enum's, and to look a status up
        // in a list SQLite builds a table of the list for every row it writes.
        connection.pragma_update(None, "ignore_check_constraints", true).map_err(away)?;
        let last_no = connection
            .query_row("select coalesce(max(no), 0) from calls", [], |row| row.get(0))
            .map_err(away)?;
        let (prover, recent) = (Prover::new(audit_key), Recent::default());
        let floor = Shared::default();
        for (id, StoredCall { no, call, .. }) in read::open(&connection)? {
            floor.lock().put(no, &id.into(), &call);
        }
        for agent in agents::all(&connection)? {
            floor.lock().put_agent(agent);
        }
        // A file that takes no writes is refused at the start, and the log is there from now on.
        connection.execute_batch(TRY_TO_WRITE).map_err(away)?;
        let ids = Ids::read(&mut connection, last_no).map_err(away)?;
        let files = Files::of(dir).map_err(|error| StoreError::Away(error.to_string()))?;
        let failing = false;
        Ok(Self { connection, clock, prover, last_no, recent, floor, ids, files, failing })
    }

    pub(super) fn transact(&mut self, needs: &Needs, decide: Decide<'_>) -> Result<(), StoreError> {
        self.say("begin immediate")?;
        let done = self.decide_and_record(needs, decide).and_then(|decided| {
            self.say("commit")?;
            let Decided { now, changes, chains, entering } = decided;
            self.failing &= changes.calls.is_empty();
            self.take_places(&changes, now);
            let numbers = changes.calls.iter().map(|call| call.no);
            self.last_no = numbers.fold(self.last_no, i64::max);
            let begun = changes.calls.iter().filter(|call| call.begins);
            self.ids.entered(&entering, begun.map(|call| (&*call.id, call.no)), self.last_no);
            if crate::planted("receipt_outside_transaction") {
                self.receive_late(&changes).map_err(away)?;
            }
            if crate::planted("action_outside_transaction") {
                std::thread::sleep(std::time::Duration::from_millis(5));
                self.keep_actions(&changes, self.clock.now())?;
            }
            for (changed, chain) in changes.calls.into_iter().zip(chains) {
                self.recent.committed(changed, chain);
            }
            Ok(())
        });
        self.failing |= matches!(done, Err(StoreError::Away(_)));
        if done.is_err() {
            self.undo();
        }
        done
    }

    fn decide_and_record(
        &mut self,
        needs: &Needs,
        mut decide: Decide<'_>,
    ) -> Result<Decided, StoreError> {
        let loaded = self.load(needs)?;
        let now = loaded.now;
        let changes = decide(loaded);
        storable(&changes)?;
        let events = changes.calls.iter().map(|it| it.events.len()).sum();
        let mut salts = salts(events)?.into_iter();
        let chains = Statements::of(&self.connection).and_then(|mut statements| {
            let calls = changes.calls.iter();
            calls.map(|call| self.record(&mut statements, call, &mut salts)).collect()
        });
        let chains = chains.map_err(away)?;
        self.keep_agents(&changes, now).map_err(away)?;
        if !crate::planted("action_outside_transaction") {
            self.keep_actions(&changes, now)?;
        }
        tallies::note(&self.connection, &changes.tallies)?;
        let begin = changes.calls.iter().filter(|call| call.begins).count();
        let entering = self.ids.enter(&self.connection, begin).map_err(away)?;
        Ok(Decided { now, changes, chains, entering })
    }

    fn take_places(&self, changes: &Changes, now: Timestamp) {
        let mut floor = self.floor.lock();
        for call in &changes.calls {
            floor.put(call.no, &call.id, &call.call);
        }
        for id in &changes.named {
            floor.name_agent(id, now);
        }
        for changed in &changes.agents {
            floor.change_agent(&changed.id, changed.agent.clone());
        }
    }

    fn keep_actions(&self, changes: &Changes, now: Timestamp) -> Result<(), StoreError> {
        changes.actions.iter().try_for_each(|action| append(&self.connection, now, action))
    }

    /// A bug planted for the suite: what makes a repeat harmless comes after the commit.
    fn receive_late(&self, changes: &Changes) -> rusqlite::Result<()> {
        let sql = "update call_events set key = ? where call_no = ? and seq = ?";
        for call in &changes.calls {
            for event in &call.events {
                self.connection.execute(sql, params![event.key, call.no, event.event.seq])?;
            }
        }
        Ok(())
    }

    fn load(&mut self, needs: &Needs) -> Result<Loaded, StoreError> {
        let calls = HashMap::with_capacity(needs.items.len());
        let mut loaded = Loaded { now: self.clock.now(), calls, ..Loaded::default() };
        let mut missing = HashSet::new();
        for Need { call, receipt, .. } in &needs.items {
            if missing.contains(call) {
                continue;
            }
            let Some(known) = self.known(call)? else {
                loaded.fresh.push(self.last_no + 1 + as_i64(loaded.fresh.len()));
                missing.insert(call);
                continue;
            };
            let no = known.stored.no;
            let receipt = receipt.as_ref().filter(|receipt| !known.lacks(receipt));
            if !loaded.calls.contains_key(call) {
                loaded.calls.insert(call.clone(), known.stored.clone());
            }
            let Some(receipt) = receipt else { continue };
            if let Some(event) = self.receipt(no, call, receipt)? {
                loaded.receipts.entry(call.clone()).or_default().push((receipt.clone(), event));
            }
        }
        loaded.agents = agents::load(&self.floor.lock(), &needs.agents, &loaded.calls);
        Ok(loaded)
    }

    /// What is known of a call; it is read where nothing is.
    fn known(&mut self, call: &Arc<str>) -> Result<Option<&Known>, StoreError> {
        if !self.recent.knows(call) {
            if self.ids.lacks(&self.connection, call).map_err(away)? {
                return Ok(None);
            }
            let stored = read::stored_call(&self.connection, &self.ids, call)?;
            let Some(stored) = stored else { return Ok(None) };
            self.recent.put(Arc::clone(call), Known::read(stored));
        }
        Ok(self.recent.known(call))
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
                .prepare_cached(FIND_KEY)
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
        statements: &mut Statements<'_>,
        changed: &ChangedCall,
        salts: &mut impl Iterator<Item = Salt>,
    ) -> rusqlite::Result<Link> {
        let mut chain = changed.chain;
        let late = crate::planted("receipt_outside_transaction");
        for NewEvent { event, key } in &changed.events {
            let salt = salts.next().unwrap_or_default();
            let proof = self.prover.prove(&chain, event, &salt);
            let key = key.as_deref().filter(|_| !late);
            statements.event(changed.no, event, key, &salt, &proof)?;
            chain = proof.link;
        }
        for alert in &changed.alerts {
            self.raise(changed.no, alert)?;
        }
        statements.call(changed, &chain)?;
        Ok(chain)
    }

    fn keep_agents(&self, changes: &Changes, now: Timestamp) -> rusqlite::Result<()> {
        for id in &changes.named {
            agents::name(&self.connection, id, now)?;
        }
        let floor = self.floor.lock();
        for ChangedAgent { id, agent, .. } in &changes.agents {
            if floor.agent(id).is_none_or(|known| known.agent != *agent) {
                agents::keep(&self.connection, id, agent)?;
            }
        }
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

    pub(super) fn change_agent(
        &self,
        id: &str,
        change: ChangeAgent,
        action: Option<&NewAction>,
    ) -> Result<StoredAgent, StoreError> {
        let before = self.floor.lock().agent(id).cloned();
        let now = self.clock.now();
        let after = agents::change(&self.connection, id, before, now, change, action)?;
        self.floor.lock().put_agent(after.clone());
        Ok(after)
    }

    pub(super) fn put_queue(&self, queue: &Queue, action: &NewAction) -> Result<(), StoreError> {
        let now = self.clock.now();
        together(&self.connection, |connection| {
            put_queue(connection, queue).map_err(away)?;
            append(connection, now, action)
        })
    }

    pub(super) fn acknowledge(
        &self,
        id: &str,
        by: &str,
        action: &NewAction,
    ) -> Result<Option<Acknowledged>, StoreError> {
        let now = self.clock.now();
        together(&self.connection, |connection| {
            let changed = connection
                .prepare_cached(
                    "update alerts set acknowledged_at = ?, acknowledged_by = ? \
                     where id = ? and acknowledged_at is null",
                )
                .and_then(|mut it| it.execute(params![now.0, by, id]))
                .map_err(away)?;
            if changed == 1 {
                append(connection, now, action)?;
            }
            let alert = read::alert(connection, id)?;
            Ok(alert.map(|alert| Acknowledged { alert, first: changed == 1 }))
        })
    }

    fn say(&self, statement: &str) -> Result<(), StoreError> {
        let said = self.connection.prepare_cached(statement).and_then(|mut it| it.execute([]));
        said.map(|_| ()).map_err(away)
    }

    /// Puts prepared tallies in place, in a transaction of its own.
    pub(super) fn fold(&mut self, folding: &Folding) -> Result<u32, StoreError> {
        self.say("begin immediate")?;
        let done = tallies::fold(&self.connection, folding)
            .and_then(|folded| self.say("commit").map(|()| folded));
        if done.is_err() {
            self.undo();
        }
        done
    }

    /// The file takes writes: asks for the write lock and gives it back. A full disk gives a lock too,
    /// so after a batch that failed something is written, which has to differ from what is there.
    pub(super) fn healthy(&mut self) -> Result<(), StoreError> {
        let write = if self.failing { TRY_TO_WRITE } else { "" };
        let sql = format!("begin immediate; {write}; commit");
        let done = self.connection.execute_batch(&sql).map_err(away);
        self.failing &= done.is_err();
        self.undo();
        done
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
             max_reroutes, wrap_ms) values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do update set \
             name = excluded.name, sla_ms = excluded.sla_ms, ring_ms = excluded.ring_ms, \
             max_hold_ms = excluded.max_hold_ms, short_call_ms = excluded.short_call_ms, \
             max_reroutes = excluded.max_reroutes, wrap_ms = excluded.wrap_ms",
        )?
        .execute(params![
            queue.id,
            queue.name,
            queue.sla_seconds.ms,
            queue.ring_seconds.ms,
            queue.max_hold_seconds.ms,
            queue.short_call_seconds.ms,
            queue.max_reroutes,
            queue.wrap_up_seconds.ms
        ])?;
    Ok(())
}

fn as_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

//! A batch: loaded, decided and recorded in one transaction.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};

use contract::Queue;
use foldhash::HashSet;
use lifecycle::Timestamp;
use sqlx::{Arguments, PgConnection, Row};
use tokio::time::{sleep, timeout};
use uuid::{Builder, Uuid};

use super::{
    LOCKED_WITHIN, Postgres,
    actions::{APPEND, as_argument, insert_action},
    agents,
    connections::{ANSWERED_WITHIN, Connections, arguments, fetch, say},
    fault::Fault,
    load::{load, look_for_calls, needs_within},
    memory::{Memory, Recalled, Recorded, suffices},
    read::{alert_columns, listed_alert, now_ms},
    record::{self, Before, Manner},
    schema::{put_queue, queue_arguments},
};
use crate::{Acknowledged, Changes, Decide, Loaded, Needs, NewAction, StoreError, row::storable};

/// How often a batch that others were in the way of, or whose connection broke, is begun anew.
const ATTEMPTS: usize = 5;

/// A commit may wait for the disk, or for a standby.
const COMMITTED_WITHIN: Duration = Duration::from_secs(2);

/// How long a batch that was decided from memory waits for a lock, before it is decided anew with
/// those calls left out that another process holds.
const HURRIED: Duration = Duration::from_millis(50);

/// How long an unknown commit is asked after.
const FOUND_OUT_WITHIN: Duration = Duration::from_secs(2);

/// Old ids of batches go after so many new ones.
const BATCHES_BETWEEN_PRUNINGS: u64 = 1_000;

/// How long the ids of batches are kept.
const BATCHES_KEPT: Duration = Duration::from_mins(10);

impl Postgres {
    pub(super) async fn record(
        &self,
        needs: &Needs,
        mut decide: Decide<'static>,
    ) -> Result<(), StoreError> {
        match self.at_once(needs, &mut decide).await {
            Ok(false) => {}
            Ok(true) | Err(Fault::Recorded) => return Ok(()),
            Err(fault) => return Err(fault.told()),
        }
        let mut attempt = 1;
        loop {
            match self.attempt(needs, &mut decide).await {
                Ok(()) | Err(Fault::Recorded) => return Ok(()),
                Err(Fault::Again | Fault::Broken(_)) if attempt < ATTEMPTS => attempt += 1,
                Err(fault) => return Err(fault.told()),
            }
        }
    }

    /// Decides without locks, from memory where it can, and records in one round trip. `false` where
    /// that does not do, or what was known was wrong: then nothing was recorded.
    async fn at_once(&self, needs: &Needs, decide: &mut Decide<'static>) -> Result<bool, Fault> {
        if crate::planted("unsorted_locks") || crate::planted("agent_without_lock") {
            return Ok(false);
        }
        let recalled = self.memory().recall(needs, self.wound());
        let Some(recalled) = recalled else { return Ok(false) };
        let was_right = !recalled.doubts;
        let Some(loaded) = self.completed(needs, recalled).await? else { return Ok(false) };
        let before = Before::of(&loaded);
        let changes = decided(decide, loaded)?;
        storable(&changes)?;
        if !suffices(needs, &changes) {
            return Ok(false);
        }
        let mut lent = self.writes.lend().await?;
        let recorded = self.put(&mut lent.connection, needs, &before, changes, true).await;
        if recorded.as_ref().err().is_none_or(Fault::spares_the_connection) {
            self.writes.take_back(lent);
        } else {
            self.writes.forget_idle();
        }
        match recorded {
            Ok(recorded) => {
                self.after(needs, recorded, was_right).await?;
                Ok(true)
            }
            Err(Fault::Again | Fault::Store(StoreError::Conflict)) => {
                self.memory().was_wrong(needs);
                Ok(false)
            }
            Err(fault @ (Fault::Broken(_) | Fault::Late)) => {
                self.memory().forget(needs);
                match (self.was_recorded(needs).await?, fault) {
                    (true, _) => Ok(true),
                    (false, Fault::Broken(_)) => Ok(false),
                    (false, fault) => Err(fault),
                }
            }
            Err(fault) => Err(fault),
        }
    }

    /// What is not remembered is read, without locks. `None` where a call is not there and does not
    /// begin: what is refused is decided with locks, once.
    async fn completed(
        &self,
        needs: &Needs,
        mut recalled: Recalled,
    ) -> Result<Option<Loaded>, Fault> {
        look_for_calls(&self.writes, needs, &mut recalled).await?;
        let begun = needs.items.iter().filter(|need| need.begins).map(|need| &need.call);
        let begun = begun.collect::<HashSet<_>>();
        let is_there = |call| recalled.loaded.calls.contains_key(call) || begun.contains(call);
        if !recalled.unread.iter().all(is_there) {
            return Ok(None);
        }
        self.memory().recall_agents(needs, &mut recalled);
        agents::look(&self.writes, &mut recalled).await?;
        let Recalled { mut loaded, unmet, .. } = recalled;
        let of_items = needs.items.iter().map(|need| &need.call);
        let new = of_items.filter(|call| !loaded.calls.contains_key(*call));
        let new = new.collect::<HashSet<_>>().len();
        let kept = {
            let mut memory = self.memory();
            for id in &unmet {
                loaded.agents.get(id).into_iter().for_each(|agent| memory.meet(id, agent));
            }
            memory.take_numbers(new)
        };
        loaded.fresh = match kept {
            Some(numbers) => numbers,
            None => self.numbers(new).await?,
        };
        Ok(Some(loaded))
    }

    async fn numbers(&self, many: usize) -> Result<Vec<i64>, Fault> {
        let sql = "select nextval('calls_no') from generate_series(1, $1::bigint)";
        let many = i64::try_from(many).unwrap_or_default();
        let rows = self.writes.ask(sql, arguments![many]).await?;
        Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
    }

    async fn attempt(&self, needs: &Needs, decide: &mut Decide<'static>) -> Result<(), Fault> {
        let mut lent = self.writes.lend().await?;
        match self.run(&mut lent.connection, needs, decide).await {
            Ok(Some(recorded)) => {
                self.commit(&mut lent.connection, needs).await?;
                self.writes.take_back(lent);
                self.after(needs, recorded, false).await
            }
            Ok(None) => {
                say(&mut lent.connection, "rollback", ANSWERED_WITHIN).await?;
                self.writes.take_back(lent);
                Ok(())
            }
            Err(fault) if fault.spares_the_connection() => {
                if say(&mut lent.connection, "rollback", ANSWERED_WITHIN).await.is_ok() {
                    self.writes.take_back(lent);
                }
                Err(fault)
            }
            Err(fault) => {
                self.writes.forget_idle();
                Err(fault)
            }
        }
    }

    /// Everything up to the commit. `None` where nothing was decided.
    async fn run(
        &self,
        connection: &mut PgConnection,
        needs: &Needs,
        decide: &mut Decide<'static>,
    ) -> Result<Option<Recorded>, Fault> {
        say(connection, "begin isolation level read committed", ANSWERED_WITHIN).await?;
        let loaded = load(connection, needs, self.clock.as_deref()).await?;
        let before = Before::of(&loaded);
        let now = loaded.now;
        loaded.agents.iter().for_each(|(id, agent)| self.memory().meet(id, agent));
        let mut changes = decided(decide, loaded)?;
        storable(&changes)?;
        if changes.calls.is_empty() && changes.actions.is_empty() {
            return Ok(None);
        }
        for action in &changes.actions {
            let action = arguments![as_argument(Some(now), action)];
            fetch(connection, APPEND, action, ANSWERED_WITHIN).await?;
        }
        if !changes.named.is_empty() {
            agents::name(connection, &changes.named, now, needs_within(needs)).await?;
        }
        if crate::planted("agent_without_lock") {
            agents::overwrite(connection, &mut changes.agents, needs_within(needs)).await?;
        }
        Ok(Some(self.put(connection, needs, &before, changes, false).await?))
    }

    /// Runs the statement that records: by itself, or in a transaction that holds the locks.
    async fn put(
        &self,
        connection: &mut PgConnection,
        needs: &Needs,
        before: &Before,
        changes: Changes,
        by_itself: bool,
    ) -> Result<Recorded, Fault> {
        let Changes { mut calls, agents, tallies, .. } = changes;
        let begun = calls.iter().filter(|call| call.begins).count();
        let manner = Manner {
            // With locks, who is engaged was asked before.
            offered: if by_itself { &needs.agents.offered } else { &[] },
            patience: if by_itself { HURRIED } else { LOCKED_WITHIN },
            numbers: self.memory().wanted(begun),
        };
        let batch = needs.batch.to_string();
        let (arguments, links) = record::arguments(
            &batch,
            before,
            &mut calls,
            &agents,
            &tallies,
            &self.prover,
            &manner,
        )?;
        let within = if by_itself { COMMITTED_WITHIN } else { needs_within(needs) };
        let rows = fetch(connection, record::RECORD, arguments, within).await?;
        let (moment, numbers) = record::said(&rows)?;
        Ok(Recorded { calls, links, agents, moment, numbers })
    }

    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn commit(&self, connection: &mut PgConnection, needs: &Needs) -> Result<(), Fault> {
        match say(connection, "commit", COMMITTED_WITHIN).await {
            Err(fault @ (Fault::Broken(_) | Fault::Late)) => {
                self.writes.forget_idle();
                if self.was_recorded(needs).await? { Ok(()) } else { Err(fault) }
            }
            other => other,
        }
    }

    /// The truth about a commit whose answer was lost.
    async fn was_recorded(&self, needs: &Needs) -> Result<bool, StoreError> {
        let found_out = async {
            loop {
                match self.ask_for(needs).await {
                    Ok(()) => return false,
                    Err(Fault::Recorded) => return true,
                    Err(_) => sleep(Duration::from_millis(50)).await,
                }
            }
        };
        let unknown = |_| StoreError::Unknown(format!("batch {}", needs.batch));
        timeout(FOUND_OUT_WITHIN, found_out).await.map_err(unknown)
    }

    /// Inserts the batch's id and takes it back. A commit of the same id that is still under way is
    /// waited for.
    async fn ask_for(&self, needs: &Needs) -> Result<(), Fault> {
        let mut connection = self.writes.connect().await?;
        say(&mut connection, "begin", ANSWERED_WITHIN).await?;
        let insert = "insert into batches (id) values ($1::uuid)";
        let id = arguments![needs.batch.to_string()];
        // Not committed: the connection closes here.
        fetch(&mut connection, insert, id, FOUND_OUT_WITHIN).await.map(drop)
    }

    /// What is done once a batch is recorded.
    async fn after(&self, needs: &Needs, recorded: Recorded, was_right: bool) -> Result<(), Fault> {
        if crate::planted("receipt_outside_transaction") {
            let mut arguments = arguments![];
            record::add_receipts(&mut arguments, &recorded.calls);
            self.writes.ask(record::RECEIPTS, arguments).await?;
        }
        self.memory().learn(recorded, was_right);
        let batches = self.batches.fetch_add(1, Ordering::Relaxed);
        if batches % BATCHES_BETWEEN_PRUNINGS == BATCHES_BETWEEN_PRUNINGS - 1 {
            let old = "delete from batches where id in \
                       (select id from batches where id < $1::uuid order by id limit 5000)";
            // Whatever is left now goes the next time.
            let _ = self.writes.ask(old, arguments![kept_from(needs.batch).to_string()]).await;
        }
        Ok(())
    }
}

/// The lowest id that a batch could have which began ten minutes before this one.
fn kept_from(batch: Uuid) -> Uuid {
    let (seconds, nanos) = batch.get_timestamp().map_or((0, 0), |began| began.to_unix());
    let since = Duration::new(seconds, nanos).saturating_sub(BATCHES_KEPT);
    let ms = u64::try_from(since.as_millis()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(ms, &[0; 10]).into_uuid()
}

fn decided(decide: &mut Decide<'static>, loaded: Loaded) -> Result<Changes, StoreError> {
    catch_unwind(AssertUnwindSafe(|| decide(loaded)))
        .map_err(|_| StoreError::Poison("deciding it failed; see the log".to_owned()))
}

/// Keeps a queue, and the action that this is.
pub(super) async fn put_queue(
    writes: &Connections,
    now: Option<Timestamp>,
    queue: &Queue,
    action: &NewAction,
) -> Result<(), StoreError> {
    let sql = concat!("with noted as (", insert_action!("$9"), ") ", put_queue!());
    let mut arguments = queue_arguments(queue);
    arguments.add(as_argument(now, action)).expect("text can always be encoded");
    writes.ask(sql, arguments).await.map(drop)
}

/// Notes who saw an alert; the first to do so stays.
pub(super) async fn acknowledge(
    writes: &Connections,
    now: Option<Timestamp>,
    id: &str,
    by: &str,
    action: &NewAction,
) -> Result<Option<Acknowledged>, StoreError> {
    let note = concat!(
        "with noted as (update alerts set acknowledged_at = coalesce($2, ",
        now_ms!(),
        "), acknowledged_by = $3 where id = $1 and acknowledged_at is null returning ",
        alert_columns!(),
        "), kept as (",
        insert_action!("$4", "noted"),
        ") select * from noted"
    );
    let action = as_argument(now, action);
    let rows = writes.ask(note, arguments![id, now.map(|now| now.0), by, action]).await?;
    let first = !rows.is_empty();
    let rows = if first {
        rows
    } else {
        let read = concat!("select ", alert_columns!(), " from alerts where id = $1");
        writes.ask(read, arguments![id]).await?
    };
    let Some(row) = rows.first() else { return Ok(None) };
    let alert = listed_alert(row).map_err(|error| Fault::from(error).told())?.item;
    Ok(Some(Acknowledged { alert, first }))
}

//! Several processes on one PostgreSQL, each with a store of its own.

use std::{
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use contract::{CallStatus, EventType};
use store::{AnyStore, Changes, CountFilter, Search};

use crate::{
    databases::on_postgres,
    desk::{
        QUEUE, Step, answered, begins, ended, held, kinds, record, resumed, rings, submit,
        submit_with, waiting,
    },
};

pub(super) struct Rivals {
    pub(super) url: String,
    pub(super) one: AnyStore,
    pub(super) other: AnyStore,
}

/// Two stores that go by the database's clock.
pub(super) async fn rivals() -> Option<Rivals> {
    let url = testkit::postgres()?.database();
    let (one, other) = tokio::join!(on_postgres(&url, None), on_postgres(&url, None));
    Some(Rivals { url, one, other })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_one_remembers_and_another_changed_is_read_anew() {
    let Some(at) = rivals().await else { return };
    record(&at.one, &[begins("c"), begins("refused")]).await;
    record(&at.other, &[answered("c", 1.0), answered("refused", 1.0)]).await;
    let met = record(&at.one, &[ended("c")]).await;
    assert_eq!(met.asked, 2, "it was decided from memory, and then from what is there");
    let history = [EventType::CallInitiated, EventType::CallAnswered, EventType::CallEnded];
    assert_eq!(kinds(&at.other, "c").await[..3], history);
    // As it is remembered the call waits, and cannot be held.
    assert_eq!(record(&at.one, &[held("refused")]).await.recorded, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_key_that_another_recorded_is_found() {
    let Some(at) = rivals().await else { return };
    record(&at.one, &[begins("c"), answered("c", 1.0)]).await;
    let (hold, resume) = (held("c").with_key("hold"), resumed("c").with_key("resume"));
    record(&at.one, std::slice::from_ref(&hold)).await;
    record(&at.other, std::slice::from_ref(&resume)).await;
    record(&at.one, &[held("c")]).await;
    for repeat in [hold, resume] {
        let met = record(&at.one, &[repeat]).await;
        assert_eq!((met.receipts.len(), met.recorded), (1, 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_repeated_beginning_is_found_beside_another_step_of_its_call() {
    let Some(at) = rivals().await else { return };
    record(&at.one, &[begins("before")]).await;
    let begins = begins("c").with_key("begins");
    record(&at.other, std::slice::from_ref(&begins)).await;
    let met = record(&at.one, &[answered("c", 1.0), begins]).await;
    assert_eq!((met.receipts.len(), met.recorded), (1, 1));
}

/// Records the steps in a task of its own, and keeps their calls locked until it is released.
fn holding(store: &AnyStore, steps: Vec<Step>) -> (mpsc::Receiver<()>, impl FnOnce()) {
    let (locked, is_locked) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let store = Arc::clone(store);
    let task = tokio::spawn(async move {
        let hold = move |_: &mut Changes| {
            locked.send(()).unwrap();
            // Who blocks must say so: this thread may be the one that listens for the others.
            tokio::task::block_in_place(|| released.recv().unwrap());
        };
        submit_with(&store, waiting(&steps), &steps, hold).await.unwrap();
    });
    (is_locked, move || {
        release.send(()).unwrap();
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(task)).unwrap();
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_database_may_be_opened_by_many_at_once() {
    let Some(server) = testkit::postgres() else { return };
    let url = server.database();
    let open = || on_postgres(&url, None);
    let (a, b, c, d) = tokio::join!(open(), open(), open(), open());
    for store in [&b, &c, &d] {
        assert_eq!(store.audit_key().bytes(), a.audit_key().bytes());
        assert_eq!(store.queues().await.unwrap().len(), 4);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_call_that_two_begin_at_once_is_one_call() {
    let Some(at) = rivals().await else { return };
    for number in 0..50 {
        let steps = [begins(&format!("{number}-a")), begins(&format!("{number}-b"))];
        let turned = [steps[1].clone(), steps[0].clone()];
        let (one, other) = tokio::join!(submit(&at.one, &steps), submit(&at.other, &turned));
        assert_eq!(one.unwrap().recorded + other.unwrap().recorded, 2);
        assert_eq!(kinds(&at.one, &steps[0].call).await, [EventType::CallInitiated]);
    }
    let rows = testkit::postgres().unwrap().execute(&at.url, "select count(*) from calls");
    assert_eq!(rows, "100");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn batches_with_their_calls_in_opposite_order_never_deadlock() {
    let Some(at) = rivals().await else { return };
    let ids = (0..8).map(|number| format!("c{number}")).collect::<Vec<_>>();
    record(&at.one, &ids.iter().map(|id| begins(id)).collect::<Vec<_>>()).await;
    record(&at.one, &ids.iter().map(|id| answered(id, 1.0)).collect::<Vec<_>>()).await;
    let there = ids.iter().map(|id| held(id)).collect::<Vec<_>>();
    let back = ids.iter().rev().map(|id| resumed(id)).collect::<Vec<_>>();
    for _ in 0..200 {
        let one = submit_with(&at.one, waiting(&there), &there, |_| {});
        let other = submit_with(&at.other, waiting(&back), &back, |_| {});
        let (one, other) = tokio::join!(one, other);
        one.unwrap();
        other.unwrap();
    }
    // One that was solved by another attempt is counted, too. The server counts with some delay.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let counted = "select deadlocks from pg_stat_database where datname = current_database()";
    assert_eq!(testkit::postgres().unwrap().execute(&at.url, counted), "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_busy_call_is_left_out_and_strangers_go_on() {
    let Some(at) = rivals().await else { return };
    record(&at.one, &[begins("busy"), begins("stranger")]).await;
    let (is_locked, release) = holding(&at.one, vec![answered("busy", 1.0)]);
    is_locked.recv().unwrap();

    let steps = [ended("busy"), ended("stranger"), begins("new")];
    let met = record(&at.other, &steps).await;
    assert_eq!(met.busy, ["busy"]);
    assert_eq!(met.recorded, 3, "the stranger's end and survey, and a beginning");
    release();
    let met = record(&at.other, &steps[..1]).await;
    assert!(met.busy.is_empty());
    let after = [EventType::CallInitiated, EventType::CallAnswered, EventType::CallEnded];
    assert_eq!(kinds(&at.one, "busy").await[..3], after);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_waits_is_told_what_happened_meanwhile_and_what_time_it_is_then() {
    let Some(at) = rivals().await else { return };
    record(&at.one, &[begins("c"), answered("c", 1.0)]).await;
    let hold = held("c").with_key("k");
    let (is_locked, release) = holding(&at.one, vec![hold.clone()]);
    is_locked.recv().unwrap();

    let (other, steps) = (Arc::clone(&at.other), [hold]);
    let waits =
        tokio::spawn(async move { submit_with(&other, waiting(&steps), &steps, |_| {}).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waits.is_finished());
    let before = at.one.now().await.unwrap();
    release();
    let met = waits.await.unwrap().unwrap();
    assert!(met.now >= before, "the moment is read after the lock");
    assert_eq!((met.receipts.len(), met.recorded), (1, 0), "the rival's receipt is found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_waits_too_long_is_told_of_a_conflict() {
    let Some(at) = rivals().await else { return };
    record(&at.one, &[begins("c")]).await;
    let url = at.url.clone();
    let locked = std::thread::spawn(move || {
        let sql = "begin; select no from calls where id = 'c' for update; select pg_sleep(4)";
        testkit::postgres().unwrap().execute(&url, sql)
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (steps, asked_at) = ([answered("c", 1.0)], Instant::now());
    let told = submit_with(&at.other, waiting(&steps), &steps, |_| {}).await.unwrap_err();
    assert!(matches!(told, store::StoreError::Conflict), "{told}");
    assert!(asked_at.elapsed() < Duration::from_secs(4));
    locked.join().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_plan_made_while_tables_were_small_reads_little_when_they_are_large() {
    const CALLS: u32 = 300;
    let Some(postgres) = testkit::postgres() else { return };
    let url = postgres.database();
    let store = on_postgres(&url, None).await;
    record(&store, &["a", "b", "c"].map(begins)).await;
    record(&store, &["a", "b", "c"].map(ended)).await;
    postgres.execute(&url, "vacuum analyze");
    for n in 0..CALLS {
        let call = n.to_string();
        record(&store, &[begins(&call)]).await;
        record(&store, &[answered(&call, 1.0).with_key("answer")]).await;
        let left = format!("{}", n / 2);
        record(&store, &[ended(&left)]).await;
        store.due(100).await.unwrap();
        store.waiting(vec![QUEUE.to_owned()], 100).await.unwrap();
        store.calls_of("ana").await.unwrap();
        let (status, filter) = (Some(CallStatus::Waiting), CountFilter::default());
        let search = Search { status, filter, before: None, limit: 100, among: 100 };
        store.search(search).await.unwrap();
        store.free(vec![QUEUE.to_owned()], vec![]).await.unwrap();
    }
    store.close().await;
    let read = rows_read(postgres, &url, "calls,open_calls,call_events");
    assert!(read < 30 * CALLS, "{read} rows were read for {CALLS} calls");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn to_see_whether_an_agent_is_free_only_their_own_calls_are_read() {
    const CALLS: u32 = 300;
    let Some(postgres) = testkit::postgres() else { return };
    let url = postgres.database();
    let store = on_postgres(&url, None).await;
    record(&store, &[begins("a"), rings("a", "ana"), ended("a")]).await;
    postgres.execute(&url, "vacuum analyze");
    let look = || store.free(vec![QUEUE.to_owned()], vec!["ana".to_owned()]);
    look().await.unwrap();
    for n in 0..CALLS {
        let call = n.to_string();
        record(&store, &[begins(&call), rings(&call, &format!("agent-{n}"))]).await;
    }
    for _ in 0..CALLS {
        look().await.unwrap();
    }
    store.close().await;
    let read = rows_read(postgres, &url, "open_calls");
    assert!(read < 10 * CALLS, "{read} rows were read to look {CALLS} times for one agent");
}

/// How many rows of these tables were read by indexes, or one by one.
fn rows_read(postgres: &testkit::Postgres, url: &str, tables: &str) -> u32 {
    // A session tells what it read when it ends.
    let sessions = "select count(*) from pg_stat_activity where datname = current_database() \
                    and application_name = 'switchboard'";
    let ended = (0..500).any(|_| postgres.execute(url, sessions).trim() == "0");
    assert!(ended, "the sessions of a closed store end");
    let read = format!(
        "select (select sum(idx_tup_read) from pg_stat_user_indexes \
         where relname = any('{{{tables}}}')) + (select sum(seq_tup_read) \
         from pg_stat_user_tables where relname = any('{{{tables}}}'))"
    );
    postgres.execute(url, &read).trim().parse().unwrap()
}

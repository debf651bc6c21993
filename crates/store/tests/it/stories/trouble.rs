//! What becomes of a batch when the connection, or the server, does not behave. PostgreSQL only.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use store::{AnyStore, Needs, StoreError, postgres::Postgres};
use testkit::{Cut, Wire};

use crate::{
    databases::on_postgres,
    desk::{
        Met, Step, answered, begins, held, history, needs, record, resumed, submit, submit_with,
        waiting,
    },
};

/// As it goes over the wire; `read committed` is something else.
const COMMIT: &[u8] = b"commit\0";

struct Wired {
    wire: Wire,
    store: AnyStore,
    url: String,
}

async fn wired() -> Option<Wired> {
    let server = testkit::postgres()?;
    let url = server.database();
    let wire = Wire::to(server.port());
    let through = url.replace(&server.port().to_string(), &wire.port().to_string());
    let store = on_postgres(&through, None).await;
    Some(Wired { wire, store, url })
}

/// Records the steps with their calls locked, in a transaction of several statements.
async fn record_locked(store: &AnyStore, steps: &[Step]) -> Met {
    submit_with(store, waiting(steps), steps, |_| {}).await.expect("it is recorded")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_remembered_is_recorded_in_one_round_trip() {
    let Some(at) = wired().await else { return };
    record(&at.store, &[begins("c"), answered("c", 1.0)]).await;
    for words in [&b"begin"[..], COMMIT] {
        at.wire.cut(words, Cut::Silent);
        let met = record(&at.store, &[held("c"), resumed("c")]).await;
        assert_eq!((met.asked, met.recorded), (1, 2));
        assert!(!at.wire.was_cut());
    }
    assert_eq!(history(&at.store, "c").await.len(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_round_trip_whose_answer_is_lost_is_found_out() {
    let Some(at) = wired().await else { return };
    record(&at.store, &[begins("c"), answered("c", 1.0)]).await;
    at.wire.cut(b"call_hold", Cut::Unanswered);
    let met = record(&at.store, &[held("c")]).await;
    assert!(at.wire.was_cut());
    assert_eq!(met.asked, 1, "it was recorded, so it is not decided again");
    assert_eq!(history(&at.store, "c").await.len(), 3);
    assert_eq!(record(&at.store, &[resumed("c")]).await.recorded, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_round_trip_that_never_arrived_is_done_again() {
    let Some(at) = wired().await else { return };
    record(&at.store, &[begins("c"), answered("c", 1.0)]).await;
    at.wire.cut(b"call_hold", Cut::Unheard);
    let met = record(&at.store, &[held("c")]).await;
    assert!(at.wire.was_cut());
    assert_eq!(met.asked, 2);
    assert_eq!(history(&at.store, "c").await.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_commit_whose_answer_is_lost_is_found_out() {
    let Some(at) = wired().await else { return };
    record(&at.store, &[begins("c")]).await;
    at.wire.cut(COMMIT, Cut::Unanswered);
    let met = record_locked(&at.store, &[answered("c", 1.0)]).await;
    assert!(at.wire.was_cut());
    assert_eq!(met.asked, 1, "it was recorded, so it is not decided again");
    assert_eq!(history(&at.store, "c").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_commit_that_never_arrived_is_done_again() {
    let Some(at) = wired().await else { return };
    record(&at.store, &[begins("c")]).await;
    at.wire.cut(COMMIT, Cut::Unheard);
    let met = record_locked(&at.store, &[answered("c", 1.0)]).await;
    assert!(at.wire.was_cut());
    assert_eq!(met.asked, 2);
    assert_eq!(history(&at.store, "c").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_batch_that_breaks_before_its_commit_is_done_again() {
    let Some(at) = wired().await else { return };
    record(&at.store, &[begins("c")]).await;
    for (words, cut) in [
        (&b"begin"[..], Cut::Unheard),
        (b"begin", Cut::Unanswered),
        // Arguments of the statement that records.
        (b"call_hold", Cut::Unanswered),
        (b"call_hold", Cut::Unheard),
    ] {
        let call = format!("{}-{cut:?}", words.len());
        let steps = [begins(&call), answered(&call, 1.0), held(&call)];
        at.wire.cut(words, cut);
        assert_eq!(record_locked(&at.store, &steps).await.recorded, 3);
        assert!(at.wire.was_cut());
        assert_eq!(history(&at.store, &call).await.len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_batch_tried_again_with_its_id_is_recorded_once() {
    let Some(at) = wired().await else { return };
    record(&at.store, &[begins("c"), answered("c", 1.0)]).await;
    let steps = [held("c")];
    let batch = needs(&steps);
    submit_with(&at.store, batch.clone(), &steps, |_| {}).await.unwrap();
    let locked = Needs { wait: true, ..batch.clone() };
    let met = submit_with(&at.store, locked, &steps, |_| {}).await.unwrap();
    assert_eq!(met.asked, 0, "the answers of the first time stand");
    submit_with(&at.store, batch, &steps, |_| {}).await.unwrap();
    assert_eq!(history(&at.store, "c").await.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sessions_that_were_ended_are_replaced_unseen() {
    let Some(at) = wired().await else { return };
    let server = testkit::postgres().unwrap();
    let steps = (0..6).map(|number| begins(&format!("c{number}"))).collect::<Vec<_>>();
    for step in &steps {
        record(&at.store, std::slice::from_ref(step)).await;
        at.store.call(&step.call).await.unwrap().unwrap();
        let end = "select pg_terminate_backend(pid) from pg_stat_activity \
                   where application_name = 'switchboard' and datname = current_database()";
        server.execute(&at.url, end);
    }
    assert_eq!(at.store.armed().await.unwrap(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_only_reads_is_away() {
    let Some(at) = wired().await else { return };
    let server = testkit::postgres().unwrap();
    record(&at.store, &[begins("c")]).await;
    at.store.healthy().await.unwrap();
    let database = at.url.rsplit('/').next().unwrap();
    let only_reads = |on: &str| {
        let set = format!("alter database {database} set default_transaction_read_only = {on}");
        server.execute(&at.url.replace(database, "postgres"), &set);
        let end = "select pg_terminate_backend(pid) from pg_stat_activity \
                   where application_name = 'switchboard' and datname = current_database()";
        server.execute(&at.url, end);
    };
    only_reads("on");
    assert!(matches!(at.store.healthy().await, Err(StoreError::Away(_))));
    let told = submit(&at.store, &[answered("c", 1.0)]).await.unwrap_err();
    assert!(matches!(told, StoreError::Away(_)), "{told}");
    assert!(at.store.call("c").await.unwrap().is_some(), "reading goes on");
    only_reads("off");
    at.store.healthy().await.unwrap();
    assert_eq!(record(&at.store, &[answered("c", 1.0)]).await.recorded, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_falls_silent_is_away_within_a_second() {
    let Some(at) = wired().await else { return };
    record(&at.store, &[begins("c")]).await;
    at.wire.cut(b"begin", Cut::Silent);
    let asked_at = Instant::now();
    let steps = [answered("c", 1.0)];
    let told = submit_with(&at.store, waiting(&steps), &steps, |_| {}).await.unwrap_err();
    assert!(matches!(told, StoreError::Away(_)), "{told}");
    assert!(asked_at.elapsed() < Duration::from_secs(1), "{:?}", asked_at.elapsed());
    assert_eq!(record(&at.store, &[answered("c", 1.0)]).await.recorded, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_database_that_is_not_there_is_named() {
    let Err(error) = Postgres::open("postgresql://nobody@127.0.0.1:1/none", None, None).await
    else {
        panic!("nothing listens there");
    };
    let said = error.to_string();
    assert!(said.starts_with("cannot open the database at 127.0.0.1:1: "), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_batch_that_nobody_waits_for_any_more_leaves_no_lock() {
    let Some(at) = wired().await else { return };
    record(&at.store, &[begins("c")]).await;
    for _ in 0..20 {
        let store = Arc::clone(&at.store);
        let task = tokio::spawn(async move {
            let _ = submit(&store, &[answered("c", 1.0), held("c")]).await;
        });
        tokio::time::sleep(Duration::from_millis(1)).await;
        task.abort();
    }
    let steps = [begins("d"), answered("d", 1.0)];
    assert_eq!(record(&at.store, &steps).await.recorded, 2);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(record(&at.store, &[held("c")]).await.busy.is_empty());
}

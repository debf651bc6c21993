//! What a crash leaves, and who may open a directory. SQLite only.

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use store::{AnyStore, sqlite::Sqlite};

use crate::{
    databases::{Wound, sqlite},
    desk::{answered, begins, ended, record},
};

#[tokio::test]
async fn a_directory_has_one_owner() {
    let at = sqlite();
    let said = at.home.open().await.err().unwrap().to_string();
    assert!(said.starts_with("another switchboard is using "), "{said}");
    assert!(said.ends_with("; stop it, or choose another directory with --data"), "{said}");
    let at = at.leave().await.enter().await;
    assert!(at.store.durability().contains("synchronous=FULL"));
}

#[test]
fn the_sqlite_in_this_build_keeps_its_log_whole() {
    assert!(rusqlite::version_number() >= 3_051_003, "{}", rusqlite::version());
}

/// Copies of the files at random moments are what a crash leaves: the log first, then more of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_was_answered_survives_a_crash() {
    let (living, crashed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(living.path());
    let answered = Arc::new(Mutex::new(Vec::new()));
    let writers =
        (0..4).map(|writer| tokio::spawn(live(Arc::clone(&store), writer, Arc::clone(&answered))));
    let writers = writers.collect::<Vec<_>>();
    for round in 0..6 {
        tokio::time::sleep(Duration::from_millis(40 + 13 * round)).await;
        let known = answered.lock().unwrap().clone();
        let files = crashed.path().join(round.to_string());
        std::fs::create_dir(&files).unwrap();
        copy(living.path(), &files);
        let left = open(&files);
        for (call, version) in &known {
            let call = left.call(call).await.unwrap().expect("it was answered");
            assert!(call.version >= *version);
        }
        whole(&files, &left, known.len()).await;
        left.close().await;
    }
    for writer in writers {
        writer.await.unwrap();
    }
    store.close().await;
}

fn open(directory: &Path) -> AnyStore {
    Arc::new(testkit::reopened(|| Sqlite::open(directory, Wound::new(), None)))
}

async fn live(store: AnyStore, writer: u32, told: Arc<Mutex<Vec<(String, u32)>>>) {
    for number in 0..150 {
        let call = format!("{writer}-{number}");
        record(&store, &[begins(&call), answered(&call, 1.0)]).await;
        told.lock().unwrap().push((call.clone(), 2));
        record(&store, &[ended(&call)]).await;
        told.lock().unwrap().push((call, 4));
    }
}

/// The database before its log: what a checkpoint moved in between is in both. A log that was begun
/// anew in between would be another crash; then the moment is chosen again.
fn copy(from: &Path, to: &Path) {
    loop {
        let before = log(from);
        for file in ["switchboard.db", "switchboard.db-wal"] {
            std::fs::copy(from.join(file), to.join(file)).unwrap();
        }
        if before == log(from) && before == log(to) {
            return;
        }
    }
}

/// Which log it is: the head of the file changes when it is begun anew.
fn log(directory: &Path) -> Vec<u8> {
    let mut head = std::fs::read(directory.join("switchboard.db-wal")).unwrap();
    head.truncate(32);
    head
}

async fn whole(files: &Path, store: &AnyStore, known: usize) {
    let connection = rusqlite::Connection::open(files.join("switchboard.db")).unwrap();
    let said = connection.query_row("pragma integrity_check", [], |row| row.get::<_, String>(0));
    assert_eq!(said.unwrap(), "ok");
    let chains = store.chains(0, 10_000).await.unwrap();
    assert!(chains.len() * 2 >= known);
    for chain in chains {
        assert_eq!(store::verify(store.audit_key().bytes(), &chain), store::Verdict::Whole);
    }
}

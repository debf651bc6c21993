//! Figures: what batches note is counted once, folded or not.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use lifecycle::Timestamp;
use store::{
    AnyStore, Books, Changes, INTERVAL_MS, OpenCalls, Scope, Tallies, Tally, TallyKey, Waits,
    interval,
};

use crate::{
    databases::Database,
    desk::{
        QUEUE, answered, begins, begins_in, ended, held, needs, record, rings, submit_with,
        transferred,
    },
};

const START: Timestamp = Timestamp(1_800_000_000_000);
const ALWAYS: Timestamp = Timestamp(i64::MIN);

/// Records that a call begins, and notes that in some interval.
async fn noted(store: &AnyStore, call: &str, queue: &str, at: Timestamp) {
    let steps = [begins(call)];
    let key = TallyKey::at(Scope::Queue, queue, at);
    let note = move |changes: &mut Changes| changes.tallies.add(key.clone(), &one());
    submit_with(store, needs(&steps), &steps, note).await.expect("it is recorded");
}

fn one() -> Tally {
    let answered_waits = Waits::one(7_000);
    Tally { offered: 1, waited_ms: 7_000, longest_hold_ms: 3, answered_waits, ..Tally::default() }
}

/// Everything there is, whether or not it was folded.
async fn all(store: &AnyStore) -> Tallies {
    let Books { changed, unfolded, .. } = store.books(Scope::Queue, ALWAYS, 0).await.unwrap();
    let mut all = unfolded;
    for (key, tally) in changed {
        all.add(key, &tally);
    }
    all
}

async fn offered(store: &AnyStore, queue: &str) -> i64 {
    let all = all(store).await;
    let of_queue = all.0.iter().filter(|(key, _)| &*key.id == queue);
    of_queue.map(|(_, tally)| tally.offered).sum()
}

pub(crate) async fn what_is_noted_is_read_before_and_after_it_is_folded(at: Database) {
    noted(&at.store, "a", QUEUE, START).await;
    noted(&at.store, "b", QUEUE, START + 1).await;
    noted(&at.store, "c", QUEUE, START + INTERVAL_MS).await;
    noted(&at.store, "d", "legal \"Ω\"", START).await;
    let before = all(&at.store).await;
    let of_two = &before.0[&TallyKey::at(Scope::Queue, QUEUE, START)];
    assert_eq!((of_two.offered, of_two.waited_ms, of_two.longest_hold_ms), (2, 14_000, 3));
    assert_eq!((of_two.answered_waits.count(), before.0.len()), (2, 3));

    assert_eq!(at.store.fold(3).await.unwrap(), 3, "a bite");
    assert_eq!(all(&at.store).await, before);
    assert_eq!(at.store.fold(3).await.unwrap(), 1, "the rest");
    assert_eq!(all(&at.store).await, before);
    let books = at.store.books(Scope::Queue, ALWAYS, 0).await.unwrap();
    assert_eq!((books.changed.len(), books.unfolded.0.len()), (3, 0));
    let agents = at.store.books(Scope::Agent, ALWAYS, 0).await.unwrap();
    assert!(agents.changed.is_empty());
}

pub(crate) async fn what_was_folded_is_not_counted_twice(at: Database) {
    for round in 0..3 {
        noted(&at.store, &format!("c{round}"), QUEUE, START).await;
        let turns = (0..4).map(|_| {
            let store = Arc::clone(&at.store);
            tokio::spawn(async move { store.fold(100).await })
        });
        let mut folded = 0;
        for turn in turns.collect::<Vec<_>>() {
            folded += turn.await.unwrap().unwrap();
        }
        assert_eq!(folded, 1, "one of them was the bookkeeper");
        assert_eq!(at.store.fold(100).await.unwrap(), 0);
        assert_eq!(offered(&at.store, QUEUE).await, round + 1);
    }
}

pub(crate) async fn folding_while_batches_are_recorded_loses_nothing(at: Database) {
    const EACH: i64 = 60;
    let done = Arc::new(AtomicBool::new(false));
    let keepers = (0..2).map(|_| {
        let (store, done) = (Arc::clone(&at.store), Arc::clone(&done));
        tokio::spawn(async move {
            while !done.load(Ordering::Relaxed) {
                store.fold(5).await.unwrap();
            }
        })
    });
    let keepers = keepers.collect::<Vec<_>>();
    let writers = (0..4).map(|writer| {
        let store = Arc::clone(&at.store);
        tokio::spawn(async move {
            for number in 0..EACH {
                noted(&store, &format!("{writer}-{number}"), QUEUE, START).await;
            }
        })
    });
    let writers = writers.collect::<Vec<_>>();
    let mut seen = 0;
    while seen < 4 * EACH {
        let now = offered(&at.store, QUEUE).await;
        assert!(seen <= now, "{now} after {seen}: figures do not go backwards");
        seen = now;
    }
    for writer in writers {
        writer.await.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    for keeper in keepers {
        keeper.await.unwrap();
    }
    while at.store.fold(100).await.unwrap() > 0 {}
    assert_eq!(offered(&at.store, QUEUE).await, 4 * EACH);
    assert!(at.store.books(Scope::Queue, ALWAYS, 0).await.unwrap().unfolded.0.is_empty());
}

pub(crate) async fn a_batch_that_is_not_recorded_counts_nothing(at: Database) {
    let steps = [begins("c")];
    let spoil = |changes: &mut Changes| {
        changes.tallies.add(TallyKey::at(Scope::Queue, QUEUE, START), &one());
        changes.calls[0].events[0].key = Some("a\0".into());
    };
    submit_with(&at.store, needs(&steps), &steps, spoil).await.unwrap_err();
    let named = |changes: &mut Changes| {
        changes.tallies.add(TallyKey::at(Scope::Agent, "a\0", START), &one());
    };
    submit_with(&at.store, needs(&steps), &steps, named).await.unwrap_err();
    assert_eq!(at.store.fold(100).await.unwrap(), 0);
    assert!(all(&at.store).await.0.is_empty());
}

pub(crate) async fn only_what_changed_is_read_again(at: Database) {
    let books = async |since, after| at.store.books(Scope::Queue, since, after).await.unwrap();
    noted(&at.store, "a", QUEUE, START).await;
    noted(&at.store, "b", "other", START + INTERVAL_MS).await;
    at.store.fold(100).await.unwrap();
    let first = books(ALWAYS, 0).await;
    assert_eq!(first.changed.len(), 2);
    assert!(books(ALWAYS, first.fold).await.changed.is_empty());

    noted(&at.store, "c", QUEUE, START).await;
    assert!(books(ALWAYS, first.fold).await.changed.is_empty(), "it is not folded yet");
    at.store.fold(100).await.unwrap();
    let second = books(ALWAYS, first.fold).await;
    let told = second.changed.iter().map(|(key, tally)| (&*key.id, tally.offered));
    assert_eq!(told.collect::<Vec<_>>(), [(QUEUE, 2)]);
    assert!(first.fold < second.fold);

    let later = books(interval(START) + INTERVAL_MS, 0).await;
    assert_eq!(later.changed.iter().map(|(key, _)| &*key.id).collect::<Vec<_>>(), ["other"]);
    noted(&at.store, "d", QUEUE, START).await;
    assert!(books(interval(START) + INTERVAL_MS, 0).await.unfolded.0.is_empty());
}

pub(crate) async fn open_calls_are_counted_by_what_they_do(at: Database) {
    assert!(at.store.open_calls().await.unwrap().is_empty());
    record(&at.store, &[begins("w"), begins("over")]).await;
    at.home.clock.wind(5_000);
    record(&at.store, &[begins("r"), begins("t"), begins("h"), begins_in("l", "legal")]).await;
    record(&at.store, &[rings("r", "ana"), answered("t", 1.0), answered("h", 1.0)]).await;
    record(&at.store, &[held("h"), ended("over"), begins("moved"), answered("moved", 1.0)]).await;
    at.home.clock.wind(1_000);
    record(&at.store, &[transferred("moved", "legal")]).await;

    let open = at.store.open_calls().await.unwrap();
    let medical =
        OpenCalls { waiting: 2, ringing: 1, active: 1, on_hold: 1, waiting_since: Some(START) };
    assert_eq!(open[QUEUE], medical);
    let since = Some(START + 5_000);
    assert_eq!(
        open["legal"],
        OpenCalls { waiting: 2, waiting_since: since, ..OpenCalls::default() }
    );
    assert_eq!(open.len(), 2);
}

pub(crate) async fn figures_survive_a_new_start(at: Database) {
    noted(&at.store, "a", QUEUE, START).await;
    at.store.fold(100).await.unwrap();
    noted(&at.store, "b", QUEUE, START).await;
    let at = at.leave().await.enter().await;
    assert_eq!(offered(&at.store, QUEUE).await, 2);
    noted(&at.store, "c", QUEUE, START).await;
    assert_eq!(at.store.fold(100).await.unwrap(), 2);
    assert_eq!(offered(&at.store, QUEUE).await, 3);
}

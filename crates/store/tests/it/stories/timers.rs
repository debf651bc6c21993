//! Timers are armed, moved and disarmed with their call.

use lifecycle::Timestamp;

use crate::{
    databases::Database,
    desk::{answered, begins, ended, held, record, resumed, rings},
};

const START: i64 = 1_800_000_000_000;

pub(crate) async fn the_earliest_timer_is_due_first(at: Database) {
    for call in ["a", "b", "c"] {
        record(&at.store, &[begins(call)]).await;
        at.home.clock.wind(1_000);
    }
    assert_eq!(at.store.armed().await.unwrap(), 3);
    assert_eq!(at.store.next_due().await.unwrap(), Some(Timestamp(START + 30_000)));
    assert!(at.store.due(10).await.unwrap().is_empty());
    at.home.clock.wind(28_000);
    assert_eq!(at.store.now().await.unwrap(), Timestamp(START + 31_000));
    assert_eq!(at.store.due(10).await.unwrap(), ["a", "b"]);
    at.home.clock.wind(60_000);
    assert_eq!(at.store.due(2).await.unwrap(), ["a", "b"]);
    assert_eq!(at.store.due(10).await.unwrap(), ["a", "b", "c"]);
}

pub(crate) async fn a_disarmed_timer_is_not_due(at: Database) {
    record(&at.store, &[begins("a"), begins("b"), begins("c")]).await;
    record(&at.store, &[answered("a", 1.0)]).await;
    record(&at.store, &[ended("b")]).await;
    at.home.clock.wind(100_000);
    assert_eq!(at.store.due(10).await.unwrap(), ["c"]);
    assert_eq!(at.store.armed().await.unwrap(), 1);
    record(&at.store, &[ended("c")]).await;
    assert_eq!(at.store.next_due().await.unwrap(), None);
    assert_eq!(at.store.armed().await.unwrap(), 0);
}

pub(crate) async fn a_timer_moves_with_its_call(at: Database) {
    let next = || async { at.store.next_due().await.unwrap().map(|due_at| due_at.0 - START) };
    record(&at.store, &[begins("c")]).await;
    record(&at.store, &[rings("c", "ana")]).await;
    assert_eq!(next().await, Some(15_000));
    at.home.clock.wind(1_000);
    record(&at.store, &[rings("c", "ben")]).await;
    assert_eq!(next().await, Some(16_000));
    record(&at.store, &[answered("c", 1.0)]).await;
    assert_eq!(next().await, None);
    record(&at.store, &[held("c")]).await;
    assert_eq!(next().await, Some(61_000));
    record(&at.store, &[resumed("c")]).await;
    assert_eq!(next().await, None);
}

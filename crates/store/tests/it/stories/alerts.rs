//! Supervisors are told, and somebody takes note.

use contract::Moment;
use lifecycle::Timestamp;

use crate::{
    databases::Database,
    desk::{answered, begins, did, record},
};

async fn three(at: &Database) {
    for call in ["a", "b", "c"] {
        record(&at.store, &[begins(call), answered(call, 40.0)]).await;
        at.home.clock.wind(1_000);
    }
}

pub(crate) async fn alerts_are_listed_newest_first(at: Database) {
    three(&at).await;
    let page = at.store.alerts(None, 2).await.unwrap();
    let calls = page.iter().map(|it| it.item.call_id.as_str()).collect::<Vec<_>>();
    assert_eq!(calls, ["c", "b"]);
    assert_eq!(page[0].item.rule, "wait_exceeded");
    assert_eq!(page[0].item.raised_at, Moment(Timestamp(1_800_000_002_000)));
    let page = at.store.alerts(page.last().map(|it| it.no), 2).await.unwrap();
    assert_eq!(page.iter().map(|it| it.item.call_id.as_str()).collect::<Vec<_>>(), ["a"]);
}

pub(crate) async fn the_first_to_acknowledge_stays(at: Database) {
    three(&at).await;
    let id = at.store.alerts(None, 1).await.unwrap().remove(0).item.id;
    let first = at
        .store
        .acknowledge(&id, "sofia", did("alert_acknowledged", "an alert"))
        .await
        .unwrap()
        .unwrap();
    assert!(first.first);
    assert_eq!(first.alert.acknowledged_by.as_deref(), Some("sofia"));
    assert_eq!(first.alert.acknowledged_at, Some(Moment(Timestamp(1_800_000_003_000))));

    at.home.clock.wind(5_000);
    let second = at
        .store
        .acknowledge(&id, "tom", did("alert_acknowledged", "an alert"))
        .await
        .unwrap()
        .unwrap();
    assert!(!second.first);
    assert_eq!(second.alert, first.alert);
    assert_eq!(at.store.alerts(None, 1).await.unwrap()[0].item, first.alert);
    assert!(
        at.store
            .acknowledge("nothing", "tom", did("alert_acknowledged", "an alert"))
            .await
            .unwrap()
            .is_none()
    );
}

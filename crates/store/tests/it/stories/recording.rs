//! All of a batch is kept, or none of it.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use contract::{CallStatus, EventType};
use lifecycle::{Call, Flag, Id, Kind, Phase, Ring, Rule, Spent, Timestamp};
use proptest::{
    collection, option,
    prelude::{Just, Strategy, any},
    prop_oneof,
    test_runner::{Config, TestRunner},
};
use store::{CallFilter, Changes, Need, Needs, StoreError, StoredCall};

use crate::{
    databases::Database,
    desk::{
        answered, begins, ended, held, history, keep, kinds, needs, record, resumed, rings,
        submit_with,
    },
};

pub(crate) async fn what_was_recorded_is_read_back(at: Database) {
    record(&at.store, &[begins("c")]).await;
    at.home.clock.wind(3_000);
    record(&at.store, &[rings("c", "ana")]).await;
    at.home.clock.wind(4_000);
    record(&at.store, &[answered("c", 7.0)]).await;

    let call = at.store.call("c").await.unwrap().unwrap();
    assert_eq!((call.status, call.version), (CallStatus::Active, 3));
    assert_eq!(call.agent_id.as_deref(), Some("ana"));
    assert_eq!((call.start_time.0.0, call.end_time), (1_800_000_000_000, None));
    let history = history(&at.store, "c").await;
    let moments = history.iter().map(|it| it.timestamp.0.0 - 1_800_000_000_000);
    assert_eq!(moments.collect::<Vec<_>>(), [0, 3_000, 7_000]);
    assert_eq!(history.iter().map(|it| it.seq).collect::<Vec<_>>(), [1, 2, 3]);
    let metadata = history[1].metadata.as_ref().map(contract::Metadata::as_text);
    assert_eq!(metadata, Some(r#"{"by":"a story","offer":1}"#));
    assert_eq!(at.store.call("d").await.unwrap(), None);
}

pub(crate) async fn any_call_survives_its_row(at: Database) {
    let (store, runtime) = (Arc::clone(&at.store), tokio::runtime::Handle::current());
    let mut runner = TestRunner::new(Config { cases: 64, ..Config::default() });
    let number = std::cell::Cell::new(0);
    let told = tokio::task::block_in_place(|| {
        let told = runner.run(&any_call(), |call| {
            number.set(number.get() + 1);
            let id = format!("c{}", number.get());
            runtime.block_on(async {
                keep(&store, &id, call.clone()).await;
                let found = loaded(&store, &id).await;
                assert_eq!(*found.call, call);
            });
            Ok(())
        });
        told.map_err(|error| error.to_string())
    });
    told.unwrap();
}

async fn loaded(store: &store::AnyStore, id: &str) -> StoredCall {
    let found = Arc::new(Mutex::new(None));
    let told = Arc::clone(&found);
    let item = Need { call: id.into(), receipt: None, begins: false };
    let needs =
        Needs { batch: uuid::Uuid::now_v7(), items: vec![item], wait: true, ..Needs::default() };
    let look = move |mut loaded: store::Loaded| {
        *told.lock().unwrap() = loaded.calls.drain().next().map(|(_, stored)| stored);
        Changes::default()
    };
    store.transact(needs, Box::new(look)).await.unwrap();
    let found = found.lock().unwrap().take();
    found.unwrap()
}

fn any_call() -> impl Strategy<Value = Call> {
    let moment = || (0..4_000_000_000_000_i64).prop_map(Timestamp);
    let text = || "[^\\p{Cc}]{1,40}";
    let id = || text().prop_map(Id::from);
    let rings = (id(), moment()).prop_map(|(agent, due_at)| Ring { agent, due_at });
    let phase = prop_oneof![
        (moment(), option::of(rings)).prop_map(|(due_at, ring)| Phase::Waiting { due_at, ring }),
        Just(Phase::Talking),
        (moment(), any::<bool>()).prop_map(|(due_at, reported)| Phase::OnHold { due_at, reported }),
        Just(Phase::Ended),
    ];
    let rule = prop_oneof![
        Just(Rule::SlaBreached),
        Just(Rule::WaitExceeded),
        Just(Rule::HoldExceeded),
        Just(Rule::ShortCall),
    ];
    let flag = (rule, text()).prop_map(|(rule, message)| Flag { rule, message });
    let kind = prop_oneof![Just(Kind::Voice), Just(Kind::Video)];
    let counts = (any::<u32>(), any::<u32>(), any::<u32>(), any::<bool>());
    let spent = (moment(), 0..9_000_000_i64, 0..9_000_000_i64, any::<bool>()).prop_map(
        |(since, talked_ms, held_ms, passed_on)| Spent { since, talked_ms, held_ms, passed_on },
    );
    let moments = (moment(), moment(), moment(), spent);
    let lapsed = collection::vec(id(), 0..3);
    let named = (id(), option::of(id()), collection::vec(flag, 0..3), lapsed);
    (kind, phase, counts, moments, named).prop_map(|(kind, phase, counts, moments, named)| {
        let agent = named.1.filter(|_| !matches!(phase, Phase::Waiting { .. }));
        Call {
            kind,
            queue: named.0,
            agent,
            started_at: moments.0,
            ended_at: (phase == Phase::Ended).then_some(moments.1),
            moved_at: moments.2,
            version: counts.0,
            offer: counts.1,
            attempt: counts.2,
            lapsed: named.3,
            priority: 3,
            wait_reported: counts.3,
            flags: named.2,
            spent: moments.3,
            phase,
        }
    })
}

pub(crate) async fn several_events_of_a_call_are_one_batch(at: Database) {
    let steps = [begins("c"), rings("c", "ana"), answered("c", 2.0), held("c"), ended("c")];
    let met = record(&at.store, &steps).await;
    assert_eq!((met.asked, met.recorded), (1, 6), "a survey follows the end");
    let call = at.store.call("c").await.unwrap().unwrap();
    assert_eq!((call.status, call.version), (CallStatus::Ended, 6));
    assert_eq!(kinds(&at.store, "c").await.last(), Some(&EventType::SurveyRequested));
}

pub(crate) async fn what_is_refused_records_nothing(at: Database) {
    record(&at.store, &[begins("c")]).await;
    let met = record(&at.store, &[resumed("c"), answered("nobody", 1.0)]).await;
    assert_eq!((met.asked, met.recorded), (1, 0));
    assert_eq!(kinds(&at.store, "c").await, [EventType::CallInitiated]);
    assert_eq!(at.store.call("nobody").await.unwrap(), None);
}

/// Two calls go through everything together; whoever looks sees both before a batch, or after it.
pub(crate) async fn a_reader_never_sees_half_a_batch(at: Database) {
    let both = |step: fn(&str) -> _| [step("a"), step("b")];
    record(&at.store, &both(begins)).await;
    record(&at.store, &[answered("a", 1.0), answered("b", 1.0)]).await;
    let done = Arc::new(AtomicBool::new(false));
    let (store, until) = (Arc::clone(&at.store), Arc::clone(&done));
    let reader = tokio::spawn(async move {
        let mut looks = 0;
        while !until.load(Ordering::Relaxed) || looks < 20 {
            let page = store.calls(CallFilter { limit: 10, ..CallFilter::default() }).await;
            let versions = page.unwrap().iter().map(|it| it.item.version).collect::<Vec<_>>();
            assert!(versions.len() == 2 && versions[0] == versions[1], "{versions:?}");
            looks += 1;
        }
    });
    for _ in 0..50 {
        record(&at.store, &both(held)).await;
        record(&at.store, &both(resumed)).await;
    }
    done.store(true, Ordering::Relaxed);
    reader.await.unwrap();
}

/// The contract refuses control characters, so this takes a program that forgot to ask it.
pub(crate) async fn what_cannot_be_stored_leaves_nothing(at: Database) {
    record(&at.store, &[begins("c")]).await;
    let steps = [answered("c", 1.0), begins("d")];
    let spoil = |changes: &mut Changes| {
        changes.calls[1].events[0].key = Some("a\0".into());
    };
    let error = submit_with(&at.store, needs(&steps), &steps, spoil).await.unwrap_err();
    assert!(matches!(error, StoreError::Poison(_)), "{error}");
    assert_eq!(kinds(&at.store, "c").await, [EventType::CallInitiated]);
    assert_eq!(at.store.call("d").await.unwrap(), None);

    record(&at.store, &steps[..1]).await;
    assert_eq!(at.store.call("c").await.unwrap().unwrap().status, CallStatus::Active);
}

pub(crate) async fn a_decision_that_fails_harms_only_itself(at: Database) {
    let steps = [begins("c")];
    let fail = |_: &mut Changes| panic!("a story makes a decision fail");
    let error = submit_with(&at.store, needs(&steps), &steps, fail).await.unwrap_err();
    assert!(matches!(error, StoreError::Poison(_)), "{error}");
    assert_eq!(at.store.call("c").await.unwrap(), None);
    record(&at.store, &steps).await;
}

pub(crate) async fn a_store_opened_again_remembers(at: Database) {
    record(&at.store, &[begins("c"), answered("c", 1.0)]).await;
    let key = at.store.audit_key().bytes().to_vec();
    assert_eq!(key.len(), 32);
    let at = at.leave().await.enter().await;
    assert_eq!(at.store.audit_key().bytes(), key);
    assert_eq!(at.store.call("c").await.unwrap().unwrap().version, 2);
    record(&at.store, &[held("c"), begins("d")]).await;
    assert_eq!(at.store.call("c").await.unwrap().unwrap().version, 3);
}

pub(crate) async fn a_newer_schema_is_refused(at: Database) {
    let home = at.leave().await;
    home.is_from_the_future();
    let said = home.open().await.err().unwrap().to_string();
    let known = said
        .strip_prefix("the database has schema 99, but this switchboard knows only up to ")
        .and_then(|rest| rest.strip_suffix("; start the newer switchboard that wrote it"));
    assert!(known.is_some_and(|known| known.parse::<u32>().is_ok()), "{said}");
}

pub(crate) async fn a_closed_store_is_away(at: Database) {
    at.store.close().await;
    let steps = [begins("c")];
    let error = submit_with(&at.store, needs(&steps), &steps, |_| {}).await.unwrap_err();
    assert!(matches!(error, StoreError::Away(_)), "{error}");
}

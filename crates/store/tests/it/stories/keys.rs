//! Who is who, and what they did.

use std::sync::Arc;

use contract::Role;
use store::{Actor, KeyError, KeyHash, Keyring, ReceiptOf, WorkingKey, key_hash, key_name_issue};

use crate::{
    databases::Database,
    desk::{answered, begins, did, ended, history, needs, record, submit, submit_with},
};

fn admin() -> Actor {
    Actor::new("command line", Role::Admin)
}

fn key(name: &str, role: Role, key: &str) -> WorkingKey {
    WorkingKey { hash: key_hash(key), actor: Actor::new(name, role) }
}

/// Who works with which key now.
async fn working(keys: &dyn Keyring) -> Vec<(String, KeyHash)> {
    let mut working = keys
        .working_keys()
        .await
        .unwrap()
        .into_iter()
        .map(|key| (key.actor.name.to_string(), key.hash))
        .collect::<Vec<_>>();
    working.sort();
    working
}

/// What was done, the newest first.
async fn actions(keys: &dyn Keyring) -> Vec<String> {
    let page = keys.actions(None, None, 100).await.unwrap();
    page.into_iter()
        .map(|listed| {
            let action = listed.item;
            format!("{} {} {}", action.by, action.action, action.target)
        })
        .collect()
}

pub(crate) async fn a_key_works_until_it_is_revoked(at: Database) {
    let store = &at.store;
    assert!(working(&**store).await.is_empty());
    let made = store.make_key(key("maria", Role::Supervise, "one"), admin()).await.unwrap();
    assert_eq!((made.name.as_str(), made.role), ("maria", Role::Supervise));
    assert_eq!(made.revoked_at, None);
    store.make_key(key("pbx", Role::Ingest, "two"), admin()).await.unwrap();
    let both = [("maria".to_owned(), key_hash("one")), ("pbx".to_owned(), key_hash("two"))];
    assert_eq!(working(&**store).await, both);
    let roles = store.working_keys().await.unwrap();
    let role = |name: &str| roles.iter().find(|it| &*it.actor.name == name).unwrap().actor.role;
    assert_eq!((role("maria"), role("pbx")), (Role::Supervise, Role::Ingest));

    at.home.clock.wind(1_000);
    let revoked = store.revoke_key("maria", admin()).await.unwrap();
    assert!(revoked.revoked_at.is_some_and(|at| made.made_at < at));
    assert_eq!(working(&**store).await, both[1..]);
    at.home.clock.wind(1_000);
    assert_eq!(store.revoke_key("maria", admin()).await.unwrap(), revoked, "it stays as it is");
    assert_eq!(store.keys().await.unwrap()[0], revoked, "and is still listed");

    let at = at.leave().await.enter().await;
    assert_eq!(working(&*at.store).await, both[1..]);
}

pub(crate) async fn a_name_means_one_key_for_good(at: Database) {
    let store = &at.store;
    let make = |name| store.make_key(key(name, Role::Read, &format!("key of {name}")), admin());
    make("wall").await.unwrap();
    let again = store.make_key(key("wall", Role::Admin, "another"), admin()).await.unwrap_err();
    assert!(matches!(again, KeyError::Taken(_)), "{again}");
    store.revoke_key("wall", admin()).await.unwrap();
    let again = store.make_key(key("wall", Role::Admin, "another"), admin()).await.unwrap_err();
    assert!(matches!(again, KeyError::WasTaken(_)), "{again}");
    let error = store.rotate_key("wall", key_hash("new"), 0, admin()).await.unwrap_err();
    assert!(matches!(error, KeyError::Revoked(_)), "{error}");
    let error = store.rotate_key("nobody", key_hash("new"), 0, admin()).await.unwrap_err();
    assert!(matches!(error, KeyError::Unknown(_)), "{error}");
    let error = store.revoke_key("nobody", admin()).await.unwrap_err();
    assert!(matches!(error, KeyError::Unknown(_)), "{error}");
    assert_eq!(
        actions(&**store).await,
        ["command line key_revoked wall", "command line key_made wall"],
        "what was refused is no action"
    );
}

pub(crate) async fn a_rotated_key_works_for_its_grace_and_no_longer(at: Database) {
    let (store, clock) = (&at.store, &at.home.clock);
    let of = |keys: &[&str]| {
        let mut all = keys.iter().map(|it| ("pbx".to_owned(), key_hash(it))).collect::<Vec<_>>();
        all.sort();
        all
    };
    store.make_key(key("pbx", Role::Ingest, "one"), admin()).await.unwrap();
    let rotated = store.rotate_key("pbx", key_hash("two"), 60_000, admin()).await.unwrap();
    assert!(rotated.rotated_at.is_some() && rotated.old_until.is_some());
    assert_eq!(working(&**store).await, of(&["one", "two"]));
    clock.wind(59_999);
    assert_eq!(working(&**store).await, of(&["one", "two"]));
    clock.wind(1);
    assert_eq!(working(&**store).await, of(&["two"]));

    let rotated = store.rotate_key("pbx", key_hash("three"), 0, admin()).await.unwrap();
    assert_eq!(rotated.old_until, None);
    assert_eq!(working(&**store).await, of(&["three"]), "no grace was asked for");

    store.rotate_key("pbx", key_hash("four"), 60_000, admin()).await.unwrap();
    store.rotate_key("pbx", key_hash("five"), 60_000, admin()).await.unwrap();
    assert_eq!(working(&**store).await, of(&["four", "five"]), "one before, not two");
    store.revoke_key("pbx", admin()).await.unwrap();
    assert!(working(&**store).await.is_empty(), "revoking leaves no grace");
}

/// As `switchboard keys` does it while a server is at work.
pub(crate) async fn keys_are_changed_beside_a_store_at_work(at: Database) {
    let store = Arc::clone(&at.store);
    let at_work = tokio::spawn(async move {
        for number in 0..200 {
            let call = format!("c{number}");
            record(&store, &[begins(&call), answered(&call, 1.0)]).await;
        }
    });
    let beside = at.home.beside().await.expect("it opens beside the store");
    for number in 0..20 {
        let name = format!("key-{number}");
        beside.make_key(key(&name, Role::Read, &name), admin()).await.unwrap();
        assert!(working(&*at.store).await.contains(&(name.clone(), key_hash(&name))), "{name}");
        beside.revoke_key(&name, admin()).await.unwrap();
        assert!(working(&*at.store).await.is_empty(), "{name}");
    }
    at_work.await.expect("nothing disturbed it");
    assert_eq!(at.store.call("c199").await.unwrap().unwrap().version, 2);
    assert_eq!(actions(&*at.store).await.len(), 40);
}

pub(crate) async fn a_change_and_its_action_are_kept_together(at: Database) {
    let store = &at.store;
    record(store, &[begins("a"), answered("a", 40.0)]).await;
    let alert = store.alerts(None, 1).await.unwrap().remove(0).item.id;
    let queue = store.queues().await.unwrap().remove(0);
    let change = did("queue_changed", &queue.id).with(&serde_json::json!({ "name": "New" }));
    store.put_queue(queue.clone(), change).await.unwrap();
    store.acknowledge(&alert, "Sofia", did("alert_acknowledged", &alert)).await.unwrap();
    store.acknowledge(&alert, "Tom", did("alert_acknowledged", &alert)).await.unwrap();
    store.acknowledge("nothing", "Tom", did("alert_acknowledged", "nothing")).await.unwrap();

    let steps = [begins("b")];
    let forced = |changes: &mut store::Changes| {
        changes.actions.push(did("call_opened", "b").because("a story wants it"));
    };
    submit_with(store, needs(&steps), &steps, forced).await.unwrap();
    let spoiled = |changes: &mut store::Changes| {
        changes.actions.push(did("call_opened", "c"));
        changes.calls[0].events[0].key = Some("a\0".into());
    };
    let steps = [begins("c")];
    submit_with(store, needs(&steps), &steps, spoiled).await.unwrap_err();

    let page = store.actions(None, None, 10).await.unwrap();
    let told = page.iter().map(|it| (it.item.action.as_str(), it.item.target.as_str()));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            ("call_opened", "b"),
            ("alert_acknowledged", alert.as_str()),
            ("queue_changed", queue.id.as_str()),
        ]
    );
    let [opened, noted, changed] = &page[..] else { panic!("three") };
    assert_eq!(opened.item.reason.as_deref(), Some("a story wants it"));
    assert_eq!((noted.item.by.as_str(), noted.item.role), ("sofia", Role::Supervise));
    let detail = changed.item.detail.as_ref().map(|it| it.as_text().to_owned());
    assert_eq!(detail.as_deref(), Some(r#"{"name":"New"}"#));
    assert!(opened.item.detail.is_none() && noted.item.reason.is_none());
}

pub(crate) async fn actions_are_listed_newest_first_and_kept_for_good(at: Database) {
    for number in 0..5 {
        let action = did("tried", &format!("t{number}"));
        at.store.act(action.clone()).await.unwrap();
        at.store.act(action).await.unwrap();
        at.home.clock.wind(1_000);
    }
    let first = at.store.actions(None, None, 3).await.unwrap();
    let targets = |page: &[store::Listed<contract::Action>]| {
        page.iter().map(|it| it.item.target.clone()).collect::<Vec<_>>()
    };
    assert_eq!(targets(&first), ["t4", "t3", "t2"], "each is there once");
    assert!(first[1].item.at < first[0].item.at);
    let second = at.store.actions(None, first.last().map(|it| it.no), 3).await.unwrap();
    assert_eq!(targets(&second), ["t1", "t0"]);
    for sql in ["update actions set by = 'nobody'", "delete from actions"] {
        assert!(at.home.refuses(sql), "{sql}");
    }
    assert_eq!(actions(&*at.store).await.len(), 5);
    let of = at.store.actions(Some(&first[1].item.target), None, 10).await.unwrap();
    assert_eq!(of.iter().map(|it| it.no).collect::<Vec<_>>(), [first[1].no]);
    let before = at.store.actions(Some(&first[1].item.target), Some(first[1].no), 10).await;
    assert!(before.unwrap().is_empty());
}

/// The first schema, with what a server of that time left in it.
pub(crate) async fn an_older_database_keeps_what_is_in_it(at: Database) {
    let home = at.leave().await;
    let link = format!("x'{}'", "00".repeat(32));
    // Events of two calls, one after the other as they came.
    let events = [(1, 1, "call_initiated"), (2, 1, "call_initiated"), (1, 2, "call_ended")];
    let events = events.map(|(no, seq, kind)| {
        format!(
            "({no}, {seq}, '{kind}', 1800000000000, '{{\"n\":{seq}}}', 'k{seq}', {link}, {link})"
        )
    });
    let calls = [(1, 2), (2, 1)].map(|(no, version)| {
        format!(
            "({no}, 'c{no}', 'voice', 'ended', 'dental', 1800000000000, 1800000000000, {version}, \
             false, false, 0, 0, 1800000000000, {link})"
        )
    });
    home.is_from_the_first_schema(&format!(
        "insert into queues (id, name, sla_ms, ring_ms, max_hold_ms, short_call_ms, max_reroutes) \
         values ('dental', 'Dental', 20000, 15000, 60000, 10000, 3); \
         insert into alerts (id, call_no, call_id, rule, message, raised_at) \
         values ('a1', 1, 'c1', 'sla_breached', 'nobody answered', 1800000000000); \
         insert into calls (no, id, type, status, queue_id, start_time, end_time, version, \
         wait_reported, hold_reported, offer, attempt, moved_at, chain) values {}; \
         insert into call_events (call_no, seq, type, timestamp, metadata, key, digest, link) \
         values {};",
        calls.join(", "),
        events.join(", ")
    ));
    let at = home.enter().await;
    let queues = at.store.queues().await.unwrap();
    assert_eq!(queues.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["dental"]);
    let action = did("alert_acknowledged", "a1");
    let noted = at.store.acknowledge("a1", "Sofia", action).await.unwrap().unwrap();
    assert!(noted.first);
    at.store.make_key(key("pbx", Role::Ingest, "one"), admin()).await.unwrap();
    assert_eq!(
        actions(&*at.store).await,
        ["command line key_made pbx", "sofia alert_acknowledged a1"]
    );
    let history = history(&at.store, "c1").await;
    let history = history.iter().map(|it| (it.seq, it.kind.name(), it.metadata.is_some()));
    assert_eq!(history.collect::<Vec<_>>(), [(1, "call_initiated", true), (2, "call_ended", true)]);
    let met = record(&at.store, &[ended("c1").with_key("k2")]).await;
    let receipt = ReceiptOf::Key("k2".into());
    assert_eq!(met.receipts[&("c1".into(), receipt)].seq, 2);
    submit(&at.store, &[begins("c")]).await.unwrap();
    assert_eq!(at.leave().await.enter().await.store.keys().await.unwrap().len(), 1);
}

#[test]
fn a_key_has_a_name_that_can_be_read_in_a_list() {
    for good in ["pbx", "maría.lópez", "wall-2", "7", "a@b.example", &"x".repeat(64)] {
        assert_eq!(key_name_issue(good), None, "{good}");
    }
    let bad = ["", " ", "a b", "-x", ".x", "a\n", "a\0", "a/b", "API_KEY", "read_key", "Anyone"];
    for bad in bad.into_iter().chain([&*"x".repeat(65)]) {
        assert!(key_name_issue(bad).is_some(), "{bad}");
    }
}

#[test]
fn a_new_key_says_what_it_is_and_is_like_no_other() {
    let one = store::new_key(Role::Supervise);
    let random = one.strip_prefix("sb_supervise_").expect("it says what it is");
    assert_eq!(random.len(), 64, "256 bits");
    assert!(random.bytes().all(|it| it.is_ascii_hexdigit()));
    assert_ne!(one, store::new_key(Role::Supervise));
}

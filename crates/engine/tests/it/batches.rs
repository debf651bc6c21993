//! How an order is cut into batches changes nothing, and neither does what is told again by its key.

use std::{cell::Cell, collections::HashMap};

use engine::Receipt;
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{Index, select},
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use testkit::Postgres;

use crate::desk::{Desk, OPENS};

const CALLS: usize = 4;

/// One thing of an order, the same however the order is cut.
#[derive(Clone, Debug)]
enum Act {
    Told { call: usize, event: Value, key: Option<u8>, ago_ms: Option<i64> },
    Wound(i64),
    Fired,
}

/// How an order is told another time.
#[derive(Clone, Debug)]
struct Telling {
    /// Before each act: whether a batch ends there, and whether the store is opened anew.
    cuts: Vec<(bool, bool)>,
    /// Which of what was recorded is told again, and where after it.
    repeats: Vec<(Index, Index)>,
    /// Whether the calls of a batch come one after the other, as they would in lanes of their own.
    by_call: bool,
}

fn orders() -> impl Strategy<Value = (Vec<Act>, Telling)> {
    let agents = || select(vec!["ana", "luis"]);
    let queues = || select(vec!["medical_spanish", "legal_english"]);
    let event = prop_oneof![
        6 => queues().prop_map(|queue| {
            json!({ "event": "call_initiated", "type": "voice", "queueId": queue })
        }),
        5 => agents().prop_map(|agent| {
            json!({ "event": "call_routed", "agentId": agent, "routingTime": 1 })
        }),
        4 => Just(json!({ "event": "call_answered", "waitTime": 45 })),
        2 => (agents(), 1..4_u32).prop_map(|(agent, offer)| {
            json!({ "event": "call_answered", "waitTime": 1, "agentId": agent, "offer": offer })
        }),
        4 => Just(json!({ "event": "call_hold", "holdDuration": 1 })),
        3 => Just(json!({ "event": "call_resumed" })),
        2 => (queues(), any::<bool>()).prop_map(|(queue, blind)| {
            let kind = if blind { "blind" } else { "attended" };
            json!({ "event": "call_transferred", "kind": kind, "queueId": queue })
        }),
        2 => select(vec!["completed", "abandoned"]).prop_map(|reason| {
            json!({ "event": "call_ended", "endReason": reason, "duration": 5 })
        }),
    ];
    // Keys are few, so that now and then one is used for something else.
    let told =
        (0..CALLS, event, option::weighted(0.7, 0..60_u8), option::weighted(0.2, 0..9_000_i64));
    let told = told.prop_map(|(call, event, key, ago_ms)| Act::Told { call, event, key, ago_ms });
    let act = prop_oneof![
        16 => told,
        2 => select(vec![1, 1_000, 15_000, 31_000]).prop_map(Act::Wound),
        2 => Just(Act::Fired),
    ];
    let telling = (
        vec((prop::bool::weighted(0.3), prop::bool::weighted(0.1)), 80),
        vec(any::<(Index, Index)>(), 0..30),
        any::<bool>(),
    );
    let telling = telling.prop_map(|(cuts, repeats, by_call)| Telling { cuts, repeats, by_call });
    (vec(act, 1..80), telling)
}

#[test]
fn neither_how_an_order_is_cut_into_batches_nor_a_repeat_changes_anything() {
    every_telling_comes_to_the_same(96, None);
}

/// PostgreSQL decides from what it remembers, so it is held against SQLite.
#[test]
fn on_another_database_it_comes_to_the_same() {
    if let Some(postgres) = testkit::postgres() {
        every_telling_comes_to_the_same(24, Some(postgres));
    }
}

fn every_telling_comes_to_the_same(cases: u32, other: Option<&Postgres>) {
    // In one thread, so that all that is sent at once is one batch.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let mut runner = TestRunner::new(Config { cases, ..Config::default() });
    let (repeated, fired) = (Cell::new(0), Cell::new(0));
    let told = runner.run(&orders(), |(acts, telling)| {
        let both =
            runtime.block_on(told_twice(&acts, &telling, other)).map_err(TestCaseError::fail)?;
        repeated.set(repeated.get() + both.0);
        fired.set(fired.get() + both.1);
        Ok(())
    });
    told.unwrap_or_else(|error| panic!("{error}"));
    let (repeated, fired) = (repeated.get(), fired.get());
    let cases = usize::try_from(cases).expect("few");
    assert!(
        cases < repeated && cases / 5 < fired,
        "{repeated} repeats, {fired} times something came due"
    );
}

/// What is done in one go.
enum Turn {
    Batch(Vec<Told>),
    Wind(i64),
    /// What comes due fires, beside repeats: those have no place in time.
    Fire(Vec<Told>),
    Reopen,
}

/// An event that is told, by its place in the order.
#[derive(Clone, Debug)]
struct Told {
    place: usize,
    again: bool,
    event: Value,
}

/// What was answered: the event, and whether it was there before.
type Said = Result<(Value, bool), String>;

/// Tells the order one by one, and the other way on another desk. Says how much was repeated, and
/// how often something came due.
async fn told_twice(
    acts: &[Act],
    telling: &Telling,
    other: Option<&Postgres>,
) -> Result<(usize, usize), String> {
    let (plain, desk) = (one_by_one(acts), Desk::new().await);
    let (desk, said, fired) = play(desk, &plain).await;
    let expected = stand(&desk, telling.by_call).await;
    desk.engine.close().await;
    let said = said.into_iter().map(|(told, said)| (told.place, said)).collect::<HashMap<_, _>>();

    let (turns, repeated) = otherwise(&plain, &said, telling);
    let desk = match other {
        Some(postgres) => Desk::on(postgres).await,
        None => Desk::new().await,
    };
    let (desk, otherwise, _) = play(desk, &turns).await;
    let stands = stand(&desk, telling.by_call).await;
    desk.engine.close().await;
    for (told, answer) in otherwise {
        let before = &said[&told.place];
        let replayed = before.clone().map(|(event, replayed)| (event, replayed || told.again));
        if answer != replayed {
            return Err(format!("{told:?} was answered {before:?}, and otherwise {answer:?}"));
        }
    }
    if stands == expected {
        return Ok((repeated, fired));
    }
    Err(format!("one by one, it comes to {expected:#}\nand otherwise to {stands:#}"))
}

/// Each act by itself, with its moment: whoever tells an event again says the same.
fn one_by_one(acts: &[Act]) -> Vec<Turn> {
    let mut now = OPENS;
    let turn = |(place, act): (usize, &Act)| match act {
        Act::Told { call, event, key, ago_ms } => {
            let mut event = event.clone();
            event["callId"] = json!(format!("c{call}"));
            if let Some(key) = key {
                event["eventId"] = json!(format!("k{key}"));
            }
            if let Some(ago) = ago_ms {
                event["occurredAt"] = json!(contract::Moment(now + -ago).to_string());
            }
            Turn::Batch(vec![Told { place, again: false, event }])
        }
        Act::Wound(ms) => {
            now = now + *ms;
            Turn::Wind(*ms)
        }
        Act::Fired => Turn::Fire(vec![]),
    };
    acts.iter().enumerate().map(turn).collect()
}

/// The same order in other batches, with what is told again, and how much that is.
fn otherwise(plain: &[Turn], said: &HashMap<usize, Said>, telling: &Telling) -> (Vec<Turn>, usize) {
    let again = again(plain, said, &telling.repeats);
    let mut turns = vec![Turn::Batch(vec![])];
    for (place, turn) in plain.iter().enumerate() {
        let (cut, reopened) = telling.cuts[place % telling.cuts.len()];
        if cut {
            turns.extend(reopened.then_some(Turn::Reopen));
            turns.push(Turn::Batch(vec![]));
        }
        let here = again.iter().filter(|(before, _)| *before == place);
        let mut told = here.map(|(_, told)| told.clone()).collect::<Vec<_>>();
        match turn {
            Turn::Wind(ms) => {
                turns.extend([Turn::Batch(told), Turn::Wind(*ms), Turn::Batch(vec![])]);
            }
            Turn::Fire(_) => turns.extend([Turn::Fire(told), Turn::Batch(vec![])]),
            Turn::Batch(events) => {
                told.extend_from_slice(events);
                let Some(Turn::Batch(batch)) = turns.last_mut() else { unreachable!("see above") };
                batch.extend(told);
            }
            Turn::Reopen => unreachable!("nobody opens it anew one by one"),
        }
    }
    for turn in &mut turns {
        if let Turn::Batch(batch) = turn
            && telling.by_call
        {
            batch.sort_by_key(|told| told.event["callId"].to_string());
        }
    }
    (turns, again.len())
}

/// What was recorded and has a key, or of which a call has only one; and before what it comes again.
fn again(
    plain: &[Turn],
    said: &HashMap<usize, Said>,
    repeats: &[(Index, Index)],
) -> Vec<(usize, Told)> {
    let events = plain.iter().filter_map(|turn| match turn {
        Turn::Batch(told) => told.first(),
        _ => None,
    });
    let only = [json!("call_initiated"), json!("call_ended")];
    let kept = events.filter(|told| {
        let can_be_told =
            told.event.get("eventId").is_some() || only.contains(&told.event["event"]);
        can_be_told && matches!(said[&told.place], Ok((_, false)))
    });
    let kept = kept.filter(|told| told.place + 1 < plain.len()).collect::<Vec<_>>();
    let repeats = repeats.iter().filter(|_| !kept.is_empty());
    let repeats = repeats.map(|(which, later)| {
        let told = kept[which.index(kept.len())];
        let after = told.place + 1;
        (after + later.index(plain.len() - after), Told { again: true, ..told.clone() })
    });
    repeats.collect()
}

/// Plays all of it. Returns what was answered, and how often something came due.
async fn play(mut desk: Desk, turns: &[Turn]) -> (Desk, Vec<(Told, Said)>, usize) {
    let (mut said, mut fired) = (Vec::new(), 0);
    for turn in turns {
        match turn {
            Turn::Batch(batch) => said.extend(send(&desk, batch).await),
            Turn::Wind(ms) => desk.clock.wind(*ms),
            Turn::Fire(beside) => {
                let (sent, due) = tokio::join!(send(&desk, beside), desk.engine.fire_due());
                said.extend(sent);
                fired += due.expect("they fire");
            }
            Turn::Reopen => desk = desk.again().await,
        }
    }
    (desk, said, fired)
}

async fn send(desk: &Desk, batch: &[Told]) -> Vec<(Told, Said)> {
    let events = batch.iter().map(|told| told.event.clone()).collect::<Vec<_>>();
    let answers = desk.send(&events).await.into_iter().map(|answer| match answer {
        Ok(Receipt { event, replayed }) => Ok((shown(json!(*event)), replayed)),
        Err(refused) => Err(refused.to_string()),
    });
    batch.iter().cloned().zip(answers).collect()
}

/// How everything stands. Agents remember what was last of all their calls.
async fn stand(desk: &Desk, by_call: bool) -> Value {
    let mut calls = Vec::new();
    for id in (0..CALLS).map(|call| format!("c{call}")) {
        let call = desk.engine.call(&id).await.expect("it can be read");
        let actions = desk.engine.actions(Some(&id), None, 1_000).await.expect("they can be read");
        let actions = actions.into_iter().map(|it| shown(json!(it.item))).collect::<Vec<_>>();
        let history = desk.history(&id).await.into_iter().map(shown).collect::<Vec<_>>();
        calls.push(json!([call, history, actions]));
    }
    let alerts = desk.engine.alerts(None, 1_000).await.expect("they can be read");
    let mut alerts = alerts.into_iter().map(|it| shown(json!(it.item))).collect::<Vec<_>>();
    alerts.sort_by_key(Value::to_string);
    let figures = desk.engine.queue_metrics(None, None).await.expect("they can be read");
    let agents = desk.engine.agents().await.expect("they can be read");
    let agents = (!by_call).then_some(agents);
    json!({ "calls": calls, "alerts": alerts, "figures": figures, "agents": agents })
}

/// Without its id: calls are numbered in the order in which they come.
fn shown(mut item: Value) -> Value {
    item.as_object_mut().map(|it| it.remove("id"));
    item
}

#[tokio::test(flavor = "current_thread")]
async fn what_came_with_a_key_is_known_without_it_also_in_its_own_batch() {
    let desk = Desk::new().await;
    let begins = json!({ "event": "call_initiated", "callId": "c", "type": "voice", "queueId": "legal_english" });
    let ends =
        json!({ "event": "call_ended", "callId": "c", "endReason": "completed", "duration": 5 });
    let keyed = |event: &Value, key: &str| {
        let mut event = event.clone();
        event["eventId"] = json!(key);
        event
    };
    let said = desk.send(&[keyed(&begins, "1"), begins, keyed(&ends, "2"), ends]).await;
    let replayed = said.iter().map(|it| it.as_ref().is_ok_and(|receipt| receipt.replayed));
    assert_eq!(replayed.collect::<Vec<_>>(), [false, true, false, true], "{said:?}");
    assert_eq!(desk.history("c").await.len(), 2);
    desk.engine.close().await;
}

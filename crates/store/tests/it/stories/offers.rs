//! Agents whom several processes on one PostgreSQL offer calls.

use std::sync::{Arc, Mutex};

use lifecycle::{Phase, Presence};
use store::{
    AgentsNeeded, AnyStore, ChangedAgent, Changes, Loaded, Need, Needs, StoredAgent, Tallies,
};
use uuid::Uuid;

use super::rivals::rivals;
use crate::desk::{QUEUE, begins, decide, ended, record, rings};

/// Ana says whether she takes calls of the queue.
async fn says(store: &AnyStore, presence: Presence) {
    let change = move |before: Option<StoredAgent>, now| {
        let mut ana = before.unwrap_or_else(|| StoredAgent::new("ana", now));
        ana.agent.says(presence, None, now);
        ana.queues = vec![(QUEUE.to_owned(), 0)];
        (ana, Tallies::default())
    };
    store.change_agent("ana", Box::new(change), None).await.unwrap();
}

/// Offers Ana a call. How often it was decided, and whether she was offered it.
async fn offer(store: &AnyStore, call: &str) -> (u32, bool) {
    let items = vec![Need { call: call.into(), receipt: None, begins: false }];
    let agents = AgentsNeeded { offered: vec!["ana".to_owned()], ..AgentsNeeded::default() };
    let needs = Needs { batch: Uuid::now_v7(), items, wait: false, agents };
    let met = Arc::new(Mutex::new((0, false)));
    let (told, steps) = (Arc::clone(&met), [rings(call, "ana")]);
    let offering = move |loaded: Loaded| {
        let mut told = told.lock().unwrap();
        told.0 += 1;
        told.1 = is_possible(&loaded, &steps[0].call);
        if !told.1 {
            return Changes::default();
        }
        let ana = loaded.agents["ana"].clone();
        let mut changes = decide(loaded, &steps);
        let id = "ana".to_owned();
        changes.agents.push(ChangedAgent { id, agent: ana.agent, version: ana.version });
        changes
    };
    store.transact(needs, Box::new(offering)).await.unwrap();
    let met = met.lock().unwrap();
    *met
}

fn is_possible(loaded: &Loaded, call: &str) -> bool {
    let ana = loaded.agents.get("ana");
    let ana = ana.is_some_and(|it| it.engaged.is_empty() && it.agent.is_free(None, loaded.now));
    let waits = |phase: &Phase| matches!(phase, Phase::Waiting { ring: None, .. });
    ana && loaded.calls.get(call).is_some_and(|stored| waits(&stored.call.phase))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_is_free_as_two_remember_is_offered_one_call() {
    let Some(at) = rivals().await else { return };
    says(&at.one, Presence::Available).await;
    at.other.agents(None).await.unwrap();
    record(&at.one, &[begins("a")]).await;
    record(&at.other, &[begins("b")]).await;
    assert_eq!(offer(&at.one, "a").await, (1, true), "as it is remembered");
    assert_eq!(offer(&at.other, "b").await, (2, false), "memory was wrong");
    let call = at.one.call("b").await.unwrap().unwrap();
    assert_eq!(call.agent_id, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_is_offered_two_calls_at_once_is_offered_one() {
    let Some(at) = rivals().await else { return };
    says(&at.one, Presence::Available).await;
    let mut offered = [0, 0];
    for number in 0..60 {
        let calls = [format!("a{number}"), format!("b{number}")];
        record(&at.one, &[begins(&calls[0])]).await;
        record(&at.other, &[begins(&calls[1])]).await;
        let both = tokio::join!(offer(&at.one, &calls[0]), offer(&at.other, &calls[1]));
        let (one, other) = (both.0.1, both.1.1);
        assert!(!(one && other), "round {number}");
        // Either may find her locked by the other, who may then find that she is not free.
        offered[0] += u32::from(one);
        offered[1] += u32::from(other);
        record(&at.one, &[ended(&calls[0]), ended(&calls[1])]).await;
    }
    assert!(offered.iter().sum::<u32>() > 20, "{offered:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_was_called_by_a_process_that_does_not_know_them_is_not_free() {
    let Some(at) = rivals().await else { return };
    says(&at.one, Presence::Available).await;
    record(&at.one, &[begins("a")]).await;
    // It does not know that she serves a queue, and so does not say that she was called.
    record(&at.other, &[begins("b"), rings("b", "ana")]).await;
    assert_eq!(offer(&at.one, "a").await, (2, false));
    record(&at.other, &[ended("b")]).await;
    assert!(offer(&at.one, "a").await.1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_went_away_elsewhere_is_not_offered_a_call() {
    let Some(at) = rivals().await else { return };
    says(&at.one, Presence::Available).await;
    record(&at.one, &[begins("a")]).await;
    says(&at.other, Presence::Away).await;
    assert_eq!(offer(&at.one, "a").await, (2, false));
    says(&at.other, Presence::Available).await;
    at.one.agents(Some(vec!["ana".to_owned()])).await.unwrap();
    assert_eq!(offer(&at.one, "a").await, (1, true), "whoever was seen is remembered");
}

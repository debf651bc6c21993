//! Lists: each filter shows its calls, and pages follow each other.

use contract::{CallStatus, EventType, Queue, Seconds};
use lifecycle::{Kind, Opening, Policy};
use store::{AnyStore, CallFilter, CountFilter, Counts};

use crate::{
    databases::Database,
    desk::{
        answered, begins_in, did, ended, held, keep, kinds, record, resumed, rings, transferred,
    },
};

const QUEUES: [&str; 3] = ["medical_spanish", "medical_english", "legal_spanish"];

/// Forty calls, in every status and in three queues, and what each is expected to show.
async fn forty(store: &AnyStore) -> Vec<(String, CallStatus, &'static str)> {
    let mut calls = Vec::new();
    for number in 0..40 {
        let (id, queue) = (format!("c{number}"), QUEUES[number % 3]);
        let lives = [
            vec![],
            vec![rings(&id, "ana")],
            vec![answered(&id, 1.0)],
            vec![answered(&id, 1.0), held(&id)],
            vec![ended(&id)],
            vec![answered(&id, 1.0), held(&id), resumed(&id), ended(&id)],
        ];
        let statuses = [
            CallStatus::Waiting,
            CallStatus::Waiting,
            CallStatus::Active,
            CallStatus::OnHold,
            CallStatus::Ended,
            CallStatus::Ended,
        ];
        let life = (number * 7) % 6;
        record(store, &[begins_in(&id, queue)]).await;
        for step in &lives[life] {
            record(store, std::slice::from_ref(step)).await;
        }
        calls.push((id, statuses[life], queue));
    }
    calls
}

fn filters() -> impl Iterator<Item = (Option<CallStatus>, Option<&'static str>)> {
    let statuses = CallStatus::ALL.into_iter().map(Some).chain([None]);
    statuses.flat_map(|status| {
        QUEUES.into_iter().map(Some).chain([None, Some("nowhere")]).map(move |it| (status, it))
    })
}

async fn shown(store: &AnyStore, filter: CallFilter) -> (Vec<String>, Option<i64>) {
    let page = store.calls(filter).await.unwrap();
    let last = page.last().map(|listed| listed.no);
    (page.into_iter().map(|listed| listed.item.id).collect(), last)
}

fn expected(
    calls: &[(String, CallStatus, &str)],
    status: Option<CallStatus>,
    queue: Option<&str>,
) -> Vec<String> {
    let fits = |call: &&(String, CallStatus, &str)| {
        status.is_none_or(|status| call.1 == status) && queue.is_none_or(|queue| call.2 == queue)
    };
    calls.iter().rev().filter(fits).map(|call| call.0.clone()).collect()
}

pub(crate) async fn every_filter_shows_its_calls_newest_first(at: Database) {
    let calls = forty(&at.store).await;
    for (status, queue) in filters() {
        let filter =
            CallFilter { status, queue: queue.map(str::to_owned), before: None, limit: 100 };
        let (ids, _) = shown(&at.store, filter).await;
        assert_eq!(ids, expected(&calls, status, queue), "{status:?} in {queue:?}");
    }
}

pub(crate) async fn calls_are_counted_under_every_filter(at: Database) {
    let calls = forty(&at.store).await;
    let count = |status, queue: Option<&str>| expected(&calls, Some(status), queue).len() as u64;
    for queue in [None, Some(QUEUES[0]), Some("nowhere")] {
        let filter = CountFilter { queue: queue.map(str::to_owned), ..CountFilter::default() };
        let counts = at.store.counts(filter).await.unwrap();
        let expected = Counts {
            waiting: count(CallStatus::Waiting, queue),
            ringing: counts.ringing,
            active: count(CallStatus::Active, queue),
            on_hold: count(CallStatus::OnHold, queue),
            ended: count(CallStatus::Ended, queue),
        };
        assert_eq!(counts, expected, "in {queue:?}");
    }
    let found = async |agent: &str, flag: &str, text: &str| {
        let given = |it: &str| (!it.is_empty()).then(|| it.to_owned());
        let (agent, flag, text) = (given(agent), given(flag), given(text));
        at.store.counts(CountFilter { queue: None, agent, flag, text }).await.unwrap()
    };
    let ringing = calls.iter().enumerate().filter(|(number, _)| (number * 7) % 6 == 1).count();
    let of_ana = found("ana", "", "").await;
    assert_eq!((of_ana.waiting, of_ana.ringing), (ringing as u64, ringing as u64));
    assert_eq!(found("", "", "C17").await.waiting + found("", "", "c17").await.ended, 1);
    assert_eq!(found("", "", "%").await, Counts::default(), "text is text, not a pattern");
    assert_eq!(found("", "sla_breached", "").await, Counts::default());
    assert_eq!(found("", "any", "").await, found("", "short_call", "").await);
    assert_eq!(found("o'hara", "", "").await, Counts::default());
}

pub(crate) async fn pages_follow_each_other_without_gap(at: Database) {
    let calls = forty(&at.store).await;
    for (status, queue) in filters() {
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let filter = CallFilter { status, queue: queue.map(str::to_owned), before, limit: 3 };
            let (ids, last) = shown(&at.store, filter).await;
            assert!(ids.len() <= 3);
            all.extend(ids);
            if last.is_none() {
                break;
            }
            before = last;
        }
        assert_eq!(all, expected(&calls, status, queue), "{status:?} in {queue:?}");
    }
}

pub(crate) async fn a_transferred_call_moves_to_the_other_queue(at: Database) {
    record(&at.store, &[begins_in("c", QUEUES[0]), answered("c", 1.0)]).await;
    record(&at.store, &[transferred("c", QUEUES[1])]).await;
    let of = |queue: &str, status| CallFilter {
        queue: Some(queue.to_owned()),
        status,
        before: None,
        limit: 9,
    };
    for status in [None, Some(CallStatus::Waiting)] {
        assert!(shown(&at.store, of(QUEUES[0], status)).await.0.is_empty());
        assert_eq!(shown(&at.store, of(QUEUES[1], status)).await.0, ["c"]);
    }
    record(&at.store, &[ended("c")]).await;
    assert!(shown(&at.store, of(QUEUES[1], Some(CallStatus::Waiting))).await.0.is_empty());
    assert_eq!(shown(&at.store, of(QUEUES[1], Some(CallStatus::Ended))).await.0, ["c"]);
}

pub(crate) async fn a_line_is_read_from_its_head(at: Database) {
    let now = at.store.now().await.unwrap();
    record(&at.store, &[begins_in("elsewhere", QUEUES[1]), begins_in("passed_on", QUEUES[1])])
        .await;
    let line = [
        ("first", 0, -10),
        ("urgent", 5, 0),
        ("rings", 9, 0),
        ("second", 0, -10),
        ("most", 9, 0),
        ("told_late", 0, -20_000),
    ];
    for (id, priority, ago_ms) in line {
        let opening = Opening { kind: Kind::Voice, queue: QUEUES[0].into(), priority };
        let opened = lifecycle::open(opening, now, now + ago_ms, &Policy::default());
        keep(&at.store, id, opened.call.as_ref().clone()).await;
    }
    record(&at.store, &[rings("rings", "ana"), answered("passed_on", 1.0)]).await;
    record(&at.store, &[transferred("passed_on", QUEUES[0])]).await;
    let head = async |limit| {
        let line = at.store.waiting(vec![QUEUES[0].to_owned()], limit).await.unwrap();
        line.into_iter().map(|call| (call.call, call.priority)).collect::<Vec<_>>()
    };
    let expected = [
        ("most", 9),
        ("urgent", 5),
        ("told_late", 0),
        ("first", 0),
        ("second", 0),
        ("passed_on", 0),
    ];
    let expected = expected.map(|(id, priority)| (id.to_owned(), priority));
    for limit in 1..=7 {
        assert_eq!(head(limit).await, expected[..limit.min(6)]);
    }
}

pub(crate) async fn a_history_is_read_in_pages(at: Database) {
    record(&at.store, &[begins_in("c", QUEUES[0]), answered("c", 1.0), held("c")]).await;
    let after = |seq, limit| at.store.events("c", seq, limit);
    let seqs = |events: Option<Vec<contract::CallEvent>>| {
        events.unwrap().iter().map(|event| event.seq).collect::<Vec<_>>()
    };
    assert_eq!(seqs(after(0, 2).await.unwrap()), [1, 2]);
    assert_eq!(seqs(after(2, 2).await.unwrap()), [3]);
    assert_eq!(seqs(after(3, 2).await.unwrap()), [0_u32; 0]);
    assert!(at.store.events("nobody", 0, 9).await.unwrap().is_none());
    assert_eq!(kinds(&at.store, "c").await[2], EventType::CallHold);
}

pub(crate) async fn queues_are_there_from_the_start_and_can_be_changed(at: Database) {
    let queues = at.store.queues().await.unwrap();
    let ids = queues.iter().map(|queue| queue.id.as_str()).collect::<Vec<_>>();
    assert_eq!(ids, ["legal_english", "legal_spanish", "medical_english", "medical_spanish"]);

    let quick = Queue { sla_seconds: Seconds { ms: 10_500 }, ..queues[0].clone() };
    at.store.put_queue(quick.clone(), did("queue_changed", "a queue")).await.unwrap();
    at.store.put_queue(Queue::new("dental"), did("queue_changed", "a queue")).await.unwrap();
    let queues = at.store.queues().await.unwrap();
    assert_eq!((&queues[0], &queues[1]), (&Queue::new("dental"), &quick));
}

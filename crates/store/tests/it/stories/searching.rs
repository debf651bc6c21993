//! Searching: what no index knows is found among all calls, a bounded part at a time.

use contract::CallStatus;
use store::{AnyStore, CountFilter, Search, Searched};

use crate::{
    databases::Database,
    desk::{answered, begins_in, ended, record, rings},
};

const QUEUES: [&str; 2] = ["medical_spanish", "legal_english"];

/// Sixty calls: every second one ended; agents, queues and late answers each have a rhythm of their own.
async fn sixty(store: &AnyStore) {
    for number in 0..60 {
        let (id, agent) = (format!("C{number}"), format!("agent-{}", number % 7));
        let waited = if number % 5 == 0 { 31.0 } else { 1.0 };
        record(store, &[begins_in(&id, QUEUES[number % 3 % 2]), rings(&id, &agent)]).await;
        record(store, &[answered(&id, waited)]).await;
        if number % 2 == 0 {
            record(store, &[ended(&id)]).await;
        }
    }
}

/// What a search by these finds, page by page to the end, and on how many pages.
async fn walk(store: &AnyStore, mut search: Search) -> (Vec<String>, usize) {
    let (mut ids, mut pages) = (Vec::new(), 0);
    loop {
        let Searched { calls, stopped } = store.search(search.clone()).await.unwrap();
        assert!(calls.len() <= search.limit as usize);
        let is_full = calls.len() == search.limit as usize;
        let last = calls.last().map(|last| last.no);
        ids.extend(calls.into_iter().map(|listed| listed.item.id));
        pages += 1;
        search.before = if is_full { last } else { stopped.map(|stopped| stopped.no) };
        if search.before.is_none() {
            return (ids, pages);
        }
    }
}

fn by(status: Option<CallStatus>, filter: CountFilter) -> Search {
    Search { status, filter, before: None, limit: 100, among: 1_000 }
}

fn expected(fits: impl Fn(usize) -> bool) -> Vec<String> {
    (0..60).rev().filter(|&number| fits(number)).map(|number| format!("C{number}")).collect()
}

pub(crate) async fn a_search_finds_what_fits_newest_first(at: Database) {
    sixty(&at.store).await;
    let some = |text: &str| Some(text.to_owned());
    let nothing = CountFilter::default;
    let of = |agent: &str| CountFilter { agent: some(agent), ..nothing() };
    let (all, done) = (None, Some(CallStatus::Ended));
    let is_done = |number: usize| number.is_multiple_of(2);
    let found = async |status, filter| walk(&at.store, by(status, filter)).await.0;
    assert_eq!(found(all, of("agent-3")).await, expected(|n| n % 7 == 3));
    assert_eq!(found(done, of("agent-3")).await, expected(|n| n % 7 == 3 && is_done(n)));
    let talking = Some(CallStatus::Active);
    assert_eq!(found(talking, of("agent-3")).await, expected(|n| n % 7 == 3 && !is_done(n)));
    let flagged = |flag| CountFilter { flag: some(flag), ..nothing() };
    for flag in ["any", "wait_exceeded"] {
        assert_eq!(found(done, flagged(flag)).await, expected(|n| n % 10 == 0), "{flag}");
    }
    let texts = |text| CountFilter { text: some(text), queue: some(QUEUES[1]), ..nothing() };
    let in_queue = |n: usize| n % 3 == 1;
    assert_eq!(
        found(done, texts("C1")).await,
        expected(|n| in_queue(n) && n / 10 == 1 && is_done(n))
    );
    assert_eq!(found(all, texts("LEGAL")).await, expected(in_queue));
    assert_eq!(found(talking, texts("c")).await, expected(|n| in_queue(n) && !is_done(n)));
    assert_eq!(found(done, texts("%")).await, [""; 0], "text is text, not a pattern");
}

pub(crate) async fn a_search_goes_on_where_it_stopped_until_all_was_looked_at(at: Database) {
    sixty(&at.store).await;
    let late = CountFilter { flag: Some("any".to_owned()), ..CountFilter::default() };
    for queue in [None, Some(QUEUES[0])] {
        let filter = CountFilter { queue: queue.map(str::to_owned), ..late.clone() };
        for status in [None, Some(CallStatus::Ended), Some(CallStatus::Active)] {
            let whole = walk(&at.store, by(status, filter.clone())).await;
            assert_eq!(whole.1, 1);
            for (limit, among) in [(100, 7), (2, 7), (2, 1_000), (1, 1)] {
                let search = Search { limit, among, ..by(status, filter.clone()) };
                let (ids, pages) = walk(&at.store, search).await;
                assert_eq!(ids, whole.0, "{limit} among {among}, {status:?} in {queue:?}");
                // Open calls are few, and looked at all at once.
                let is_one = status == Some(CallStatus::Active) && limit == 100;
                assert_eq!(pages == 1, is_one, "{limit} among {among}, {status:?} in {queue:?}");
            }
        }
    }
}

pub(crate) async fn a_search_that_stops_says_since_when_it_looked(at: Database) {
    for number in 0..5 {
        let id = format!("c{number}");
        record(&at.store, &[begins_in(&id, QUEUES[0]), ended(&id)]).await;
        at.home.clock.wind(1_000);
    }
    let nobody = CountFilter { agent: Some("nobody".to_owned()), ..CountFilter::default() };
    let search = Search { among: 3, ..by(Some(CallStatus::Ended), nobody) };
    let searched = at.store.search(search.clone()).await.unwrap();
    let stopped = searched.stopped.expect("two calls are left");
    let began = at.store.call("c2").await.unwrap().expect("it is there").start_time.0;
    assert_eq!((searched.calls.len(), stopped.began), (0, began));
    let rest = Search { before: Some(stopped.no), ..search };
    assert_eq!(at.store.search(rest).await.unwrap().stopped, None);
}

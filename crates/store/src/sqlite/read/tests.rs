//! A page of calls, while calls move between asking the floor and reading the tables.

use std::{cell::RefCell, sync::Arc};

use contract::CallStatus;
use lifecycle::{Call, Kind, Phase, Spent, Timestamp};
use rusqlite::Connection;

use super::calls;
use crate::{
    CallFilter, ChangedCall,
    sqlite::{schema, statements::Statements},
};

const NOW: Timestamp = Timestamp(1_000);

/// Calls 1 to 5 of one queue: 5 talks, 1 has ended, the others wait.
fn centre() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    schema::migrate(&mut connection).unwrap();
    let mut statements = Statements::of(&connection).unwrap();
    for no in 1..=5 {
        let phase = match no {
            1 => Phase::Ended,
            5 => Phase::Talking,
            _ => Phase::Waiting { due_at: NOW, ring: None },
        };
        let call = Call {
            kind: Kind::Voice,
            queue: "medical".into(),
            ended_at: (no == 1).then_some(NOW),
            phase,
            agent: None,
            priority: 0,
            started_at: NOW,
            moved_at: NOW,
            version: 1,
            offer: 0,
            attempt: 0,
            lapsed: Vec::new(),
            wait_reported: false,
            flags: Vec::new(),
            spent: Spent { since: NOW, talked_ms: 0, held_ms: 0, passed_on: false },
        };
        let changed = ChangedCall {
            no,
            id: format!("call-{no}").into(),
            begins: true,
            chain: [0; 32],
            call: Arc::new(call),
            events: Vec::new(),
            alerts: Vec::new(),
        };
        statements.call(&changed, &[0; 32]).unwrap();
    }
    drop(statements);
    connection
}

/// The page, where the floor says this first and that when it is asked anew.
fn page(filter: &CallFilter, said: &[&[i64]]) -> Vec<i64> {
    let said = RefCell::new(said.iter().map(|nos| nos.to_vec()));
    let floor = || said.borrow_mut().next().expect("it need not ask again");
    let page = calls(&centre(), filter, floor).unwrap();
    assert_eq!(said.into_inner().count(), 0, "it should have asked again");
    page.into_iter().map(|listed| listed.no).collect()
}

#[test]
fn a_page_without_a_call_that_was_answered_meanwhile_is_still_full() {
    let waiting = Some(CallStatus::Waiting);
    let filter = CallFilter { status: waiting, limit: 2, ..CallFilter::default() };
    assert_eq!(page(&filter, &[&[4, 3]]), [4, 3]);
    assert_eq!(page(&filter, &[&[5, 4], &[4, 3]]), [4, 3]);
    let queue = Some("medical".to_owned());
    let filter = CallFilter { queue, ..filter };
    assert_eq!(page(&filter, &[&[5, 4], &[4, 3]]), [4, 3]);
}

#[test]
fn a_call_that_ended_meanwhile_is_on_its_queues_page_once() {
    let queue = Some("medical".to_owned());
    let filter = CallFilter { queue, limit: 5, ..CallFilter::default() };
    assert_eq!(page(&filter, &[&[5, 4, 3, 2, 1]]), [5, 4, 3, 2, 1]);
    let filter = CallFilter { limit: 2, before: Some(3), ..filter };
    assert_eq!(page(&filter, &[&[2]]), [2, 1]);
}

#[test]
fn a_call_that_never_stands_still_does_not_hold_the_page_up() {
    let filter = CallFilter { status: Some(CallStatus::OnHold), limit: 2, ..CallFilter::default() };
    let said = vec![&[5_i64][..]; super::PAGE_TRIES + 1];
    assert_eq!(page(&filter, &said), Vec::<i64>::new());
}

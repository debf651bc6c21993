//! Whatever entered the index, was undone or was read again: every call is found, and nothing else.

use proptest::{collection::vec, prelude::*};
use rusqlite::Connection;

use super::{ENTER, Ids, place};
use crate::sqlite::schema;

const STAY: usize = 8;
const TOGETHER: i64 = 50;

fn database() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    schema::migrate(&mut connection).unwrap();
    connection
}

fn opened(connection: &mut Connection) -> Ids {
    let last_no = connection
        .query_row("select coalesce(max(no), 0) from calls", [], |row| row.get(0))
        .unwrap();
    Ids::keeping(STAY, TOGETHER, connection, last_no).unwrap()
}

fn id(no: i64) -> String {
    format!("call-{no}")
}

fn insert(connection: &Connection, no: i64, id: &str) {
    let sql = "insert into calls (no, id, type, status, queue_id, start_time, version, \
        wait_reported, hold_reported, offer, attempt, moved_at, chain, since, talked_ms, held_ms, \
        passed_on, priority) \
        values (?, ?, 'voice', 'ended', 'q', 0, 1, 0, 0, 0, 0, 0, x'', 0, 0, 0, 0, 0)";
    connection.execute(sql, (no, id)).unwrap();
}

/// A batch in which so many calls begin.
fn batch(connection: &mut Connection, ids: &Ids, last_no: &mut i64, many: i64, commits: bool) {
    let begun = (*last_no + 1..=*last_no + many).map(|no| (id(no), no)).collect::<Vec<_>>();
    let transaction = connection.transaction().unwrap();
    for (id, no) in &begun {
        insert(&transaction, *no, id);
    }
    let entering = ids.enter(&transaction, begun.len()).unwrap();
    if commits {
        transaction.commit().unwrap();
        *last_no += many;
        ids.entered(&entering, begun.iter().map(|(id, no)| (&**id, *no)), *last_no);
    }
}

fn all_are_found(connection: &Connection, ids: &Ids, last_no: i64) {
    for no in 1..=last_no {
        assert_eq!(ids.find(connection, &id(no)).unwrap(), Some(no));
        assert!(!ids.lacks(connection, &id(no)).unwrap());
    }
    assert_eq!(ids.find(connection, &id(last_no + 1)).unwrap(), None);
}

#[derive(Clone, Debug)]
enum Step {
    Batch { begin: i64, commits: bool },
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let commits = prop::bool::weighted(0.8);
    prop_oneof![
        6 => (0_i64..12, commits).prop_map(|(begin, commits)| Step::Batch { begin, commits }),
        1 => Just(Step::Restart),
    ]
}

proptest! {
    #[test]
    fn every_call_is_found_and_nothing_else(steps in vec(step(), 0..60)) {
        let mut connection = database();
        let (mut ids, mut last_no) = (opened(&mut connection), 0);
        for step in steps {
            match step {
                Step::Batch { begin, commits } => {
                    batch(&mut connection, &ids, &mut last_no, begin, commits);
                }
                Step::Restart => ids = opened(&mut connection),
            }
            all_are_found(&connection, &ids, last_no);
        }
    }
}

fn entered(connection: &Connection) -> i64 {
    connection.query_row("select no from ids_entered", [], |row| row.get(0)).unwrap()
}

#[test]
fn only_the_newest_stay_in_memory_and_few_are_looked_through_at_the_start() {
    let mut connection = database();
    let (ids, mut last_no) = (opened(&mut connection), 0);
    for _ in 0..200 {
        batch(&mut connection, &ids, &mut last_no, 2, true);
    }
    assert!(ids.lock().entries.len() <= STAY + 2);
    let missing = usize::try_from(last_no - entered(&connection)).unwrap();
    assert!(missing <= 5 * STAY, "{missing} are looked through");
}

#[test]
fn few_are_looked_for_in_vain() {
    let mut connection = database();
    let (mut ids, mut last_no) = (opened(&mut connection), 0);
    for turn in 0..400 {
        batch(&mut connection, &ids, &mut last_no, 10, true);
        if turn == 300 {
            ids = opened(&mut connection);
        }
    }
    let absent =
        (last_no + 1..=2 * last_no).filter(|no| !ids.lacks(&connection, &id(*no)).unwrap());
    let in_vain = absent.count();
    assert!(in_vain < 200, "{in_vain} of 4000");
}

#[test]
fn calls_of_before_the_index_enter_it_at_the_start() {
    let mut connection = database();
    let last_no = 5 * TOGETHER + 3;
    (1..=last_no).for_each(|no| insert(&connection, no, &id(no)));
    let ids = opened(&mut connection);
    assert!(ids.lock().entries.len() <= STAY);
    all_are_found(&connection, &ids, last_no);
}

#[test]
fn ids_that_share_a_place_are_told_apart() {
    let mut connection = database();
    insert(&connection, 1, "other");
    insert(&connection, 2, "call");
    let ids = opened(&mut connection);
    ids.lock().entries.insert((place("call"), 1));
    assert_eq!(ids.find(&connection, "call").unwrap(), Some(2));
    for entry in std::mem::take(&mut ids.lock().entries) {
        connection.execute(ENTER, entry).unwrap();
    }
    assert_eq!(ids.find(&connection, "call").unwrap(), Some(2));
    assert_eq!(ids.find(&connection, "other").unwrap(), Some(1));
    assert_eq!(ids.find(&connection, "absent").unwrap(), None);
}

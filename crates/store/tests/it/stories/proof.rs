//! The audit chain: whatever is changed behind the program's back shows.

use store::{Verdict, verify};

use crate::{
    databases::Database,
    desk::{answered, begins, ended, held, record, resumed},
};

/// One call with five events and a survey, and another beside it; then the change.
async fn after(at: &Database, change: &str) -> Vec<Verdict> {
    record(&at.store, &[begins("a"), begins("b")]).await;
    record(&at.store, &[answered("a", 1.0), held("a")]).await;
    record(&at.store, &[resumed("a"), ended("a"), answered("b", 1.0)]).await;
    if !change.is_empty() {
        at.home.tamper(change);
    }
    let mut verdicts = Vec::new();
    let mut last = 0;
    while let Some(chain) = at.store.chains(last, 1).await.unwrap().pop() {
        last = chain.no;
        verdicts.push(verify(at.store.audit_key().bytes(), &chain));
    }
    assert_eq!(verdicts.len(), 2);
    assert_eq!(verdicts[1], Verdict::Whole, "the call beside it is as it was");
    verdicts
}

async fn broken_at(at: &Database, change: &str) -> u32 {
    match after(at, change).await[0] {
        Verdict::Broken { seq, .. } => seq,
        Verdict::Whole => panic!("nobody noticed: {change}"),
    }
}

const CALL: &str = "call_no = (select no from calls where id = 'a')";

pub(crate) async fn an_untouched_history_is_whole(at: Database) {
    assert_eq!(after(&at, "").await[0], Verdict::Whole);
}

pub(crate) async fn a_changed_event_shows(at: Database) {
    let change =
        format!("update call_events set timestamp = timestamp + 1 where seq = 2 and {CALL}");
    assert_eq!(broken_at(&at, &change).await, 2);
}

pub(crate) async fn another_type_shows(at: Database) {
    let change = format!("update call_events set type = 'call_resumed' where seq = 2 and {CALL}");
    assert_eq!(broken_at(&at, &change).await, 2);
}

pub(crate) async fn a_moment_that_was_never_told_shows(at: Database) {
    let change = format!("update call_events set occurred_at = 1 where seq = 3 and {CALL}");
    assert_eq!(broken_at(&at, &change).await, 3);
}

pub(crate) async fn the_history_of_another_call_shows(at: Database) {
    assert_eq!(broken_at(&at, "update calls set id = 'c' where id = 'a'").await, 1);
}

pub(crate) async fn a_gap_shows(at: Database) {
    assert_eq!(
        broken_at(&at, &format!("delete from call_events where seq = 3 and {CALL}")).await,
        3
    );
}

pub(crate) async fn a_cut_tail_shows(at: Database) {
    let cut = format!(
        "delete from call_events where seq = 6 and {CALL}; \
         update calls set version = 5 where id = 'a'"
    );
    assert_eq!(broken_at(&at, &cut).await, 6);
}

pub(crate) async fn erased_metadata_keeps_the_chain_whole(at: Database) {
    let erase = format!("update call_events set metadata = null, salt = null where {CALL}");
    assert_eq!(after(&at, &erase).await[0], Verdict::Whole);
}

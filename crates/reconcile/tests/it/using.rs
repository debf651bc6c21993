//! The program as it is used: what it answers, and what it says when it cannot tell.

use crate::{Books, TABLES, TOLD, WHOLE, cannot_tell, is_found, passes, run, said};

#[test]
fn what_is_whole_passes() {
    let sentence = "4 acknowledgements are kept as they were told, in 2 calls";
    passes(&Books::with("").audited(), sentence);
}

#[test]
fn who_was_rung_when_the_caller_hung_up_is_not_the_agent_of_the_call() {
    let books = Books::with(
        r#"insert into call_events values
               (3, 1, 'call_initiated', 0, '{"queueId":"q"}', null),
               (3, 2, 'call_routed', 1000, '{"agentId":"ana"}', null),
               (3, 3, 'call_ended', 2000, '{"endReason":"abandoned"}', null);
           insert into calls values
               (3, 'c3', 'ended', 'q', null, 2000, 3, null, null, null, null, 1);"#,
    );
    passes(&books.audited(), "4 acknowledgements are kept as they were told, in 3 calls");
}

#[test]
fn wrong_use_is_told_with_what_would_be_right() {
    cannot_tell(&run(&[]), &["<LOG> <DATABASE>"]);
    cannot_tell(&run(&["log"]), &["<DATABASE>", "Usage: reconcile <LOG> <DATABASE>"]);
    cannot_tell(&run(&["log", "file", "more"]), &["unexpected argument 'more'"]);
}

#[test]
fn a_log_that_cannot_be_read_is_told() {
    let books = Books::with("");
    let file = books.path("books.db");
    cannot_tell(&run(&["no-such-log", &file.to_string_lossy()]), &["the log no-such-log cannot"]);
    for torn in ["{\"key\":\"d\",\"ev", "{\"key\":\"d\"}", "[]", ""] {
        books.tell(&format!("{TOLD}{torn}\n"));
        cannot_tell(&books.audited(), &["line 5 of the log", "is no acknowledgement"]);
    }
}

#[test]
fn a_database_that_cannot_be_read_is_told() {
    let books = Books::with("");
    let log = books.path("log");
    let asked = |database: &str| run(&[&log.to_string_lossy(), database]);
    let nowhere = books.path("nowhere.db");
    let parts = ["cannot be opened", "Name SQLite's file", "postgres://"];
    cannot_tell(&asked(&nowhere.to_string_lossy()), &parts);
    assert!(!nowhere.exists(), "an auditor makes nothing");
    cannot_tell(&asked(&log.to_string_lossy()), &["the database cannot be read"]);
    let unreachable = asked("postgres://postgres@127.0.0.1:1/none");
    cannot_tell(&unreachable, &["the database cannot be read", "127.0.0.1"]);
}

#[test]
fn a_postgresql_is_read_as_well() {
    let Some(postgres) = testkit::postgres() else { return };
    let url = postgres.database();
    postgres.execute(&url, &[TABLES, WHOLE].concat());
    let books = Books::with("");
    let log = books.path("log");
    let audited = || run(&[&log.to_string_lossy(), &url]);
    passes(&audited(), "4 acknowledgements are kept as they were told, in 2 calls");
    postgres.execute(&url, "delete from alerts where call_no = 1");
    is_found(
        &audited(),
        r#"call `c1`: its alerts are [] but its events call for ["hold_exceeded"]"#,
    );
    postgres.execute(&url, "drop table alerts");
    cannot_tell(&audited(), &["the database cannot be read", "\"alerts\" does not exist"]);
}

#[test]
fn all_that_is_wrong_is_told_up_to_a_limit() {
    let alerts = (2..40).map(|no| format!("insert into alerts values ({no}, 'no_agent');"));
    let said = said(&Books::with(&alerts.collect::<String>()).audited());
    let lines = said.lines().collect::<Vec<_>>();
    assert_eq!(
        lines[0],
        r#"call `c2`: its alerts are ["no_agent", "sla_breached"] but its events call for ["sla_breached"]"#
    );
    assert_eq!(lines[1], "alerts of call number 3, which does not exist");
    assert_eq!((lines.len(), lines[20]), (21, "and 18 more"));
}

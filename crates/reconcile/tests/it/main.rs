//! The auditor is put to the proof: books that are whole pass, and each thing that can be wrong with
//! them, spoiled here one by one, is found with its sentence.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use rusqlite::Connection;
use tempfile::TempDir;

mod histories;
mod told;
mod using;

const TABLES: &str = "
    create table queues (id text, sla_ms bigint, ring_ms bigint, max_hold_ms bigint);
    create table calls (no bigint, id text, status text, queue_id text, agent_id text,
        end_time bigint, version bigint, sla_due_at bigint, ring_due_at bigint,
        hold_due_at bigint, due_at bigint, offer bigint);
    create table call_events (call_no bigint, seq bigint, type text, timestamp bigint,
        metadata text, key text);
    create table alerts (call_no bigint, rule text);
";

/// Call 1 was routed, missed, routed again, answered, held for too long and completed; call 2 still
/// waits, for too long.
const WHOLE: &str = r#"
    insert into queues values ('q', 30000, 15000, 60000);
    insert into call_events values
        (1, 1, 'call_initiated', 0, '{"queueId":"q"}', 'a'),
        (1, 2, 'call_routed', 1000, '{"agentId":"ana"}', 'b'),
        (1, 3, 'call_retransfer', 16005, '{"agentId":"ana","lateMs":5}', null),
        (1, 4, 'call_routed', 17000, '{"agentId":"eva"}', null),
        (1, 5, 'call_answered', 20000, '{"agentId":"eva","offer":2}', 'c'),
        (1, 6, 'call_hold', 30000, null, 'd'),
        (1, 7, 'hold_exceeded', 90000, '{"lateMs":0}', null),
        (1, 8, 'call_resumed', 95000, null, 'e'),
        (1, 9, 'call_ended', 99000, '{"endReason":"completed"}', 'f'),
        (1, 10, 'survey_requested', 99000, null, null),
        (2, 1, 'call_initiated', 5000, '{"queueId":"q"}', 'a'),
        (2, 2, 'sla_breached', 35000, '{"lateMs":0}', null);
    insert into calls values
        (1, 'c1', 'ended', 'q', 'eva', 99000, 10, null, null, null, null, 2),
        (2, 'c2', 'waiting', 'q', null, null, 2, 35000, null, null, null, 0);
    insert into alerts values (1, 'hold_exceeded'), (2, 'sla_breached');
"#;

const TOLD: &str = r#"{"key":"a","event":{"callId":"c1","seq":1,"type":"call_initiated","metadata":{"queueId":"q"}}}
{"key":"d","event":{"callId":"c1","seq":6,"type":"call_hold"}}
{"key":"f","event":{"callId":"c1","seq":9,"type":"call_ended","metadata":{"endReason":"completed"}}}
{"key":"a","event":{"callId":"c2","seq":1,"type":"call_initiated","metadata":{"queueId":"q"}}}
"#;

/// A log and a database in a folder of their own.
struct Books {
    dir: TempDir,
}

impl Books {
    /// The whole ones, and what was done to them.
    fn with(spoiled: &str) -> Self {
        let books = Self { dir: TempDir::with_prefix("reconcile-").expect("a folder") };
        let file = Connection::open(books.path("books.db")).expect("a file");
        file.execute_batch(&[TABLES, WHOLE, spoiled].concat()).expect("it takes the books");
        books.tell(TOLD);
        books
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn tell(&self, log: &str) {
        fs::write(self.path("log"), log).expect("the log is written");
    }

    fn audited(&self) -> Output {
        let (log, file) = (self.path("log"), self.path("books.db"));
        run(&[&log.to_string_lossy(), &file.to_string_lossy()])
    }
}

fn run(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_reconcile");
    Command::new(program).args(arguments).output().expect("the program runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
fn passes(output: &Output, sentence: &str) {
    assert_eq!(output.status.code(), Some(0), "{}", said(output));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), sentence);
}

/// It finds exactly this.
#[track_caller]
fn is_found(output: &Output, sentence: &str) {
    assert_eq!(said(output).trim(), sentence);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
}

/// Spoiled like this, exactly this is found.
#[track_caller]
fn finds(spoiled: &str, sentence: &str) {
    is_found(&Books::with(spoiled).audited(), sentence);
}

/// Spoiled like this, one thing is found: an event of the first call cannot be, and why.
#[track_caller]
fn finds_illegal(spoiled: &str, event: &str, why: &str) {
    let books = Books::with(spoiled);
    books.tell("");
    let output = books.audited();
    let said = said(&output);
    let begins = format!("call `c1`: {event}: {why}; all of it: [");
    assert!(said.starts_with(&begins), "{said}\nshould begin with\n{begins}");
    assert_eq!((said.lines().count(), output.status.code()), (1, Some(1)), "{said}");
}

/// It cannot tell, and says what to do about it.
#[track_caller]
fn cannot_tell(output: &Output, parts: &[&str]) {
    let said = said(output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    for part in parts {
        assert!(said.contains(part), "{said}\nshould contain\n{part}");
    }
}

//! An answer comes after the sync to disk: seen from outside, in the calls to the system.

use std::{fs, process::Command, thread, time::Duration};

use crate::{
    http::Request,
    say::{initiated, routed},
    world::{World, eventually, soon},
};

const TRACED: &str = "trace=fdatasync,fsync,read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,\
                      pwrite64";

/// Whether `strace` is there. Where `CI` is set, it must be.
pub(crate) fn can_watch() -> bool {
    let found = Command::new("strace").arg("-V").output().is_ok();
    assert!(found || std::env::var_os("CI").is_none(), "strace must be installed where CI runs");
    if !found {
        eprintln!("skipped: strace is not installed");
    }
    found
}

/// For each of some lone events: between hearing it and answering it, it was written and synced.
pub(crate) fn answers_after_the_sync(world: &World) -> Result<(), String> {
    let trace = world.dir.path().join("trace");
    let path = trace.display().to_string();
    let server = world.start_with(
        &[],
        &["strace", "-D", "-f", "-y", "-s", "4200", "-e", TRACED, "-o", path.as_str()],
    );
    server.record(&initiated("lone"));
    let mut line = server.line();
    for n in 0..10 {
        let request = Request::event(&routed("lone", "ana")).key(&format!("lone-{n}"));
        let answer = line.ask(&request).map_err(|error| error.to_string())?;
        answer.is(201);
        thread::sleep(Duration::from_millis(10));
    }
    // The watcher writes in its own time.
    let seen = eventually(Duration::from_secs(5), || {
        let trace = fs::read_to_string(&trace).ok()?;
        (trace.matches("HTTP/1.1 201").count() >= 11).then_some(trace)
    });
    let trace = seen.ok_or("the watcher saw too little")?;
    drop(server);
    (0..10).try_for_each(|n| synced_between(&trace, &format!("lone-{n}")))
}

/// After the key was heard it is written to the log, then that is synced, then there is an answer.
fn synced_between(trace: &str, key: &str) -> Result<(), String> {
    let heard = format!("{key}\\r\\n");
    let mut lines = trace.lines().skip_while(|line| !line.contains(&heard));
    lines.next().ok_or_else(|| format!("`{key}` was never heard"))?;
    let (mut writer, mut is_syncing) = (None, false);
    for line in lines {
        let thread = line.split_whitespace().next();
        let of_log = line.contains("switchboard.db-wal");
        let is_sync = line.contains("fdatasync") || line.contains("fsync");
        if line.contains("HTTP/1.1 201") {
            return Err(format!("the event with `{key}` was answered before it was on disk"));
        }
        if of_log && line.contains("pwrite64") && line.contains(key) {
            (writer, is_syncing) = (thread, false);
        } else if is_sync && thread == writer {
            // Whoever wrote it syncs it, so one comes after the other.
            is_syncing |= of_log;
            if is_syncing && line.ends_with("= 0") {
                return Ok(());
            }
        }
    }
    Err(format!("the event with `{key}` was never answered"))
}

#[test]
fn only_a_sync_between_the_write_and_the_answer_counts() {
    let (heard, written) = (
        r#"7 recvfrom(9<socket>, "Idempotency-Key: k\r\n", 400) = 20"#,
        r#"8 pwrite64(5</switchboard.db-wal>, "\0\0k\0", 4096, 0) = 4096"#,
    );
    let other = r#"8 pwrite64(5</switchboard.db-wal>, "\0\0", 4096, 0) = 4096"#;
    let synced = "8 fdatasync(5</switchboard.db-wal>) = 0";
    let [begun, over] =
        ["8 fdatasync(5</switchboard.db-wal> <unfinished ...>", "8 <... fdatasync resumed>) = 0"];
    let elsewhere = "8 fdatasync(6</switchboard.db>) = 0";
    let answered = r#"7 sendto(9<socket>, "HTTP/1.1 201 Created", 20) = 20"#;
    let judge = |lines: &[&str]| synced_between(&lines.join("\n"), "k");
    assert_eq!(judge(&[heard, written, synced, answered]), Ok(()));
    assert_eq!(judge(&[heard, written, begun, over, answered]), Ok(()));
    for wrong in [
        &[heard, answered, written, synced][..],
        &[heard, written, answered, synced],
        &[heard, synced, written, answered],
        &[heard, other, synced, written, answered],
        &[heard, written, begun, answered, over],
        &[heard, begun, over, written, answered],
        &[heard, begun, written, over, answered],
        &[heard, written, elsewhere, answered],
        &[written, synced, answered],
    ] {
        assert!(judge(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn an_event_is_answered_after_it_was_synced_to_disk() {
    if can_watch() {
        answers_after_the_sync(&World::sqlite()).unwrap_or_else(|why| panic!("{why}"));
    }
}

/// From its eighth sync on the disk fails whoever asks, each thread for itself.
const FAILING: [&str; 8] = [
    "strace",
    "-D",
    "-f",
    "-e",
    "trace=fdatasync",
    "-e",
    "inject=fdatasync:error=EIO:when=8+",
    "-o",
];

#[test]
fn what_a_failing_disk_did_not_take_is_not_acknowledged() {
    if !can_watch() {
        return;
    }
    let world = World::sqlite();
    // The tables are made while it still works.
    drop(world.start());
    let trace = world.dir.path().join("trace").display().to_string();
    let server = world.start_with(&[], &[&FAILING[..], &[&trace]].concat());
    let initiated = |n: u32| Request::event(&initiated(&format!("call {n}"))).key(&format!("{n}"));
    let answers = (0..20).map(|n| server.ask(&initiated(n)).status).collect::<Vec<_>>();
    let kept = answers.iter().take_while(|status| **status == 201).count();
    assert!((1..20).contains(&kept), "{answers:?}");
    assert!(answers[kept..].iter().all(|status| *status == 503), "{answers:?}");
    assert_eq!(server.ask(&initiated(19)).is(503)["code"], "store_away");
    // Whoever looks after its health is another thread, whose first seven syncs go well.
    soon("its health to be told", || {
        server.ask(&initiated(19)).is(503);
        (server.ask(&Request::get("/health")).status == 503).then_some(())
    });
    drop(server);

    let server = world.start();
    for n in 0..20 {
        let (answer, kept) = (server.ask(&initiated(n)), answers[n as usize] == 201);
        answer.is(201);
        assert!(!kept || answer.header("idempotency-replayed").is_some(), "call {n} was lost");
    }
}

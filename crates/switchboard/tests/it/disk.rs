//! An answer comes after the sync to disk: seen from outside, in the calls to the system.

use std::{fs, process::Command, thread, time::Duration};

use crate::{
    http::Request,
    say::{initiated, routed},
    world::{World, eventually},
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

/// For each of some lone events: between hearing it and answering it, the log was synced.
pub(crate) fn answers_after_the_sync(world: &World) -> Result<(), String> {
    let trace = world.dir.path().join("trace");
    let path = trace.display().to_string();
    let server = world.start_with(
        &[],
        &["strace", "-D", "-f", "-y", "-s", "400", "-e", TRACED, "-o", path.as_str()],
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
    (0..10).try_for_each(|n| synced_between(&trace, &format!("lone-{n}\\r\\n")))
}

fn synced_between(trace: &str, key: &str) -> Result<(), String> {
    let mut lines = trace.lines().skip_while(|line| !line.contains(key));
    lines.next().ok_or_else(|| format!("`{key}` was never heard"))?;
    let mut syncing = Vec::new();
    for line in lines {
        let thread = line.split_whitespace().next().unwrap_or_default();
        let is_sync = line.contains("fdatasync") || line.contains("fsync");
        if line.contains("HTTP/1.1 201") {
            return Err(format!("the event with `{key}` was answered before it was on disk"));
        }
        if is_sync && line.contains("switchboard.db-wal") && line.contains("<unfinished") {
            syncing.push(thread);
        } else if is_sync && line.ends_with("= 0") {
            let resumed = line.contains("resumed") && syncing.contains(&thread);
            if resumed || line.contains("switchboard.db-wal") {
                return Ok(());
            }
        }
    }
    Err(format!("the event with `{key}` was never answered"))
}

#[test]
fn an_event_is_answered_after_it_was_synced_to_disk() {
    if can_watch() {
        answers_after_the_sync(&World::sqlite()).unwrap_or_else(|why| panic!("{why}"));
    }
}

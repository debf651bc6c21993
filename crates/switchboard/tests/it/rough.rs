//! Rough treatment: files that are moved away, logs that nobody reads, tables that somebody locks.

use std::{
    fs::{self, File},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::json;

use crate::{
    http::Request,
    say::{initiated, routed},
    world::{Server, World, eventually, soon},
};

fn has_health(server: &Server, status: u16) {
    let health = || server.ask(&Request::get("/health")).status;
    soon("its health to be told", || (health() == status).then_some(()));
}

#[test]
fn a_database_that_is_moved_away_takes_nothing_until_it_is_back() {
    for name in ["switchboard.db", "switchboard.db-wal", "lock"] {
        let world = World::sqlite();
        let server = world.start();
        server.record(&initiated("c"));
        let (path, aside) = (world.dir.path().join(name), world.dir.path().join("aside"));
        fs::rename(&path, &aside).expect("it is moved");
        let refused = server.ask(&Request::event(&routed("c", "ana"))).is(503);
        assert_eq!(refused["code"], "store_away", "{name}");
        let queue = Request::put("/api/queues/dental").json(&json!({ "slaSeconds": 20 }));
        assert_eq!(server.ask(&queue).is(503)["code"], "store_away", "{name}");
        has_health(&server, 503);
        fs::rename(&aside, &path).expect("it is moved back");
        server.record(&routed("c", "ana"));
        has_health(&server, 200);
    }
}

#[test]
fn a_log_that_nobody_reads_holds_nothing_up() {
    let world = World::sqlite();
    let pipe = world.dir.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    // Open at both ends, and never read.
    let _unread = File::options().read(true).write(true).open(&pipe).expect("it opens");
    let into_it = ["sh", "-c", "exec \"$@\" 2>\"$0\"", &pipe.display().to_string()];
    let mut server = world.start_with(&[("LOG_LEVEL", "trace")], &into_it);
    server.record(&initiated("c"));
    for n in 0..300 {
        server.record(&routed("c", &format!("agent-{n}")));
    }
    server.terminate();
    let status = server.ended(Duration::from_secs(10)).expect("it stops");
    assert!(status.success(), "{status}");
}

#[test]
fn a_key_that_cannot_be_shown_is_told() {
    let world = World::sqlite();
    world.start().stop();
    let full = File::options().write(true).open("/dev/full").expect("there is one");
    let program = env!("CARGO_BIN_EXE_switchboard");
    let output = world
        .command(&[program, "keys", "make", "pbx", "--role", "ingest"])
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .expect("it runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && told.contains("rotate it"), "{told}");
}

/// Runs SQL beside the test.
fn meanwhile(world: &World, sql: &'static str) -> Option<thread::JoinHandle<String>> {
    let url = world.database().into_string().expect("an address");
    let postgres = testkit::postgres()?;
    Some(thread::spawn(move || postgres.execute(&url, sql)))
}

#[test]
fn a_table_that_somebody_locks_is_no_health() {
    let Some(world) = World::postgres() else { return };
    let server = world.start();
    has_health(&server, 200);
    let sql = "begin; lock table calls in access exclusive mode; select pg_sleep(4)";
    let locked = meanwhile(&world, sql).expect("PostgreSQL is there");
    has_health(&server, 503);
    locked.join().expect("it ends");
    has_health(&server, 200);
}

#[test]
fn a_start_that_waits_for_another_ends_when_it_is_asked_to() {
    let Some(world) = World::postgres() else { return };
    world.start().stop();
    let sql = "select pg_advisory_lock(x'535749544348'::bigint), pg_sleep(15)";
    let held = meanwhile(&world, sql).expect("PostgreSQL is there");
    thread::sleep(Duration::from_millis(500));
    let program = env!("CARGO_BIN_EXE_switchboard");
    let mut command = world.command(&[program, "serve"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
    thread::sleep(Duration::from_millis(500));
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
    let ended = eventually(Duration::from_secs(8), || child.try_wait().expect("it can be asked"));
    assert!(ended.is_some_and(|status| status.success()), "it waits on");
    drop(held);
}

#[test]
fn a_database_without_room_for_every_name_is_refused() {
    let Some(world) = World::postgres() else { return };
    let url = world.database().into_string().expect("an address");
    let narrow = format!("{url}_narrow");
    let name = narrow.rsplit('/').next().expect("it has a name");
    world.execute(&format!(
        "create database {name} encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0"
    ));
    let output = world.with("DATABASE_URL", &narrow).run(&["serve"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && told.contains("UTF8"), "{told}");
}

#[test]
fn nothing_is_not_verified() {
    let world = World::sqlite();
    let output = world.run(&["verify"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && told.contains("--data"), "{told}");
    assert!(!world.dir.path().join("switchboard.db").exists(), "and nothing is made");
    world.start().stop();
    let output = world.run(&["verify"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("no calls"));
}

/// What a start says that is refused; `None` where it is not.
fn refused(world: &World) -> Option<String> {
    let output = world.run(&["verify"]);
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

fn another_key_than_the_history_was_begun_with_is_refused(world: World) {
    world.start().stop();
    let world = world.with("AUDIT_KEY", "one");
    assert!(refused(&world).is_some_and(|it| it.contains("unset AUDIT_KEY")));
    let world = world.without("AUDIT_KEY");
    assert_eq!(refused(&world), None);
}

fn the_key_the_history_was_begun_with_is_asked_for(world: World) {
    let world = world.with("AUDIT_KEY", "one");
    let server = world.start();
    server.record(&initiated("c"));
    server.stop();
    let world = world.with("AUDIT_KEY", "two");
    assert!(refused(&world).is_some_and(|it| it.contains("set that one")));
    let world = world.without("AUDIT_KEY");
    assert!(refused(&world).is_some_and(|it| it.contains("set it again")));
    // Keys of people need it not.
    let made = world.run(&["keys", "make", "pbx", "--role", "ingest"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert_eq!(refused(&world.with("AUDIT_KEY", "one")), None);
}

#[test]
fn a_history_goes_on_with_its_own_key_alone() {
    for make in [World::sqlite as fn() -> World, || World::postgres().expect("it is there")] {
        another_key_than_the_history_was_begun_with_is_refused(make());
        the_key_the_history_was_begun_with_is_asked_for(make());
        if testkit::postgres().is_none() {
            return;
        }
    }
}

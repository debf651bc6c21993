//! What an operator meets: settings, refusals to start, limits, and proof that history is whole.

use std::{
    net::TcpListener,
    process::Output,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::{
    disk::can_watch,
    http::Request,
    say::{answered, ended, initiated, routed},
    world::{World, soon},
};

on_every_database! {
    a_changed_event_is_found
    a_newer_schema_is_refused
    a_full_lane_says_so_and_takes_in_what_fits
    a_quiet_server_stops_at_once
}

/// The sentence of a process that refused: on one line, with exit status 1.
#[track_caller]
fn refusal(output: &Output) -> String {
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    let last = told.lines().last().unwrap_or_default().to_owned();
    assert!(last.starts_with("switchboard: ") && !told.contains("panicked"), "{told}");
    last
}

fn a_changed_event_is_found(world: &World) {
    let server = world.start();
    for n in 0..5 {
        let call = format!("c{n}");
        server.record(&initiated(&call));
        server.record(&routed(&call, "ana"));
        server.record(&answered(&call));
        server.record(&ended(&call));
    }
    server.stop();
    let whole = world.run(&["verify"]);
    assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stderr));
    let told = String::from_utf8_lossy(&whole.stdout).into_owned();
    assert!(told.contains("5 calls, 25 events"), "{told}");

    let no = |call: &str| format!("(select no from calls where id = '{call}')");
    let broken = [
        (
            "c0",
            format!(
                "update call_events set metadata = replace(metadata, 'ana', 'eva') where \
                        call_no = {} and seq = 2",
                no("c0")
            ),
        ),
        (
            "c1",
            format!(
                "update call_events set timestamp = timestamp - 1 where call_no = {} and \
                        seq = 3",
                no("c1")
            ),
        ),
        ("c2", format!("delete from call_events where call_no = {} and seq = 3", no("c2"))),
        ("c3", format!("delete from call_events where call_no = {} and seq = 5", no("c3"))),
    ];
    for (n, (_, sql)) in broken.iter().enumerate() {
        world.execute(sql);
        let output = world.run(&["verify"]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{told}");
        for (call, _) in &broken[..=n] {
            assert!(told.contains(&format!("call `{call}`")), "{told}");
        }
        assert!(!told.contains("`c4`"), "{told}");
    }
}

fn a_newer_schema_is_refused(world: &World) {
    let server = world.start();
    server.is_healthy();
    server.stop();
    let sql = if world.is_shared() {
        let tables = world.rows(
            "select table_name from information_schema.columns where table_schema = 'public' and \
             (column_name = 'version' or table_name like '%schema%' or table_name like \
             '%migration%') and table_name <> 'calls'",
        );
        let table =
            tables.first().map(|it| it["table_name"].as_str().unwrap_or_default().to_owned());
        let Some(table) = table else { panic!("where is the schema's version kept?") };
        format!("insert into {table} (version) values (4711)")
    } else {
        "pragma user_version = 4711".to_owned()
    };
    world.execute(&sql);
    let told = refusal(&world.run(&["serve"]));
    assert!(told.contains("4711") && told.contains("newer"), "{told}");
}

fn a_full_lane_says_so_and_takes_in_what_fits(world: &World) {
    let tight = [("LANE_DEPTH_MAX", "1"), ("BATCH_EVENTS_MAX", "1")];
    let server = world.start_with(&tight, &[]);
    let (full, kept) = (AtomicBool::new(false), AtomicUsize::new(0));
    let deadline = Instant::now() + Duration::from_secs(20);
    thread::scope(|scope| {
        for client in 0..24 {
            let (server, full, kept) = (&server, &full, &kept);
            scope.spawn(move || {
                let mut line = server.line();
                for n in 0.. {
                    if n > 20 && (full.load(Ordering::Relaxed) || deadline < Instant::now()) {
                        return;
                    }
                    let event = initiated(&format!("c{client}-{n}"));
                    let answer = line.ask(&Request::event(&event)).expect("an answer");
                    if answer.status == 201 {
                        kept.fetch_add(1, Ordering::Relaxed);
                    } else {
                        answer.is_problem(503, "lane_full");
                        full.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert!(full.load(Ordering::Relaxed), "no lane was ever full");
    assert_eq!(world.rows("select no from calls").len(), kept.load(Ordering::Relaxed));
    server.is_healthy();
    server.record(&initiated("afterwards"));
}

fn a_quiet_server_stops_at_once(world: &World) {
    let server = world.start();
    let idle = server.line();
    server.record(&initiated("c"));
    let asked = Instant::now();
    server.stop();
    assert!(asked.elapsed() < Duration::from_secs(3), "it took {:?}", asked.elapsed());
    drop(idle);
}

#[test]
fn one_directory_has_one_process() {
    let world = World::sqlite();
    let server = world.start();
    let told = refusal(&world.run(&["serve"]));
    assert!(told.contains("another switchboard is using"), "{told}");
    server.record(&initiated("c"));
    server.kill();
    world.start().record(&initiated("d"));
}

#[test]
fn a_port_in_use_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = taken.local_addr().expect("it has an address").port().to_string();
    let told = refusal(&World::sqlite().with("PORT", &port).run(&["serve"]));
    assert!(told.contains(&port) && told.contains("PORT"), "{told}");
}

#[test]
fn a_bad_setting_is_named() {
    for (name, value) in [
        ("PORT", "99999"),
        ("PORT", "http"),
        ("HOST", "nowhere"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "loud=very=much"),
        ("BATCH_EVENTS_MAX", "0"),
        ("LANE_DEPTH_MAX", "many"),
        ("CONNECTIONS_MAX", "-1"),
        ("STOP_WITHIN_SECONDS", "0"),
        ("ALLOW_ORIGINS", "http://\u{7f}"),
        ("ALLOW_ORIGINS", "*,http://desk"),
        ("ALLOW_ORIGINS", "desk.example.com"),
        ("LOG_LEVEL", "warning"),
        ("SUBSCRIPTIONS_MAX", "100000"),
        ("API_KEY", ","),
        ("READ_KEY", ","),
    ] {
        let output = World::sqlite().with(name, value).run(&["serve"]);
        let told = String::from_utf8_lossy(&output.stderr).to_lowercase();
        let option = name.to_lowercase().replace('_', "-");
        assert_ne!(output.status.code(), Some(124), "{name}={value} was taken");
        assert!(!output.status.success(), "{name}={value} was taken");
        let named = told.contains(&name.to_lowercase()) || told.contains(&format!("--{option}"));
        assert!(named && !told.contains("panicked"), "{name}={value}: {told}");
    }
    let away =
        World::sqlite().with("DATABASE_URL", "postgresql://127.0.0.1:1/none").run(&["serve"]);
    refusal(&away);
    let wrong = World::sqlite().with("DATABASE_URL", "mysql://x/y").run(&["serve"]);
    refusal(&wrong);
    let file = World::sqlite();
    let path = file.dir.path().join("a-file");
    std::fs::write(&path, "x").expect("it can be written");
    let told = refusal(&file.run(&["serve", "--data", &path.display().to_string()]));
    assert!(told.contains("a-file"), "{told}");
}

#[test]
fn whoever_lets_anyone_read_is_told() {
    let everywhere = ("HOST", "0.0.0.0");
    let logs = |settings: &[(&str, &str)], what: &str| {
        let world = World::sqlite();
        let server = world.start_with(settings, &[]);
        // What is logged is written by a thread of its own.
        soon("what is logged", || world.log().contains(what).then_some(()));
        drop(server);
        world.log()
    };
    logs(&[everywhere], "Anyone who reaches");
    for closed in [&[everywhere, ("READ_KEY", "reader")][..], &[]] {
        assert!(!logs(closed, "Recording with").contains("Anyone who reaches"));
    }
}

#[test]
fn no_answer_waits_for_more_to_send() {
    if !can_watch() {
        return;
    }
    let world = World::sqlite();
    let trace = world.dir.path().join("trace");
    let path = trace.display().to_string();
    let watcher = ["strace", "-D", "-f", "-e", "trace=setsockopt", "-o", path.as_str()];
    let server = world.start_with(&[], &watcher);
    server.is_healthy();
    soon("the setting of a connection", || {
        let trace = std::fs::read_to_string(&trace).ok()?;
        trace.contains("TCP_NODELAY, [1]").then_some(())
    });
}

#[test]
fn every_setting_is_printed_and_no_secret_is() {
    let secret = "hush-4711";
    let world = ["API_KEY", "READ_KEY", "AUDIT_KEY", "DATABASE_URL"]
        .iter()
        .fold(World::sqlite(), |world, name| {
            world.with(name, &format!("postgresql://u:{secret}@h/d"))
        });
    let output = world.with("LANE_DEPTH_MAX", "77").run(&["config"]);
    assert!(output.status.success());
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!table.contains(secret), "{table}");
    for line in
        ["API_KEY=(set)", "DATABASE_URL=(set)", "LANE_DEPTH_MAX=77", "PORT=0", "LOG_LEVEL=info"]
    {
        assert!(table.lines().any(|it| it == line), "{line} is missing:\n{table}");
    }
    for word in ["help", "serve --help"] {
        let help = World::sqlite().with("API_KEY", secret);
        let help = help.run(&word.split(' ').collect::<Vec<_>>());
        assert!(!String::from_utf8_lossy(&help.stdout).contains(secret));
    }
    let settings = table.lines().filter(|line| line.contains('=') && !line.starts_with('#'));
    assert!(settings.count() >= 16, "{table}");
}

//! SIGKILL at random moments under load: what was acknowledged is there, once, and nothing is torn.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    audit::{Log, reconcile},
    http::{Line, Request},
    load::{Chance, Load},
    say::{initiated, initiated_in},
    world::{Server, World, eventually, soon},
};

on_every_database! {
    nothing_acknowledged_is_lost_when_the_process_is_killed
    stopping_under_load_is_quick_and_loses_nothing
}

const QUEUE: &str = "brisk";
const CLIENTS: usize = 12;

/// A queue whose promises break all the time.
pub(crate) fn brisk(server: &Server) {
    let promises = json!({ "slaSeconds": 0.12, "ringSeconds": 0.04, "maxHoldSeconds": 0.05 });
    server.queue(QUEUE, &promises);
}

/// Stops the clients, also where a story fails beside them.
pub(crate) struct Stop<'a>(pub(crate) &'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs clients while `then` happens to the servers, waits for the last timers, and has it audited.
pub(crate) fn audited(
    world: &World,
    then: impl FnOnce(&Load<'_>, &mut Chance) -> Vec<Server>,
) -> Result<usize, String> {
    let log = Log::new(world.dir.path());
    let load = Load::new(&log, QUEUE);
    let mut chance = Chance::new();
    let (servers, clients) = thread::scope(|scope| {
        let clients = (0..CLIENTS).map(|name| {
            let (load, chance) = (&load, chance.fork());
            scope.spawn(move || load.client(name, chance))
        });
        let clients = clients.collect::<Vec<_>>();
        let stop = Stop(&load.stop);
        let servers = then(&load, &mut chance);
        drop(stop);
        let done = clients.into_iter().map(|it| it.join().expect("a client does not panic"));
        (servers, done.collect::<Result<Vec<_>, _>>())
    });
    // The last timers get time to fire. Those that did not are found by the audit.
    if !servers.is_empty() {
        eventually(Duration::from_secs(20), || {
            let armed = world.rows("select no from calls where due_at is not null");
            armed.is_empty().then_some(())
        });
    }
    drop(servers);
    let count = reconcile(world, &log)?;
    clients.map(|_| count)
}

fn nothing_acknowledged_is_lost_when_the_process_is_killed(world: &World) {
    let count = killed_under_load(world).unwrap_or_else(|why| panic!("{why}"));
    assert!(count > 200, "too little happened: {count}");
    let verified = world.run(&["verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

/// Kills the server at random moments, again and again; says how much was acknowledged and is kept.
pub(crate) fn killed_under_load(world: &World) -> Result<usize, String> {
    const ROUNDS: u32 = 6;
    audited(world, |load, chance| {
        let mut server = world.start();
        brisk(&server);
        for _ in 0..ROUNDS {
            load.moves_to(&[&server.address]);
            thread::sleep(Duration::from_millis(100 + chance.below(500)));
            server.kill();
            server = world.start();
        }
        load.moves_to(&[&server.address]);
        let before = load.acknowledged.load(Ordering::Relaxed);
        soon("events after the last restart", || {
            let now = load.acknowledged.load(Ordering::Relaxed);
            (before + CLIENTS * 4 < now).then_some(())
        });
        vec![server]
    })
}

fn stopping_under_load_is_quick_and_loses_nothing(world: &World) {
    audited(world, |load, _| {
        let mut server = world.start();
        brisk(&server);
        load.moves_to(&[&server.address]);
        soon("some load", || {
            let now = load.acknowledged.load(Ordering::Relaxed);
            (now > 300).then_some(())
        });
        // Half a head, half a body, and updates that nobody takes must not hold up the end.
        let event = Request::event(&initiated("half")).bytes();
        let half = |bytes: usize| {
            let mut line = server.line();
            line.say(&event[..bytes]).expect("it is heard");
            line
        };
        let _halves = [half(60), half(event.len() - 10)];
        let _asleep = asleep(&server);
        server.terminate();
        let asked = Instant::now();
        let status = server.ended(Duration::from_secs(10)).expect("it stops");
        let took = asked.elapsed();
        assert!(status.success(), "{status}");
        assert!(took < Duration::from_secs(5), "it took {took:?}");
        let server = world.start();
        load.moves_to(&[&server.address]);
        vec![server]
    })
    .unwrap_or_else(|why| panic!("{why}"));
}

/// A client that follows every call and reads nothing, with as many updates on their way to it as
/// there is room for.
fn asleep(server: &Server) -> Line {
    let mut socket = server.line();
    let upgrade = Request::get("/socket.io/?EIO=4&transport=websocket")
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    assert_eq!(socket.ask(&upgrade).expect("an answer").status, 101);
    for text in ["40", "42[\"subscribe_calls\",{}]"] {
        let length = u8::try_from(text.len()).expect("it is short");
        // The mask of a client's frame may be all zeros.
        let frame = [&[0x81, 0x80 | length, 0, 0, 0, 0], text.as_bytes()].concat();
        socket.say(&frame).expect("it is heard");
    }
    let sent = || {
        let text = server.get("/metrics").text();
        let count = text.lines().find_map(|it| it.strip_prefix("switchboard_updates_sent_total "));
        count.and_then(|count| count.parse::<u64>().ok()).unwrap_or_default()
    };
    let mut batches = 0..;
    soon("no room for a further update", || {
        let before = sent();
        let batch = batches.next().expect("there is always another");
        let call = |n| initiated_in(&format!("{batch}-{n}-{}", "x".repeat(240)), QUEUE);
        let events = (0..300).map(call).collect();
        server.ask(&Request::post("/api/events/batch").json(&Value::Array(events))).is(200);
        thread::sleep(Duration::from_millis(100));
        (0 < before && sent() == before).then_some(())
    });
    socket
}

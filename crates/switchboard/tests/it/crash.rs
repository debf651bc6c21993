//! SIGKILL at random moments under load: what was acknowledged is there, once, and nothing is torn.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    audit::{Log, reconcile},
    load::{Chance, Load},
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
        let servers = then(&load, &mut chance);
        load.stop.store(true, std::sync::atomic::Ordering::Relaxed);
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
        let before = load.acknowledged.load(std::sync::atomic::Ordering::Relaxed);
        soon("events after the last restart", || {
            let now = load.acknowledged.load(std::sync::atomic::Ordering::Relaxed);
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
            let now = load.acknowledged.load(std::sync::atomic::Ordering::Relaxed);
            (now > 300).then_some(())
        });
        // Half a request, which must not hold up the end.
        let mut half = server.line();
        half.say(b"POST /api/events HTTP/1.1\r\nHost: test\r\nContent-Le").expect("it is heard");
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

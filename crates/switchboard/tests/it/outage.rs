//! PostgreSQL crashes under load and comes back: meanwhile everyone is told so, what was acknowledged
//! is there, once, and the server goes on by itself.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use testkit::Postgres;

use crate::{
    crash::{Stop, audited, brisk},
    http::{KEY, Request},
    keys::join,
    say::initiated,
    world::{World, soon},
};

const CRASHES: u32 = 3;

#[test]
fn nothing_acknowledged_is_lost_when_the_database_crashes() {
    if testkit::postgres().is_none() {
        return;
    }
    // The one that tests share does not survive a crash. This one ends with the executable.
    let postgres = Box::leak(Box::new(Postgres::start(&[]).expect("PostgreSQL starts")));
    let world = World::on(postgres);
    let count = audited(&world, |load, chance| {
        let server = world.start();
        brisk(&server);
        load.moves_to(&[&server.address]);
        let health = |status: u16| {
            let health = || server.ask(&Request::get("/health"));
            soon("its health to be told", || (health().status == status).then_some(()));
        };
        for _ in 0..CRASHES {
            thread::sleep(Duration::from_millis(100 + chance.below(400)));
            postgres.crash();
            health(503);
            let refused = server.ask(&Request::event(&initiated("meanwhile"))).is(503);
            assert_eq!(refused["code"], "store_away");
            postgres.recover();
            health(200);
            let before = load.acknowledged.load(Ordering::Relaxed);
            soon("events after the database came back", || {
                let now = load.acknowledged.load(Ordering::Relaxed);
                (before + 50 < now).then_some(())
            });
        }
        vec![server]
    })
    .unwrap_or_else(|why| panic!("{why}"));
    assert!(count > 200, "too little happened: {count}");
}

/// Whether a batch that was under way was recorded is not known in time, so nobody is told of it.
#[test]
fn who_listens_fetches_again_where_it_is_not_known_what_was_recorded() {
    if testkit::postgres().is_none() {
        return;
    }
    let postgres = Box::leak(Box::new(Postgres::start(&[]).expect("PostgreSQL starts")));
    let world = World::on(postgres);
    let server = world.start();
    let path = join(&server, KEY).expect("it may listen");
    let follows = Request::new("POST", &path).body(r#"42["subscribe_alerts"]"#);
    assert_eq!(server.ask(&follows).status, 200);
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for sender in 0..4 {
            let (server, over) = (&server, &over);
            scope.spawn(move || {
                for n in 0.. {
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                    server.ask(&Request::event(&initiated(&format!("{sender}-{n}"))));
                }
            });
        }
        let _stop = Stop(&over);
        thread::sleep(Duration::from_millis(500));
        postgres.crash();
        // It answers with whatever there is, pings included.
        soon("the word to fetch again", || {
            server.get(&path).text().contains("resync").then_some(())
        });
    });
    postgres.recover();
    soon("its health", || (server.ask(&Request::get("/health")).status == 200).then_some(()));
}

#[test]
fn what_is_acknowledged_is_on_disk_though_the_database_is_set_to_be_lazy() {
    if testkit::postgres().is_none() {
        return;
    }
    let lazy = ["synchronous_commit=off", "wal_writer_delay=10s", "wal_writer_flush_after=1GB"];
    let postgres = Box::leak(Box::new(Postgres::start(&lazy).expect("PostgreSQL starts")));
    let server = World::on(postgres).start();
    for n in 0..5 {
        server.record(&initiated(&format!("c{n}")));
    }
    postgres.crash();
    postgres.recover();
    soon("the calls to be shown", || {
        let calls = server.ask(&Request::get("/api/calls"));
        (calls.status == 200).then(|| assert_eq!(calls.json().as_array().map(Vec::len), Some(5)))
    });
}

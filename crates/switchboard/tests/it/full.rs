//! A disk that is full: nothing is acknowledged that was not kept, everyone is told so, and with room
//! again the server goes on by itself.

use std::{process::Command, sync::atomic::Ordering, thread, time::Duration};

use crate::{
    crash::{audited, brisk},
    http::Request,
    say::initiated,
    world::{World, soon},
};

/// Files grow to four megabytes, as if the disk had no more; a write beyond fails like any other.
const SMALL: [&str; 4] = ["sh", "-c", "trap '' XFSZ; ulimit -S -f 8192; exec \"$@\"", "sh"];

#[test]
fn nothing_acknowledged_is_lost_when_the_disk_is_full() {
    let world = World::sqlite();
    let count = audited(&world, |load, _| {
        let server = world.start_with(&[], &SMALL);
        brisk(&server);
        load.moves_to(&[&server.address]);
        let health = |status: u16| {
            let health = || server.ask(&Request::get("/health"));
            soon("its health to be told", || (health().status == status).then_some(()));
        };
        health(503);
        let refused = server.ask(&Request::event(&initiated("meanwhile"))).is(503);
        assert_eq!(refused["code"], "store_away");
        thread::sleep(Duration::from_millis(300));
        let room = ["--fsize=unlimited", "--pid", &server.pid().to_string()];
        assert!(Command::new("prlimit").args(room).status().expect("prlimit runs").success());
        health(200);
        let before = load.acknowledged.load(Ordering::Relaxed);
        soon("events after there is room", || {
            let now = load.acknowledged.load(Ordering::Relaxed);
            (before + 50 < now).then_some(())
        });
        vec![server]
    })
    .unwrap_or_else(|why| panic!("{why}"));
    assert!(count > 200, "too little happened: {count}");
}

//! Takes announcements from the bus to the clients that want them.
//!
//! One task goes round all clients whenever something was announced, so that a burst wakes each
//! client's writer once and not once per announcement. While nothing is announced, it sleeps. Only
//! while a client's buffer is full does it look again by itself.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::watch, time::sleep};

use crate::{
    follower::{Socket, Visit},
    sessions::Shared,
    window::Window,
};

/// How soon a full buffer is looked at again.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(15);

/// A round that takes so long is followed by a rest, in which announcements gather: with thousands
/// of clients going round for each single one would take all of a core.
const WORTH_A_REST: Duration = Duration::from_millis(1);
const REST_MAX: Duration = Duration::from_millis(10);

/// After so many clients, others get a chance to run.
const CLIENTS_AT_ONCE: usize = 32;

/// Goes round for ever, from the head that is known now.
pub(crate) fn start(shared: Arc<Shared>) -> impl Future<Output = ()> + Send {
    let head = shared.bus.follow();
    let window = Window::at_head(&shared.bus);
    run(shared, head, window)
}

async fn run(shared: Arc<Shared>, mut head: watch::Receiver<u64>, mut window: Window) {
    let mut sockets = Vec::new();
    let mut version = 0;
    let mut round = Visit::Done;
    loop {
        wait(&shared, &mut head, round).await;
        let read = window.read(&shared.bus);
        if let Some(first) = window.latest(read).last() {
            let lag = first.published_at.elapsed();
            metrics::histogram!("switchboard_update_lag_seconds").record(lag);
        }
        shared.list(&mut sockets, &mut version);
        let took;
        (round, took) = go_round(&shared, &window, &sockets).await;
        if window.through() < shared.bus.head() {
            round = Visit::More;
        }
        if round == Visit::Done {
            window.clear();
            if WORTH_A_REST <= took {
                sleep(REST_MAX.min(took * 3)).await;
            }
        }
    }
}

async fn wait(shared: &Shared, head: &mut watch::Receiver<u64>, round: Visit) {
    let again = match round {
        Visit::Done => None,
        Visit::Full => Some(LOOK_AGAIN_AFTER),
        Visit::More => {
            tokio::task::yield_now().await;
            return;
        }
    };
    tokio::select! {
        _ = head.changed() => (),
        () = shared.nudged() => (),
        () = sleep(again.unwrap_or_default()), if again.is_some() => (),
    }
}

/// Says how long it took, without what others did in between.
async fn go_round(shared: &Shared, window: &Window, sockets: &[Arc<Socket>]) -> (Visit, Duration) {
    let (mut round, mut took) = (Visit::Done, Duration::ZERO);
    for some in sockets.chunks(CLIENTS_AT_ONCE) {
        let began_at = Instant::now();
        for socket in some {
            round = round.max(shared.visit(socket, Some(window)));
        }
        took += began_at.elapsed();
        tokio::task::yield_now().await;
    }
    (round, took)
}

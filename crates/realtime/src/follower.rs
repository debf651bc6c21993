//! One connected client: its cursor, and what waits for room in its buffer.
//!
//! The transport takes packets into a buffer of fixed length and says no when it is full. We never
//! let it come to that: a heartbeat that finds no room closes the socket. Before anything is sent,
//! some places are reserved and kept empty; when only those are left, the client is slow, and its
//! cursor waits. Nothing is skipped: either the cursor goes on from there, or what it waited for is
//! no longer kept, and the client is told with `resync`.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bus::{Bus, Following};
use contract::Resync;
use engineioxide::{Str, socket::Permit};

use crate::{
    cursor::Cursor,
    keys::Still,
    packet,
    plant::planted,
    rooms::Scope,
    window::{Item, Window},
};

/// The transport's socket, with our client in it.
pub(crate) type Socket = engineioxide::Socket<Follower>;

/// Places in a buffer that are kept for heartbeats and for closing.
pub(crate) const PLACES_KEPT: usize = 8;

/// So many announcements are gone through before it is another client's turn.
const AT_ONCE_MAX: usize = 512;

/// So many answers may wait for a client that does not read.
const ANSWERS_MAX: usize = 2_048;

/// A client's side of a connection.
#[derive(Debug, Default)]
pub(crate) struct Follower(Mutex<State>);

/// What is known of a client.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// It has joined the namespace.
    pub(crate) joined: bool,
    /// Whether the key it came with may still listen, where a key is needed.
    pub(crate) still: Option<Still>,
    /// Its connection has ended; what it sent in the meantime counts no longer.
    pub(crate) is_gone: bool,
    /// What it follows, and how far it has come.
    pub(crate) cursor: Cursor,
    /// The figures it follows, and the agents: they are read while somebody does.
    following: HashMap<Scope, Following>,
    answers: VecDeque<Str>,
    stuck_since: Option<Instant>,
    passed: u64,
}

/// How a visit to a client ended. Later ones are more urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Visit {
    /// It has everything.
    Done,
    /// Its buffer is full.
    Full,
    /// There is more to send, and room.
    More,
}

/// The client is gone, or has not taken anything for too long.
#[derive(Debug)]
pub(crate) struct Gone;

/// How often a client was told to fetch again.
pub(crate) fn resyncs() -> metrics::Counter {
    metrics::counter!("switchboard_resyncs_total", "reason" => "too_slow")
}

impl Follower {
    /// Nobody else touches this client in the meantime.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Has figures and agents read for as long as this client follows them.
    pub(crate) fn follow(&mut self, bus: &Bus, scope: Option<Scope>) {
        if let Some(scope) = scope.filter(|_| !self.is_gone) {
            let following = match &scope {
                Scope::Metrics(queue) => Some(bus.follow_metrics(queue.clone())),
                Scope::Agents => Some(bus.follow_agents()),
                _ => None,
            };
            self.following.extend(following.map(|it| (scope, it)));
        }
        let cursor = &self.cursor;
        self.following.retain(|scope, _| cursor.follows(scope));
    }

    /// The client is gone: nothing is done for it any longer.
    pub(crate) fn go(&mut self) {
        self.is_gone = true;
        self.following.clear();
    }

    /// Queues an answer, to be sent before any further announcement.
    pub(crate) fn answer(&mut self, packet: String) -> Result<(), Gone> {
        if ANSWERS_MAX <= self.answers.len() {
            return Err(Gone);
        }
        self.answers.push_back(packet.into());
        Ok(())
    }

    /// For how long the client has not taken anything though there was something to take.
    pub(crate) fn stuck_for(&mut self) -> Duration {
        self.stuck_since.get_or_insert_with(Instant::now).elapsed()
    }

    /// Sends what there is room for: answers, then what the cursor comes by.
    pub(crate) fn send(
        &mut self,
        socket: &Socket,
        bus: &Bus,
        window: Option<&Window>,
    ) -> Result<Visit, Gone> {
        if let Some(window) = window {
            self.pass_by_unwanted(window);
        }
        let head = window.map_or_else(|| bus.head(), Window::through);
        if self.answers.is_empty() && self.cursor.next_after().is_none_or(|next| head <= next) {
            self.stuck_since = None;
            return Ok(Visit::Done);
        }
        let Some(mut room) = Room::in_buffer_of(socket)? else { return Ok(Visit::Full) };
        let visit = match self.send_into(&mut room, bus, window)? {
            Visit::Done if self.cursor.next_after().is_some_and(|next| next < head) => Visit::More,
            visit => visit,
        };
        if 0 < room.sent {
            self.stuck_since = None;
            metrics::counter!("switchboard_updates_sent_total").increment(room.updates);
        }
        Ok(visit)
    }

    /// Most announcements concern few clients: what is not wanted costs no look at the buffer.
    fn pass_by_unwanted(&mut self, window: &Window) {
        let Some(after) = self.cursor.next_after() else { return };
        for item in window.after(after).into_iter().flatten() {
            let number = item.announcement.number;
            if self.cursor.wants(number, item.announcement.audience()) {
                break;
            }
            self.cursor.pass(number);
            if self.cursor.next_after() != Some(number) {
                break;
            }
        }
    }

    fn send_into(
        &mut self,
        room: &mut Room<'_>,
        bus: &Bus,
        window: Option<&Window>,
    ) -> Result<Visit, Gone> {
        while let Some(answer) = self.answers.front() {
            if !room.send(answer.clone())? {
                return Ok(Visit::Full);
            }
            self.answers.pop_front();
        }
        let Some(after) = self.cursor.next_after() else { return Ok(Visit::Done) };
        if let Some(items) = window.and_then(|window| window.after(after)) {
            return self.send_all(room, items);
        }
        if let Ok(news) = bus.after(after, AT_ONCE_MAX) {
            let items: Vec<_> = news.into_iter().map(Item::from).collect();
            return self.send_all(room, items.iter());
        }
        let head = bus.head();
        let resync = Resync { position: bus.position(head), reason: "too_slow".to_owned() };
        if !room.send(packet::emit("resync", &resync).into())? {
            return Ok(Visit::Full);
        }
        self.cursor.restart(head);
        resyncs().increment(1);
        Ok(Visit::More)
    }

    fn send_all<'a>(
        &mut self,
        room: &mut Room<'_>,
        items: impl Iterator<Item = &'a Item>,
    ) -> Result<Visit, Gone> {
        for (gone_through, item) in items.enumerate() {
            let number = item.announcement.number;
            // A recovery that ends where the others are leaps over what they have been through.
            if self.cursor.next_after() != Some(number - 1) || gone_through == AT_ONCE_MAX {
                return Ok(Visit::More);
            }
            if self.cursor.wants(number, item.announcement.audience()) && !self.is_dropped() {
                if !room.send(item.packet())? {
                    return Ok(Visit::Full);
                }
                room.updates += 1;
            }
            self.cursor.pass(number);
        }
        Ok(Visit::Done)
    }

    fn is_dropped(&mut self) -> bool {
        self.passed += 1;
        planted("dropped_packet") && self.passed.is_multiple_of(500)
    }
}

/// Room in a buffer, without the places that are kept.
struct Room<'a> {
    socket: &'a Socket,
    _kept: Vec<Permit<'a>>,
    sent: u64,
    updates: u64,
}

impl<'a> Room<'a> {
    fn in_buffer_of(socket: &'a Socket) -> Result<Option<Self>, Gone> {
        let mut kept = Vec::with_capacity(PLACES_KEPT);
        for _ in 0..PLACES_KEPT {
            match socket.reserve() {
                Ok(place) => kept.push(place),
                Err(_) if socket.is_closed() => return Err(Gone),
                Err(_) => return Ok(None),
            }
        }
        Ok(Some(Self { socket, _kept: kept, sent: 0, updates: 0 }))
    }

    fn send(&mut self, packet: Str) -> Result<bool, Gone> {
        match self.socket.reserve() {
            Ok(place) => place.emit(packet),
            Err(_) if self.socket.is_closed() => return Err(Gone),
            Err(_) => return Ok(false),
        }
        self.sent += 1;
        Ok(true)
    }
}

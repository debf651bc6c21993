//! Who is connected, and what happens when they send something.
//!
//! The transport hands over packets in the order they came and calls us in the task that read them.
//! A command is carried out right there, under the client's lock: commands of one client cannot
//! overtake each other, and an answer is queued before anything that follows from it.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
};

use axum::body::Bytes;
use bus::Bus;
use contract::Subscribed;
use engineioxide::{DisconnectReason, Str, handler::EngineIoHandler, socket::Sid};
use serde_json::Value;
use tokio::{sync::Notify, time::sleep};

use crate::{
    command::{Command, Refused},
    follower::{Follower, Gone, Socket, State, Visit},
    keys::Still,
    packet::{self, Broken, Packet},
    settings::Settings,
    window::Window,
};

/// What connections and the pump share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) bus: Arc<Bus>,
    pub(crate) settings: Settings,
    sessions: Mutex<HashMap<Sid, Arc<Socket>>>,
    /// Grows whenever somebody comes or goes.
    version: AtomicU64,
    joined: AtomicUsize,
    is_closing: AtomicBool,
    nudge: Notify,
}

impl Shared {
    pub(crate) fn new(bus: Arc<Bus>, settings: Settings) -> Self {
        Self {
            bus,
            settings,
            sessions: Mutex::default(),
            version: AtomicU64::new(0),
            joined: AtomicUsize::new(0),
            is_closing: AtomicBool::new(false),
            nudge: Notify::new(),
        }
    }

    /// How many clients have joined.
    pub(crate) fn joined(&self) -> usize {
        self.joined.load(Ordering::Relaxed)
    }

    /// Whether another session may begin.
    pub(crate) fn has_room(&self) -> bool {
        !self.is_closing.load(Ordering::SeqCst) && self.sessions().len() < self.settings.sockets_max
    }

    /// Lets nobody in any longer, and says who is there.
    pub(crate) fn close(&self) -> Vec<Arc<Socket>> {
        self.is_closing.store(true, Ordering::SeqCst);
        self.sessions().values().cloned().collect()
    }

    /// Brings a list of all sockets up to date.
    pub(crate) fn list(&self, sockets: &mut Vec<Arc<Socket>>, version: &mut u64) {
        let current = self.version.load(Ordering::Acquire);
        if *version != current {
            *version = current;
            sockets.clear();
            sockets.extend(self.sessions().values().cloned());
        }
    }

    /// Cuts off whoever came with a key that may listen no longer. They come back by themselves, and
    /// are then told that the key is not one.
    pub(crate) fn recheck(&self) {
        let sockets = self.sessions().values().cloned().collect::<Vec<_>>();
        for socket in sockets {
            let still = socket.data.lock().still.as_ref().is_none_or(Still::may_read);
            if !still {
                self.cut_off(&socket, DisconnectReason::TransportClose);
            }
        }
    }

    /// Waits until a client has more to come than it could be sent.
    pub(crate) async fn nudged(&self) {
        self.nudge.notified().await;
    }

    /// Sends a client what there is room for.
    pub(crate) fn visit(&self, socket: &Socket, window: Option<&Window>) -> Visit {
        let mut state = socket.data.lock();
        let visit = state.send(socket, &self.bus, window);
        let is_stuck =
            matches!(visit, Ok(Visit::Full)) && self.settings.stuck_for_max < state.stuck_for();
        drop(state);
        match visit {
            Ok(visit) if !is_stuck => visit,
            _ => {
                self.cut_off(socket, DisconnectReason::TransportError);
                Visit::Done
            }
        }
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<Sid, Arc<Socket>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget(&self, socket: &Socket) {
        if self.sessions().remove(&socket.id).is_some() {
            self.version.fetch_add(1, Ordering::Release);
        }
        let mut state = socket.data.lock();
        state.go();
        if std::mem::take(&mut state.joined) {
            self.joined.fetch_sub(1, Ordering::Relaxed);
            metrics::gauge!("switchboard_sockets").decrement(1);
        }
    }

    fn cut_off(&self, socket: &Socket, reason: DisconnectReason) {
        self.forget(socket);
        socket.close(reason);
    }

    fn receive(&self, text: &str, socket: &Socket) -> Result<(), Ending> {
        let mut state = socket.data.lock();
        match Packet::read(text)? {
            Packet::Connect { namespace, auth } => {
                self.join(namespace, auth, &mut state, socket)?;
            }
            Packet::Disconnect => return Err(Ending::Left),
            Packet::Event { .. } | Packet::Ack if !state.joined => return Err(Ending::Broken),
            Packet::Event { name, arguments, ack } => {
                let answer = self.carry_out(&name, &arguments, &mut state);
                if let Some(id) = ack {
                    state.answer(match answer {
                        Ok(subscribed) => packet::ack(id, &subscribed),
                        Err(refused) => packet::ack(id, &refused),
                    })?;
                }
            }
            Packet::Ack => (),
        }
        if state.send(socket, &self.bus, None)? != Visit::Done {
            self.nudge.notify_one();
        }
        Ok(())
    }

    fn join(
        &self,
        namespace: &str,
        auth: &str,
        state: &mut State,
        socket: &Socket,
    ) -> Result<(), Gone> {
        if namespace != packet::ROOT {
            return state.answer(packet::refused(namespace, "Invalid namespace"));
        }
        if state.joined || state.is_gone {
            return Ok(());
        }
        if let Some(check) = &self.settings.may_read {
            let Some(still) = check.admits(auth) else {
                return state.answer(packet::refused(namespace, "Unauthorized"));
            };
            state.still = Some(still);
        }
        state.joined = true;
        self.joined.fetch_add(1, Ordering::Relaxed);
        metrics::gauge!("switchboard_sockets").increment(1);
        state.answer(packet::connected(socket.id.as_str()))
    }

    fn carry_out(
        &self,
        name: &str,
        arguments: &[Value],
        state: &mut State,
    ) -> Result<Subscribed, Refused> {
        let head = self.bus.head();
        // What was missed comes after the answer, so until then the client is where it was.
        let mut position = head;
        let recovered = match Command::read(name, arguments)? {
            Command::Subscribe { scope, after } => {
                let after = after.and_then(|after| self.readable(&after));
                let followed = scope.clone();
                let recovered =
                    state.cursor.subscribe(scope, after, head, &self.settings.interest)?;
                state.follow(&self.bus, Some(followed));
                position = after.filter(|_| recovered).unwrap_or(head);
                recovered
            }
            Command::Unsubscribe(scope) => {
                state.cursor.unsubscribe(&scope);
                state.follow(&self.bus, None);
                false
            }
            Command::UnsubscribeCalls => {
                state.cursor.unsubscribe_calls();
                false
            }
            Command::UnsubscribeMetrics => {
                state.cursor.unsubscribe_metrics();
                state.follow(&self.bus, None);
                false
            }
        };
        Ok(Subscribed { position: self.bus.position(position), recovered })
    }

    /// The number of a position, where everything after it can still be read.
    fn readable(&self, position: &str) -> Option<u64> {
        let number = self.bus.number(position)?;
        self.bus.after(number, 0).is_ok().then_some(number)
    }
}

/// Why a connection ends.
#[derive(Debug)]
enum Ending {
    Left,
    Broken,
    Gone,
}

impl From<Broken> for Ending {
    fn from(Broken: Broken) -> Self {
        Self::Broken
    }
}

impl From<Gone> for Ending {
    fn from(Gone: Gone) -> Self {
        Self::Gone
    }
}

impl EngineIoHandler for Shared {
    type Data = Follower;

    fn on_connect(self: Arc<Self>, socket: Arc<Socket>) {
        self.sessions().insert(socket.id, socket.clone());
        self.version.fetch_add(1, Ordering::Release);
        if self.is_closing.load(Ordering::SeqCst) {
            self.cut_off(&socket, DisconnectReason::ClosingServer);
            return;
        }
        let late = Arc::downgrade(&socket);
        tokio::spawn(async move {
            sleep(self.settings.join_within).await;
            if let Some(socket) = late.upgrade().filter(|socket| !socket.data.lock().joined) {
                self.cut_off(&socket, DisconnectReason::TransportClose);
            }
        });
    }

    fn on_disconnect(&self, socket: Arc<Socket>, _reason: DisconnectReason) {
        self.forget(&socket);
    }

    fn on_message(self: &Arc<Self>, text: Str, socket: Arc<Socket>) {
        let reason = match self.receive(&text, &socket) {
            Ok(()) => return,
            Err(Ending::Left) => DisconnectReason::TransportClose,
            Err(Ending::Broken) => DisconnectReason::PacketParsingError,
            Err(Ending::Gone) => DisconnectReason::TransportError,
        };
        self.cut_off(&socket, reason);
    }

    /// No command takes binary; see [`packet`].
    fn on_binary(self: &Arc<Self>, _data: Bytes, _socket: Arc<Socket>) {}
}

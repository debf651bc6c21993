//! Clients that keep a server busy, and never give up on an event before they know its fate.

use std::{
    hash::{BuildHasher, RandomState},
    io,
    sync::{
        RwLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    audit::Log,
    http::{Answer, Line, Request},
    say::{answered, attended, ended, held, initiated_in, resumed, routed, with},
};

/// Chance that can be repeated: xorshift.
pub(crate) struct Chance(u64);

impl Chance {
    /// From `TEST_SEED`, else new. Either way the seed is printed.
    pub(crate) fn new() -> Self {
        let given = std::env::var("TEST_SEED").ok().and_then(|it| it.parse().ok());
        let seed = given.unwrap_or_else(|| RandomState::new().hash_one("seed"));
        eprintln!("TEST_SEED={seed} repeats this");
        Self(seed | 1)
    }

    pub(crate) fn fork(&mut self) -> Self {
        Self(self.below(u64::MAX) | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// What clients share.
pub(crate) struct Load<'a> {
    /// Where the server is now; it moves when it is started again.
    pub(crate) addresses: RwLock<Vec<String>>,
    pub(crate) stop: AtomicBool,
    pub(crate) acknowledged: AtomicUsize,
    log: &'a Log,
    queue: &'a str,
}

impl<'a> Load<'a> {
    pub(crate) fn new(log: &'a Log, queue: &'a str) -> Self {
        Self {
            addresses: RwLock::default(),
            stop: AtomicBool::new(false),
            acknowledged: AtomicUsize::new(0),
            log,
            queue,
        }
    }

    pub(crate) fn moves_to(&self, addresses: &[&str]) {
        let addresses = addresses.iter().map(|&it| it.to_owned()).collect();
        *self.addresses.write().expect("no panic") = addresses;
    }

    /// One client: call after call, until it is told to stop. A call that goes wrong is left, and the
    /// first that did is told at the end.
    pub(crate) fn client(&self, name: usize, mut chance: Chance) -> Result<(), String> {
        let (mut line, mut done) = (None, Ok(()));
        for number in 0.. {
            let call = format!("load-{name}-{number}");
            let mut status = "new";
            for step in 0.. {
                if self.stop.load(Ordering::Relaxed) {
                    return done;
                }
                if status == "ended" {
                    break;
                }
                let event;
                (status, event) = next(status, &call, self.queue, &mut chance);
                let key = format!("{call}-{step}");
                let delivered = self.deliver(&mut line, &mut chance, &key, &event);
                if delivered.is_err() {
                    done = done.and(delivered);
                    break;
                }
            }
        }
        done
    }

    /// Sends an event again and again under one key, until it is acknowledged: nothing is under way
    /// once the clients have stopped.
    fn deliver(
        &self,
        line: &mut Option<Line>,
        chance: &mut Chance,
        key: &str,
        event: &Value,
    ) -> Result<(), String> {
        let request = Request::event(event).key(key);
        for _ in 0..2_000 {
            match self.attempt(line, chance, &request) {
                Ok(answer) if answer.status == 201 => {
                    self.log.note(key, &answer.json());
                    self.acknowledged.fetch_add(1, Ordering::Relaxed);
                    return Ok(());
                }
                Ok(answer) if answer.status == 503 => {}
                Ok(answer) => return Err(format!("{event} was answered with {}", answer.text())),
                Err(_) => *line = None,
            }
            thread::sleep(Duration::from_millis(5));
        }
        Err(format!("never acknowledged: {event}"))
    }

    fn attempt(
        &self,
        line: &mut Option<Line>,
        chance: &mut Chance,
        request: &Request,
    ) -> io::Result<Answer> {
        if line.is_none() {
            let addresses = self.addresses.read().expect("no panic").clone();
            let count = u64::try_from(addresses.len()).unwrap_or(1).max(1);
            let at = usize::try_from(chance.below(count)).unwrap_or(0);
            let address = addresses.get(at).ok_or(io::ErrorKind::NotConnected)?;
            *line = Some(Line::to(address)?);
        }
        line.as_mut().expect("it was just made").ask(request)
    }
}

/// What happens next in a call, and its status then.
fn next(status: &str, call: &str, queue: &str, chance: &mut Chance) -> (&'static str, Value) {
    match (status, chance.below(6)) {
        ("new", _) => ("waiting", initiated_in(call, queue)),
        ("waiting", 0..3) => ("waiting", routed(call, &format!("agent-{}", chance.below(5)))),
        // The clock alone judges waits and holds here.
        ("waiting", _) => ("active", with(answered(call), &json!({ "waitTime": 0 }))),
        ("active", 0..2) => ("on_hold", with(held(call), &json!({ "holdDuration": 0 }))),
        ("active", 2) => {
            let kind = json!({ "kind": "blind", "queueId": queue, "agentId": "eva" });
            ("waiting", with(attended(call), &kind))
        }
        ("active", 3) => ("active", attended(call)),
        ("on_hold", 0..4) => ("active", resumed(call)),
        _ => ("ended", ended(call)),
    }
}

//! A wire between a client and a server that can be cut at the worst moment.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread::spawn,
};

/// When a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Before the server hears the words.
    Unheard,
    /// After the server answered them, and before the client hears the answer.
    Unanswered,
    /// Neither hears the other any more, and neither is told.
    Silent,
}

/// Forwards every connection to a server, until it is told to cut one.
pub struct Wire {
    port: u16,
    plan: Arc<Mutex<Option<Plan>>>,
}

struct Plan {
    words: Vec<u8>,
    cut: Cut,
}

impl Wire {
    /// A wire to the server at 127.0.0.1.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let at = listener.local_addr().expect("it has an address").port();
        let plan = Arc::new(Mutex::default());
        let shared = Arc::clone(&plan);
        spawn(move || {
            for client in listener.incoming().flatten() {
                if let Ok(server) = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))) {
                    forward(client, server, &shared);
                }
            }
        });
        Self { port: at, plan }
    }

    /// The port to connect to instead of the server's.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts the next connection on which a client says the words, once.
    pub fn cut(&self, words: &[u8], cut: Cut) {
        let plan = Plan { words: words.to_owned(), cut };
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner) = Some(plan);
    }

    /// Whether the words were said since.
    pub fn was_cut(&self) -> bool {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

/// What the two directions of a connection know of its end.
#[derive(Default)]
struct Ends {
    /// The server's next words are the last thing that happens.
    unanswered: bool,
    silent: bool,
}

fn forward(client: TcpStream, server: TcpStream, plan: &Arc<Mutex<Option<Plan>>>) {
    let ends = Arc::new(Mutex::new(Ends::default()));
    let (plan, ends_too) = (Arc::clone(plan), Arc::clone(&ends));
    let (Ok(client_too), Ok(server_too)) = (client.try_clone(), server.try_clone()) else { return };
    spawn(move || {
        each(&client, &server, |said| {
            let mut plan = plan.lock().unwrap_or_else(PoisonError::into_inner);
            let mut ends = ends.lock().unwrap_or_else(PoisonError::into_inner);
            match plan.take_if(|plan| said.windows(plan.words.len()).any(|it| it == plan.words)) {
                Some(Plan { cut: Cut::Unheard, .. }) => return Then::Cut,
                Some(Plan { cut: Cut::Unanswered, .. }) => ends.unanswered = true,
                Some(Plan { cut: Cut::Silent, .. }) => ends.silent = true,
                None => {}
            }
            if ends.silent { Then::Drop } else { Then::Pass }
        });
    });
    spawn(move || {
        each(&server_too, &client_too, |_| {
            let ends = ends_too.lock().unwrap_or_else(PoisonError::into_inner);
            match *ends {
                Ends { unanswered: true, .. } => Then::Cut,
                Ends { silent: true, .. } => Then::Drop,
                Ends { .. } => Then::Pass,
            }
        });
    });
}

enum Then {
    Pass,
    Drop,
    Cut,
}

fn each(mut from: &TcpStream, mut to: &TcpStream, mut decide: impl FnMut(&[u8]) -> Then) {
    let mut buffer = vec![0; 65_536];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let said = &buffer[..length];
        match decide(said) {
            Then::Pass if to.write_all(said).is_ok() => {}
            Then::Drop => {}
            Then::Pass | Then::Cut => break,
        }
    }
    // Both ends hear of it; one that is gone already need not.
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

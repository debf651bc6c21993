//! The accept loop: bounded connections, a time-out for request heads, no delay for small frames,
//! and an end that does not wait for ever.

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};
use tokio_io_timeout::TimeoutStream;
use tracing::{debug, warn};

/// Whoever takes nothing of what is sent to them for so long is hung up on.
const READ_WITHIN: Duration = Duration::from_mins(1);

/// Limits of the connections.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) connections_max: u32,
    pub(crate) headers_within: Duration,
}

/// A server that listens.
pub(crate) struct Listening {
    pub(crate) address: SocketAddr,
    stopping: watch::Sender<bool>,
    open: Arc<Semaphore>,
    connections_max: u32,
}

/// Begins to listen.
pub(crate) async fn start(
    address: SocketAddr,
    router: Router,
    limits: Limits,
) -> Result<Listening, String> {
    let listener = TcpListener::bind(address).await.map_err(|error| {
        format!("cannot listen on {address}: {error}; set PORT or --port to another port")
    })?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let stopping = watch::Sender::new(false);
    let open = Arc::new(Semaphore::new(limits.connections_max as usize));
    let accepting = Accepting {
        listener,
        router,
        headers_within: limits.headers_within,
        open: Arc::clone(&open),
        stopping: stopping.subscribe(),
    };
    tokio::spawn(accepting.run());
    Ok(Listening { address, stopping, open, connections_max: limits.connections_max })
}

struct Accepting {
    listener: TcpListener,
    router: Router,
    headers_within: Duration,
    open: Arc<Semaphore>,
    stopping: watch::Receiver<bool>,
}

impl Accepting {
    async fn run(self) {
        let mut stopping = self.stopping.clone();
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(self.headers_within);
        // What was sent whole is served, though the client hung up before it was read.
        http.half_close(true);
        loop {
            let accepted = tokio::select! {
                accepted = self.accept() => accepted,
                _ = stopping.changed() => return,
            };
            match accepted {
                Ok((stream, permit)) => {
                    let (http, router) = (http.clone(), self.router.clone());
                    tokio::spawn(serve(http, stream, router, self.stopping.clone(), permit));
                }
                Err(error) => {
                    // No file descriptors left, mostly: others will close some.
                    warn!(%error, "A connection could not be accepted: {error}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    async fn accept(&self) -> std::io::Result<(TcpStream, OwnedSemaphorePermit)> {
        let permit = Arc::clone(&self.open).acquire_owned().await.map_err(std::io::Error::other)?;
        let (stream, _) = self.listener.accept().await?;
        Ok((stream, permit))
    }
}

async fn serve(
    http: http1::Builder,
    stream: TcpStream,
    router: Router,
    mut stopping: watch::Receiver<bool>,
    permit: OwnedSemaphorePermit,
) {
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "A connection may be slow: {error}");
    }
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(READ_WITHIN));
    let connection = http
        .serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(router))
        .with_upgrades();
    let mut connection = pin!(connection);
    let done = tokio::select! {
        done = connection.as_mut() => done,
        _ = stopping.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = done {
        debug!(%error, "A connection ended early: {error}");
    }
    drop(permit);
}

impl Listening {
    /// Accepts nothing more and lets what is under way finish, for at most so long.
    pub(crate) async fn stop(self, within: Duration) {
        self.stopping.send_replace(true);
        if tokio::time::timeout(within, self.open.acquire_many(self.connections_max)).await.is_err()
        {
            warn!("Some requests did not finish within {} s", within.as_secs());
        }
    }
}

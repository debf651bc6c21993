//! How the process is told to stop.

use tokio::signal::unix::{SignalKind, signal};

use crate::logs;

/// Listens for signals from now on. The returned future ends at the first SIGTERM or SIGINT; the
/// second ends the process at once. What was acknowledged is on disk either way.
pub(crate) fn listen() -> Result<impl Future<Output = ()>, String> {
    let failed = |error: std::io::Error| format!("cannot listen for signals: {error}");
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut told = async move || {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    Ok(async move {
        told().await;
        tokio::spawn(async move {
            told().await;
            tracing::warn!("Asked to stop twice: stopping at once");
            logs::flush();
            std::process::exit(1);
        });
    })
}

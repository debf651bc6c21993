//! The log, on standard error: readable or JSON.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// Starts logging. A filter that cannot be read is refused with a sentence.
pub(crate) fn start(level: &str, format: LogFormat) -> Result<(), String> {
    let filter = EnvFilter::try_new(level)
        .map_err(|error| format!("LOG_LEVEL `{level}` cannot be read: {error}"))?;
    // Its own complaint, that a line could not be written, would go where the line went, and panic when
    // that fails too: on a full disk, or where nobody reads any more, the log is silent instead.
    let logs = tracing_subscriber::fmt().with_env_filter(filter).log_internal_errors(false);
    let logs = logs.with_writer(std::io::stderr);
    match format {
        LogFormat::Text => {
            logs.with_target(false).with_ansi(std::io::stderr().is_terminal()).init();
        }
        LogFormat::Json => logs.json().flatten_event(true).init(),
    }
    Ok(())
}

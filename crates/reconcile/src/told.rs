//! What a client was told, as it was kept on disk.

use std::{fs, path::Path};

use serde::Deserialize;
use serde_json::Value;

/// One event that was acknowledged.
#[derive(Clone, Debug, Deserialize)]
pub struct Told {
    /// The key under which it was sent.
    pub key: String,
    /// The event, as it was answered.
    pub event: Value,
}

impl Told {
    /// Reads a log: an acknowledgement a line, `{"key": …, "event": …}`.
    pub fn read(log: &Path) -> Result<Vec<Self>, String> {
        let name = log.display();
        let text = fs::read_to_string(log)
            .map_err(|error| format!("the log {name} cannot be read: {error}"))?;
        let told = text.lines().zip(1..).map(|(line, n)| {
            serde_json::from_str(line).map_err(|error| {
                format!(
                    "line {n} of the log {name} is no acknowledgement, \
                     {{\"key\": …, \"event\": …}}: {error}"
                )
            })
        });
        told.collect()
    }
}

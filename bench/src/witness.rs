//! A stock Socket.IO client that listens as one more: our own reader could be wrong in the same way as
//! the server, and this one cannot.
//!
//! It is a process of Node's, so its delays are those of its machine as well: when it collects its
//! garbage, it hears later.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::http::Target;
use crate::npm;

/// The process; it ends when this is dropped.
#[derive(Debug)]
pub struct Witness {
    _process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    clocks: Clocks,
}

/// What a line of the witness says.
#[derive(Clone, Debug)]
pub enum Testimony {
    Update { call_id: String, seq: usize, at: Instant },
    Resync,
}

impl Witness {
    /// Starts the client in `folder` and waits until it follows the queue.
    pub async fn follow(folder: &Path, target: &Target, queue: &str) -> Result<Self> {
        npm::install(folder).await?;
        let clocks = Clocks::read();
        let mut command = Command::new("node");
        command.args(["witness.mjs", &format!("http://{}", target.addr), queue]);
        command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().context("cannot start the witness")?;
        let output = process.stdout.take().context("the witness has no output")?;
        let mut witness = Self { _process: process, lines: BufReader::new(output).lines(), clocks };
        match witness.line().await?.as_str() {
            "\"subscribed\"" => Ok(witness),
            line => bail!("the witness begins with `{line}`"),
        }
    }

    /// What it heard next. Safe to drop while it waits.
    pub async fn next(&mut self) -> Result<Testimony> {
        let line = self.line().await?;
        if line == "\"resync\"" {
            return Ok(Testimony::Resync);
        }
        let (call_id, seq, at_ms) =
            serde_json::from_str(&line).with_context(|| format!("the witness says `{line}`"))?;
        Ok(Testimony::Update { call_id, seq, at: self.clocks.instant(at_ms) })
    }

    async fn line(&mut self) -> Result<String> {
        self.lines.next_line().await?.context("the witness has ended")
    }
}

/// The same moment by the clock of this process and by the wall's, which other processes see too.
#[derive(Clone, Copy, Debug)]
struct Clocks {
    instant: Instant,
    wall: Duration,
}

impl Clocks {
    #[expect(
        clippy::disallowed_methods,
        reason = "another process tells moments by the machine's clock"
    )]
    fn read() -> Self {
        let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { instant: Instant::now(), wall }
    }

    /// A moment that the wall's clock showed after these were read.
    fn instant(self, wall_ms: f64) -> Instant {
        self.instant + Duration::from_secs_f64(wall_ms / 1_000.0).saturating_sub(self.wall)
    }
}

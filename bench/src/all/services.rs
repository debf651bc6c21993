//! The other processes of a run, each on a free port, each with a log in the work folder.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use crate::http::{self, Target};
use crate::{npm, rss};

/// The key every service of a run is started with.
const KEY: &str = "bench-key";

pub(super) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// A child that ends with us, whatever happens.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    pub(super) fn spawn(mut command: Command, name: &str, work_dir: &Path) -> Result<Self> {
        let log = work_dir.join(format!("{name}.log"));
        let output = File::options().create(true).append(true).open(&log)?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).kill_on_drop(true);
        let child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        Ok(Self { child, log })
    }

    pub(super) fn log(&self) -> &Path {
        &self.log
    }

    /// Sends the signal and waits; who does not end in time is killed.
    pub(super) async fn stop(mut self, signal: &str) -> Result<()> {
        if let Some(pid) = self.child.id() {
            Command::new("sh").args(["-c", &format!("kill -{signal} {pid}")]).status().await?;
        }
        if timeout(Duration::from_secs(20), self.child.wait()).await.is_err() {
            self.child.kill().await?;
        }
        Ok(())
    }

    /// Waits until the service answers, or says what its log ends with.
    async fn wait_for(&mut self, target: &Target, path: &str) -> Result<()> {
        let until = Instant::now() + Duration::from_secs(60);
        while http::once(target, "GET", path, b"").await.is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("ended with {status}: {}", end_of(&self.log));
            }
            ensure!(Instant::now() < until, "does not answer: {}", end_of(&self.log));
            sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }
}

fn end_of(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(5)..].join("; ")
}

/// The server under measurement, with what it takes to start it again on the same data.
#[derive(Debug)]
pub(super) struct Switchboard {
    launch: Launch,
    process: Process,
    target: Target,
}

#[derive(Clone, Debug)]
pub(super) struct Launch {
    pub(super) name: &'static str,
    pub(super) server: PathBuf,
    pub(super) work_dir: PathBuf,
    /// PostgreSQL, where that is measured; otherwise the data is in the folder
    pub(super) database_url: Option<String>,
    /// Whose midnight begins the day, where it matters
    pub(super) time_zone: Option<String>,
}

impl Launch {
    fn data(&self) -> PathBuf {
        self.work_dir.join(self.name)
    }

    fn spawn(&self, port: u16) -> Result<Process> {
        let mut command = Command::new(&self.server);
        command.arg("serve").arg("--data").arg(self.data());
        command.env("PORT", port.to_string()).env("API_KEY", KEY).env("LOG_LEVEL", "warn");
        command.env_remove("REDIS_URL").env_remove("DATABASE_URL").env_remove("READ_KEY");
        if let Some(url) = &self.database_url {
            command.env("DATABASE_URL", url);
        }
        if let Some(zone) = &self.time_zone {
            command.env("TIME_ZONE", zone);
        }
        Process::spawn(command, self.name, &self.work_dir)
    }

    pub(super) async fn start(self) -> Result<Switchboard> {
        fs::create_dir_all(self.data())?;
        let port = free_port()?;
        let target = Target::new(&format!("http://127.0.0.1:{port}"), KEY)?;
        let mut process = self.spawn(port)?;
        process.wait_for(&target, "/health").await?;
        Ok(Switchboard { launch: self, process, target })
    }
}

impl Switchboard {
    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// Stops and starts again on the same port and data; says how long until it was ready.
    pub(super) async fn restart(self) -> Result<(Self, Duration)> {
        let Self { launch, process, target } = self;
        process.stop("TERM").await?;
        let begun = Instant::now();
        let mut process = launch.spawn(target.addr.port())?;
        process.wait_for(&target, "/health").await?;
        Ok((Self { launch, process, target }, begun.elapsed()))
    }

    pub(super) async fn stop(self) -> Result<()> {
        self.process.stop("TERM").await
    }

    /// Stops and removes the data.
    pub(super) async fn discard(self) -> Result<()> {
        let data = self.launch.data();
        self.stop().await?;
        Ok(fs::remove_dir_all(data)?)
    }

    pub(super) fn resident_mebibytes(&self) -> Result<f64> {
        let pid = self.process.child.id().context("the server has ended")?;
        Ok(rss::run(&rss::Options { pid })?.mebibytes)
    }
}

#[derive(Debug)]
pub(super) struct Redis {
    process: Process,
    port: u16,
}

impl Redis {
    pub(super) async fn start(work_dir: &Path) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new("redis-server");
        command
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"])
            .arg(work_dir);
        let process = Process::spawn(command, "redis", work_dir)?;
        let until = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            ensure!(
                Instant::now() < until,
                "Redis does not start; see {}",
                process.log().display()
            );
            sleep(Duration::from_millis(50)).await;
        }
        Ok(Self { process, port })
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(super) async fn stop(self) -> Result<()> {
        self.process.stop("TERM").await
    }
}

/// The usual Node service.
#[derive(Debug)]
pub(super) struct Baseline {
    process: Process,
    target: Target,
}

impl Baseline {
    pub(super) async fn start(
        folder: &Path,
        database_url: &str,
        redis: &Redis,
        work_dir: &Path,
    ) -> Result<Self> {
        npm::install(folder).await?;
        let port = free_port()?;
        let target = Target::new(&format!("http://127.0.0.1:{port}"), KEY)?;
        let mut command = Command::new("node");
        command.arg("server.mjs").current_dir(folder);
        command.env("NODE_ENV", "production").env("PORT", port.to_string()).env("API_KEY", KEY);
        command.env("DATABASE_URL", database_url).env("REDIS_URL", redis.url());
        let mut process = Process::spawn(command, "baseline-node", work_dir)?;
        process.wait_for(&target, "/health").await?;
        Ok(Self { process, target })
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    pub(super) async fn stop(self) -> Result<()> {
        self.process.stop("TERM").await
    }
}

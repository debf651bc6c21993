//! A private PostgreSQL in a folder of its own, with the durability it has by default.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::process::Command;
use tokio::time::{Instant, sleep};

use super::services::{Process, free_port};

#[derive(Debug)]
pub(super) struct Postgres {
    programs: PathBuf,
    port: u16,
    process: Process,
}

/// More room than the defaults, for both services alike; nothing that loosens durability.
const SETTINGS: [&str; 4] = [
    "listen_addresses=127.0.0.1",
    "max_connections=200",
    "shared_buffers=512MB",
    "max_wal_size=4GB",
];

impl Postgres {
    pub(super) async fn start(work_dir: &Path) -> Result<Self> {
        let programs = find_programs()?;
        let data = work_dir.join("postgres");
        if data.exists() {
            // Of a section before this one, which has stopped it.
            fs::remove_dir_all(&data)?;
        }
        let owner = owner_for(&data)?;
        let initdb = as_owner(&programs.join("initdb"), owner)
            .args([
                "--username=postgres",
                "--auth=trust",
                "--locale=C",
                "--encoding=UTF8",
                "--pgdata",
            ])
            .arg(&data)
            .output()
            .await?;
        ensure!(initdb.status.success(), "initdb: {}", String::from_utf8_lossy(&initdb.stderr));
        let port = free_port()?;
        let mut command = as_owner(&programs.join("postgres"), owner);
        command.arg("-D").arg(&data).arg("-k").arg(&data).args(["-p", &port.to_string()]);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        let process = Process::spawn(command, "postgres", work_dir)?;
        let postgres = Self { programs, port, process };
        postgres.wait_until_ready().await?;
        Ok(postgres)
    }

    pub(super) fn url(&self, database: &str) -> String {
        format!("postgresql://postgres@127.0.0.1:{}/{database}", self.port)
    }

    pub(super) async fn create(&self, database: &str) -> Result<()> {
        self.execute("postgres", &format!("create database {database}")).await
    }

    /// Tidies up now, so that it does not happen in the middle of a measurement.
    pub(super) async fn settle(&self, database: &str) -> Result<()> {
        self.execute(database, "vacuum analyze").await?;
        self.execute(database, "checkpoint").await
    }

    pub(super) async fn execute(&self, database: &str, sql: &str) -> Result<()> {
        let output = Command::new(self.programs.join("psql"))
            .args([
                "--quiet",
                "--no-psqlrc",
                "--set=ON_ERROR_STOP=1",
                "--dbname",
                &self.url(database),
                "--command",
                sql,
            ])
            .output()
            .await?;
        ensure!(output.status.success(), "psql: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// Stops at once, without waiting for clients.
    pub(super) async fn stop(self) -> Result<()> {
        self.process.stop("INT").await
    }

    async fn wait_until_ready(&self) -> Result<()> {
        let until = Instant::now() + Duration::from_secs(20);
        while self.execute("postgres", "select 1").await.is_err() {
            ensure!(
                Instant::now() < until,
                "PostgreSQL does not start; see {}",
                self.process.log().display()
            );
            sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }
}

/// The newest installed version's programs, or those on the path.
fn find_programs() -> Result<PathBuf> {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let installed = installed.map(|version| version.path().join("bin"));
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let on_path: Vec<PathBuf> = std::env::split_paths(&on_path).collect();
    let has_initdb = |folder: &PathBuf| folder.join("initdb").exists();
    let version =
        |folder: &PathBuf| -> Option<u32> { folder.parent()?.file_name()?.to_str()?.parse().ok() };
    installed
        .filter(has_initdb)
        .max_by_key(version)
        .or_else(|| on_path.into_iter().find(has_initdb))
        .context("PostgreSQL is not installed: no initdb found")
}

/// PostgreSQL refuses to run as root, so root lends the folder to the user `postgres`.
fn owner_for(data: &Path) -> Result<Option<(u32, u32)>> {
    fs::create_dir_all(data)?;
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let Some(user) = users.lines().find(|line| line.starts_with("postgres:")) else {
        bail!("there is no user `postgres` to run PostgreSQL as");
    };
    let mut ids = user.split(':').skip(2).map(str::parse);
    let (Some(Ok(uid)), Some(Ok(gid))) = (ids.next(), ids.next()) else {
        bail!("the user `postgres` has no ids");
    };
    chown(data, Some(uid), Some(gid))?;
    Ok(Some((uid, gid)))
}

fn as_owner(program: &Path, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/");
    if let Some((uid, gid)) = owner {
        command.uid(uid).gid(gid);
    }
    command
}

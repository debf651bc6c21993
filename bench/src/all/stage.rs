//! What runs at the moment: the server with a full store, and what it is compared with.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

use super::Options;
use super::postgres::Postgres;
use super::services::{Baseline, Launch, Redis, Switchboard};
use crate::fill;

#[derive(Debug)]
pub(super) struct Stage {
    server: PathBuf,
    baseline: PathBuf,
    work_dir: PathBuf,
    sqlite: Option<Switchboard>,
    compared: Option<Compared>,
}

/// The same server on PostgreSQL, and the Node service on the same PostgreSQL.
#[derive(Debug)]
pub(super) struct Compared {
    postgres: Postgres,
    redis: Redis,
    pub(super) switchboard: Switchboard,
    pub(super) baseline: Baseline,
}

impl Stage {
    pub(super) fn new(options: &Options, work_dir: PathBuf) -> Self {
        Self {
            server: options.server.clone(),
            baseline: options.baseline.clone(),
            work_dir,
            sqlite: None,
            compared: None,
        }
    }

    /// The server on SQLite with everything stored.
    pub(super) fn full(&self) -> Result<&Switchboard> {
        self.sqlite.as_ref().context("the server is not running")
    }

    pub(super) fn compared(&self) -> Result<&Compared> {
        self.compared.as_ref().context("what it is compared with is not running")
    }

    /// Another server on SQLite, with nothing stored.
    pub(super) async fn start_empty(&self, name: &'static str) -> Result<Switchboard> {
        self.launch(name, None).start().await
    }

    /// The same, in a time zone in which nearly the whole day is over.
    pub(super) async fn start_late_in_the_day(&self, name: &'static str) -> Result<Switchboard> {
        let launch = self.launch(name, None);
        Launch { time_zone: Some(late_zone()), ..launch }.start().await
    }

    pub(super) async fn fill_sqlite(&mut self, calls: u64) -> Result<()> {
        let server = self.start_empty("full").await?;
        eprintln!("storing {calls} calls in SQLite");
        fill::run(server.target(), &fill::Options::calls(calls)).await?;
        self.sqlite = Some(server);
        Ok(())
    }

    /// Restarts the full server and says how many seconds it took to be ready.
    pub(super) async fn restart_full(&mut self) -> Result<f64> {
        let server = self.sqlite.take().context("the server is not running")?;
        let (server, took) = server.restart().await?;
        self.sqlite = Some(server);
        Ok(took.as_secs_f64())
    }

    /// Starts PostgreSQL, Redis and both services, each with as many calls stored.
    pub(super) async fn start_compared(&mut self, calls: u64) -> Result<()> {
        let postgres = Postgres::start(&self.work_dir).await?;
        let redis = Redis::start(&self.work_dir).await?;
        postgres.create("switchboard").await?;
        postgres.create("baseline").await?;
        let switchboard =
            self.launch("postgres-server", Some(postgres.url("switchboard"))).start().await?;
        eprintln!("storing {calls} calls in PostgreSQL");
        fill::run(switchboard.target(), &fill::Options::calls(calls)).await?;
        let baseline =
            Baseline::start(&self.baseline, &postgres.url("baseline"), &redis, &self.work_dir)
                .await?;
        eprintln!("storing {calls} calls for the Node service");
        for sql in baseline_calls(calls) {
            postgres.execute("baseline", &sql).await?;
        }
        postgres.settle("switchboard").await?;
        postgres.settle("baseline").await?;
        self.compared = Some(Compared { postgres, redis, switchboard, baseline });
        Ok(())
    }

    /// Two copies on one PostgreSQL, with nothing stored.
    pub(super) async fn start_two(&self) -> Result<(Postgres, Switchboard, Switchboard)> {
        let postgres = Postgres::start(&self.work_dir).await?;
        postgres.create("two").await?;
        let one = self.launch("one", Some(postgres.url("two"))).start().await?;
        let other = self.launch("other", Some(postgres.url("two"))).start().await?;
        Ok((postgres, one, other))
    }

    pub(super) async fn stop_compared(&mut self) -> Result<()> {
        let Some(Compared { postgres, redis, switchboard, baseline }) = self.compared.take() else {
            return Ok(());
        };
        baseline.stop().await?;
        switchboard.stop().await?;
        redis.stop().await?;
        postgres.stop().await
    }

    /// Stops everything; what does not stop is killed when dropped.
    pub(super) async fn clear(mut self) {
        if let Err(error) = self.stop_compared().await {
            eprintln!("stopping: {error:#}");
        }
        if let Some(server) = self.sqlite
            && let Err(error) = server.stop().await
        {
            eprintln!("stopping: {error:#}");
        }
    }

    fn launch(&self, name: &'static str, database_url: Option<String>) -> Launch {
        let (server, work_dir) = (self.server.clone(), self.work_dir.clone());
        Launch { name, server, work_dir, database_url, time_zone: None }
    }
}

/// The same number of ended calls, five events each, straight into the Node service's tables.
fn baseline_calls(calls: u64) -> [String; 2] {
    let queues = "(array['medical_spanish', 'medical_english', 'legal_spanish', 'legal_english'])[1 + n % 4]";
    [
        format!(
            "insert into calls (id, type, status, queue_id, start_time, end_time)
             select gen_random_uuid(), 'voice', 'ended', {queues}, now() - interval '1 day', now()
             from generate_series(1, {calls}) n"
        ),
        "insert into call_events (id, call_id, type, timestamp, metadata)
         select gen_random_uuid(), calls.id, event, now(), '{\"agentId\": \"agent-17\", \"routingTime\": 2.5}'
         from calls, unnest(array['call_initiated', 'call_routed', 'call_answered', 'call_hold', 'call_ended']) event"
            .to_owned(),
    ]
}

/// A time zone in which it is eleven at night, so that nearly a whole day lies behind.
#[expect(clippy::disallowed_methods, reason = "the server goes by the machine's clock")]
fn late_zone() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let east = 23 - i64::try_from(now / 3_600 % 24).unwrap_or_default();
    // These names count westwards, and go from fourteen hours east to twelve west.
    if east <= 14 { format!("Etc/GMT-{east}") } else { format!("Etc/GMT+{}", 24 - east) }
}

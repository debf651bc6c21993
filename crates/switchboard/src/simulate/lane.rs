//! A lane: sends the reports it is given one after another, until each has its answer.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use hyper::Method;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::client::{Answer, is_for_later};
use super::ledger::{Answered, Stored};
use super::run::Run;
use super::script::{Report, What};

const BATCH_MAX: usize = 200;
/// With fewer than these waiting, a lane is not behind and sends event by event.
const BATCH_FROM: usize = 8;
/// After so long without a single answer there is no use in going on.
const GIVE_UP_AFTER: Duration = Duration::from_mins(2);

pub(super) struct Lane {
    run: Arc<Run>,
    /// Since when the server is away, or asks to come again.
    away_since: Option<Instant>,
}

/// One answer of a batch.
#[derive(Deserialize)]
struct Item {
    status: u16,
    #[serde(default)]
    replayed: bool,
    event: Option<Stored>,
    problem: Option<Value>,
}

impl Lane {
    pub(super) fn new(run: Arc<Run>) -> Self {
        Self { run, away_since: None }
    }

    /// Sends what comes, until nothing more comes or the run is stopped.
    pub(super) async fn follow(mut self, mut places: mpsc::Receiver<usize>) {
        let mut taken = Vec::with_capacity(BATCH_MAX);
        while places.recv_many(&mut taken, BATCH_MAX).await != 0 {
            let run = Arc::clone(&self.run);
            let reports = taken.drain(..).map(|place| &run.script.reports[place]);
            let reports = reports.collect::<Vec<_>>();
            // A report that is not JSON would spoil a batch; those are sent by themselves.
            for group in reports.chunk_by(|one, other| is_readable(one) == is_readable(other)) {
                let in_batches = BATCH_FROM <= group.len() && is_readable(group[0]);
                if in_batches && run.takes_batches.load(Relaxed) {
                    self.send_batch(group).await;
                } else {
                    self.send_each(group, false).await;
                }
            }
        }
    }

    async fn send_each(&mut self, reports: &[&Report], mut retried: bool) {
        for report in reports {
            let body = self.run.script.body(&self.run.prefix, report);
            if self.run.is_stopped() {
                return;
            }
            let Some((answer, again)) = self.send(Method::POST, "/api/events", &body).await else {
                return self.run.ledger().unsure(report);
            };
            let answered = Answered::read(&answer, retried || again);
            self.run.ledger().note(report, answered, &body);
            retried = false;
        }
    }

    async fn send_batch(&mut self, reports: &[&Report]) {
        let (mut left, mut retried) = (reports, false);
        while !left.is_empty() && !self.run.is_stopped() {
            let bodies = self.bodies(left);
            let batch = format!("[{}]", bodies.join(","));
            let Some((answer, again)) = self.ask(Method::POST, "/api/events/batch", &batch).await
            else {
                return self.unsure(left);
            };
            let items = serde_json::from_slice::<Vec<Item>>(&answer.body);
            let items = items.ok().filter(|it| answer.status == 200 && it.len() == left.len());
            let Some(items) = items else {
                // A server that knows no batches, or could not take this one.
                self.run.takes_batches.store(false, Relaxed);
                return self.send_each(left, true).await;
            };
            let noted = self.note(left, items, &bodies, retried || again);
            left = &left[noted..];
            if noted != 0 {
                self.arrived();
            }
            if !left.is_empty() && !self.wait(Duration::from_millis(300), "503 in a batch").await {
                return self.unsure(left);
            }
            retried = true;
        }
    }

    /// Writes the answers of a batch down, up to the first that asks to come again: what follows it
    /// is sent again too, so that the order within each call holds.
    fn note(
        &self,
        reports: &[&Report],
        items: Vec<Item>,
        bodies: &[String],
        retried: bool,
    ) -> usize {
        let mut ledger = self.run.ledger();
        let mut noted = 0;
        for ((report, item), body) in reports.iter().zip(items).zip(bodies) {
            if is_for_later(item.status) {
                break;
            }
            let text = item.problem.map(|problem| problem.to_string()).unwrap_or_default();
            let Item { status, replayed, event, .. } = item;
            ledger.note(report, Answered { status, replayed, retried, event, text }, body);
            noted += 1;
        }
        noted
    }

    fn bodies(&self, reports: &[&Report]) -> Vec<String> {
        reports.iter().map(|report| self.run.script.body(&self.run.prefix, report)).collect()
    }

    /// [`Self::ask()`], where any answer shows that the server is there.
    pub(super) async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: &str,
    ) -> Option<(Answer, bool)> {
        let answer = self.ask(method, path, body).await?;
        self.arrived();
        Some(answer)
    }

    /// Asks until there is an answer that stands, and says whether it took more than one try.
    /// Nothing where the run was stopped before that.
    async fn ask(&mut self, method: Method, path: &str, body: &str) -> Option<(Answer, bool)> {
        let mut again = false;
        loop {
            let answer = self.run.client.ask(method.clone(), path, body.to_owned()).await;
            let (wait_for, why) = match answer {
                Ok(answer) if answer.status == 401 => {
                    self.run.fail(self.run.client.unauthorized());
                    return None;
                }
                Ok(answer) if !answer.is_for_later() => {
                    return Some((answer, again));
                }
                Ok(answer) => (answer.wait_for(), format!("{}: {}", answer.status, answer.text())),
                Err(why) => (Duration::from_millis(500), why),
            };
            if !self.wait(wait_for, &why).await {
                return None;
            }
            again = true;
        }
    }

    fn unsure(&self, reports: &[&Report]) {
        let mut ledger = self.run.ledger();
        for report in reports {
            ledger.unsure(report);
        }
    }

    fn arrived(&mut self) {
        if self.away_since.take().is_some() {
            self.run.set_away(false);
        }
    }

    /// Waits before the next try; `false` where there shall be none.
    async fn wait(&mut self, wait_for: Duration, why: &str) -> bool {
        let since = *self.away_since.get_or_insert_with(Instant::now);
        if GIVE_UP_AFTER < since.elapsed() {
            let why = format!("{why}, for {} s", GIVE_UP_AFTER.as_secs());
            self.run.fail(self.run.client.unreachable(&why));
            return false;
        }
        self.run.set_away(true);
        self.run.ledger().retries += 1;
        let mut stopped = self.run.stopped();
        tokio::select! {
            () = sleep(wait_for) => true,
            _ = stopped.wait_for(|stopped| *stopped) => false,
        }
    }
}

fn is_readable(report: &Report) -> bool {
    !matches!(report.what, What::Unreadable(_))
}

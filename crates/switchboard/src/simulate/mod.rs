//! `switchboard simulate`: plays a contact centre's day against a server, and checks what it shows.
//!
//! ```text
//! Plan ── centre ──► Script ── player, lanes ──► server
//!         (pure)       │            │ answers       ▲
//!                      │            ▼               │ GET
//!                      └──────► ledger ── verify ───┘
//! ```
//!
//! The script is pure: a seed and options in, what is reported at which moment out. The player has
//! the clock and the network. The ledger holds what was accepted, and says what must now be shown.
//!
//! A call's `duration` is counted from its first answer, and where nobody answered from its
//! beginning.

mod centre;
mod chance;
mod client;
mod lane;
mod ledger;
mod options;
mod player;
mod progress;
mod script;
mod staff;
mod summary;
mod talk;
mod traffic;
mod verify;

#[cfg(test)]
mod tests;

use std::io::Write;
use std::sync::Arc;

use contract::Queue;

use client::Client;
pub(crate) use options::Simulate;
use player::{Run, Speed};
use progress::Progress;
use script::{Plan, Script};
use summary::Ended;

impl Simulate {
    /// Plays the day, tells what it came to, and fails where the server shows something else.
    pub(crate) async fn run(self) -> Result<(), String> {
        let client = Client::new(&self.url, self.key()?)?;
        let queues = queues(&client).await?;
        check_key(&client).await?;
        let script = centre::write(self.plan(queues)?);
        announce(&client, &script, self.speed)?;
        let run = Run::new(client, script);
        let interrupt = tokio::spawn(stop_on_interrupt(Arc::clone(&run)));
        let progress = Progress::show(&run);
        let played = run.play(self.speed).await;
        drop(progress);
        let ended = Ended {
            early: run.is_stopped(),
            at_ms: run.place().now_ms,
            real_time: self.speed == Speed::Times(1.0),
        };
        let told = conclude(&run, ended).await;
        interrupt.abort();
        played.and(told)
    }
}

/// The queues of the server; where it has no such list, those that exist from the first start.
async fn queues(client: &Client) -> Result<Vec<Queue>, String> {
    let answer = client.get("/api/queues").await.map_err(|why| client.unreachable(&why))?;
    let first = Queue::first().collect::<Vec<_>>();
    match answer.status {
        200 => {}
        401 => return Err(client.unauthorized()),
        404 | 405 => return Ok(first),
        status => return Err(format!("GET /api/queues: {status} {}", answer.text())),
    }
    let mut queues = serde_json::from_slice::<Vec<Queue>>(&answer.body)
        .map_err(|error| format!("GET /api/queues: not a list of queues: {error}"))?;
    if queues.is_empty() {
        return Err("the server has no queue; make one with PUT /api/queues/:id".to_owned());
    }
    let place = |queue: &Queue| first.iter().position(|it| it.id == queue.id).unwrap_or(usize::MAX);
    queues.sort_by(|one, other| (place(one), &one.id).cmp(&(place(other), &other.id)));
    Ok(queues)
}

/// Sends an event that says nothing: a server that takes the key finds only that wrong with it.
async fn check_key(client: &Client) -> Result<(), String> {
    let answer = client.post("/api/events", "{}".to_owned()).await;
    match answer.map_err(|why| client.unreachable(&why))? {
        answer if answer.status == 401 => Err(client.unauthorized()),
        answer if answer.status == 404 => {
            Err("the server has no POST /api/events: is --url the address of the API?".to_owned())
        }
        _ => Ok(()),
    }
}

fn announce(client: &Client, script: &Script, speed: Speed) -> Result<(), String> {
    let Plan { seed, from_ms, to_ms, .. } = script.plan;
    let speed = match speed {
        Speed::Times(times) => format!("{times} times as fast as life"),
        Speed::Max => "as fast as the server takes it".to_owned(),
    };
    tell(&format!(
        "Seed {seed}: {} to {}, {} calls, {} events, {speed}, to {}.\n\
         The ids of the calls begin with `{}`. The same seed and options play the same day.",
        clock_text(from_ms),
        clock_text(to_ms),
        script.calls,
        script.reports.len(),
        client.base(),
        script.plan.prefix(),
    ))
}

/// The first interrupt ends the run with its summary, the second ends it at once.
async fn stop_on_interrupt(run: Arc<Run>) {
    if tokio::signal::ctrl_c().await.is_ok() {
        // A reader that went away is no fault.
        let _ = writeln!(std::io::stderr(), "Stopping: what is on its way is waited for.");
        run.stop();
    }
    if tokio::signal::ctrl_c().await.is_ok() {
        std::process::exit(130);
    }
}

async fn conclude(run: &Run, ended: Ended) -> Result<(), String> {
    let mut text = Vec::new();
    let broken = |error: std::io::Error| error.to_string();
    // Taken out of the lock: it is read while the server is asked.
    let ledger = std::mem::replace(&mut *run.ledger(), ledger::Ledger::new(&run.script));
    summary::expected(&mut text, &run.script, &ledger, ended).map_err(broken)?;
    tell(&String::from_utf8_lossy(&text))?;
    let call_id = |call| run.script.call_id(&run.prefix, call);
    let shown = verify::verify(&run.client, &ledger, &run.prefix, call_id).await?;
    let unsure = ledger.calls.iter().filter(|call| call.unsure).count();
    let mut text = Vec::new();
    summary::verdict(&mut text, &shown, unsure).map_err(broken)?;
    tell(&String::from_utf8_lossy(&text))?;
    match (ledger.unexpected, shown.differences.len()) {
        (0, 0) => Ok(()),
        (unexpected, differences) => Err(format!(
            "{unexpected} unexpected answers, {differences} differences in what the server shows"
        )),
    }
}

/// Prints to standard output. A reader that went away is no fault.
fn tell(text: &str) -> Result<(), String> {
    match writeln!(std::io::stdout(), "{}", text.trim_end()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.to_string()),
        _ => Ok(()),
    }
}

/// A moment of the day, as on a clock.
fn clock_text(ms: u64) -> String {
    let minutes = ms / 60_000;
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

//! `switchboard simulate`: plays a contact centre's day against a server, and checks what it shows.
//!
//! ```text
//! Plan ── live: callers, agents, phones ────────► server
//!   │                               │ answers       ▲
//!   │                               ▼               │ GET
//!   │                             ledger ── verify ─┤
//!   │                               ▲               │
//!   │                               │ answers       ▼
//!   └──── centre ──► Script ── player, lanes ───► server
//! ```
//!
//! The server finds agents for the callers, and [`live`] has phones that ring. With
//! `--external-routing` the simulation routes by itself: its script is pure, a seed and options in,
//! what is reported at which moment out, and the player has the clock and the network. Either way the
//! ledger holds what was accepted, and says what must now be shown.
//!
//! A call's `duration` is counted from its first answer, and where nobody answered from its
//! beginning.

mod centre;
mod chance;
mod client;
mod lane;
mod ledger;
mod live;
mod options;
mod player;
mod progress;
mod queues;
mod run;
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

use client::Client;
use live::{Live, Person};
pub(crate) use options::Simulate;
use player::Speed;
use progress::Progress;
use run::Run;
use script::{Plan, Routing, Script};
use summary::Ended;

/// A phone is answered within seconds, which must take longer than to look whether it rings.
const LIVE_TIMES_MAX: f64 = 120.0;

impl Simulate {
    /// Plays the day, tells what it came to, and fails where the server shows something else.
    pub(crate) async fn run(self) -> Result<(), String> {
        let client = Client::new(&self.url, self.key()?)?;
        check_key(&client).await?;
        let queues = queues::for_the_day(&client, &self).await?;
        let plan = self.plan(queues)?;
        match plan.routing {
            Routing::Server => self.play_live(client, plan).await,
            Routing::External => self.play_script(client, plan).await,
        }
    }

    /// The server routes.
    async fn play_live(&self, client: Client, plan: Plan) -> Result<(), String> {
        let times = match self.speed {
            Speed::Times(times) if times <= LIVE_TIMES_MAX => times,
            _ => {
                return Err(format!(
                    "agents need time to answer: --speed is at most {LIVE_TIMES_MAX}, unless calls \
                     are routed from here, with --external-routing"
                ));
            }
        };
        let (callers, staff) = (live::callers(&plan), live::staff(&plan));
        let calls = u32::try_from(callers.len()).unwrap_or(u32::MAX);
        let script = Script { plan, reports: Vec::new(), calls, rung_out_ms: Vec::new() };
        announce(&client, &script, self.speed, &staff)?;
        let run = Run::new(client, script);
        check_first_time(&run).await?;
        let live = Live::open(Arc::clone(&run), times, &staff).await?;
        let closing = Arc::clone(&live);
        let words = "Stopping: calls are hung up, agents sign off.";
        let interrupt = tokio::spawn(on_interrupt(words, move || closing.close()));
        let progress = Progress::show(&run);
        let played = live.play(callers, staff.clone()).await;
        drop(progress);
        interrupt.abort();
        let left = "; calls of this run may be open, and its agents signed in";
        let played = played.map_err(|why| format!("{why}{left}"));
        let ended = Ended {
            early: live.was_closed_early(),
            at_ms: run.place().now_ms,
            real_time: self.speed == Speed::Times(1.0),
        };
        played.and(conclude(&run, &staff, ended).await)
    }

    /// The day is routed from here.
    async fn play_script(&self, client: Client, plan: Plan) -> Result<(), String> {
        let script = centre::write(plan);
        announce(&client, &script, self.speed, &[])?;
        let run = Run::new(client, script);
        let stopping = Arc::clone(&run);
        let words = "Stopping: what is on its way is waited for.";
        let interrupt = tokio::spawn(on_interrupt(words, move || stopping.stop()));
        let progress = Progress::show(&run);
        let played = player::play(&run, self.speed).await;
        drop(progress);
        let ended = Ended {
            early: run.is_stopped(),
            at_ms: run.place().now_ms,
            real_time: self.speed == Speed::Times(1.0),
        };
        let told = conclude(&run, &[], ended).await;
        interrupt.abort();
        played.and(told)
    }
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

fn announce(
    client: &Client,
    script: &Script,
    speed: Speed,
    staff: &[Person],
) -> Result<(), String> {
    let Plan { seed, from_ms, to_ms, .. } = script.plan;
    let speed = match speed {
        Speed::Times(times) => format!("{times} times as fast as life"),
        Speed::Max => "as fast as the server takes it".to_owned(),
    };
    let (more, same) = match script.plan.routing {
        Routing::Server => (format!("{} agents", staff.len()), "bring the same people"),
        Routing::External => (format!("{} events", script.reports.len()), "play the same day"),
    };
    tell(&format!(
        "Seed {seed}: {} to {}, {} calls, {more}, {speed}, to {}.\n\
         The ids begin with `{}`. The same seed and options {same}.",
        clock_text(from_ms),
        clock_text(to_ms),
        script.calls,
        client.base(),
        script.plan.prefix(),
    ))
}

/// A day that the server routes goes another way each time: its calls cannot be played again.
async fn check_first_time(run: &Run) -> Result<(), String> {
    let path = format!("/api/calls/{}", run.script.call_id(&run.prefix, 0));
    let answer = run.client.get(&path).await.map_err(|why| run.client.unreachable(&why))?;
    match answer.status {
        200 => Err(format!(
            "this day was played before: the server has calls that begin with `{}`; give another \
             --seed, or none",
            run.prefix
        )),
        404 => Ok(()),
        status => Err(format!("GET {path}: {status} {}", answer.text())),
    }
}

/// The first interrupt ends the run with its summary, the second ends it at once.
async fn on_interrupt(words: &str, stop: impl FnOnce()) {
    if tokio::signal::ctrl_c().await.is_ok() {
        // A reader that went away is no fault.
        let _ = writeln!(std::io::stderr(), "{words}");
        stop();
    }
    if tokio::signal::ctrl_c().await.is_ok() {
        std::process::exit(130);
    }
}

async fn conclude(run: &Run, staff: &[Person], ended: Ended) -> Result<(), String> {
    let mut text = Vec::new();
    let broken = |error: std::io::Error| error.to_string();
    // Taken out of the lock: it is read while the server is asked.
    let ledger = std::mem::replace(&mut *run.ledger(), ledger::Ledger::new(&run.script));
    summary::expected(&mut text, &run.script, &ledger, staff, ended).map_err(broken)?;
    tell(&String::from_utf8_lossy(&text))?;
    let shown = verify::verify(run, &ledger).await?;
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

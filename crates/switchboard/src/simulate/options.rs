//! The options of `switchboard simulate`.

use std::path::PathBuf;

use clap::Args;
use contract::Queue;

use super::player::Speed;
use super::script::{Plan, Routing};
use crate::number::whole;

const DAY_MS: u64 = 24 * 3_600_000;

/// Play a contact centre's day against a server, and check that it shows what it was told.
///
/// Callers arrive as they did in the record of a real call centre: so many by the hour of the day,
/// with its patience and its service times; some hang up, some are put on hold or handed on. Agents
/// with names are registered, sign in for their shifts, take breaks, and now and then a tool dies.
/// The server finds an agent for each call; the simulated phones see it ring, and are answered after
/// a few seconds, or let ring. At the end it says what the server must now show, and asks it.
///
/// It needs a key that may report events and change agents (role `admin`). To see phones ring, it
/// reads the waiting calls up to twice a second while somebody waits (at a higher --speed up to
/// twenty times), and the agents a quarter as often. Ctrl-C hangs up every call, signs every agent
/// off and then sums up; a second one ends it at once and leaves both as they are.
///
/// The server's timers run in real seconds and are not scaled. At --speed 1 a caller who waits too
/// long breaches the promise and a phone that nobody picks up is taken back, as in life. At any
/// other speed `waitTime`, `holdDuration` and `duration` are seconds of the simulated day and are
/// flagged by what they say, while the server's own clock sees calls that go by `speed` times as
/// fast: at 60 hardly any of its timers runs out, and a phone that is let ring rings for a quarter of
/// an hour of that day. No `occurredAt` is sent: an event happened when it was recorded.
#[derive(Args, Clone, Debug)]
pub(crate) struct Simulate {
    /// Address of the server: plain HTTP.
    #[arg(long, default_value = "http://localhost:3000", value_name = "URL")]
    pub(crate) url: String,

    /// Key of the server. Without it, the one that `serve` keeps in --data is read.
    #[arg(long, env = "API_KEY", hide_env_values = true, value_name = "KEY")]
    pub(crate) key: Option<String>,

    /// Directory where `serve` keeps its data, and the key it made.
    #[arg(long, env = "DATA_DIR", default_value = "./data", value_name = "DIR")]
    pub(crate) data: PathBuf,

    /// The same seed and options bring the same callers and the same staff under the same ids; a new
    /// one each time where it is left out. With --external-routing they play the same day, call by
    /// call: played again over its own calls it changes nothing, and one that was broken off is
    /// completed.
    #[arg(long, value_parser = whole(0..=u64::MAX), value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,

    /// 1 is real time, 60 an hour a minute; up to 120, with --external-routing up to 100000, or `max`
    /// for no waiting at all. Timers are not scaled: see above.
    #[arg(long, default_value = "1", value_name = "TIMES")]
    pub(super) speed: Speed,

    /// When the first callers come, by the simulated clock.
    #[arg(long, default_value = "08:00", value_name = "HH:MM")]
    pub(super) from: TimeOfDay,

    /// When the last callers come; who is on the phone then is still served. Where it is not after
    /// --from, the next day is meant.
    #[arg(long, default_value = "18:00", value_name = "HH:MM")]
    pub(super) to: TimeOfDay,

    /// How well the day is staffed: agents at --scale 1, over all queues, of which as many are there
    /// as the hour needs. The record had 24; with fewer of them, callers wait longer.
    #[arg(long, default_value_t = 24, value_parser = whole(1..=10_000_u32))]
    pub(crate) agents: u32,

    /// How many times the traffic of the record, which is 100 calls in its busiest hour; agents are
    /// scaled with it. From 0.01 to 200. Default 4, which takes some 35 agents; with
    /// --external-routing 1.
    #[arg(long, value_parser = scale, value_name = "TIMES")]
    pub(crate) scale: Option<f64>,

    /// The queues that callers come to. One that the server does not have is made; the first two of
    /// those leave some seconds to wrap up. Default: the four of the first start; with
    /// --external-routing all there are.
    #[arg(long, value_delimiter = ',', value_name = "IDS")]
    pub(crate) queues: Vec<String>,

    /// Offers that agents let ring out, in percent.
    #[arg(long, default_value = "4", value_parser = percent, value_name = "PERCENT")]
    pub(crate) missed: f64,

    /// Route calls from here with `call_routed`, as a telephony system with its own distribution of
    /// calls does. No agents are registered, and the day is written beforehand; now and then an event
    /// comes twice, too late, or so that nobody can read it, and the answer is checked too.
    #[arg(long)]
    pub(crate) external_routing: bool,

    /// At most so many calls.
    #[arg(long, value_parser = whole(1..=u32::MAX), value_name = "CALLS")]
    pub(crate) calls: Option<u32>,
}

/// A moment of the day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TimeOfDay {
    ms: u64,
}

impl Simulate {
    /// The key that was given, else the one that `serve` keeps. A server without keys needs none,
    /// and one that needs it says so.
    pub(super) fn key(&self) -> Result<Option<String>, String> {
        let given = self.key.as_deref().map(|keys| keys.split(',').map(str::trim));
        if let Some(key) = given.and_then(|mut keys| keys.find(|key| !key.is_empty())) {
            return Ok(Some(key.to_owned()));
        }
        let path = self.data.join("api-key.txt");
        match std::fs::read_to_string(&path) {
            Ok(key) if !key.trim().is_empty() => Ok(Some(key.trim().to_owned())),
            Ok(_) => Err(format!("{} is empty: give --key", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                Err(format!("cannot read the key in {}: {error}; give --key", path.display()))
            }
        }
    }

    /// The plan of the day, for the queues that there are.
    pub(super) fn plan(&self, queues: Vec<Queue>) -> Result<Plan, String> {
        let (from_ms, to_ms) = (self.from.ms, self.to.ms);
        Ok(Plan {
            seed: self.seed.map_or_else(new_seed, Ok)?,
            from_ms,
            to_ms: if from_ms < to_ms { to_ms } else { to_ms + DAY_MS },
            scale: self.scale.unwrap_or(if self.external_routing { 1.0 } else { 4.0 }),
            agents: self.agents,
            calls_max: self.calls,
            queues,
            missed: self.missed / 100.0,
            routing: if self.external_routing { Routing::External } else { Routing::Server },
        })
    }
}

/// Short enough to be read to somebody on the phone.
fn new_seed() -> Result<u64, String> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes)
        .map_err(|error| format!("no randomness for a seed: {error}; give --seed"))?;
    Ok(u64::from(u32::from_le_bytes(bytes)))
}

fn scale(text: &str) -> Result<f64, String> {
    let scale = text.parse::<f64>().ok().filter(|scale| (0.01..=200.0).contains(scale));
    scale.ok_or_else(|| "a scale is a number from 0.01 to 200".to_owned())
}

fn percent(text: &str) -> Result<f64, String> {
    let percent = text.parse::<f64>().ok().filter(|percent| (0.0..=100.0).contains(percent));
    percent.ok_or_else(|| "a number from 0 to 100".to_owned())
}

impl std::str::FromStr for TimeOfDay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let part = |text: &str, end: u64| {
            let digits = text.len() <= 2 && text.bytes().all(|it| it.is_ascii_digit());
            text.parse::<u64>().ok().filter(|number| digits && *number < end)
        };
        let (hours, minutes) = text.split_once(':').unwrap_or((text, "0"));
        // 24:00 is the end of the day.
        match (part(hours, 25), part(minutes, 60)) {
            (Some(hours), Some(minutes)) if hours < 24 || minutes == 0 => {
                Ok(Self { ms: (hours * 60 + minutes) * 60_000 })
            }
            _ => Err("a time of day is written as 08:00".to_owned()),
        }
    }
}

//! `switchboard keys`: who may use the server, and as what.
//!
//! Works on the data itself, whether or not a server runs on it; one that runs sees a change within
//! a second. The key is printed to standard output alone, everything else to standard error, so
//! that a script can keep it.

use std::{fmt::Write as _, io::Write as _, path::PathBuf, sync::Arc};

use clap::{Args, Subcommand};
use contract::{Moment, Role};
use store::{Actor, Key, Keyring, WorkingKey, key_hash, key_name_issue, new_key};

use crate::{clock::SystemClock, config::check_database_url, number::whole, print};

const GRACE_SECONDS_MAX: u32 = 30 * 86_400;

/// Make, list, rotate and revoke keys. A server may be running: it sees a change within a second.
#[derive(Args)]
pub(crate) struct Keys {
    /// Directory of the data.
    #[arg(
        long = "data",
        env = "DATA_DIR",
        default_value = "./data",
        value_name = "DIR",
        global = true
    )]
    data: PathBuf,

    /// `PostgreSQL` that keeps the data, as `postgresql://user:password@host/database`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL", global = true)]
    database_url: Option<String>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a key and print it. It is shown this once, and kept nowhere.
    Make {
        /// What the record of actions calls whoever uses it: a person or a program.
        name: String,

        /// What it may do: `ingest` (post events), `read`, `supervise` (acknowledge alerts, act on
        /// calls and agents) or `admin` (everything). Each may read.
        #[arg(long)]
        role: String,
    },
    /// List the keys there are and were, without the keys themselves.
    List,
    /// Put a new key in the place of one, and print it.
    Rotate {
        /// Whose.
        name: String,

        /// Seconds for which the old one still works.
        #[arg(long, default_value_t = 0, value_name = "SECONDS",
              value_parser = whole(0..=GRACE_SECONDS_MAX))]
        grace: u32,
    },
    /// Make a key useless, for good.
    Revoke {
        /// Whose.
        name: String,
    },
}

impl Keys {
    /// Does what was asked for.
    pub(crate) async fn run(self) -> Result<(), String> {
        let keyring = self.open().await?;
        // Whoever can run this on the data may do everything.
        let by = Actor::new("command line", Role::Admin);
        let told = |error: store::KeyError| error.to_string();
        match self.command {
            Command::Make { name, role } => {
                let (role, key) = made(&name, &role)?;
                let hash = key_hash(&key);
                let working = WorkingKey { hash, actor: Actor::new(&name, role) };
                keyring.make_key(working, by).await.map_err(told)?;
                tell(&format!(
                    "Key `{name}` may {}. It is shown this once: keep it where only its user can \
                     read it.",
                    may(role)
                ));
                show(&name, &key)?;
            }
            Command::List => {
                let keys = keyring.keys().await.map_err(|error| error.to_string())?;
                print(&table(&keys))?;
            }
            Command::Rotate { name, grace } => {
                let found = keyring.keys().await.map_err(|error| error.to_string())?;
                // Where there is none, the store says so.
                let role = found.iter().find(|it| it.name == name).map_or(Role::Read, |it| it.role);
                let key = new_key(role);
                let grace_ms = i64::from(grace) * 1_000;
                let rotated = keyring.rotate_key(&name, key_hash(&key), grace_ms, by).await;
                let until = rotated.map_err(told)?.old_until;
                let old = until.map_or_else(
                    || "The old one works no longer".to_owned(),
                    |until| format!("The old one works until {until}"),
                );
                tell(&format!("{old}. The new one of `{name}` is shown this once."));
                show(&name, &key)?;
            }
            Command::Revoke { name } => {
                keyring.revoke_key(&name, by).await.map_err(told)?;
                tell(&format!("Key `{name}` is revoked."));
            }
        }
        Ok(())
    }

    async fn open(&self) -> Result<Arc<dyn Keyring>, String> {
        let url = self.database_url.as_deref().filter(|url| !url.trim().is_empty());
        check_database_url(url)?;
        match url {
            Some(url) => store::postgres::Postgres::open(url, None, None)
                .await
                .map(|store| Arc::new(store) as Arc<dyn Keyring>),
            None => store::sqlite::Beside::open(&self.data, Arc::new(SystemClock))
                .map(|beside| Arc::new(beside) as Arc<dyn Keyring>),
        }
        .map_err(|error| error.to_string())
    }
}

fn made(name: &str, role: &str) -> Result<(Role, String), String> {
    if let Some(issue) = key_name_issue(name) {
        return Err(issue);
    }
    let roles = Role::OF_KEYS.map(Role::name).join(", ");
    let role = Role::named(role)
        .ok_or_else(|| format!("`{role}` is not a role; choose one of {roles}"))?;
    Ok((role, new_key(role)))
}

fn may(role: Role) -> &'static str {
    match role {
        Role::Open | Role::Read => "read",
        Role::Ingest => "post events and read",
        Role::Supervise => "acknowledge alerts, act on calls and agents, and read",
        Role::Admin => "do everything",
    }
}

fn table(keys: &[Key]) -> String {
    if keys.is_empty() {
        return "No key was made yet. (`API_KEY` and `READ_KEY` are settings and not listed.)"
            .to_owned();
    }
    let name = keys.iter().map(|key| key.name.chars().count()).max().unwrap_or(0).max(4);
    let mut table = format!("{:name$}  {:9}  {:24}  state\n", "name", "role", "made");
    for key in keys {
        let (role, made_at) = (key.role.name(), key.made_at);
        // Writing into a String cannot fail.
        let _ = writeln!(table, "{:name$}  {role:9}  {made_at}  {}", key.name, state(key));
    }
    table
}

fn state(key: &Key) -> String {
    let now = Moment(store::Clock::now(&SystemClock));
    match key {
        Key { revoked_at: Some(at), .. } => format!("revoked {at}"),
        Key { rotated_at: Some(at), old_until: Some(until), .. } if now.0 < until.0 => {
            format!("rotated {at}, the old one works until {until}")
        }
        Key { rotated_at: Some(at), .. } => format!("rotated {at}"),
        _ => "works".to_owned(),
    }
}

/// Shows a key that was made, this once.
fn show(name: &str, key: &str) -> Result<(), String> {
    let lost = |error| format!("key `{name}` was made, and nobody has it: {error}; rotate it");
    print(key).map_err(lost)
}

/// Says something to a person. Nothing is left to tell where even this cannot be written.
fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

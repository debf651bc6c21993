//! Measures a running Switchboard, or any service that speaks its contract, from outside.
//!
//! One subcommand a measurement, each with one line of result; `all` starts everything it needs and
//! holds the results against the targets. Everything runs on one thread, because the cores are shared
//! with the server.

mod all;
mod burst;
mod fanout;
mod figures;
mod fill;
mod http;
mod ingest;
mod ledger;
mod list;
mod lives;
mod measure;
mod npm;
mod offers;
mod reconnect;
mod rss;
mod socketio;
mod steady;
mod timers;
mod witness;

use std::fmt::Display;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use serde::Serialize;

use crate::http::Target;

#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    measurement: Measurement,
    /// Print a JSON object instead of a line
    #[arg(long, global = true)]
    json: bool,
}

/// Where the server is.
#[derive(Args, Debug)]
struct Server {
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    url: String,
    /// The API key
    #[arg(long, default_value = "")]
    key: String,
}

impl Server {
    fn target(&self) -> Result<Target> {
        Target::new(&self.url, &self.key)
    }
}

#[derive(Debug, Subcommand)]
enum Measurement {
    /// Events a second when every connection sends as fast as it is answered
    Ingest {
        #[command(flatten)]
        server: Server,
        #[command(flatten)]
        options: ingest::Options,
    },
    /// Stores many ended calls, for the others to meet a full store
    Fill {
        #[command(flatten)]
        server: Server,
        #[command(flatten)]
        options: fill::Options,
    },
    /// Delays at a fixed rate, counted from when an event should have been sent
    Steady {
        #[command(flatten)]
        server: Server,
        #[command(flatten)]
        options: steady::Options,
    },
    /// How soon subscribers hear of an event
    Fanout {
        #[command(flatten)]
        server: Server,
        #[command(flatten)]
        options: fanout::Options,
    },
    /// A burst to many clients: all of it, or told to fetch again
    Burst {
        #[command(flatten)]
        server: Server,
        #[command(flatten)]
        options: burst::Options,
    },
    /// How soon many clients are right after a restart
    Reconnect {
        #[command(flatten)]
        server: Server,
        #[command(flatten)]
        options: reconnect::Options,
    },
    /// The first page of the list of calls, by each filter
    List {
        #[command(flatten)]
        server: Server,
        #[command(flatten)]
        options: list::Options,
    },
    /// How long it takes to read the figures of a busy day
    Figures {
        #[command(flatten)]
        server: Server,
        #[command(flatten)]
        options: figures::Options,
    },
    /// How late timers fire under load
    Timers {
        #[command(flatten)]
        server: Server,
        #[command(flatten)]
        options: timers::Options,
    },
    /// How soon a free agent is offered a call
    Offers {
        #[command(flatten)]
        server: Server,
        #[command(flatten)]
        options: offers::Options,
    },
    /// Resident memory of a process
    Rss(rss::Options),
    /// Everything, with all it needs, held against the targets
    All(all::Options),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    rlimit::increase_nofile_limit(u64::MAX)?;
    let Cli { measurement, json } = Cli::parse();
    match measurement {
        Measurement::Ingest { server, options } => {
            tell(json, &ingest::run(&server.target()?, &options).await?)
        }
        Measurement::Fill { server, options } => {
            tell(json, &fill::run(&server.target()?, &options).await?)
        }
        Measurement::Steady { server, options } => {
            tell(json, &steady::run(&server.target()?, &options).await?)
        }
        Measurement::Fanout { server, options } => {
            tell(json, &fanout::run(&server.target()?, &options).await?)
        }
        Measurement::Burst { server, options } => {
            tell(json, &burst::run(&server.target()?, &options).await?)
        }
        Measurement::Reconnect { server, options } => {
            tell(json, &reconnect::run(&server.target()?, &options).await?)
        }
        Measurement::List { server, options } => {
            tell(json, &list::run(&server.target()?, &options).await?)
        }
        Measurement::Figures { server, options } => {
            tell(json, &figures::run(&server.target()?, &options).await?)
        }
        Measurement::Timers { server, options } => {
            tell(json, &timers::run(&server.target()?, &options).await?)
        }
        Measurement::Offers { server, options } => {
            let (target, busy) = (server.target()?, tokio::sync::Notify::new());
            let told = async {
                busy.notified().await;
                eprintln!("everybody talks");
            };
            let (outcome, ()) = tokio::join!(offers::run(&target, &options, &busy), told);
            tell(json, &outcome?)
        }
        Measurement::All(options) => all::run(&options).await,
        Measurement::Rss(options) => tell(json, &rss::run(&options)?),
    }
}

fn tell<T: Display + Serialize>(json: bool, outcome: &T) -> Result<()> {
    if json {
        println!("{}", serde_json::to_string(outcome)?);
    } else {
        println!("{outcome}");
    }
    Ok(())
}

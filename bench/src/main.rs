//! Measures a running Switchboard, or any service that speaks its contract, from outside.
//!
//! One subcommand a measurement, each with one line of result; `all` starts everything it needs and
//! holds the results against the targets. Everything runs on one thread, because the cores are shared
//! with the server.

mod http;
mod ingest;
mod lives;
mod measure;

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
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    rlimit::increase_nofile_limit(u64::MAX)?;
    let Cli { measurement, json } = Cli::parse();
    match measurement {
        Measurement::Ingest { server, options } => tell(json, &ingest::run(&server.target()?, &options).await?),
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

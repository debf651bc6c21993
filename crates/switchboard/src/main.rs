//! The executable: reads the settings and starts what was asked for. No rule lives here.

mod api_key;
mod clock;
mod config;
mod keys;
mod listen;
mod logs;
mod measured;
mod number;
mod serve;
mod simulate;
mod stop;
mod verify;

use std::{
    io::{ErrorKind, Write},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Switchboard keeps the life of every call of a contact centre. `switchboard serve` starts it.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run everything in one process: API, live updates and timers.
    Serve(Box<config::Serve>),
    /// Print every setting of `serve`: its value now, its default, and what it is for.
    Config(Box<config::Serve>),
    // What it does is said where its options are.
    Simulate(Box<simulate::Simulate>),
    /// Check the history of every call against its audit chain.
    Verify(Box<config::Serve>),
    /// Make, list, rotate and revoke keys; a server may be running.
    Keys(keys::Keys),
    /// Print the description of the API: `OpenAPI` 3.1, in JSON.
    Openapi,
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve(settings) => serve::run(settings.cleared()).await,
        Command::Config(settings) => print(&settings.cleared().table()),
        Command::Simulate(simulate) => simulate.run().await,
        Command::Verify(settings) => verify::run(settings.cleared()).await,
        Command::Keys(keys) => keys.run().await,
        Command::Openapi => print(&api::document()),
    };
    logs::flush();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // Nothing is left to tell where even this cannot be written.
            let _ = writeln!(std::io::stderr(), "switchboard: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Prints to standard output. A reader that went away is no fault.
fn print(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("cannot write to standard output: {error}"))
        }
        _ => Ok(()),
    }
}

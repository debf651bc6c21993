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
    num::NonZero,
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use tokio::runtime::Runtime;

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

fn main() -> ExitCode {
    let command = Cli::parse().command;
    let done = runtime().and_then(|runtime| {
        let done = runtime.block_on(run(command));
        // Whatever still hangs in a call to the system is not waited for.
        runtime.shutdown_background();
        done
    });
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

/// A thread for each core, of which the lane's is one. With one more they take turns on the cores, and
/// a batch waits while requests are read: a sixth fewer events a second on two cores.
fn runtime() -> Result<Runtime, String> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.saturating_sub(1).max(1))
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start its threads: {error}"))
}

async fn run(command: Command) -> Result<(), String> {
    match command {
        Command::Serve(settings) => serve::run(settings.cleared()).await,
        Command::Config(settings) => print(&settings.cleared().table()),
        Command::Simulate(simulate) => simulate.run().await,
        Command::Verify(settings) => verify::run(settings.cleared()).await,
        Command::Keys(keys) => keys.run().await,
        Command::Openapi => print(&api::document()),
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

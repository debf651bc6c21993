//! `reconcile LOG DATABASE`: is everything that was acknowledged there, once, and all of it legal?

use std::{
    io::{Write, stderr, stdout},
    path::PathBuf,
    process::ExitCode,
};

use clap::Parser;
use reconcile::{Books, Told};

const SHOWN_MAX: usize = 20;
const WRONG: u8 = 1;
const UNREADABLE: u8 = 2;

/// Compares what a client was told with what a database of Switchboard holds, past the server.
///
/// Every acknowledged event is there, once; every history is legal, and makes its call what it is; every
/// timer fired, once. Ask when nothing is recorded any more and the last timers had time to fire. The
/// queues' promises must be those of the beginning. The database is only read.
///
/// Ends with 0 where all is well, with 1 where something is wrong, with 2 where it cannot be told.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Cli {
    /// What the client was told: an acknowledgement a line, {"key": …, "event": …}, the event as it
    /// was answered
    log: PathBuf,
    /// SQLite's file, or the postgres:// address of a PostgreSQL, which `psql` then reads
    database: String,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let read = Told::read(&cli.log).and_then(|told| Ok((told, Books::read(&cli.database)?)));
    let (told, books) = match read {
        Ok(read) => read,
        Err(why) => {
            say(&mut stderr(), &format!("reconcile: {why}"));
            return UNREADABLE.into();
        }
    };
    let wrong = books.audit(&told);
    if wrong.is_empty() {
        let (events, calls) = (told.len(), books.calls());
        let found =
            format!("{events} acknowledgements are kept as they were told, in {calls} calls");
        say(&mut stdout(), &found);
        return ExitCode::SUCCESS;
    }
    for sentence in wrong.iter().take(SHOWN_MAX) {
        say(&mut stderr(), sentence);
    }
    if let more @ 1.. = wrong.len().saturating_sub(SHOWN_MAX) {
        say(&mut stderr(), &format!("and {more} more"));
    }
    WRONG.into()
}

/// A reader that went away is no fault.
fn say(to: &mut dyn Write, sentence: &str) {
    let _ = writeln!(to, "{sentence}");
}

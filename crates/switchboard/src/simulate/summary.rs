//! What a run came to: what was sent, what the server must now show, and whether it does.

use std::io::{self, Write};

use contract::{CallStatus, EndReason, EventType};

use super::clock_text;
use super::ledger::{Heard, Kept, Ledger};
use super::live::Person;
use super::script::{Meant, Routing, Script};
use super::verify::Shown;

const DIFFERENCES_MAX: usize = 20;
/// Agents that are listed one by one.
const AGENTS_MAX: usize = 100;

/// How a run ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    /// Before the script did.
    pub(super) early: bool,
    pub(super) at_ms: u64,
    /// Whether the server's clock and the simulated one went alike.
    pub(super) real_time: bool,
}

/// Tells what was sent, and what follows from it.
pub(super) fn expected(
    out: &mut impl Write,
    script: &Script,
    ledger: &Ledger,
    staff: &[Person],
    ended: Ended,
) -> io::Result<()> {
    let live = script.plan.routing == Routing::Server;
    if ended.early && live {
        let (came, at) =
            (ledger.calls.iter().filter(|it| it.status.is_some()).count(), ended.at_ms);
        writeln!(
            out,
            "Broken off at {}: {came} of {} callers came.",
            clock_text(at),
            script.calls
        )?;
    } else if ended.early {
        let (sent, all) = (ledger.sent, script.reports.len());
        let at = clock_text(ended.at_ms);
        writeln!(out, "Broken off at {at}: {sent} of {all} events were sent.")?;
        writeln!(out, "The same command with --seed {} completes the day.", script.plan.seed)?;
    }
    events(out, ledger)?;
    calls(out, script, ledger)?;
    promises(out, ledger)?;
    if live {
        agents(out, script, ledger, staff)?;
    } else if ended.real_time {
        let rung_out = script.rung_out_ms.iter().filter(|at_ms| **at_ms < ended.at_ms).count();
        writeln!(
            out,
            "Offers that rang out: {rung_out}; each is a call_retransfer of the server."
        )?;
    }
    unexpected(out, ledger)
}

fn events(out: &mut impl Write, ledger: &Ledger) -> io::Result<()> {
    let names = ["recorded", "repeated", "refused 409", "unknown 404", "unreadable 400"];
    writeln!(out, "\nEvents, by the answer they were meant to get and got")?;
    write!(out, "  {:<18}", "")?;
    for name in names {
        write!(out, "{name:>15}")?;
    }
    writeln!(out)?;
    let kinds = EventType::ALL.map(EventType::name).into_iter().chain(["(unreadable)"]);
    for kind in kinds {
        let counts = Meant::ALL.map(|meant| ledger.answered.get(&(kind, meant)).unwrap_or(&0));
        if counts.iter().all(|count| **count == 0) {
            continue;
        }
        write!(out, "  {kind:<18}")?;
        for count in counts {
            write!(out, "{count:>15}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn calls(out: &mut impl Write, script: &Script, ledger: &Ledger) -> io::Result<()> {
    let names = ["completed", "abandoned", "failed", "waiting", "active", "on hold"];
    writeln!(out, "\nCalls, by the queue they are in now and how they ended or stand")?;
    write!(out, "  {:<24}{:>8}", "", "calls")?;
    for name in names {
        write!(out, "{name:>11}")?;
    }
    writeln!(out)?;
    for (number, queue) in script.plan.queues.iter().enumerate() {
        let of_queue = |call: &&Kept| call.status.is_some() && call.queue == number;
        let calls = ledger.calls.iter().filter(of_queue).collect::<Vec<_>>();
        let ended = |reason| calls.iter().filter(|call| call.reason == Some(reason)).count();
        let stands = |status| calls.iter().filter(|call| call.status == Some(status)).count();
        let counts = [
            ended(EndReason::Completed),
            ended(EndReason::Abandoned),
            ended(EndReason::Failed),
            stands(CallStatus::Waiting),
            stands(CallStatus::Active),
            stands(CallStatus::OnHold),
        ];
        write!(out, "  {:<24}{:>8}", queue.id, calls.len())?;
        for count in counts {
            write!(out, "{count:>11}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn agents(
    out: &mut impl Write,
    script: &Script,
    ledger: &Ledger,
    staff: &[Person],
) -> io::Result<()> {
    writeln!(out, "\nPhones, by what was heard: answered, let ring out, answered too late")?;
    let prefix = script.plan.prefix();
    let row =
        |agent| [Heard::Answered, Heard::Missed, Heard::TooLate].map(|it| ledger.heard(agent, it));
    for (agent, person) in (0..).zip(staff).take(AGENTS_MAX) {
        let [answered, missed, late] = row(Some(agent));
        let (id, name) = (script.plan.agent_id(&prefix, agent), &person.name);
        writeln!(out, "  {id:<28}{name:<24}{answered:>6}{missed:>6}{late:>6}")?;
    }
    let [answered, missed, late] = row(None);
    let all = format!("all {} agents", staff.len());
    writeln!(out, "  {all:<52}{answered:>6}{missed:>6}{late:>6}")
}

fn promises(out: &mut impl Write, ledger: &Ledger) -> io::Result<()> {
    let events = || ledger.calls.iter().flat_map(|call| &call.events);
    let count = |rule| events().filter(|event| event.rule == Some(rule)).count();
    let surveys = ledger.calls.iter().filter(|call| call.survey).count();
    writeln!(
        out,
        "\nFlags by what was reported: {} wait_exceeded, {} hold_exceeded, {} short_call. {surveys} \
         survey_requested.",
        count("wait_exceeded"),
        count("hold_exceeded"),
        count("short_call"),
    )?;
    if ledger.already != 0 {
        writeln!(
            out,
            "{} events were recorded by an earlier run of this very script and changed nothing; \
             give another --seed for new calls.",
            ledger.already
        )?;
    }
    if ledger.retries != 0 {
        writeln!(
            out,
            "{} times the server was away or too busy; the same events were sent again.",
            ledger.retries
        )?;
    }
    Ok(())
}

fn unexpected(out: &mut impl Write, ledger: &Ledger) -> io::Result<()> {
    if ledger.unexpected == 0 {
        return Ok(());
    }
    writeln!(out, "\n{} unexpected answers, the first of them:", ledger.unexpected)?;
    for line in &ledger.told {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

/// Tells whether the server shows what it accepted.
pub(super) fn verdict(out: &mut impl Write, shown: &Shown, unsure: usize) -> io::Result<()> {
    let Shown { listed, histories, added, touched, agents, figures, differences } = shown;
    writeln!(out)?;
    if unsure != 0 {
        writeln!(
            out,
            "{unsure} calls are left aside: the answer to one of their events was lost."
        )?;
    }
    if *touched != 0 {
        writeln!(
            out,
            "{touched} calls are left aside: somebody acted on them (GET /api/actions)."
        )?;
    }
    if differences.is_empty() {
        write!(out, "The server shows exactly that ({listed} calls, {histories} histories")?;
        if *agents != 0 {
            write!(out, ", {agents} agents who have signed off")?;
        }
        writeln!(out, ").")?;
    } else {
        writeln!(out, "The server shows something else, in {} places:", differences.len())?;
        for difference in differences.iter().take(DIFFERENCES_MAX) {
            writeln!(out, "  {difference}")?;
        }
    }
    if let Some((answered, missed)) = figures {
        writeln!(
            out,
            "By its figures of today they answered {answered} calls and missed {missed}."
        )?;
    }
    let added = added.iter().map(|(kind, count)| format!("{count} {kind}")).collect::<Vec<_>>();
    if !added.is_empty() {
        writeln!(out, "In the histories read, it had added by itself: {}.", added.join(", "))?;
    }
    Ok(())
}

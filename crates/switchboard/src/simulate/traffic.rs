//! What real traffic looks like: figures of one month of a bank's call centre.
//!
//! Source: the "Anonymous Bank" record collected by A. Mandelbaum and I. Guedj at the Technion,
//! February 1999, 33,344 calls, analysed in Brown et al., *Statistical Analysis of a Telephone Call
//! Center: A Queueing-Science Perspective*, JASA 2005. What that record does not tell (holds,
//! transfers, missed calls, video, repeats) is our guess, and named so.

use super::chance::Chance;

/// Calls per hour, by the hour of the day.
pub(super) const ARRIVALS_PER_HOUR: [f64; 24] = [
    4.4, 1.2, 0.8, 0.2, 0.3, 0.8, 4.0, 32.5, 79.7, 89.4, 100.0, 92.6, 78.1, 93.2, 85.8, 82.8, 84.0,
    68.4, 61.0, 56.7, 48.5, 49.9, 42.7, 34.0,
];

/// As many agents as the record had.
pub(super) const AGENTS_OF_THE_RECORD: f64 = 24.0;

pub(super) const HOUR_MS: u64 = 3_600_000;

/// The share of calls of each kind of service, and the mean service time in seconds.
const KINDS: [(f64, f64); 6] = [
    (64.0, 185.0), // regular
    (23.0, 107.0), // new customers
    (8.0, 277.0),  // stock exchange
    (3.0, 177.0),  // call back: its own mean is not told, the mean of all is taken
    (0.9, 267.0),  // internet
    (0.4, 229.0),  // English
];

/// The deviation of the logarithm of the service time.
const SERVICE_SIGMA: f64 = 1.26;
/// What the lognormal leaves out of the 6.4 % that end within ten seconds.
const ENDS_AT_ONCE: f64 = 0.028;
/// The mean time an agent is engaged with one call, with ringing, holds and what is written after.
pub(super) const ENGAGED_S_MEAN: f64 = 195.0;

/// Patience: after so many seconds, this share still waits (Kaplan and Meier's estimate).
const PATIENCE: [(f64, f64); 7] = [
    (0.0, 1.0),
    (10.0, 0.869),
    (30.0, 0.811),
    (60.0, 0.740),
    (120.0, 0.641),
    (240.0, 0.483),
    (480.0, 0.299),
];

/// How much of the promised number of agents sits there: staff beyond the load, in square roots of
/// the load. It makes some 55 % of the callers wait, as they did in the record.
pub(super) const STAFF_MARGIN: f64 = 0.5;

/// Guesses, each the share of what its name says.
pub(super) mod guess {
    /// Calls with a picture.
    pub(in super::super) const VIDEO: f64 = 0.12;
    /// Calls that go before others.
    pub(in super::super) const URGENT: f64 = 0.04;
    /// Conversations with a hold in them; and, after a hold, with another.
    pub(in super::super) const HELD: f64 = 0.20;
    /// Holds in which the caller hangs up.
    pub(in super::super) const HUNG_UP_ON_HOLD: f64 = 0.04;
    /// Returns from a hold that the older adapters report as `call_answered`.
    pub(in super::super) const RESUMED_BY_ANSWER: f64 = 0.10;
    /// Conversations that are handed on.
    pub(in super::super) const TRANSFERRED: f64 = 0.07;
    /// Transfers in which the first agent announces the caller to the second.
    pub(in super::super) const ATTENDED: f64 = 0.4;
    /// Blind transfers to an agent instead of a queue.
    pub(in super::super) const TO_AGENT: f64 = 0.3;
    /// Ends of a conversation, and of a wait, that are failures of the line.
    pub(in super::super) const FAILED: f64 = 0.008;
    /// Events that are sent twice.
    pub(in super::super) const REPEATED: f64 = 0.015;
    /// Calls about which something is reported that the rules refuse.
    pub(in super::super) const REFUSED: f64 = 0.012;
    /// Calls about which something is reported that nobody can read.
    pub(in super::super) const UNREADABLE: f64 = 0.006;
}

/// When the next caller comes, before the end. Arrivals are a Poisson process whose rate changes with
/// the hour: where the gap would cross into another hour, it is drawn anew from there.
pub(super) fn next_arrival_ms(
    chance: &mut Chance,
    mut at_ms: u64,
    to_ms: u64,
    scale: f64,
) -> Option<u64> {
    while at_ms < to_ms {
        let hour = at_ms / HOUR_MS;
        let gap_ms = ms(chance.exponential(arrivals_per_hour(hour) * scale) * 3_600.0);
        if (at_ms + gap_ms) / HOUR_MS == hour {
            return Some(at_ms + gap_ms).filter(|next_ms| *next_ms < to_ms);
        }
        at_ms = (hour + 1) * HOUR_MS;
    }
    None
}

/// Calls in an hour, counted on from midnight.
pub(super) fn arrivals_per_hour(hour: u64) -> f64 {
    ARRIVALS_PER_HOUR[usize::try_from(hour % 24).unwrap_or(0)]
}

/// Seconds as whole milliseconds.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "spans of a day")]
pub(super) fn ms(seconds: f64) -> u64 {
    (seconds * 1_000.0).round() as u64
}

/// How long an agent and a caller are in conversation.
pub(super) fn service_s(chance: &mut Chance) -> f64 {
    if chance.happens(ENDS_AT_ONCE) {
        return chance.between(1.0, 9.9);
    }
    let mean = *chance.weighted(&KINDS);
    // The mean of a lognormal is exp(mu + sigma^2 / 2).
    let mu = mean.ln() - SERVICE_SIGMA * SERVICE_SIGMA / 2.0;
    chance.lognormal(mu, SERVICE_SIGMA).clamp(1.0, 2.0 * 3_600.0)
}

/// How long a caller waits before hanging up.
pub(super) fn patience_s(chance: &mut Chance) -> f64 {
    let left = 1.0 - chance.share();
    let mut hazard = 0.0;
    for pair in PATIENCE.windows(2) {
        let ((from, before), (to, after)) = (pair[0], pair[1]);
        hazard = (before / after).ln() / (to - from);
        if after <= left {
            return from + (before / left).ln() / hazard;
        }
    }
    // Beyond what was observed, people go on losing patience as they did last.
    let (last, share) = PATIENCE[PATIENCE.len() - 1];
    (last + (share / left).ln() / hazard).min(3_600.0)
}

/// How long a hold lasts: a median of 22 s, one in ten beyond the promised minute.
pub(super) fn hold_s(chance: &mut Chance) -> f64 {
    chance.lognormal(22.0_f64.ln(), 0.78).clamp(2.0, 600.0)
}

/// How long it takes an agent to pick up a ringing phone.
pub(super) fn pick_up_s(chance: &mut Chance) -> f64 {
    chance.lognormal(3.0_f64.ln(), 0.5).clamp(0.5, 11.0)
}

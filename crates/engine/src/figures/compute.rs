//! Sums become figures: every formula there is. Pure.
//!
//! A service level is computed when it is asked for, from waits counted by the second, so that
//! another formula or another target holds for the past, too.

use std::{borrow::Cow, collections::BTreeMap};

use contract::{
    AgentMetrics, FigureFormula, Figures, Seconds, ServiceLevelFormula as Formula, WaitPercentiles,
};
use store::Tally;

/// What waits are judged by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Judgement {
    pub(crate) formula: Formula,
    pub(crate) short_abandon_seconds: u32,
}

impl Judgement {
    /// Who gives up sooner did not really wait.
    pub(crate) fn short_abandon(self) -> Seconds {
        Seconds { ms: 1_000 * i64::from(self.short_abandon_seconds) }
    }
}

/// The sums of some queues, with their waits judged: by then they can be added to those of queues
/// with other targets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judged<'a> {
    /// Those of a single queue are not copied.
    tally: Cow<'a, Tally>,
    abandoned: i64,
    short_abandoned: i64,
    in_time: i64,
    of: i64,
}

impl<'a> Judged<'a> {
    /// The sums of one queue. Of a target with a fraction the whole seconds count.
    pub(crate) fn new(tally: Cow<'a, Tally>, target: Seconds, by: Judgement) -> Self {
        let target = target.ms / 1_000;
        let (answered, gone) = (&tally.answered_waits, &tally.abandoned_waits);
        let abandoned = gone.count();
        let short = gone.below(by.short_abandon_seconds.into());
        let left = tally.answered + abandoned;
        let (in_time, of) = match by.formula {
            Formula::SlAnswered => (answered.within(target), tally.answered),
            Formula::SlBoth => (answered.within(target) + gone.within(target), left),
            Formula::SlQueueExit => (answered.within(target) + gone.within(target), tally.offered),
            Formula::SlOffered => (answered.within(target), left),
            Formula::SlOfferedNoshort => (answered.within(target), left - short),
        };
        Self { abandoned, short_abandoned: short, in_time, of, tally }
    }

    /// Adds those of other queues, or of another time.
    pub(crate) fn add(&mut self, other: &Judged<'_>) {
        self.tally.to_mut().add(&other.tally);
        self.abandoned += other.abandoned;
        self.short_abandoned += other.short_abandoned;
        self.in_time += other.in_time;
        self.of += other.of;
    }

    /// The figures.
    pub(crate) fn figures(&self) -> Figures {
        let tally = &self.tally;
        let handling = tally.handled_talk_ms + tally.handled_hold_ms + tally.wrap_up_ms;
        Figures {
            offered: count(tally.offered),
            answered: count(tally.answered),
            abandoned: count(self.abandoned),
            short_abandoned: count(self.short_abandoned),
            service_level: rate(self.in_time, self.of),
            asa_seconds: mean(tally.waited_ms, tally.answered),
            aht_seconds: mean(handling, tally.handled),
            average_hold_seconds: mean(tally.held_ms, tally.holds),
            longest_hold_seconds: (0 < tally.holds)
                .then_some(Seconds { ms: tally.longest_hold_ms }),
            transfer_rate: rate(tally.transferred, tally.answered),
            ring_no_answer_rate: rate(tally.missed, tally.missed + tally.picked_up),
            wait_seconds: tally
                .answered_waits
                .percentiles([50, 90, 95, 99])
                .map(|[p50, p90, p95, p99]| WaitPercentiles { p50, p90, p95, p99 }),
        }
    }
}

/// The figures of an agent, who takes calls now and has done so today for some time.
pub(crate) fn agent(tally: &Tally, available_ms: i64) -> AgentMetrics {
    let available = tally.available_ms + available_ms;
    let handling = tally.handled_talk_ms + tally.handled_hold_ms + tally.wrap_up_ms;
    AgentMetrics {
        offered: count(tally.rang),
        answered: count(tally.answered),
        missed: count(tally.missed),
        talk_seconds: Seconds { ms: tally.handled_talk_ms },
        hold_seconds: Seconds { ms: tally.handled_hold_ms },
        wrap_up_seconds: Seconds { ms: tally.wrap_up_ms },
        average_wait_seconds: mean(tally.waited_ms, tally.answered),
        occupancy: rate(handling, available),
    }
}

fn count(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}

/// Rounded to the millisecond.
fn mean(sum_ms: i64, of: i64) -> Option<Seconds> {
    (0 < of).then(|| Seconds { ms: sum_ms.saturating_add(of / 2) / of })
}

/// Rounded to four places. Never above 1: at the edge of an interval more may end than came, and a
/// call that began while its agent took calls may end when they no longer do.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn rate(part: i64, of: i64) -> Option<f64> {
    (0 < of)
        .then(|| ((part as f64 / of as f64) * 10_000.0).round() / 10_000.0)
        .map(|it| it.min(1.0))
}

const SERVICE_LEVELS: [(Formula, &str, &str); 5] = [
    (Formula::SlAnswered, "answered within targetSeconds / answered", "Asterisk ServicelevelPerf"),
    (
        Formula::SlBoth,
        "(answered + abandoned within targetSeconds) / (answered + abandoned)",
        "Asterisk ServicelevelPerf2",
    ),
    (
        Formula::SlQueueExit,
        "(answered + abandoned within targetSeconds) / offered",
        "Amazon Connect, Service level X",
    ),
    (
        Formula::SlOffered,
        "answered within targetSeconds / (answered + abandoned)",
        "Genesys, default",
    ),
    (
        Formula::SlOfferedNoshort,
        "answered within targetSeconds / (answered + abandoned - shortAbandoned)",
        "Genesys, without short abandons",
    ),
];

const OF_QUEUES: [(&str, &str, &str, &str); 11] = [
    ("offered", "callers who began to wait", "Amazon Connect, contacts queued", "calls"),
    ("answered", "waits that were answered", "Switchboard", "calls"),
    ("abandoned", "waits that ended with the call", "Switchboard", "calls"),
    (
        "shortAbandoned",
        "abandoned in less than shortAbandonSeconds",
        "Genesys, short abandons",
        "calls",
    ),
    ("asaSeconds", "sum of answered waits / answered", "Contact Center Pipeline", "seconds"),
    ("ahtSeconds", "(talk + hold + wrap-up) / handled", "common", "seconds"),
    ("averageHoldSeconds", "sum of holds / holds", "Amazon Connect, average hold time", "seconds"),
    ("longestHoldSeconds", "the longest hold that ended", "Switchboard", "seconds"),
    ("transferRate", "answered calls passed on / answered", "8x8", "rate"),
    (
        "ringNoAnswerRate",
        "phones that rang out / (rang out + answered)",
        "Amazon Connect, agent non-response without customer abandons",
        "rate",
    ),
    ("waitSeconds", "nearest rank of answered waits, rounded up", "Switchboard", "seconds"),
];

const OF_AGENTS: [(&str, &str, &str, &str); 8] = [
    ("offered", "how often the phone rang", "Amazon Connect, agent contacts", "calls"),
    ("answered", "calls answered", "Switchboard", "calls"),
    ("missed", "how often the phone rang out", "Amazon Connect, agent non-response", "calls"),
    ("talkSeconds", "talk of handled calls", "common", "seconds"),
    ("holdSeconds", "hold of handled calls", "common", "seconds"),
    ("wrapUpSeconds", "wrap-up after handled calls", "common", "seconds"),
    ("averageWaitSeconds", "sum of answered waits / answered", "Switchboard", "seconds"),
    (
        "occupancy",
        "(talk + hold + wrap-up) / time available, with the rest of calls in which they went away; \
         at most 1",
        "8x8, handle time by total available time",
        "rate",
    ),
];

/// How the figures of queues are computed.
pub(crate) fn formulas(formula: Formula) -> BTreeMap<String, FigureFormula> {
    let service_level = SERVICE_LEVELS.into_iter().filter(|(known, ..)| *known == formula);
    let service_level =
        service_level.map(|(_, text, source)| ("serviceLevel", text, source, "rate"));
    told(OF_QUEUES.into_iter().chain(service_level))
}

/// How the figures of agents are computed.
pub(crate) fn agent_formulas() -> BTreeMap<String, FigureFormula> {
    told(OF_AGENTS.into_iter())
}

fn told(
    texts: impl Iterator<Item = (&'static str, &'static str, &'static str, &'static str)>,
) -> BTreeMap<String, FigureFormula> {
    let formula = |(name, formula, source, unit): (&str, &str, &str, &str)| {
        let [formula, source, unit] = [formula, source, unit].map(str::to_owned);
        (name.to_owned(), FigureFormula { formula, source, unit })
    };
    texts.map(formula).collect()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use contract::{Seconds, ServiceLevelFormula as Formula};
    use store::{Tally, Waits};

    use super::{Judged, Judgement, agent, formulas};

    /// 100 offered; 80 answered, 60 of them within 30 s; 20 abandoned, 8 within 30 s, 5 of those in
    /// less than 5 s.
    fn example() -> Tally {
        let mut tally = Tally { offered: 100, answered: 80, ..Tally::default() };
        for (waits, ms) in [(59, 12_000), (1, 30_000), (1, 30_001), (19, 47_000)] {
            (0..waits).for_each(|_| tally.answered_waits.add(&Waits::one(ms)));
        }
        for (waits, ms) in [(5, 4_999), (2, 5_000), (1, 30_000), (12, 61_000)] {
            (0..waits).for_each(|_| tally.abandoned_waits.add(&Waits::one(ms)));
        }
        tally
    }

    fn level(tally: &Tally, formula: Formula) -> Option<f64> {
        let by = Judgement { formula, short_abandon_seconds: 5 };
        Judged::new(Cow::Borrowed(tally), Seconds { ms: 30_000 }, by).figures().service_level
    }

    #[test]
    fn nobody_is_more_than_occupied_all_the_time() {
        let tally = Tally { handled_talk_ms: 5_030, ..Tally::default() };
        assert_eq!(agent(&tally, 1_000).occupancy, Some(1.0));
        assert_eq!(agent(&tally, 0).occupancy, None, "not available today");
        assert_eq!(agent(&tally, 10_060).occupancy, Some(0.5));
    }

    #[test]
    fn each_formula_gives_the_worked_example_its_own_number() {
        let levels = Formula::ALL.map(|formula| level(&example(), formula));
        assert_eq!(levels, [Some(0.75), Some(0.68), Some(0.68), Some(0.6), Some(0.6316)]);
    }

    #[test]
    fn every_formula_is_told_in_words() {
        for formula in Formula::ALL {
            let told = formulas(formula);
            assert_eq!(told.len(), 12, "{formula:?}");
            assert!(told["serviceLevel"].formula.contains("targetSeconds"));
        }
    }

    #[test]
    fn what_would_divide_by_nothing_is_left_out() {
        for formula in Formula::ALL {
            assert_eq!(level(&Tally::default(), formula), None, "{formula:?}");
        }
        let mut tally = Tally { offered: 2, ..Tally::default() };
        (0..2).for_each(|_| tally.abandoned_waits.add(&Waits::one(1_000)));
        assert_eq!(level(&tally, Formula::SlOfferedNoshort), None, "all were short");
        assert_eq!(level(&tally, Formula::SlOffered), Some(0.0));
    }

    #[test]
    fn no_rate_is_above_one_where_more_left_than_came() {
        let mut tally = Tally { offered: 1, answered: 2, ..Tally::default() };
        (0..2).for_each(|_| tally.answered_waits.add(&Waits::one(1_000)));
        assert_eq!(level(&tally, Formula::SlQueueExit), Some(1.0));
    }

    #[test]
    fn queues_with_different_targets_add_up_each_by_its_own() {
        let by = Judgement { formula: Formula::SlOffered, short_abandon_seconds: 5 };
        let with_target = |ms| Judged::new(Cow::Owned(example()), Seconds { ms }, by);
        let mut both = with_target(30_000);
        both.add(&with_target(11_999));
        assert_eq!(both.figures().service_level, Some(0.3));
        assert_eq!(both.figures().offered, 200);
    }
}

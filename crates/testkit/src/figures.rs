//! Figures computed a second time, from nothing but the histories that the API shows.
//!
//! A history is drawn as stretches on a line of time, and figures are read off the drawing: lists are
//! sorted and counted, nothing is added up in between. It shares no code with the product.

mod drawing;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

pub use drawing::moment;
use drawing::{Does, Drawing, End, draw};

const SECOND: i64 = 1_000;

/// A span of time, from a moment to just before another.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Its first millisecond.
    pub from: i64,
    /// The first that is no longer in it.
    pub to: i64,
}

/// What one queue promises.
#[derive(Clone, Debug)]
pub struct Promise {
    /// The queue.
    pub queue: String,
    /// What counts as in time, in whole seconds.
    pub target_s: i64,
    /// How long an agent has to wrap up, in milliseconds.
    pub wrap_ms: i64,
}

/// Every call there is, drawn.
pub struct Figures {
    calls: Vec<Drawing>,
    promises: Vec<Promise>,
    short_s: i64,
}

impl Figures {
    /// Draws histories, each as `GET /api/calls/:id/events` answers.
    pub fn of<'a>(
        histories: impl IntoIterator<Item = &'a [Value]>,
        promises: Vec<Promise>,
        short_s: i64,
    ) -> Self {
        Self { calls: histories.into_iter().map(draw).collect(), promises, short_s }
    }

    /// The figures of some queues, as they are written.
    pub fn queues(&self, queues: &[&str], within: Window, formula: &str) -> Value {
        let is_in = |at: i64| within.from <= at && at < within.to;
        let mine = |queue: &str| queues.contains(&queue);
        let waits = || self.calls.iter().flat_map(|it| &it.waits).filter(|it| mine(&it.queue));
        let offered = waits().filter(|it| is_in(it.from)).count();
        let (mut answered, mut abandoned, mut short) = (Vec::new(), 0, 0);
        let (mut top, mut bottom) = (0, if formula == "sl_queue_exit" { offered } else { 0 });
        let mut phones = (0, 0);
        for wait in waits() {
            let Some((at, end)) = &wait.end else { continue };
            if !is_in(*at) {
                continue;
            }
            let waited = at - wait.from;
            let in_time = waited <= self.promise(&wait.queue).target_s * SECOND;
            match end {
                End::Answered { rang, .. } => {
                    answered.push(waited);
                    phones.1 += usize::from(*rang);
                    top += usize::from(in_time);
                    bottom += usize::from(formula != "sl_queue_exit");
                }
                End::Abandoned => {
                    let is_short = waited < self.short_s * SECOND;
                    abandoned += 1;
                    short += usize::from(is_short);
                    let counts = matches!(formula, "sl_both" | "sl_queue_exit");
                    top += usize::from(in_time && counts);
                    bottom += usize::from(match formula {
                        "sl_both" | "sl_offered" => true,
                        "sl_offered_noshort" => !is_short,
                        _ => false,
                    });
                }
            }
        }
        let rings = self.calls.iter().flat_map(|it| &it.missed);
        phones.0 = rings.filter(|it| mine(&it.queue) && is_in(it.at)).count();
        let holds = self.calls.iter().flat_map(|it| &it.holds);
        let holds = holds.filter(|it| mine(&it.queue) && is_in(it.to));
        let holds = holds.map(|it| it.to - it.from).collect::<Vec<_>>();
        let stints = self.calls.iter().flat_map(|it| &it.stints);
        let stints = stints.filter(|it| mine(&it.queue) && is_in(it.to)).collect::<Vec<_>>();
        let handling = stints.iter().map(|it| it.to - it.from + self.wrap(it)).sum::<i64>();
        let moved = self.calls.iter().flat_map(|it| &it.transfers);
        let moved = moved.filter(|it| mine(&it.queue) && is_in(it.at)).count();
        answered.sort_unstable();

        let mut told = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            value.map(|value| told.insert(name.to_owned(), value));
        };
        put("offered", Some(json!(offered)));
        put("answered", Some(json!(answered.len())));
        put("abandoned", Some(json!(abandoned)));
        put("shortAbandoned", Some(json!(short)));
        put("serviceLevel", rate(top, bottom));
        put("asaSeconds", mean(answered.iter().sum(), answered.len()));
        put("ahtSeconds", mean(handling, stints.len()));
        put("averageHoldSeconds", mean(holds.iter().sum(), holds.len()));
        put("longestHoldSeconds", holds.iter().max().map(|ms| seconds(*ms)));
        put("transferRate", rate(moved, answered.len()));
        put("ringNoAnswerRate", rate(phones.0, phones.0 + phones.1));
        put("waitSeconds", percentiles(&answered));
        Value::Object(told)
    }

    /// Every agent that counts for something in that time, by id, with their figures as written.
    pub fn agents(&self, within: Window) -> Vec<Value> {
        let is_in = |at: i64| within.from <= at && at < within.to;
        let calls = &self.calls;
        let answers = || {
            calls.iter().flat_map(|it| &it.waits).filter_map(|wait| match &wait.end {
                Some((at, End::Answered { agent: Some(agent), .. })) if is_in(*at) => {
                    Some((agent, at - wait.from))
                }
                _ => None,
            })
        };
        let rings = || calls.iter().flat_map(|it| &it.rings).filter(|it| is_in(it.at));
        let missed = || calls.iter().flat_map(|it| &it.missed).filter(|it| is_in(it.at));
        let stints = || calls.iter().flat_map(|it| &it.stints).filter(|it| is_in(it.to));
        let holds = calls.iter().flat_map(|it| &it.holds).filter(|it| is_in(it.to));
        let agents =
            answers().map(|(agent, _)| agent).chain(rings().filter_map(|it| it.agent.as_ref()));
        let agents = agents.chain(missed().filter_map(|it| it.agent.as_ref()));
        let agents = agents.chain(stints().filter_map(|it| it.agent.as_ref()));
        let agents =
            agents.chain(holds.filter_map(|it| it.agent.as_ref())).collect::<BTreeSet<_>>();
        let of_one = |agent: &String| {
            let is = |it: &Option<String>| it.as_ref() == Some(agent);
            let waited = answers().filter(|(it, _)| *it == agent).map(|(_, ms)| ms);
            let waited = waited.collect::<Vec<_>>();
            let mine = || stints().filter(|it| is(&it.agent));
            let mut metrics = json!({
                "offered": rings().filter(|it| is(&it.agent)).count(),
                "answered": waited.len(),
                "missed": missed().filter(|it| is(&it.agent)).count(),
                "talkSeconds": seconds(mine().map(|it| it.to - it.from - it.held).sum()),
                "holdSeconds": seconds(mine().map(|it| it.held).sum()),
                "wrapUpSeconds": seconds(mine().map(|it| self.wrap(it)).sum()),
            });
            if let Some(mean) = mean(waited.iter().sum(), waited.len()) {
                metrics["averageWaitSeconds"] = mean;
            }
            json!({ "agentId": agent, "metrics": metrics })
        };
        agents.into_iter().map(of_one).collect()
    }

    /// What is said of the same answer of `GET /api/metrics/queues`: every window of every queue.
    /// Returns the first that differs, in a sentence.
    pub fn compare(&self, answer: &Value) -> Result<usize, String> {
        const INTERVAL: i64 = 900_000;
        let formula = answer["formula"].as_str().unwrap_or_default();
        let as_of = moment(answer["asOf"].as_str().unwrap_or_default());
        let queues = answer["queues"].as_array().map_or(&[][..], Vec::as_slice);
        let ids = queues.iter().filter_map(|it| it["queueId"].as_str()).collect::<Vec<_>>();
        let each = ids.iter().map(std::slice::from_ref).zip(queues);
        let mut compared = 0;
        for (of, told) in each.chain([(&ids[..], &answer["total"])]) {
            let intervals = told["intervals"].as_array().map_or(&[][..], Vec::as_slice);
            let start = |it: &Value| moment(it["start"].as_str().unwrap_or_default());
            let midnight = intervals.first().map_or(as_of, start);
            let hour = as_of - as_of.rem_euclid(INTERVAL) - 4 * INTERVAL;
            compared += self.compare_now(of, as_of, &told["now"])?;
            let to = i64::MAX;
            let mut windows = vec![
                ("today", Window { from: midnight, to }, told["today"].clone()),
                ("lastHour", Window { from: hour, to }, told["lastHour"].clone()),
            ];
            for interval in intervals {
                let from = start(interval);
                let mut figures = interval.clone();
                figures.as_object_mut().map(|figures| figures.remove("start"));
                windows.push(("intervals", Window { from, to: from + INTERVAL }, figures));
            }
            for (name, window, told) in windows {
                let expected = self.queues(of, window, formula);
                if told != expected {
                    return Err(format!(
                        "{name} of {of:?} from {} by {formula}:\n   told {told}\nexpected {expected}",
                        window.from
                    ));
                }
                compared += expected.as_object().map_or(0, Map::len);
            }
        }
        Ok(compared)
    }

    /// What the calls of some queues do at that moment.
    fn compare_now(&self, queues: &[&str], at: i64, told: &Value) -> Result<usize, String> {
        let stand = self.calls.iter().filter_map(|it| it.stands.as_ref());
        let stand = stand.filter(|it| queues.contains(&&*it.queue)).collect::<Vec<_>>();
        let count = |does: Does| stand.iter().filter(|it| it.does == does).count();
        let waiting = stand.iter().filter(|it| matches!(it.does, Does::Wait | Does::Ring));
        let since = waiting.map(|it| it.since).min();
        let mut expected = json!({
            "waiting": count(Does::Wait) + count(Does::Ring),
            "ringing": count(Does::Ring),
            "active": count(Does::Talk),
            "onHold": count(Does::Hold),
        });
        if let Some(since) = since {
            expected["longestWaitSeconds"] = seconds(at - since);
        }
        let mut shown = told.clone();
        let waits_since = shown.as_object_mut().and_then(|it| it.remove("waitingSince"));
        if shown != expected || waits_since.as_ref().and_then(Value::as_str).map(moment) != since {
            return Err(format!(
                "now of {queues:?}:\n   told {told}\nexpected {expected} since {since:?}"
            ));
        }
        Ok(expected.as_object().map_or(0, Map::len))
    }

    fn promise(&self, queue: &str) -> &Promise {
        let promise = self.promises.iter().find(|it| it.queue == queue);
        promise.unwrap_or_else(|| panic!("no queue `{queue}`"))
    }

    fn wrap(&self, stint: &drawing::Stint) -> i64 {
        let wraps = stint.agent.is_some() && !stint.goes_on;
        if wraps { self.promise(&stint.queue).wrap_ms } else { 0 }
    }
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn seconds(ms: i64) -> Value {
    if ms % SECOND == 0 { json!(ms / SECOND) } else { json!(ms as f64 / 1_000.0) }
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "small numbers")]
fn mean(sum: i64, count: usize) -> Option<Value> {
    (count > 0).then(|| seconds((sum as f64 / count as f64 + 0.000_1).round() as i64))
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn rate(part: usize, of: usize) -> Option<Value> {
    (of > 0).then(|| json!(((part as f64 / of as f64).min(1.0) * 10_000.0).round() / 10_000.0))
}

fn percentiles(sorted: &[i64]) -> Option<Value> {
    let of = |hundredths: usize| {
        let rank = (sorted.len() * hundredths).div_ceil(100);
        (sorted[rank - 1] + 999) / SECOND
    };
    (!sorted.is_empty())
        .then(|| json!({ "p50": of(50), "p90": of(90), "p95": of(95), "p99": of(99) }))
}

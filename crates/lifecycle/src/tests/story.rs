//! The language of the stories: what happened at which second, and what followed.
//!
//! A line of a story is `second happening words key=value`. The line told back is
//!
//! ```text
//! second status(agent) #queue timer@due | event[flag] event(details) ! alert
//! ```
//!
//! with only what there is to say: the queue once the call left its first, nothing after `|` where
//! nothing was recorded, and `refused: ...` in its place where the rules said no.

use std::sync::Arc;

use crate::{
    Call, Counted, Decision, EndReason, Fact, Happening, Id, Kind, Opening, Policy, Refusal,
    Target, Timer, Timestamp, What, advance, open,
};

/// Where every story begins.
const FIRST_QUEUE: &str = "medical";

/// Tells `story`, and fails where it did not go as `outcome` says. Spaces do not matter.
#[track_caller]
pub(super) fn check(story: &str, outcome: &str) {
    let told = told_lines(story).join("\n");
    let outcome = trimmed(outcome).join("\n");
    assert!(told == outcome, "\nthe story went\n\n{told}\n\nbut was expected to go\n\n{outcome}\n");
}

/// Tells `story`, and fails where it did not count as `outcome` says.
#[track_caller]
pub(super) fn check_counts(story: &str, outcome: &str) {
    let told = tell(story).2.iter().map(counted).collect::<Vec<_>>().join("\n");
    let outcome = trimmed(outcome).join("\n");
    assert!(told == outcome, "\nthis counted\n\n{told}\n\nbut it was expected\n\n{outcome}\n");
}

/// What counted, and when: `8 #medical ana answered, waited 8`.
fn counted(fact: &Fact) -> String {
    let at = seconds(fact.at.0);
    let agent = fact.agent.as_ref().map(|agent| format!(" {agent}")).unwrap_or_default();
    let what = match fact.what {
        Counted::Offered => "offered".to_owned(),
        Counted::Answered { waited_ms, rang: true } => {
            format!("answered, waited {}", seconds(waited_ms))
        }
        Counted::Answered { waited_ms, rang: false } => {
            format!("took it, waited {}", seconds(waited_ms))
        }
        Counted::Abandoned { waited_ms } => format!("abandoned, waited {}", seconds(waited_ms)),
        Counted::Rang => "rang".to_owned(),
        Counted::Missed => "missed".to_owned(),
        Counted::Held { ms } => format!("held {}", seconds(ms)),
        Counted::Handled { talked_ms, held_ms, wraps } => {
            let stays = if wraps { "" } else { ", goes on" };
            format!("handled, talked {} held {}{stays}", seconds(talked_ms), seconds(held_ms))
        }
        Counted::Transferred => "transferred".to_owned(),
    };
    format!("{at} #{}{agent} {what}", fact.queue)
}

/// The call at the end of `story`.
pub(super) fn after(story: &str) -> Arc<Call> {
    tell(story).0.expect("the story has no line")
}

/// What follows if `line` happens after `story`; the call stays as it was where it is refused.
pub(super) fn then(story: &str, line: &str) -> Result<Decision, Refusal> {
    let line = Line::parsed(line);
    line.happens(after(story))
}

/// The promises of a queue: those of the product, and of two queues that promise otherwise.
pub(super) fn policy(queue: &str) -> Policy {
    match queue {
        "vip" => Policy {
            wait_ms_max: 10_000,
            ring_ms_max: 5_000,
            hold_ms_max: 20_000,
            short_call_ms: 3_000,
            ..Policy::default()
        },
        "odd" => Policy {
            wait_ms_max: 16_100,
            ring_ms_max: 500,
            hold_ms_max: 16_100,
            short_call_ms: 1_001,
            ..Policy::default()
        },
        _ => Policy::default(),
    }
}

/// The happening that `words` tell.
pub(super) fn happening(words: &str) -> Happening {
    Line::parsed(&format!("0 {words}")).happening()
}

fn told_lines(story: &str) -> Vec<String> {
    tell(story).1
}

fn trimmed(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect()
}

fn tell(story: &str) -> (Option<Arc<Call>>, Vec<String>, Vec<Fact>) {
    let mut call = None;
    let (mut told, mut facts) = (Vec::new(), Vec::new());
    for text in trimmed(story) {
        let line = Line::parsed(&text);
        let before = call.clone();
        let said = match call.take() {
            None => Ok(line.opens()),
            Some(call) => line.happens(call),
        };
        let (now, rest) = match said {
            Ok(decision) => {
                facts.extend(decision.facts.iter().cloned());
                (decision.call.clone(), consequences(line.verb(), &decision))
            }
            Err(refusal) => (before.expect("a call never opened"), format!("refused: {refusal}")),
        };
        let words = [line.second.clone(), standing(&now), rest];
        told.push(words.join(" ").trim_end().to_owned());
        call = Some(now);
    }
    (call, told, facts)
}

/// One line of a story: `5 answered 4 agent=ana`.
struct Line {
    second: String,
    words: Vec<String>,
}

impl Line {
    fn parsed(text: &str) -> Self {
        let mut words = text.split_whitespace().map(str::to_owned);
        let second = words.next().expect("a line begins with its second");
        Self { second, words: words.collect() }
    }

    fn verb(&self) -> &str {
        self.words[0].split('=').next().unwrap_or_default()
    }

    fn word(&self, place: usize) -> &str {
        self.words.get(place).unwrap_or_else(|| panic!("`{}` needs a word more", self.verb()))
    }

    fn number(&self) -> f64 {
        self.word(1).parse().expect("a number of seconds")
    }

    fn named(&self, key: &str) -> Option<Id> {
        let values = self.words.iter().filter_map(|word| word.split_once('='));
        values.filter(|(name, _)| *name == key).map(|(_, value)| value.into()).next()
    }

    fn at(&self) -> Timestamp {
        moment(&self.second)
    }

    fn occurred_at(&self) -> Timestamp {
        self.named("occurred").map_or(self.at(), |second| moment(&second))
    }

    fn opens(&self) -> Decision {
        assert!(self.verb() == "opened", "a story begins with `opened`");
        let queue = self.named("queue").unwrap_or_else(|| FIRST_QUEUE.into());
        let promises = policy(&queue);
        let opening = Opening { kind: Kind::Voice, queue, priority: 0 };
        open(opening, self.at(), self.occurred_at(), &promises)
    }

    fn happens(&self, call: Arc<Call>) -> Result<Decision, Refusal> {
        let queue = self.named("queue").unwrap_or_else(|| call.queue.clone());
        advance(call, self.happening(), self.at(), self.occurred_at(), &policy(&queue))
    }

    fn happening(&self) -> Happening {
        let (queue, agent) = (self.named("queue"), self.named("agent"));
        match self.verb() {
            "routed" => Happening::Routed { agent: self.word(1).into() },
            "answered" => Happening::Answered {
                waited_s: self.number(),
                agent,
                offer: self.named("offer").map(|offer| offer.parse().expect("an offer's number")),
            },
            "held" => Happening::Held { held_s: self.number() },
            "resumed" => Happening::Resumed,
            "blind" => Happening::TransferredBlind { queue, agent },
            "attended" => Happening::TransferredAttended { queue, agent },
            "ended" => Happening::Ended { reason: reason(self.word(2)), lasted_s: self.number() },
            "reassigned" => Happening::Reassigned(match (queue, agent) {
                (Some(queue), _) => Target::Queue(queue),
                (_, agent) => Target::Agent(agent.expect("a queue or an agent")),
            }),
            "freed" => Happening::Freed { agent: self.word(1).into() },
            "closed" => Happening::Closed,
            "elapsed" => Happening::Elapsed(timer(self.word(1))),
            other => panic!("no story tells of `{other}`"),
        }
    }
}

fn moment(second: &str) -> Timestamp {
    let (whole, part) = second.split_once('.').unwrap_or((second, ""));
    let ms: i64 = format!("{whole}{part:0<3}").parse().expect("a second");
    Timestamp(ms)
}

fn reason(word: &str) -> EndReason {
    match word {
        "completed" => EndReason::Completed,
        "abandoned" => EndReason::Abandoned,
        "failed" => EndReason::Failed,
        other => panic!("no call ends as `{other}`"),
    }
}

fn timer(word: &str) -> Timer {
    match word {
        "ring" => Timer::Ring,
        "wait" => Timer::Wait,
        "hold" => Timer::Hold,
        other => panic!("no timer is called `{other}`"),
    }
}

/// How the call stands: `waiting(ana) ring@20 wait@30`.
fn standing(call: &Call) -> String {
    let agent = call.named_agent().map(|agent| format!("({agent})")).unwrap_or_default();
    let mut words = vec![format!("{}{agent}", call.phase.status())];
    if &*call.queue != FIRST_QUEUE {
        words.push(format!("#{}", call.queue));
    }
    for (timer, due_at) in call.timers() {
        let name = match timer {
            Timer::Ring => "ring",
            Timer::Wait => "wait",
            Timer::Hold => "hold",
        };
        words.push(format!("{name}@{}", seconds(due_at.0)));
    }
    words.join(" ")
}

/// What was recorded, and whom it alerts: `| answered[wait_exceeded] ! wait_exceeded`.
fn consequences(verb: &str, decision: &Decision) -> String {
    let mut words = Vec::new();
    for record in &decision.records {
        let flags = record.flags.iter().map(|flag| format!("[{}]", flag.rule.name()));
        words.push(recorded(verb, &record.what) + &flags.collect::<String>());
    }
    if !words.is_empty() {
        words.insert(0, "|".to_owned());
    }
    words.extend(decision.alerts.iter().map(|alert| format!("! {}", alert.rule.name())));
    words.join(" ")
}

fn recorded(verb: &str, what: &What) -> String {
    match what {
        What::Reported { offer: None } => verb.to_owned(),
        What::Reported { offer: Some(offer) } => format!("{verb}(offer {offer})"),
        What::Retransfer { agent, attempt, late_ms, .. } => {
            format!("call_retransfer({agent}, attempt {attempt}{})", late(*late_ms))
        }
        What::Withdrawn { agent, waits: true } => format!("withdrawn({agent})"),
        What::Withdrawn { agent, waits: false } => format!("withdrawn({agent}, rings elsewhere)"),
        What::SlaBreached { due_at, late_ms } => {
            format!("sla_breached(due {}{})", seconds(due_at.0), late(*late_ms))
        }
        What::HoldExceeded { due_at, late_ms } => {
            format!("hold_exceeded(due {}{})", seconds(due_at.0), late(*late_ms))
        }
        What::SurveyRequested => "survey_requested".to_owned(),
    }
}

fn late(ms: i64) -> String {
    if ms == 0 { String::new() } else { format!(", late {}", seconds(ms)) }
}

/// Milliseconds as seconds, without the zeros that say nothing.
fn seconds(ms: i64) -> String {
    let text = format!("{}.{:03}", ms / 1_000, ms % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

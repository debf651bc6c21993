//! Does the server show what it accepted? Asks it, call by call, and tells every difference.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use contract::{Agent, CallStatus, EventType, Presence};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::task::JoinSet;

use super::client::Client;
use super::ledger::{Heard, Kept, Ledger, Rule, Stored};
use super::run::Run;
use super::script::{Routing, reason_name};

/// Histories that are read; of more calls, a sample spread evenly over the day.
const HISTORIES_MAX: usize = 2_000;
const AT_ONCE: usize = 16;

/// What the server showed.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub(super) listed: usize,
    pub(super) histories: usize,
    /// Events that the server added by itself, by type.
    pub(super) added: BTreeMap<String, usize>,
    /// Calls left aside: somebody else had a hand in them.
    pub(super) touched: usize,
    /// Agents who are as they must be.
    pub(super) agents: usize,
    /// What they answered and missed by the server's own figures, which begin anew at midnight.
    pub(super) figures: Option<(u64, u64)>,
    pub(super) differences: Vec<String>,
}

/// A call as the server lists it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    status: CallStatus,
    queue_id: String,
    end_time: Option<String>,
    #[serde(default)]
    flags: Vec<Rule>,
}

/// What a person did on purpose.
#[derive(Debug, Deserialize)]
struct Action {
    target: String,
}

/// The calls to look at: those whose every answer is known.
struct Expected<'a> {
    ledger: &'a Ledger,
    calls: HashMap<String, &'a Kept>,
    run: &'a Run,
}

/// Compares what the server shows with what it accepted.
pub(super) async fn verify(run: &Run, ledger: &Ledger) -> Result<Shown, String> {
    let calls = (0..).zip(&ledger.calls);
    let sure = calls.filter(|(_, call)| call.status.is_some() && !call.unsure);
    let call_id = |number| run.script.call_id(&run.prefix, number);
    let calls = sure.map(|(number, call)| (call_id(number), call)).collect::<HashMap<_, _>>();
    let mut expected = Expected { ledger, calls, run };
    let mut shown = Shown::default();
    if run.script.plan.routing == Routing::Server {
        expected.leave_aside(&mut shown).await?;
        expected.compare_agents(&mut shown).await?;
    }
    expected.compare_lists(&run.client, &mut shown).await?;
    expected.compare_histories(&run.client, &mut shown).await?;
    Ok(shown)
}

impl Expected<'_> {
    /// What a supervisor did with a call in the meantime is not for the simulation to know. Where
    /// nobody did anything, a report that was refused is told.
    async fn leave_aside(&mut self, shown: &mut Shown) -> Result<(), String> {
        let actions: Vec<Action> = read(&self.run.client, "/api/actions?limit=1000").await?;
        let before = self.calls.len();
        for action in actions {
            self.calls.remove(&action.target);
        }
        shown.touched = before - self.calls.len();
        let refused = self.calls.iter().filter_map(|(id, call)| {
            call.refused.as_ref().map(|why| format!("{id}: a legal event was refused: {why}"))
        });
        shown.differences.extend(refused);
        self.calls.retain(|_, call| call.refused.is_none());
        Ok(())
    }

    /// At the end of the day everybody has gone home, and no call names them.
    async fn compare_agents(&self, shown: &mut Shown) -> Result<(), String> {
        let agents: Vec<Agent> = read(&self.run.client, "/api/agents").await?;
        for agent in agents.iter().filter(|agent| self.run.agent(&agent.id).is_some()) {
            let Agent { id, name, presence, state, call_id, metrics, .. } = agent;
            if let Some(metrics) = metrics {
                let (answered, missed) = shown.figures.get_or_insert_default();
                *answered += metrics.answered;
                *missed += metrics.missed;
            }
            if *presence == Presence::Offline && call_id.is_none() {
                shown.agents += 1;
            } else {
                shown.differences.push(format!(
                    "{id} ({name}) shows {presence:?}, {state:?} instead of having gone home"
                ));
            }
        }
        Ok(())
    }

    /// Reads the pages of calls, the newest first, until all that are looked for were seen.
    async fn compare_lists(&self, client: &Client, shown: &mut Shown) -> Result<(), String> {
        let mut missing = self.calls.clone();
        let mut page = Some("/api/calls?limit=1000".to_owned());
        while let Some(path) = page.filter(|_| !missing.is_empty()) {
            let answer = client.get(&path).await.map_err(|why| client.unreachable(&why))?;
            if answer.status != 200 {
                return Err(format!("GET {path}: {} {}", answer.status, answer.text()));
            }
            let calls = serde_json::from_slice::<Vec<Listed>>(&answer.body)
                .map_err(|error| format!("GET {path}: not a list of calls: {error}"))?;
            for call in calls.iter().filter(|call| call.id.starts_with(&self.run.prefix)) {
                if let Some(kept) = missing.remove(&call.id) {
                    shown.listed += 1;
                    shown.differences.extend(self.unlike(call, kept));
                }
            }
            page = answer.next;
        }
        let missing = missing.keys().map(|id| format!("{id} is not in the list of calls"));
        shown.differences.extend(missing);
        Ok(())
    }

    fn unlike(&self, call: &Listed, kept: &Kept) -> Vec<String> {
        let mut differences = Vec::new();
        let mut compare = |what: &str, shown: &str, expected: &str| {
            if shown != expected {
                let id = &call.id;
                differences.push(format!("{id} shows {what} `{shown}` instead of `{expected}`"));
            }
        };
        let expected = kept.status.map(CallStatus::name).unwrap_or_default();
        compare("status", call.status.name(), expected);
        compare("queueId", &call.queue_id, self.ledger.queue_id(kept.queue));
        compare("type", &call.kind, if kept.video { "video" } else { "voice" });
        let ended = kept.status == Some(CallStatus::Ended);
        compare("an endTime", &call.end_time.is_some().to_string(), &ended.to_string());
        for rule in ["wait_exceeded", "short_call"] {
            let shown = call.flags.iter().filter(|flag| flag.rule == rule).count();
            let expected = kept.events.iter().filter(|event| event.rule == Some(rule)).count();
            compare(&format!("flags {rule}"), &shown.to_string(), &expected.to_string());
        }
        differences
    }

    /// Who answered is who picked up, and what was let ring out was taken back. More may have been
    /// taken back: what rang out unheard, while the server or the line was away.
    fn unlike_phones(&self, kept: &Kept, history: &[Stored]) -> Option<String> {
        let of = |kind: EventType| {
            let events = history.iter().filter(move |event| event.kind == kind.name());
            events.filter_map(|event| self.run.agent(event.metadata.agent_id.as_deref()?))
        };
        let heard = |what: Heard| {
            let phones = kept.phones.iter().filter(move |(_, heard)| *heard == what);
            phones.map(|(agent, _)| *agent)
        };
        if !of(EventType::CallAnswered).eq(heard(Heard::Answered)) {
            return Some("was answered by others than those who picked up".to_owned());
        }
        heard(Heard::Missed).find_map(|agent| {
            let missed = heard(Heard::Missed).filter(|it| *it == agent).count();
            let taken = of(EventType::CallRetransfer).filter(|it| *it == agent).count();
            (taken < missed).then(|| {
                format!("{taken} call_retransfer of agent {} instead of {missed}", agent + 1)
            })
        })
    }

    async fn compare_histories(&self, client: &Client, shown: &mut Shown) -> Result<(), String> {
        let mut ids = self.calls.keys().cloned().collect::<Vec<_>>();
        ids.sort_unstable();
        let step = ids.len().div_ceil(HISTORIES_MAX).max(1);
        let ids = Arc::new(ids.into_iter().step_by(step).collect::<Vec<_>>());
        let mut readers = JoinSet::new();
        for reader in 0..AT_ONCE {
            readers.spawn(read_some(client.clone(), Arc::clone(&ids), reader));
        }
        while let Some(read) = readers.join_next().await {
            for (id, history) in read.map_err(|error| error.to_string())?? {
                shown.histories += 1;
                let Some(kept) = self.calls.get(&id) else { continue };
                let unlike = unlike_history(kept, &history, &mut shown.added)
                    .or_else(|| self.unlike_phones(kept, &history));
                shown.differences.extend(unlike.map(|why| format!("{id}: {why}")));
            }
        }
        Ok(())
    }
}

/// Reads something whole.
async fn read<T: DeserializeOwned>(client: &Client, path: &str) -> Result<T, String> {
    let answer = client.get(path).await.map_err(|why| client.unreachable(&why))?;
    serde_json::from_slice(&answer.body)
        .map_err(|error| format!("GET {path}: {} {}: {error}", answer.status, answer.text()))
}

/// Every sixteenth history, from that one on.
async fn read_some(
    client: Client,
    ids: Arc<Vec<String>>,
    first: usize,
) -> Result<Vec<(String, Vec<Stored>)>, String> {
    let mut read = Vec::new();
    for id in ids.iter().skip(first).step_by(AT_ONCE) {
        let path = format!("/api/calls/{id}/events");
        let answer = client.get(&path).await.map_err(|why| client.unreachable(&why))?;
        let history = serde_json::from_slice(&answer.body)
            .map_err(|_| format!("GET {path}: {} {}", answer.status, answer.text()))?;
        read.push((id.clone(), history));
    }
    Ok(read)
}

/// The first way in which a history is not the one that was accepted: our events in their order,
/// each once and with its flags, and nothing else but what the system itself records.
pub(super) fn unlike_history(
    kept: &Kept,
    history: &[Stored],
    added: &mut BTreeMap<String, usize>,
) -> Option<String> {
    let mut ours = kept.events.iter();
    for (event, place) in history.iter().zip(1..) {
        if event.seq.is_some_and(|seq| seq != place) {
            return Some(format!("event {place} has another seq"));
        }
        if !kept.events.iter().any(|ours| ours.id == event.id) {
            if !may_be_added(&event.kind) {
                return Some(format!("event {place}, `{}`, was never sent", event.kind));
            }
            *added.entry(event.kind.clone()).or_default() += 1;
            continue;
        }
        let Some(expected) = ours.next().filter(|ours| ours.id == event.id) else {
            return Some(format!("event {place}, `{}`, is not in its order", event.kind));
        };
        if expected.kind.name() != event.kind || event.rules() != Vec::from_iter(expected.rule) {
            let (kind, rule) = (expected.kind.name(), expected.rule.unwrap_or("no rule"));
            let rules = event.rules();
            return Some(format!(
                "event {place} is `{}` {rules:?}, not `{kind}` with {rule}",
                event.kind
            ));
        }
        if event.kind == EventType::CallEnded.name() && event.metadata.end_reason != kept.reason {
            let reason = kept.reason.map(reason_name).unwrap_or_default();
            return Some(format!("the endReason is not `{reason}`"));
        }
    }
    if let Some(lost) = ours.next() {
        return Some(format!("`{}` was answered with 201 and is not there", lost.kind.name()));
    }
    let survey = EventType::SurveyRequested.name();
    let surveys = history.iter().filter(|event| event.kind == survey).count();
    let expected = usize::from(kept.survey);
    (surveys != expected).then(|| format!("{surveys} survey_requested instead of {expected}"))
}

/// What the system records by itself: its timers, the survey, offers made by its own dispatch.
fn may_be_added(kind: &str) -> bool {
    let reported = ["call_initiated", "call_answered", "call_hold", "call_resumed", "call_ended"];
    !reported.contains(&kind) && kind != EventType::CallTransferred.name()
}

//! The decision of one batch: what was loaded and what came in become what is recorded.
//!
//! This is the only caller of the rules. It asks nothing of anyone: no clock, no store, no network.

mod agents;

use std::collections::{HashMap, hash_map::Entry};

use bus::News;
use contract::{
    Alert, Call, CallEvent, CallStatus, CallStatusUpdate, EventType, IncomingEvent, Metadata,
    Moment, Queue, Reported, happening_metadata, same_payload,
};
use lifecycle::{Decision, Happening, Pair, Phase, Policy, Record, Timestamp, What, advance, open};
use store::{ChangedCall, Changes, Link, Loaded, NewEvent, ReceiptOf};

use crate::{
    Receipt, SubmitError,
    agents::Directory,
    lane::{Answer, Input, Work},
};

pub(crate) use agents::Stirred;

use agents::Agents;

/// What is to be told once the batch is on disk.
#[derive(Debug, Default)]
pub(crate) struct Decided {
    /// One for each input; `None` for those that are busy.
    pub(crate) answers: Vec<Option<Answer>>,
    /// Which inputs are about a call that another process holds.
    pub(crate) busy: Vec<bool>,
    /// What to announce, in order.
    pub(crate) news: Vec<News>,
    /// The earliest timer among the calls that changed.
    pub(crate) next_due: Option<Timestamp>,
    /// Where something moved.
    pub(crate) stirred: Stirred,
}

impl Decided {
    /// The answers where deciding failed: a fault of this program.
    pub(crate) fn failed(inputs: &[Input]) -> Self {
        let fault = || Err(SubmitError::Unstorable("deciding it failed".to_owned()));
        Self {
            answers: inputs.iter().map(|_| Some(fault())).collect(),
            busy: vec![false; inputs.len()],
            ..Self::default()
        }
    }
}

/// The promises of every queue.
pub(crate) type Policies = HashMap<String, Queue>;

/// Decides a batch, input by input, in order.
pub(crate) fn decide(
    inputs: &[Input],
    loaded: Loaded,
    policies: &Policies,
    directory: &Directory,
) -> (Changes, Decided) {
    let mut batch = Batch::new(loaded, policies, directory);
    let mut decided = Decided::default();
    for Input { work, .. } in inputs {
        let busy = batch.loaded.busy.contains(work.call());
        decided.busy.push(busy);
        decided.answers.push((!busy).then(|| match work {
            Work::Event(event) => batch.event(event, work.receipt()).map(Some),
            Work::Settle { call, seen } => {
                batch.settle(call, seen.as_deref());
                Ok(None)
            }
            Work::Offer(pair) => batch.offer(pair),
        }));
    }
    decided.news = std::mem::take(&mut batch.news);
    let (calls, agents, stirred) = batch.changed();
    decided.next_due =
        calls.iter().filter_map(|it| it.call.next_timer()).map(|(_, due_at)| due_at).min();
    let named = stirred.named.clone();
    decided.stirred = stirred;
    (Changes { calls, agents, named, ..Changes::default() }, decided)
}

/// A call while its batch is decided.
struct Working {
    no: i64,
    begins: bool,
    chain: Link,
    call: lifecycle::Call,
    events: Vec<NewEvent>,
    alerts: Vec<Alert>,
}

struct Batch<'a> {
    loaded: Loaded,
    policies: &'a Policies,
    working: HashMap<String, Working>,
    order: Vec<String>,
    news: Vec<News>,
    agents: Agents<'a>,
}

impl<'a> Batch<'a> {
    fn new(mut loaded: Loaded, policies: &'a Policies, directory: &'a Directory) -> Self {
        // Taken from the end: the call that came first gets the lowest number.
        loaded.fresh.sort_unstable_by(|one, other| other.cmp(one));
        let agents = Agents::new(std::mem::take(&mut loaded.agents), directory);
        let (working, order, news) = (HashMap::new(), Vec::new(), Vec::new());
        Self { loaded, policies, working, order, news, agents }
    }

    fn changed(self) -> (Vec<ChangedCall>, Vec<(String, lifecycle::Agent)>, Stirred) {
        let mut working = self.working;
        let calls = self.order.into_iter().filter_map(|id| {
            let Working { no, begins, chain, call, events, alerts } = working.remove(&id)?;
            (!events.is_empty()).then_some(ChangedCall {
                no,
                id,
                begins,
                chain,
                call,
                events,
                alerts,
            })
        });
        let (agents, stirred) = self.agents.changed();
        (calls.collect(), agents, stirred)
    }

    /// Offers a call, if it still waits and the agent is still free.
    fn offer(&mut self, pair: &Pair) -> Result<Option<Receipt>, SubmitError> {
        let now = self.loaded.now;
        let Some(working) = self.call(&pair.call) else { return Ok(None) };
        let waits = matches!(working.call.phase, Phase::Waiting { ring: None, .. });
        let (queue_is, no) = (working.call.queue == pair.queue, working.no);
        if !(waits && queue_is && self.agents.takes(pair, no, now)) {
            return Ok(None);
        }
        self.event(&offered(pair), None).map(Some)
    }

    fn event(
        &mut self,
        event: &IncomingEvent,
        receipt: Option<ReceiptOf>,
    ) -> Result<Receipt, SubmitError> {
        let receipt = receipt.map(|receipt| (event.call_id.clone(), receipt));
        let earlier = receipt.as_ref().and_then(|receipt| self.loaded.receipts.get(receipt));
        if let Some(earlier) = earlier {
            if is_repeat(earlier, event) {
                return Ok(Receipt { event: earlier.clone(), replayed: true });
            }
            if let Some(key) = &event.key {
                return Err(SubmitError::KeyReused(key.clone()));
            }
        }
        let recorded = match &event.reported {
            Reported::Opening(opening) => {
                if let Some(working) = self.call(&event.call_id) {
                    let status = working.call.phase.status();
                    return Err(SubmitError::CallExists { id: event.call_id.clone(), status });
                }
                let at = self.loaded.now;
                let policy = self.policy(&opening.queue);
                let decision = open(opening.clone(), at, event.occurred_at.unwrap_or(at), &policy);
                self.record(event.call_id.as_str(), None, decision, Some(event))
            }
            Reported::Happening(happening) => {
                let at = self.loaded.now;
                let Some(working) = self.call(&event.call_id) else {
                    return Err(SubmitError::UnknownCall(event.call_id.clone()));
                };
                let call = working.call.clone();
                let policy = self.policy(queue_after(&call, happening));
                let left = call.queue.clone();
                let occurred_at = event.occurred_at.unwrap_or(at);
                let decision = advance(call, happening.clone(), at, occurred_at, &policy)?;
                self.record(&event.call_id, Some(&left), decision, Some(event))
            }
        };
        let recorded = recorded.expect("the rules record what they accept");
        if let Some(receipt) = receipt {
            self.loaded.receipts.insert(receipt, recorded.clone());
        }
        Ok(Receipt { event: recorded, replayed: false })
    }

    /// Fires every timer of the call that is due, the earliest first.
    fn settle(&mut self, id: &str, seen: Option<&Call>) {
        let now = self.loaded.now;
        if self.call(id).is_none() {
            return;
        }
        if let Some(seen) = seen {
            self.believe(id, seen);
        }
        while let Some(working) = self.working.get(id) {
            let Some((timer, _)) = working.call.next_timer().filter(|(_, due_at)| *due_at <= now)
            else {
                return;
            };
            let call = working.call.clone();
            let (policy, queue) = (self.policy(&call.queue), call.queue.clone());
            let happening = Happening::Elapsed(timer);
            let Ok(decision) = advance(call, happening, now, now, &policy) else { return };
            for record in &decision.records {
                note_lateness(&record.what);
            }
            self.record(id, Some(&queue), decision, None);
        }
    }

    /// The planted bug `timer_without_lock`: decides from what was seen before the lock.
    fn believe(&mut self, id: &str, seen: &Call) {
        let Some(working) = self.working.get_mut(id) else { return };
        if let (Some(due_at), Some(agent), Some(ring_due_at)) =
            (seen.sla_due_at, &seen.agent_id, seen.ring_due_at)
        {
            let ring = lifecycle::Ring { agent: agent.clone(), due_at: ring_due_at.0 };
            working.call.phase = lifecycle::Phase::Waiting { due_at: due_at.0, ring: Some(ring) };
        }
    }

    /// The call as it stands in this batch.
    fn call(&mut self, id: &str) -> Option<&Working> {
        match self.working.entry(id.to_owned()) {
            Entry::Occupied(known) => Some(known.into_mut()),
            Entry::Vacant(place) => {
                let stored = self.loaded.calls.remove(id)?;
                self.order.push(id.to_owned());
                Some(place.insert(Working {
                    no: stored.no,
                    begins: false,
                    chain: stored.chain,
                    call: stored.call,
                    events: Vec::new(),
                    alerts: Vec::new(),
                }))
            }
        }
    }

    fn policy(&self, queue: &str) -> Policy {
        self.policies.get(queue).map_or_else(Policy::default, Queue::policy)
    }

    /// Takes over a decision. Returns the event that was reported, as it is stored.
    fn record(
        &mut self,
        id: &str,
        queue_before: Option<&str>,
        decision: Decision,
        reported: Option<&IncomingEvent>,
    ) -> Option<CallEvent> {
        let Decision { call, records, alerts } = decision;
        let loaded = &mut self.loaded;
        let order = &mut self.order;
        let working = self.working.entry(id.to_owned()).or_insert_with(|| {
            order.push(id.to_owned());
            Working {
                no: loaded.fresh.pop().expect("a number for each call that was not found"),
                begins: true,
                chain: Link::default(),
                call: call.clone(),
                events: Vec::new(),
                alerts: Vec::new(),
            }
        });
        let mut before = queue_before.map(|_| std::mem::replace(&mut working.call, call));
        let mut answer = None;
        for record in records {
            let wrap_ms = before.as_ref().map_or(0, |call| {
                self.policies.get(&call.queue).map_or(0, |queue| queue.wrap_up_seconds.ms)
            });
            self.agents.learn(before.as_ref(), &record, wrap_ms);
            let of_reported = matches!(record.what, What::Reported { .. });
            let reported = reported.filter(|_| of_reported);
            let event = stored(id, working.no, &record, reported);
            let left_queue = queue_before.filter(|queue| *queue != record.after.queue);
            self.news.push(update(&event, &record, left_queue));
            for alert in record.flags.iter().filter(|flag| alerts.contains(flag)) {
                let alert = raise(&event, alert);
                self.news.push(News::Alert(Box::new(alert.clone())));
                working.alerts.push(alert);
            }
            working.events.push(NewEvent {
                seq: event.seq,
                kind: event.kind,
                at: event.timestamp.0,
                occurred_at: event.occurred_at.map(|at| at.0),
                metadata: event.metadata.as_ref().map(|it| it.as_text().to_owned()),
                key: reported.and_then(|event| event.key.clone()),
            });
            if reported.is_some() {
                answer = Some(event);
            }
            before = Some(record.after);
        }
        answer
    }
}

/// The event of an offer made here.
fn offered(pair: &Pair) -> IncomingEvent {
    let payload = serde_json::json!({ "agentId": pair.agent, "by": "dispatch" });
    IncomingEvent {
        call_id: pair.call.clone(),
        kind: EventType::CallRouted,
        key: None,
        occurred_at: None,
        reported: Reported::Happening(Happening::Routed { agent: pair.agent.clone() }),
        payload: payload.to_string(),
    }
}

fn is_repeat(earlier: &CallEvent, event: &IncomingEvent) -> bool {
    let stored = earlier.metadata.as_ref().map(Metadata::as_text);
    earlier.kind == event.kind && same_payload(event.kind, stored, &event.payload)
}

fn queue_after<'a>(call: &'a lifecycle::Call, happening: &'a Happening) -> &'a str {
    match happening {
        Happening::TransferredBlind { queue: Some(queue), .. }
        | Happening::TransferredAttended { queue: Some(queue), .. } => queue,
        _ => &call.queue,
    }
}

fn stored(id: &str, no: i64, record: &Record, reported: Option<&IncomingEvent>) -> CallEvent {
    let kind = reported.map_or(EventType::CallInitiated, |event| event.kind);
    let payload = reported.map(|event| event.payload.as_str());
    CallEvent {
        id: store::event_id(no, record.seq),
        call_id: id.to_owned(),
        kind: EventType::of(&record.what, kind),
        timestamp: Moment(record.after.moved_at),
        occurred_at: reported.and_then(|event| event.occurred_at).map(Moment),
        seq: record.seq,
        metadata: happening_metadata(payload, record).and_then(Metadata::from_text),
    }
}

fn update(event: &CallEvent, record: &Record, left_queue: Option<&str>) -> News {
    News::Call(Box::new(CallStatusUpdate {
        call_id: event.call_id.clone(),
        status: CallStatus::from(&record.after.phase),
        event_type: event.kind,
        timestamp: event.timestamp,
        metadata: event.metadata.clone(),
        seq: event.seq,
        position: String::new(),
        left_queue_id: left_queue.map(str::to_owned),
        call: Call::new(&event.call_id, &record.after),
    }))
}

/// An alert is about one event and shares its id.
fn raise(event: &CallEvent, alert: &lifecycle::Alert) -> Alert {
    Alert {
        id: event.id.clone(),
        call_id: event.call_id.clone(),
        rule: alert.rule.name().to_owned(),
        message: alert.message.clone(),
        raised_at: event.timestamp,
        acknowledged_at: None,
        acknowledged_by: None,
    }
}

fn note_lateness(what: &What) {
    let (timer, late_ms) = match what {
        What::Retransfer { late_ms, .. } => ("ring", *late_ms),
        What::SlaBreached { late_ms, .. } => ("sla", *late_ms),
        What::HoldExceeded { late_ms, .. } => ("hold", *late_ms),
        What::Reported { .. } | What::SurveyRequested => return,
    };
    #[expect(clippy::cast_precision_loss, reason = "a histogram")]
    metrics::histogram!("switchboard_timer_lateness_seconds", "timer" => timer)
        .record(late_ms as f64 / 1_000.0);
}

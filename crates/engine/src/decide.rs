//! The decision of one batch: what was loaded and what came in become what is recorded.
//!
//! This is the only caller of the rules. It asks nothing of anyone: no clock, no store, no network.

mod agents;
mod hands;
mod late;
mod told;

use std::collections::{HashMap, hash_map::Entry};

use bus::News;
use contract::{Alert, Call, CallEvent, IncomingEvent, Queue, Reported};
use lifecycle::{Decision, Happening, Pair, Phase, Policy, Timestamp, What, advance, open};
use store::{
    ChangedAgent, ChangedCall, Changes, Link, Loaded, NewAction, NewEvent, ReceiptOf, Tallies,
};

use crate::{
    Receipt, SubmitError,
    agents::Directory,
    figures,
    lane::{Answer, Input, Work},
    queues::Policies,
};

pub(crate) use agents::Stirred;

use agents::Agents;
use told::{is_repeat, note_lateness, offered, queue_after, raise, stored, update};

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
            Work::Event(event, by) => {
                let done = batch.event(event, work.receipt());
                if matches!(done, Err(SubmitError::Refused(_))) {
                    batch.note_late(event, by);
                }
                done.map(Some)
            }
            Work::Settle { call, seen } => {
                batch.settle(call, seen.as_deref());
                Ok(None)
            }
            Work::Offer(pair) => batch.offer(pair),
            Work::Hand(hand) => batch.hand(hand, work.receipt()).map(Some),
        }));
    }
    decided.news = std::mem::take(&mut batch.news);
    let tallies = std::mem::take(&mut batch.tallies);
    let actions = std::mem::take(&mut batch.actions);
    let (calls, agents, stirred) = batch.changed();
    decided.next_due =
        calls.iter().filter_map(|it| it.call.next_timer()).map(|(_, due_at)| due_at).min();
    let named = stirred.named.clone();
    decided.stirred = stirred;
    (Changes { calls, agents, named, tallies, actions }, decided)
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
    tallies: Tallies,
    actions: Vec<NewAction>,
}

impl<'a> Batch<'a> {
    fn new(mut loaded: Loaded, policies: &'a Policies, directory: &'a Directory) -> Self {
        // Taken from the end: the call that came first gets the lowest number.
        loaded.fresh.sort_unstable_by(|one, other| other.cmp(one));
        let agents = Agents::new(std::mem::take(&mut loaded.agents), directory);
        let (working, order, news, tallies, actions) = Default::default();
        Self { loaded, policies, working, order, news, agents, tallies, actions }
    }

    fn changed(self) -> (Vec<ChangedCall>, Vec<ChangedAgent>, Stirred) {
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
                // As it is recorded: time does not run backwards within a call.
                let occurred_at = event.occurred_at.unwrap_or(at.max(call.moved_at));
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
        let Decision { call, records, alerts, facts } = decision;
        figures::count(&mut self.tallies, facts, self.policies);
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
            self.agents.learn(before.as_ref(), &record, wrap_ms, &mut self.tallies);
            let is_told = matches!(record.what, What::Reported { .. });
            let of_reported = is_told || matches!(record.what, What::Withdrawn { .. });
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
                key: reported.filter(|_| is_told).and_then(|event| event.key.clone()),
            });
            if reported.is_some() {
                answer = Some(event);
            }
            before = Some(record.after);
        }
        answer
    }
}

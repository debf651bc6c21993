//! The decision of one batch: what was loaded and what came in become what is recorded.
//!
//! This is the only caller of the rules. It asks nothing of anyone: no clock, no store, no network.

mod agents;
mod hands;
mod late;
mod told;

use std::{collections::hash_map::Entry, sync::Arc};

use contract::{Call, CallEvent, IncomingEvent, Queue, Reported};
use foldhash::{HashMap, HashMapExt as _};
use lifecycle::{Decision, Happening, Pair, Phase, Policy, Record, Timestamp, What, advance, open};
use store::{
    ChangedCall, Changes, Link, Loaded, NewAction, NewEvent, ReceiptOf, StoredCall, Tallies,
};

use crate::{
    Receipt, SubmitError,
    agents::Directory,
    figures,
    input::{Answer, Input, Work},
    queues::Policies,
};

pub(crate) use agents::Stirred;
pub(crate) use told::Told;

use agents::Agents;
use told::{is_repeat, note_lateness, offered, queue_after, raise, stored};

/// What is to be told once the batch is on disk.
#[derive(Debug, Default)]
pub(crate) struct Decided {
    /// One for each input; `None` for those that are busy.
    pub(crate) answers: Vec<Option<Answer>>,
    /// Which inputs are about a call that another process holds.
    pub(crate) busy: Vec<bool>,
    /// What to tell, in order.
    pub(crate) told: Vec<Told>,
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
    let mut batch = Batch::new(inputs.len(), loaded, policies, directory);
    let mut busy = Vec::with_capacity(inputs.len());
    for Input { work, .. } in inputs {
        let is_busy = batch.loaded.busy.contains(work.call());
        busy.push(is_busy);
        let answer = (!is_busy).then(|| batch.work(work));
        batch.answers.push(answer);
    }
    let Batch { working, answers, told, agents, tallies, actions, .. } = batch;
    let changed = working.into_iter().filter(|it| !it.changed.events.is_empty());
    let calls = changed.map(|it| it.changed).collect::<Vec<_>>();
    let (agents, stirred) = agents.changed();
    let next_due =
        calls.iter().filter_map(|it| it.call.next_timer()).map(|(_, due_at)| due_at).min();
    let named = stirred.named.clone();
    let decided = Decided { answers, busy, told, next_due, stirred };
    (Changes { calls, agents, named, tallies, actions }, decided)
}

/// A call while its batch is decided.
struct Working {
    changed: ChangedCall,
    /// The last receipt that this batch leaves of it.
    receipt: Option<usize>,
}

/// A receipt of this batch.
struct Left<'a> {
    of: ReceiptOf<&'a Arc<str>>,
    /// Which answer has the event.
    answer: usize,
    /// The one of the same call before it.
    before: Option<usize>,
}

struct Batch<'a> {
    loaded: Loaded,
    policies: &'a Policies,
    /// In the order in which they were first named.
    working: Vec<Working>,
    places: HashMap<&'a str, usize>,
    receipts: Vec<Left<'a>>,
    answers: Vec<Option<Answer>>,
    told: Vec<Told>,
    agents: Agents<'a>,
    tallies: Tallies,
    actions: Vec<NewAction>,
}

impl<'a> Batch<'a> {
    fn new(
        inputs: usize,
        mut loaded: Loaded,
        policies: &'a Policies,
        directory: &'a Directory,
    ) -> Self {
        // Taken from the end: the call that came first gets the lowest number.
        loaded.fresh.sort_unstable_by(|one, other| other.cmp(one));
        let agents = Agents::new(std::mem::take(&mut loaded.agents), directory);
        let (working, places) = (Vec::with_capacity(inputs), HashMap::with_capacity(inputs));
        let (answers, told) = (Vec::with_capacity(inputs), Vec::with_capacity(inputs));
        let receipts = Vec::with_capacity(inputs);
        let (tallies, actions) = Default::default();
        Self {
            loaded,
            policies,
            working,
            places,
            receipts,
            answers,
            told,
            agents,
            tallies,
            actions,
        }
    }

    fn work(&mut self, work: &'a Work) -> Answer {
        match work {
            Work::Event(event, by) => {
                let done = self.event(&event.call_id, event, work.receipt());
                if matches!(done, Err(SubmitError::Refused(_))) {
                    self.note_late(event, by);
                }
                done.map(Some)
            }
            Work::Settle { call, seen } => {
                self.settle(call, seen.as_deref());
                Ok(None)
            }
            Work::Offer(pair) => self.offer(pair),
            Work::Hand(hand) => self.hand(hand, work.receipt()).map(Some),
        }
    }

    /// Offers a call, if it still waits and the agent is still free.
    fn offer(&mut self, pair: &'a Pair) -> Result<Option<Receipt>, SubmitError> {
        let now = self.loaded.now;
        let Some(place) = self.place(&pair.call) else { return Ok(None) };
        let ChangedCall { no, call, .. } = &self.working[place].changed;
        let (no, queue_is) = (*no, *call.queue == pair.queue);
        let waits = matches!(call.phase, Phase::Waiting { ring: None, .. });
        if !(waits && queue_is && self.agents.takes(pair, no, now)) {
            return Ok(None);
        }
        self.event(&pair.call, &offered(pair), None).map(Some)
    }

    fn event(
        &mut self,
        id: &'a str,
        event: &IncomingEvent,
        receipt: Option<ReceiptOf<&'a Arc<str>>>,
    ) -> Result<Receipt, SubmitError> {
        let place = self.place(id);
        let earlier = place.zip(receipt).and_then(|(at, it)| self.recorded(at, it));
        if let Some(earlier) = earlier {
            if is_repeat(&earlier, event) {
                return Ok(Receipt { event: earlier, replayed: true });
            }
            if let Some(key) = &event.key {
                return Err(SubmitError::KeyReused(key.to_string()));
            }
        }
        let at = self.loaded.now;
        let (place, decision) = match (&event.reported, place) {
            (Reported::Opening(_), Some(place)) => {
                let status = self.working[place].changed.call.phase.status();
                return Err(SubmitError::CallExists { id: event.call_id.to_string(), status });
            }
            (Reported::Opening(opening), None) => {
                let policy = self.policy(&opening.queue);
                let decision = open(opening.clone(), at, event.occurred_at.unwrap_or(at), &policy);
                (self.begin(id, &event.call_id, Arc::clone(&decision.call)), decision)
            }
            (Reported::Happening(_), None) => {
                return Err(SubmitError::UnknownCall(event.call_id.to_string()));
            }
            (Reported::Happening(happening), Some(place)) => {
                let call = Arc::clone(&self.working[place].changed.call);
                let policy = self.policy(queue_after(&call, happening));
                // As it is recorded: time does not run backwards within a call.
                let occurred_at = event.occurred_at.unwrap_or(at.max(call.moved_at));
                let decision = advance(call, happening.clone(), at, occurred_at, &policy)?;
                (place, decision)
            }
        };
        let recorded = self.record(place, decision, Some(event));
        let recorded = recorded.expect("the rules record what they accept");
        let answer = self.answers.len();
        // Also what has a key is found without it where a call has only one, as in the store.
        let only = ReceiptOf::only(event.kind).filter(|only| receipt != Some(*only));
        for of in receipt.into_iter().chain(only) {
            let before = self.working[place].receipt.replace(self.receipts.len());
            self.receipts.push(Left { of, answer, before });
        }
        Ok(Receipt { event: recorded, replayed: false })
    }

    /// The event of the call that has this receipt, be it of an earlier batch or of this one.
    fn recorded(&self, place: usize, receipt: ReceiptOf<&Arc<str>>) -> Option<Arc<CallEvent>> {
        let Working { changed, receipt: last } = &self.working[place];
        let mut left = std::iter::successors(last.map(|at| &self.receipts[at]), |left| {
            left.before.map(|at| &self.receipts[at])
        });
        if let Some(left) = left.find(|left| left.of == receipt)
            && let Some(Ok(Some(made))) = &self.answers[left.answer]
        {
            return Some(Arc::clone(&made.event));
        }
        let earlier = self.loaded.receipts.get(&changed.id)?;
        let found = earlier.iter().find(|(it, _)| receipt == it.as_ref());
        found.map(|(_, event)| Arc::new(event.clone()))
    }

    /// Fires every timer of the call that is due, the earliest first.
    fn settle(&mut self, id: &'a str, seen: Option<&Call>) {
        let now = self.loaded.now;
        let Some(place) = self.place(id) else { return };
        if let Some(seen) = seen {
            believe(Arc::make_mut(&mut self.working[place].changed.call), seen);
        }
        loop {
            let call = &self.working[place].changed.call;
            let Some((timer, _)) = call.next_timer().filter(|(_, due_at)| *due_at <= now) else {
                return;
            };
            let policy = self.policy(&call.queue);
            let happening = Happening::Elapsed(timer);
            let Ok(decision) = advance(Arc::clone(call), happening, now, now, &policy) else {
                return;
            };
            for record in &decision.records {
                note_lateness(&record.what);
            }
            self.record(place, decision, None);
        }
    }

    /// Where the call stands in this batch, if there is such a call.
    fn place(&mut self, id: &'a str) -> Option<usize> {
        match self.places.entry(id) {
            Entry::Occupied(place) => Some(*place.get()),
            Entry::Vacant(place) => {
                let (id, StoredCall { no, call, chain }) = self.loaded.calls.remove_entry(id)?;
                place.insert(self.working.len());
                Some(self.put(no, id, Some(chain), call))
            }
        }
    }

    /// A place for a call that begins.
    fn begin(&mut self, id: &'a str, shared: &Arc<str>, call: Arc<lifecycle::Call>) -> usize {
        let no = self.loaded.fresh.pop().expect("a number for each call that was not found");
        self.places.insert(id, self.working.len());
        self.put(no, Arc::clone(shared), None, call)
    }

    fn put(
        &mut self,
        no: i64,
        id: Arc<str>,
        last: Option<Link>,
        call: Arc<lifecycle::Call>,
    ) -> usize {
        let (begins, chain) = (last.is_none(), last.unwrap_or_default());
        // Of most calls a batch has one event.
        let (events, alerts) = (Vec::with_capacity(1), Vec::new());
        let changed = ChangedCall { no, id, begins, chain, call, events, alerts };
        self.working.push(Working { changed, receipt: None });
        self.working.len() - 1
    }

    fn policy(&self, queue: &str) -> Policy {
        self.policies.get(queue).map_or_else(Policy::default, Queue::policy)
    }

    /// Takes over a decision. Returns the event that was reported, as it is stored.
    fn record(
        &mut self,
        place: usize,
        decision: Decision,
        reported: Option<&IncomingEvent>,
    ) -> Option<Arc<CallEvent>> {
        let Decision { call, records, alerts, facts } = decision;
        figures::count(&mut self.tallies, facts, self.policies);
        let changed = &mut self.working[place].changed;
        let begins = changed.begins && changed.events.is_empty();
        let was = std::mem::replace(&mut changed.call, call);
        let mut before = (!begins).then(|| Arc::clone(&was));
        let mut answer = None;
        let mut records = records.into_iter().peekable();
        while let Some(record) = records.next() {
            let wrap_ms = before.as_ref().map_or(0, |call| {
                self.policies.get(&*call.queue).map_or(0, |queue| queue.wrap_up_seconds.ms)
            });
            self.agents.learn(before.as_deref(), &record, wrap_ms, &mut self.tallies);
            let is_told = matches!(record.what, What::Reported { .. });
            let of_reported = is_told || matches!(record.what, What::Withdrawn { .. });
            let reported = reported.filter(|_| of_reported);
            let event = Arc::new(stored(&changed.id, changed.no, &record, reported));
            let key = reported.filter(|_| is_told).and_then(|event| event.key.clone());
            changed.events.push(NewEvent { event: Arc::clone(&event), key });
            if reported.is_some() {
                answer = Some(Arc::clone(&event));
            }
            let Record { after, flags, .. } = record;
            before = records.peek().map(|_| Arc::clone(&after));
            let left_queue = (was.queue != after.queue).then(|| was.queue.clone());
            self.told.push(Told::Event { event: Arc::clone(&event), after, left_queue });
            for alert in flags.iter().filter(|flag| alerts.contains(flag)) {
                let alert = raise(&event, alert);
                self.told.push(Told::Alert(Box::new(alert.clone())));
                changed.alerts.push(alert);
            }
        }
        answer
    }
}

/// The planted bug `timer_without_lock`: decides from what was seen before the lock.
fn believe(call: &mut lifecycle::Call, seen: &Call) {
    if let (Some(due_at), Some(agent), Some(ring_due_at)) =
        (seen.sla_due_at, &seen.agent_id, seen.ring_due_at)
    {
        let ring = lifecycle::Ring { agent: agent.as_str().into(), due_at: ring_due_at.0 };
        call.phase = Phase::Waiting { due_at: due_at.0, ring: Some(ring) };
    }
}

//! What happens to calls in these stories: a small desk that asks the rules and records.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use contract::{Alert, CallEvent, EventType, Metadata, Moment, Role, happening_metadata};
use lifecycle::{Call, EndReason, Happening, Id, Kind, Opening, Policy, Timestamp};
use store::{
    Actor, AnyStore, ChangedCall, Changes, Decide, Loaded, Need, Needs, NewAction, NewEvent,
    ReceiptOf, StoreError, event_id,
};
use uuid::Uuid;

pub(crate) const QUEUE: &str = "medical_spanish";

/// One thing that happens to one call.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) call: Arc<str>,
    pub(crate) happens: Happens,
    pub(crate) key: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
pub(crate) enum Happens {
    Begins(Id),
    Goes(EventType, Happening),
}

/// What a batch met when it was decided, the last time it was asked.
#[derive(Debug, Default)]
pub(crate) struct Met {
    pub(crate) now: Timestamp,
    pub(crate) asked: u32,
    pub(crate) busy: Vec<String>,
    pub(crate) receipts: HashMap<(Arc<str>, ReceiptOf), CallEvent>,
    pub(crate) recorded: usize,
}

impl Step {
    pub(crate) fn with_key(mut self, key: &str) -> Self {
        self.key = Some(key.into());
        self
    }

    fn receipt(&self) -> Option<ReceiptOf> {
        let kind = self.kind();
        match &self.key {
            Some(key) => Some(ReceiptOf::Key(key.clone())),
            None => ReceiptOf::only(kind),
        }
    }

    fn kind(&self) -> EventType {
        match &self.happens {
            Happens::Begins(_) => EventType::CallInitiated,
            Happens::Goes(kind, _) => *kind,
        }
    }
}

fn goes(call: &str, kind: EventType, happening: Happening) -> Step {
    Step { call: call.into(), happens: Happens::Goes(kind, happening), key: None }
}

pub(crate) fn begins_in(call: &str, queue: &str) -> Step {
    Step { call: call.into(), happens: Happens::Begins(queue.into()), key: None }
}

pub(crate) fn begins(call: &str) -> Step {
    begins_in(call, QUEUE)
}

pub(crate) fn rings(call: &str, agent: &str) -> Step {
    goes(call, EventType::CallRouted, Happening::Routed { agent: agent.into() })
}

pub(crate) fn answered(call: &str, waited_s: f64) -> Step {
    let happening = Happening::Answered { waited_s, agent: None, offer: None };
    goes(call, EventType::CallAnswered, happening)
}

pub(crate) fn held(call: &str) -> Step {
    goes(call, EventType::CallHold, Happening::Held { held_s: 0.0 })
}

pub(crate) fn resumed(call: &str) -> Step {
    goes(call, EventType::CallResumed, Happening::Resumed)
}

pub(crate) fn transferred(call: &str, queue: &str) -> Step {
    let happening = Happening::TransferredBlind { queue: Some(queue.into()), agent: None };
    goes(call, EventType::CallTransferred, happening)
}

pub(crate) fn ended(call: &str) -> Step {
    let happening = Happening::Ended { reason: EndReason::Completed, lasted_s: 120.0 };
    goes(call, EventType::CallEnded, happening)
}

/// Something that Sofia does.
pub(crate) fn did(action: &'static str, target: &str) -> NewAction {
    NewAction::new(Actor::new("sofia", Role::Supervise), action, target)
}

/// Records the steps as one batch. What the rules refuse is left out.
pub(crate) async fn submit(store: &AnyStore, steps: &[Step]) -> Result<Met, StoreError> {
    submit_with(store, needs(steps), steps, |_| {}).await
}

/// Records the steps, and expects that it works.
pub(crate) async fn record(store: &AnyStore, steps: &[Step]) -> Met {
    submit(store, steps).await.expect("it is recorded")
}

pub(crate) fn needs(steps: &[Step]) -> Needs {
    let items = steps.iter().map(|it| Need {
        call: it.call.clone(),
        receipt: it.receipt(),
        begins: matches!(it.happens, Happens::Begins(_)),
    });
    Needs { batch: Uuid::now_v7(), items: items.collect(), ..Needs::default() }
}

pub(crate) fn waiting(steps: &[Step]) -> Needs {
    Needs { wait: true, ..needs(steps) }
}

/// Records the steps; `meanwhile` is run while the calls are locked.
pub(crate) async fn submit_with(
    store: &AnyStore,
    needs: Needs,
    steps: &[Step],
    mut meanwhile: impl FnMut(&mut Changes) + Send + 'static,
) -> Result<Met, StoreError> {
    let met = Arc::new(Mutex::new(Met::default()));
    let (told, steps) = (Arc::clone(&met), steps.to_vec());
    let decide: Decide<'static> = Box::new(move |loaded| {
        let mut met = told.lock().unwrap_or_else(PoisonError::into_inner);
        *met = Met { asked: met.asked + 1, ..seen(&loaded) };
        let mut changes = decide(loaded, &steps);
        met.recorded = changes.calls.iter().map(|call| call.events.len()).sum();
        drop(met);
        meanwhile(&mut changes);
        changes
    });
    store.transact(needs, decide).await?;
    let mut met = met.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(std::mem::take(&mut *met))
}

fn seen(loaded: &Loaded) -> Met {
    let receipts = loaded.receipts.iter().flat_map(|(call, of_call)| {
        of_call.iter().map(|(of, event)| ((call.clone(), of.clone()), event.clone()))
    });
    Met {
        now: loaded.now,
        busy: loaded.busy.iter().map(ToString::to_string).collect(),
        receipts: receipts.collect(),
        ..Met::default()
    }
}

pub(crate) fn decide(mut loaded: Loaded, steps: &[Step]) -> Changes {
    let mut changes = Changes::default();
    for step in steps {
        let recorded = loaded.receipts.get(&step.call);
        let met_before = step.receipt().zip(recorded).is_some_and(|(receipt, recorded)| {
            recorded.iter().any(|(recorded, _)| *recorded == receipt)
        });
        if met_before || loaded.busy.contains(&step.call) {
            continue;
        }
        apply(step, &mut loaded, &mut changes);
    }
    changes
}

fn apply(step: &Step, loaded: &mut Loaded, changes: &mut Changes) {
    let known = changes.calls.iter().position(|changed| changed.id == step.call);
    let stored = loaded.calls.get(&step.call);
    let call = known
        .map(|at| changes.calls[at].call.clone())
        .or_else(|| stored.map(|stored| stored.call.clone()));
    let now = call.as_ref().map_or(loaded.now, |call| loaded.now.max(call.moved_at));
    let policy = Policy::default();
    let decision = match (&step.happens, call) {
        (Happens::Begins(queue), None) => {
            let opening = Opening { kind: Kind::Voice, queue: queue.clone(), priority: 0 };
            lifecycle::open(opening, now, now, &policy)
        }
        (Happens::Goes(_, happening), Some(call)) => {
            match lifecycle::advance(call, happening.clone(), now, now, &policy) {
                Ok(decision) => decision,
                Err(_) => return,
            }
        }
        (Happens::Begins(_), Some(_)) | (Happens::Goes(..), None) => return,
    };
    let at = known.unwrap_or_else(|| {
        changes.calls.push(ChangedCall {
            no: stored.map_or_else(|| loaded.fresh.remove(0), |it| it.no),
            id: step.call.clone(),
            begins: stored.is_none(),
            chain: stored.map(|it| it.chain).unwrap_or_default(),
            call: decision.call.clone(),
            events: Vec::new(),
            alerts: Vec::new(),
        });
        changes.calls.len() - 1
    });
    add(step, now, decision, &mut changes.calls[at]);
}

fn add(step: &Step, now: Timestamp, decision: lifecycle::Decision, changed: &mut ChangedCall) {
    let told = Metadata::of(&serde_json::json!({ "by": "a story" }));
    for record in &decision.records {
        let reported = matches!(record.what, lifecycle::What::Reported { .. });
        let event = CallEvent {
            id: event_id(changed.no, record.seq),
            call_id: step.call.clone(),
            kind: EventType::of(&record.what, step.kind()),
            timestamp: Moment(now),
            occurred_at: None,
            seq: record.seq,
            metadata: happening_metadata(Some(&told), record),
        };
        let key = step.key.clone().filter(|_| reported);
        changed.events.push(NewEvent { event: Arc::new(event), key });
    }
    changed.alerts.extend(decision.alerts.into_iter().map(|alert| Alert {
        id: Uuid::now_v7().to_string(),
        call_id: step.call.to_string(),
        rule: alert.rule.name().to_owned(),
        message: alert.message,
        raised_at: Moment(now),
        acknowledged_at: None,
        acknowledged_by: None,
    }));
    changed.call = decision.call;
}

/// Puts a call into the store as it is, with one event to show for it.
pub(crate) async fn keep(store: &AnyStore, id: &str, call: Call) {
    let steps = [begins(id)];
    let keep = move |changes: &mut Changes| changes.calls[0].call = Arc::new(call.clone());
    submit_with(store, needs(&steps), &steps, keep).await.expect("it is recorded");
}

/// The whole history of a call.
pub(crate) async fn history(store: &AnyStore, call: &str) -> Vec<CallEvent> {
    store.events(call, 0, 1_000).await.expect("it can be read").expect("the call exists")
}

/// What the history of a call says, by type.
pub(crate) async fn kinds(store: &AnyStore, call: &str) -> Vec<EventType> {
    history(store, call).await.into_iter().map(|event| event.kind).collect()
}

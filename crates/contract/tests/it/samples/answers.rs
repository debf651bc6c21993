//! What is answered over HTTP besides calls and events, and what is sent besides events.

use contract::{
    Acknowledgement, Action, Agent, AgentChange, AgentState, Alert, BatchAnswer, CallCounts,
    EventType, Issue, Me, Metadata, Moment, OnPurpose, Presence, PresenceChange, Problem, Queue,
    QueueChange, Reassignment, Role, Seconds,
};

use super::{Sample, events::eventful, sample};
use crate::story::began;

/// An alert that nobody took note of yet.
pub(crate) fn alert() -> Alert {
    Alert {
        id: "1-5".to_owned(),
        call_id: eventful().call().id,
        rule: "sla_breached".to_owned(),
        message: "nobody answered within the promised time".to_owned(),
        raised_at: Moment(began() + 30_000),
        acknowledged_at: None,
        acknowledged_by: None,
    }
}

/// The same alert, after somebody did.
pub(crate) fn acknowledged() -> Alert {
    Alert {
        acknowledged_at: Some(Moment(began() + 42_500)),
        acknowledged_by: Some("Maria".to_owned()),
        ..alert()
    }
}

fn me(name: &str, role: Role) -> Me {
    Me { name: name.to_owned(), role, may: role.may().to_vec() }
}

fn queue_changed() -> Action {
    Action {
        id: "0198f3a0-0000-7000-8000-000000000001".to_owned(),
        at: Moment(began() + 60_000),
        by: "API_KEY".to_owned(),
        role: Role::Admin,
        action: "queue_changed".to_owned(),
        target: "medical_spanish".to_owned(),
        reason: None,
        detail: Metadata::from_text(r#"{"slaSeconds":20}"#.to_owned()),
    }
}

fn with_reason() -> Action {
    Action {
        by: "maria".to_owned(),
        role: Role::Supervise,
        action: "call_ended".to_owned(),
        target: eventful().call().id,
        reason: Some("the caller's phone is dead".to_owned()),
        detail: None,
        ..queue_changed()
    }
}

/// What supervisors ask for.
fn hands() -> [Sample; 5] {
    let reason = Some("her headset is broken".to_owned());
    let reassignment = Reassignment { reason: reason.clone(), ..Reassignment::default() };
    let to_agent = Reassignment { agent_id: Some("luis".to_owned()), ..reassignment.clone() };
    let queue_id = Some("medical_english".to_owned());
    let presence = PresenceChange { presence: Some(Presence::Away), reason: reason.clone() };
    [
        sample("Reassignment.agent", &to_agent),
        sample("Reassignment.queue", &Reassignment { queue_id, ..reassignment }),
        sample("OnPurpose.reason", &OnPurpose { reason }),
        sample("PresenceChange.away", &presence),
        sample("Action.call_reassigned", &reassigned()),
    ]
}

fn reassigned() -> Action {
    let detail = Metadata::from_text(r#"{"agentId":"luis"}"#.to_owned());
    Action { action: "call_reassigned".to_owned(), detail, ..with_reason() }
}

fn late_answer() -> Action {
    let detail = r#"{"agentId":"ana","offer":1,"standingOffer":2,"status":"waiting"}"#;
    Action {
        id: "8-late-1-ana".to_owned(),
        by: "adapter".to_owned(),
        role: Role::Ingest,
        action: "late_answer".to_owned(),
        reason: None,
        detail: Metadata::from_text(detail.to_owned()),
        ..with_reason()
    }
}

fn refused() -> Problem {
    let detail = "`call_hold` is refused while the call is waiting".to_owned();
    Problem {
        kind: "/problems/refused".to_owned(),
        title: "The call's state does not allow it".to_owned(),
        status: 409,
        message: detail.clone(),
        detail,
        code: "refused".to_owned(),
        issues: Vec::new(),
    }
}

fn invalid() -> Problem {
    let missing = Issue::new("invalid_type", &["callId"], "required");
    let whole = Issue::new("invalid_type", &[], "one JSON object is expected");
    Problem {
        kind: "/problems/invalid_payload".to_owned(),
        title: "The payload is not valid".to_owned(),
        status: 400,
        detail: "`callId`: required; one JSON object is expected".to_owned(),
        code: "invalid_payload".to_owned(),
        message: "Invalid event payload".to_owned(),
        issues: vec![missing, whole],
    }
}

fn counts() -> CallCounts {
    CallCounts {
        as_of: Moment(began()),
        waiting: 7,
        ringing: 2,
        active: 31,
        on_hold: 4,
        ended: 1_000,
        ended_max: 1_000,
    }
}

fn batch() -> [(&'static str, BatchAnswer); 3] {
    let event = eventful().last(EventType::CallInitiated).clone();
    let recorded = BatchAnswer { status: 201, replayed: false, event: Some(event), problem: None };
    let replayed = BatchAnswer { replayed: true, ..recorded.clone() };
    let problem = Some(refused());
    let refused = BatchAnswer { status: 409, replayed: false, event: None, problem };
    [
        ("BatchAnswer.recorded", recorded),
        ("BatchAnswer.replayed", replayed),
        ("BatchAnswer.refused", refused),
    ]
}

/// An agent whose phone rings.
pub(crate) fn ringing() -> Agent {
    Agent {
        id: "ana".to_owned(),
        name: "Ana".to_owned(),
        queues: vec!["medical_spanish".to_owned(), "legal_spanish".to_owned()],
        priorities: [("medical_spanish".to_owned(), 5)].into(),
        presence: Presence::Available,
        presence_reason: None,
        lease_seconds: Some(Seconds { ms: 30_000 }),
        state: AgentState::Offered,
        since: Moment(began() + 1_000),
        call_id: Some(eventful().call().id),
        reason: "A call rings at their phone; it is theirs to answer.".to_owned(),
        missed_in_a_row: 1,
        metrics: None,
    }
}

fn agents() -> [Sample; 4] {
    let away = Agent {
        presence: Presence::Away,
        presence_reason: Some("missed 2 offers in a row".to_owned()),
        lease_seconds: None,
        state: AgentState::Idle,
        call_id: None,
        reason: "No call is offered: they are away (missed 2 offers in a row) until they are set \
                 available."
            .to_owned(),
        missed_in_a_row: 2,
        ..ringing()
    };
    let change = AgentChange {
        name: Some("Ana".to_owned()),
        queues: Some(ringing().queues),
        priorities: Some(ringing().priorities),
        presence: Some(Presence::Available),
        reason: Some("back from lunch".to_owned()),
        lease_seconds: Some(Seconds { ms: 30_000 }),
    };
    let part = AgentChange { presence: Some(Presence::Away), ..AgentChange::default() };
    [
        sample("Agent.ringing", &ringing()),
        sample("Agent.away", &away),
        sample("AgentChange.all", &change),
        sample("AgentChange.part", &part),
    ]
}

pub(crate) fn samples() -> Vec<Sample> {
    let queue = Queue::first().next().expect("there are some");
    let change = QueueChange {
        name: Some("Medical, Spanish".to_owned()),
        sla_seconds: Some(Seconds { ms: 20_000 }),
        ring_seconds: Some(Seconds { ms: 12_500 }),
        max_hold_seconds: Some(Seconds { ms: 90_000 }),
        short_call_seconds: Some(Seconds { ms: 0 }),
        max_reroutes: Some(5),
        wrap_up_seconds: Some(Seconds { ms: 20_000 }),
    };
    let part = QueueChange { sla_seconds: change.sla_seconds, ..QueueChange::default() };
    let by_maria = Acknowledgement { by: Some("Maria".to_owned()), reason: None };
    let called_back = Some("Called back".to_owned());
    let mut samples = vec![
        sample("Alert.raised", &alert()),
        sample("Alert.acknowledged", &acknowledged()),
        sample("CallCounts.some", &counts()),
        sample("Acknowledgement.by", &by_maria),
        sample(
            "Acknowledgement.reason",
            &Acknowledgement { reason: called_back, ..by_maria.clone() },
        ),
        sample("Acknowledgement.empty", &Acknowledgement { by: None, reason: None }),
        sample("Action.queue_changed", &queue_changed()),
        sample("Action.with_reason", &with_reason()),
        sample("Action.late_answer", &late_answer()),
        sample("Me.open", &me("anyone", Role::Open)),
        sample("Me.supervise", &me("maria", Role::Supervise)),
        sample("Me.admin", &me("API_KEY", Role::Admin)),
        sample("Problem.refused", &refused()),
        sample("Problem.invalid_payload", &invalid()),
        sample("Queue.first", &queue),
        sample("Queue.changed", &queue.clone().changed(change.clone())),
        sample("QueueChange.all", &change),
        sample("QueueChange.part", &part),
    ];
    samples.extend(agents());
    samples.extend(hands());
    samples.extend(batch().iter().map(|(name, answer)| sample(*name, answer)));
    samples
}

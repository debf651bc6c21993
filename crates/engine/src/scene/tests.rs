//! Warnings name what really stands in the way, and what really follows.

use std::{collections::BTreeMap, sync::Arc};

use contract::{Agent, AgentState, Moment, Presence, Promised};
use lifecycle::{Call, Kind, Opening, Phase, Policy, Ring, Timestamp, open};

use super::Scene;

const AT: Timestamp = Timestamp(0);

fn agent(id: &str, state: AgentState, presence: Presence) -> Agent {
    Agent {
        id: id.to_owned(),
        name: id.to_owned(),
        queues: vec!["q".to_owned()],
        priorities: BTreeMap::new(),
        presence,
        presence_reason: None,
        lease_seconds: None,
        state,
        since: Moment(AT),
        call_id: None,
        reason: String::new(),
        missed_in_a_row: 0,
        metrics: None,
    }
}

fn idle(id: &str) -> Agent {
    agent(id, AgentState::Idle, Presence::Available)
}

fn away(id: &str) -> Agent {
    agent(id, AgentState::Idle, Presence::Away)
}

fn rung(id: &str) -> Agent {
    let call_id = Some("c".to_owned());
    Agent { call_id, ..agent(id, AgentState::Offered, Presence::Available) }
}

fn missed(agent: Agent, missed_in_a_row: u32) -> Agent {
    Agent { missed_in_a_row, ..agent }
}

/// A call that waits, `attempt` offers of which went unanswered, and rings at somebody's.
fn waiting(attempt: u32, ring: Option<&str>) -> Call {
    let opening = Opening { kind: Kind::Voice, queue: "q".into(), priority: 0 };
    let opened = open(opening, AT, AT, &Policy::default()).call;
    let ring = ring.map(|agent| Ring { agent: agent.into(), due_at: AT });
    Call { attempt, phase: Phase::Waiting { due_at: AT, ring }, ..Arc::unwrap_or_clone(opened) }
}

fn warned(promise: Promised, call: &Call, agents: &[Agent]) -> String {
    Scene { call, agents, reroutes_max: 2 }.message(promise, 10, "c")
}

#[test]
fn a_wait_is_explained_by_what_every_agent_of_the_queue_does() {
    let sla = |call: &Call, agents: &[Agent]| warned(Promised::Sla, call, agents);
    let on_call = |id| agent(id, AgentState::OnCall, Presence::Available);
    let four = [on_call("ana"), on_call("luis"), away("eva"), missed(away("tom"), 2)];
    assert_eq!(
        sla(&waiting(0, None), &four),
        "10 s left to answer; of 4 agents 2 are on calls, 1 is away, 1 missed the last two"
    );
    let five = [
        rung("ana"),
        agent("luis", AgentState::Offered, Presence::Available),
        agent("eva", AgentState::Wrapping, Presence::Available),
        agent("tom", AgentState::Unreachable, Presence::Away),
        agent("sam", AgentState::Wrapping, Presence::Offline),
    ];
    assert_eq!(
        sla(&waiting(1, Some("ana")), &five),
        "10 s left to answer; of 5 agents 1 is offered this call, 1 is offered another call, \
         1 wraps up, 1 is unreachable, 1 is offline"
    );
    assert_eq!(
        sla(&waiting(0, Some("extern")), &[away("ana")]),
        "10 s left to answer; it rings at extern's phone; its only agent is away"
    );
    assert_eq!(
        sla(&waiting(0, None), &[]),
        "10 s left to answer; no agent serves this queue, it is routed from outside"
    );
}

#[test]
fn a_call_that_was_given_up_waits_beside_idle_agents_and_the_warning_says_why() {
    let idle = [idle("ana"), idle("luis")];
    assert_eq!(
        warned(Promised::Sla, &waiting(3, None), &idle),
        "10 s left to answer; 3 offers in a row went unanswered; only an agent who becomes free \
         later is asked, unless a supervisor reassigns the call; of 2 agents 2 are idle"
    );
    assert_eq!(
        warned(Promised::Sla, &waiting(2, None), &idle),
        "10 s left to answer; of 2 agents 2 are idle"
    );
    assert_eq!(
        warned(Promised::Sla, &waiting(3, None), &[]),
        "10 s left to answer; 3 offers in a row went unanswered; no agent serves this queue, it is \
         routed from outside"
    );
}

#[test]
fn a_phone_that_rings_is_followed_by_what_the_dispatcher_does_next() {
    let ring = |attempt, agents: &[Agent]| {
        warned(Promised::Ring, &waiting(attempt, Some("ana")), agents)
            .strip_prefix("10 s left for ana to answer; then ")
            .map(str::to_owned)
            .expect("it says how long it rings")
    };
    let busy = agent("tom", AgentState::OnCall, Presence::Available);
    assert_eq!(
        ring(0, &[rung("ana"), idle("luis"), busy.clone()]),
        "the next free agent is asked; of 2 others 1 is idle, 1 is on a call"
    );
    assert_eq!(
        ring(0, &[rung("ana"), busy.clone()]),
        "ana is asked again, unless another is free first; the other is on a call"
    );
    assert_eq!(
        ring(1, &[rung("ana")]),
        "ana is asked again, unless another is free first; there is no other"
    );
    assert_eq!(
        ring(0, &[missed(rung("ana"), 1), busy]),
        "the call waits until an agent becomes free; the other is on a call",
        "the second miss sets her away"
    );
    let last = "only an agent who becomes free later is asked, unless a supervisor reassigns the \
                call: 3 offers in a row will have gone unanswered";
    assert_eq!(ring(2, &[rung("ana"), idle("luis")]), last);
    assert_eq!(
        ring(2, &[]),
        "the call waits again: no agent serves this queue, it is routed from outside"
    );
    let once = Scene { call: &waiting(0, Some("ana")), agents: &[rung("ana")], reroutes_max: 0 };
    assert!(
        once.message(Promised::Ring, 1, "c")
            .ends_with("the call: 1 offer will have gone unanswered")
    );
}

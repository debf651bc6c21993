//! However often calls and agents moved, everything that is asked is answered as if each had come
//! straight to where it stands.

use std::collections::BTreeMap;

use contract::CallStatus;
use lifecycle::{Agent, Call, Id, Kind, Phase, Presence, Ring, Spent, Timestamp, WrapUp};
use proptest::{collection::vec, prelude::*};

use super::Floor;
use crate::{CallFilter, StoredAgent};

const QUEUES: [&str; 3] = ["medical", "legal", "spare"];
const AGENTS: [&str; 3] = ["ana", "ben", "cem"];
const STATUSES: [Option<CallStatus>; 5] = [
    None,
    Some(CallStatus::Waiting),
    Some(CallStatus::Active),
    Some(CallStatus::OnHold),
    Some(CallStatus::Ended),
];

#[derive(Clone, Debug)]
enum Move {
    Call(i64, Call),
    Agent(StoredAgent),
}

fn moment() -> impl Strategy<Value = Timestamp> {
    (0_i64..8).prop_map(Timestamp)
}

fn agent_id() -> impl Strategy<Value = String> {
    prop::sample::select(&AGENTS[..]).prop_map(str::to_owned)
}

fn phase() -> impl Strategy<Value = Phase> {
    let ring =
        (agent_id(), moment()).prop_map(|(agent, due_at)| Ring { agent: agent.into(), due_at });
    prop_oneof![
        (moment(), prop::option::of(ring))
            .prop_map(|(due_at, ring)| Phase::Waiting { due_at, ring }),
        Just(Phase::Talking),
        (moment(), any::<bool>()).prop_map(|(due_at, reported)| Phase::OnHold { due_at, reported }),
        Just(Phase::Ended),
    ]
}

fn call() -> impl Strategy<Value = Move> {
    let place =
        (0_i64..5, prop::sample::select(&QUEUES[..]), phase(), prop::option::of(agent_id()));
    let rest = (0_u8..3, moment(), 0_u32..3, any::<bool>());
    (place, rest).prop_map(
        |((no, queue, phase, agent), (priority, since, attempt, wait_reported))| {
            let ended_at = matches!(phase, Phase::Ended).then_some(since);
            let spent = Spent { since, talked_ms: 0, held_ms: 0, passed_on: false };
            let call = Call {
                kind: Kind::Voice,
                queue: queue.into(),
                phase,
                agent: agent.map(Id::from),
                priority,
                started_at: since,
                ended_at,
                moved_at: since,
                version: 1,
                offer: 0,
                attempt,
                lapsed: Vec::new(),
                wait_reported,
                flags: Vec::new(),
                spent,
            };
            Move::Call(no, call)
        },
    )
}

fn agent() -> impl Strategy<Value = Move> {
    let queues = prop::sample::subsequence(&QUEUES[..], 0..=3);
    let state = (any::<bool>(), moment(), prop::option::of(moment()));
    (agent_id(), queues, state).prop_map(|(id, queues, (is_there, idle_since, until))| {
        let mut agent = Agent::new(idle_since);
        if is_there {
            agent.says(Presence::Available, None, idle_since);
        }
        agent.wraps = until.map(|until| WrapUp { since: idle_since, until });
        let queues = queues.into_iter().map(|queue| (queue.to_owned(), 0)).collect();
        Move::Agent(StoredAgent { name: id.clone(), id, agent, queues })
    })
}

fn put(floor: &mut Floor, moved: &Move) {
    match moved {
        Move::Call(no, call) => floor.put(*no, &format!("call-{no}").into(), call),
        Move::Agent(agent) => floor.put_agent(agent.clone()),
    }
}

/// Everything there is to ask.
fn answers(floor: &Floor) -> Vec<String> {
    let queues = QUEUES.map(str::to_owned);
    let mut answers = vec![
        format!("{:?} {}", floor.next_due(), floor.armed()),
        format!("{:?} {:?}", floor.waiting(&queues, 2), floor.seen(None)),
        format!("{:?}", floor.open_calls()),
    ];
    for at in (0..9).map(Timestamp) {
        let mut free = floor.free(&queues, &[], at);
        free.extend(floor.free(&queues[..1], &AGENTS.map(str::to_owned), at));
        free.sort();
        answers.push(format!("{free:?} {:?} {:?}", floor.due(at, 9), floor.next_wrapped(at)));
    }
    for agent in AGENTS {
        let loaded = floor.loaded_agent(agent).map(|it| (it.agent, it.queues, it.engaged));
        answers.push(format!("{:?} {loaded:?}", floor.calls_of(agent)));
    }
    let queues = QUEUES.iter().map(|queue| Some((*queue).to_owned())).chain([None]);
    for queue in queues {
        for status in STATUSES {
            let filter = |before| CallFilter { status, queue: queue.clone(), before, limit: 2 };
            answers.push(format!(
                "{:?} {:?}",
                floor.listed(&filter(None)),
                floor.listed(&filter(Some(3)))
            ));
        }
    }
    answers
}

proptest! {
    #[test]
    fn what_moved_stands_as_if_it_had_come_straight_there(
        moves in vec(prop_oneof![4 => call(), 1 => agent()], 0..40)
    ) {
        let (mut moved, mut last) = (Floor::default(), BTreeMap::new());
        for step in &moves {
            put(&mut moved, step);
            let who = match step {
                Move::Call(no, _) => no.to_string(),
                Move::Agent(agent) => agent.id.clone(),
            };
            last.insert(who, step);
        }
        let mut straight = Floor::default();
        for step in last.values() {
            put(&mut straight, step);
        }
        prop_assert_eq!(answers(&moved), answers(&straight));
    }
}

//! Why calls are or are not offered to an agent: every sentence is true, and names all of it.

use crate::{Agent, Engagement, Lease, Meaning, Presence, Timestamp};

const NOW: Timestamp = Timestamp(100_000);

/// An agent in some state, and what calls and queues ask of them.
#[derive(Clone, Debug)]
struct Case {
    agent: Agent,
    engaged: Option<Engagement>,
    queues: usize,
    at: Timestamp,
}

impl Case {
    fn reason(&self) -> String {
        self.agent.reason(self.engaged, self.queues, self.at)
    }

    fn is_offered(&self) -> bool {
        self.agent.is_free(self.engaged, self.at) && 0 < self.queues
    }
}

/// What an obstacle's end is called in a sentence, and that end.
type Way = (&'static str, fn(&mut Case));

const WAYS: [Way; 6] = [
    ("it is missed", |case| case.engaged = None),
    ("they are off the phone", |case| {
        case.agent.learns(Meaning::Released, case.at, 0);
        case.engaged = None;
    }),
    ("their tool reports", |case| {
        case.agent.lease = case.agent.lease.map(|lease| Lease { renewed_at: case.at, ..lease });
    }),
    ("they are set available", |case| {
        case.agent.says(Presence::Available, None, case.at);
    }),
    ("they sign in as available", |case| {
        case.agent.says(Presence::Available, None, case.at);
    }),
    ("they are given one", |case| case.queues = 1),
];

/// The wrap-up of the last call ends by itself; or sooner.
const WRAPPED: &str = "the wrap-up ends in 5 s or they are set available";

fn cases() -> Vec<Case> {
    let lease = |renewed_at| Some(Lease { ms: 30_000, renewed_at: Timestamp(renewed_at) });
    let mut cases = Vec::new();
    for presence in Presence::ALL {
        for lease in [None, lease(90_000), lease(50_000)] {
            for engaged in [None, Some(Engagement::Offered), Some(Engagement::OnCall)] {
                for (queues, wrap_ms) in [(0, 0), (0, 25_000), (1, 0), (1, 25_000)] {
                    for missed in 0..3 {
                        let mut agent = Agent::new(Timestamp(0));
                        agent.says(presence, Some("lunch".to_owned()), Timestamp(0));
                        agent.learns(Meaning::Released, Timestamp(80_000), wrap_ms);
                        agent.missed = missed;
                        agent.lease = lease;
                        cases.push(Case { agent, engaged, queues, at: NOW });
                    }
                }
            }
        }
    }
    cases
}

#[test]
fn calls_are_offered_exactly_where_the_sentence_says_so() {
    for case in cases() {
        let reason = case.reason();
        assert_eq!(reason.starts_with("Calls are offered"), case.is_offered(), "{reason} {case:?}");
        let refused = reason.starts_with("No call is offered: ");
        let other = reason.starts_with("No other call is offered: ");
        assert_eq!(refused, !case.is_offered() && case.engaged.is_none(), "{reason}");
        assert_eq!(other, case.engaged.is_some(), "{reason}");
        assert!(reason.ends_with('.') && reason.len() < 360, "{reason}");
    }
}

/// Whatever it says will change it does, all together; and nothing less does.
#[test]
fn what_a_sentence_says_will_change_it_changes_it() {
    for case in cases().into_iter().filter(|case| !case.is_offered()) {
        let reason = case.reason();
        let rest = reason.replace(WRAPPED, "");
        let mut ways = WAYS.iter().filter(|(way, _)| rest.contains(way)).collect::<Vec<_>>();
        let wrapped: Way = (WRAPPED, |case| {
            case.at = Timestamp(105_000);
            case.agent.lease = case
                .agent
                .lease
                .map(|lease| Lease { renewed_at: lease.renewed_at + 5_000, ..lease });
        });
        ways.extend(reason.contains(WRAPPED).then_some(&wrapped));
        assert!(!ways.is_empty(), "{reason}");
        for left_out in 0..=ways.len() {
            let mut after = case.clone();
            for (place, (_, happens)) in ways.iter().enumerate() {
                if place != left_out {
                    happens(&mut after);
                }
            }
            let all = left_out == ways.len();
            assert_eq!(after.is_offered(), all, "{reason} without {left_out} of {case:?}");
        }
    }
}

#[test]
fn the_sentences_are_for_people() {
    let said = |change: fn(&mut Case)| {
        let mut agent = Agent::new(Timestamp(0));
        agent.says(Presence::Available, None, Timestamp(0));
        let mut case = Case { agent, engaged: None, queues: 1, at: NOW };
        change(&mut case);
        case.reason()
    };
    assert_eq!(
        said(|_| {}),
        "Calls are offered: the next in their queues that no agent ahead of them gets; one whose \
         offers went unanswered too often while they were idle comes only if they become free \
         anew or it is reassigned."
    );
    assert_eq!(
        said(|case| {
            case.agent.says(Presence::Away, Some("lunch".to_owned()), NOW);
            case.agent.lease = Some(Lease { ms: 30_000, renewed_at: Timestamp(0) });
        }),
        "No call is offered: their tool has stopped reporting, and they are away (lunch), until \
         their tool reports, and they are set available."
    );
    assert_eq!(
        said(|case| {
            case.engaged = Some(Engagement::Offered);
            case.agent.missed = 1;
        }),
        "No other call is offered: one rings at their phone, until it is missed, taken back or \
         over and wrapped up; if it rings out, they are set away."
    );
    assert_eq!(
        said(|case| case.engaged = Some(Engagement::OnCall)),
        "No other call is offered: they are on a call, until they are off the phone and have \
         wrapped up."
    );
    assert_eq!(
        said(|case| case.agent.learns(Meaning::Released, NOW, 4_001)),
        "No call is offered: they wrap up their last call, until the wrap-up ends in 5 s or they \
         are set available."
    );
    assert_eq!(
        said(|case| {
            case.agent.presence = Presence::Offline;
            case.queues = 0;
        }),
        "No call is offered: they are offline, and they serve no queue, until they sign in as \
         available, and they are given one with PUT /api/agents/:id."
    );
}

/// The sentence about the phone that rings says what a missed offer does to them.
#[test]
fn whoever_would_be_set_away_for_another_miss_is_told() {
    for case in cases() {
        let mut missed = case.agent.clone();
        missed.learns(Meaning::Missed, NOW, 0);
        let set_away = missed.presence != case.agent.presence;
        let rings = case.engaged == Some(Engagement::Offered);
        let told = case.reason().contains("they are set away");
        assert_eq!(told, rings && set_away, "{}", case.reason());
    }
}

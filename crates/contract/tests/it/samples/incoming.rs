//! Events as they come in, and what each is understood as.

use contract::Incoming;
use lifecycle::{EndReason, Happening, Kind, Opening};
use serde_json::Value;

use super::{Sample, published, published_as, sample};
use crate::story::{incoming, is_queue, read};

/// Each event that comes from outside, with the fewest fields and with all of them.
pub(crate) fn events() -> Vec<(&'static str, Incoming)> {
    let text = |it: &str| Some(it.to_owned());
    vec![
        (
            "call_initiated",
            Incoming {
                kind: text("voice"),
                queue_id: text("medical_spanish"),
                ..incoming("call_initiated")
            },
        ),
        (
            "call_initiated_video",
            Incoming {
                kind: text("video"),
                queue_id: text("legal_english"),
                event_id: text("evt-1"),
                occurred_at: text("2026-11-21T09:29:58.250Z"),
                ..incoming("call_initiated")
            },
        ),
        (
            "call_initiated_priority",
            Incoming {
                kind: text("voice"),
                queue_id: text("medical_spanish"),
                priority: Some(5),
                ..incoming("call_initiated")
            },
        ),
        (
            "call_routed",
            Incoming { agent_id: text("ana"), routing_time: Some(1.5), ..incoming("call_routed") },
        ),
        ("call_answered", Incoming { wait_time: Some(9.0), ..incoming("call_answered") }),
        (
            "call_answered_offer",
            Incoming {
                wait_time: Some(31.0),
                agent_id: text("ana"),
                offer: Some(1),
                ..incoming("call_answered")
            },
        ),
        ("call_hold", Incoming { hold_duration: Some(5.0), ..incoming("call_hold") }),
        ("call_resumed", incoming("call_resumed")),
        (
            "call_transferred",
            Incoming {
                transfer_kind: text("blind"),
                queue_id: text("medical_english"),
                ..incoming("call_transferred")
            },
        ),
        (
            "call_transferred_attended",
            Incoming {
                transfer_kind: text("attended"),
                agent_id: text("ben"),
                ..incoming("call_transferred")
            },
        ),
        ("call_ended", ended("completed", 180.0)),
        ("call_ended_abandoned", ended("abandoned", 12.75)),
        ("call_ended_failed", ended("failed", 0.0)),
    ]
}

/// The event of that name.
pub(crate) fn event(name: &str) -> Incoming {
    let found = events().into_iter().find(|(each, _)| *each == name);
    found.unwrap_or_else(|| panic!("there is no event {name}")).1
}

fn ended(reason: &str, seconds: f64) -> Incoming {
    Incoming {
        end_reason: Some(reason.to_owned()),
        duration: Some(seconds),
        ..incoming("call_ended")
    }
}

pub(crate) fn samples() -> Vec<Sample> {
    let named = |(name, event)| sample(format!("Incoming.{name}"), &event);
    events().into_iter().map(named).collect()
}

fn said(name: &str) -> Happening {
    match read(&published_as(&format!("Incoming.{name}"))).reported {
        contract::Reported::Happening(happening) => happening,
        contract::Reported::Opening(opening) => panic!("{opening:?}"),
    }
}

#[test]
fn every_incoming_sample_is_understood() {
    let opening = |kind, queue: &str, priority| {
        contract::Reported::Opening(Opening { kind, queue: queue.into(), priority })
    };
    let first = read(&published_as("Incoming.call_initiated"));
    assert_eq!(first.reported, opening(Kind::Voice, "medical_spanish", 0));
    assert_eq!((first.key, first.occurred_at), (None, None));
    let full = read(&published_as("Incoming.call_initiated_video"));
    assert_eq!(full.reported, opening(Kind::Video, "legal_english", 0));
    assert_eq!(full.key.as_deref(), Some("evt-1"));
    assert_eq!(full.occurred_at, contract::parse_time("2026-11-21T09:29:58.250Z"));

    let urgent = read(&published_as("Incoming.call_initiated_priority"));
    assert_eq!(urgent.reported, opening(Kind::Voice, "medical_spanish", 5));

    let (ana, ben) = (|| "ana".into(), || Some("ben".into()));
    assert_eq!(said("call_routed"), Happening::Routed { agent: ana() });
    assert_eq!(
        said("call_answered"),
        Happening::Answered { waited_s: 9.0, agent: None, offer: None }
    );
    assert_eq!(
        said("call_answered_offer"),
        Happening::Answered { waited_s: 31.0, agent: Some(ana()), offer: Some(1) }
    );
    assert_eq!(said("call_hold"), Happening::Held { held_s: 5.0 });
    assert_eq!(said("call_resumed"), Happening::Resumed);
    let queue = Some("medical_english".into());
    assert_eq!(said("call_transferred"), Happening::TransferredBlind { queue, agent: None });
    let handed_over = Happening::TransferredAttended { queue: None, agent: ben() };
    assert_eq!(said("call_transferred_attended"), handed_over);
    for (name, reason, lasted_s) in [
        ("call_ended", EndReason::Completed, 180.0),
        ("call_ended_abandoned", EndReason::Abandoned, 12.75),
        ("call_ended_failed", EndReason::Failed, 0.0),
    ] {
        assert_eq!(said(name), Happening::Ended { reason, lasted_s });
    }
}

#[test]
fn every_older_sample_is_understood_as_its_canonical_twin() {
    let mut older = 0;
    for (name, payload) in published() {
        let Some(case) = name.strip_prefix("Older.") else { continue };
        // `Older.call_routed-nested` is another way to write `Incoming.call_routed`.
        let twin = case.split('-').next().unwrap_or_default();
        let twin = read(&published_as(&format!("Incoming.{twin}")));
        assert_eq!(read(&payload), twin, "{name}");
        older += 1;
    }
    assert!(0 < older, "there are no older samples");
}

#[test]
fn every_queue_of_the_samples_exists_from_the_first_start() {
    let queues = published().into_values().filter_map(|sample| match &sample["queueId"] {
        Value::String(queue) => Some(queue.clone()),
        _ => None,
    });
    for queue in queues {
        assert!(is_queue(&queue), "{queue}");
    }
}

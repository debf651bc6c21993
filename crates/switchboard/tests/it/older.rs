//! Input of the older generation: `snake_case`, flat or one level down. Answers are canonical.

use serde_json::{Value, json};

use crate::world::{Server, World};

on_every_database! {
    the_older_form_is_understood_wherever_its_fields_are
    filters_of_the_older_form_are_understood
    faults_in_the_older_form_are_told_in_its_words
}

/// The whole life of a call, each event in the older form, under a discriminator.
fn life(call: &str, discriminator: &str, place: Option<&str>) -> Vec<Value> {
    let fields = [
        ("call_initiated", json!({ "type": "video", "queue_id": "legal_spanish" })),
        ("call_routed", json!({ "agent_id": "ana", "routing_time": 1.5 })),
        ("call_answered", json!({ "wait_time": 12.0 })),
        ("call_hold", json!({ "hold_duration": 61 })),
        ("call_resumed", json!({})),
        ("call_ended", json!({ "end_reason": "completed", "duration": 9.5 })),
    ];
    let event = |(name, fields): (&str, Value)| {
        let mut event = match place {
            None => fields,
            Some(place) => json!({ place: fields }),
        };
        event["call_id"] = call.into();
        event[discriminator] = name.into();
        event
    };
    fields.map(event).into()
}

fn told(server: &Server, events: &[Value]) -> Vec<Value> {
    let clean = |event: &Value| {
        let stored = server.record(event);
        json!({ "type": stored["type"], "seq": stored["seq"], "metadata": stored["metadata"] })
    };
    events.iter().map(clean).collect()
}

fn the_older_form_is_understood_wherever_its_fields_are(world: &World) {
    let server = world.start();
    let mut all = Vec::new();
    for discriminator in ["event_type", "event_name", "event"] {
        for place in [None, Some("metadata"), Some("data")] {
            let call = format!("{discriminator}-{}", place.unwrap_or("flat"));
            all.push(told(&server, &life(&call, discriminator, place)));
            assert_eq!(server.call(&call)["queueId"], "legal_spanish");
        }
    }
    let first = all.first().cloned().unwrap_or_default();
    assert!(all.iter().all(|told| *told == first), "{all:?}");
    assert_eq!(first[0]["metadata"], json!({ "type": "video", "queueId": "legal_spanish" }));
    assert_eq!(first[1]["metadata"], json!({ "agentId": "ana", "routingTime": 1.5, "offer": 1 }));
    assert_eq!(first[2]["metadata"], json!({ "waitTime": 12 }));
    assert_eq!(first[3]["metadata"]["flags"][0]["rule"], "hold_exceeded");
    assert_eq!(first[4]["metadata"], Value::Null);
    assert_eq!(first[5]["metadata"]["flags"][0]["rule"], "short_call");
    // Equal after normalising: a repeat in the canonical form, without a key.
    let canonical = json!({ "event": "call_initiated", "callId": "event-flat", "type": "video",
        "queueId": "legal_spanish" });
    let again = server.post(&canonical);
    again.is(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
}

fn filters_of_the_older_form_are_understood(world: &World) {
    let server = world.start();
    for event in life("c", "event_type", None) {
        server.record(&event);
    }
    for query in ["queueId", "queue_id", "queue"] {
        let found = |queue: &str| {
            let calls = server.get(&format!("/api/calls?{query}={queue}")).is(200);
            calls.as_array().map_or(0, Vec::len)
        };
        assert_eq!((found("legal_spanish"), found("legal_english")), (1, 0), "{query}");
    }
}

fn faults_in_the_older_form_are_told_in_its_words(world: &World) {
    let server = world.start();
    let wrong = json!({ "event_type": "call_routed", "call_id": "c", "agent_id": 7 });
    server.post(&wrong).is_invalid("invalid_type", &["agent_id"]);
    server.post(&wrong).is_invalid("invalid_type", &["routing_time"]);
    let deep =
        json!({ "event_name": "call_hold", "call_id": "c", "data": { "hold_duration": -1 } });
    server.post(&deep).is_invalid("too_small", &["data", "hold_duration"]);
    let voice = json!({ "type": "call_initiated", "callId": "c", "queueId": "legal_spanish" });
    server.post(&voice).is_invalid("invalid_type", &["event"]);
}

//! The events of these tests, each in one word.

use serde_json::{Value, json};

pub(crate) const QUEUE: &str = "medical_spanish";

pub(crate) fn initiated(call: &str) -> Value {
    initiated_in(call, QUEUE)
}

pub(crate) fn initiated_in(call: &str, queue: &str) -> Value {
    json!({ "event": "call_initiated", "callId": call, "type": "voice", "queueId": queue })
}

pub(crate) fn routed(call: &str, agent: &str) -> Value {
    json!({ "event": "call_routed", "callId": call, "agentId": agent, "routingTime": 1 })
}

pub(crate) fn answered(call: &str) -> Value {
    json!({ "event": "call_answered", "callId": call, "waitTime": 5 })
}

pub(crate) fn held(call: &str) -> Value {
    json!({ "event": "call_hold", "callId": call, "holdDuration": 20 })
}

pub(crate) fn resumed(call: &str) -> Value {
    json!({ "event": "call_resumed", "callId": call })
}

pub(crate) fn blind(call: &str) -> Value {
    let queue = "legal_english";
    json!({ "event": "call_transferred", "callId": call, "queueId": queue, "kind": "blind" })
}

pub(crate) fn attended(call: &str) -> Value {
    json!({ "event": "call_transferred", "callId": call, "agentId": "luis", "kind": "attended" })
}

pub(crate) fn ended(call: &str) -> Value {
    let (reason, duration) = ("completed", 120);
    json!({ "event": "call_ended", "callId": call, "endReason": reason, "duration": duration })
}

/// The same with further fields.
pub(crate) fn with(mut event: Value, more: &Value) -> Value {
    for (key, value) in more.as_object().into_iter().flatten() {
        event[key] = value.clone();
    }
    event
}

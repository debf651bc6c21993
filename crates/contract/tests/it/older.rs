//! The generation before: other discriminators, `snake_case`, one level of nesting.

use serde_json::{Value, json};

use crate::{decoding::wrong, story::read};

fn one_wrong(payload: &Value, code: &str, path: &str) {
    assert_eq!(wrong(payload), [(code.to_owned(), path.to_owned())], "{payload}");
}

#[test]
fn each_discriminator_is_known() {
    let canonical = read(&json!({ "event": "call_hold", "callId": "c1", "holdDuration": 5 }));
    for discriminator in ["event", "event_type", "event_name"] {
        let older = json!({ discriminator: "call_hold", "call_id": "c1", "hold_duration": 5 });
        assert_eq!(read(&older), canonical, "{discriminator}");
    }
}

#[test]
fn whoever_forgot_the_call_is_told_in_their_own_words() {
    one_wrong(&json!({ "event": "call_hold", "hold_duration": 5 }), "invalid_type", "call_id");
    one_wrong(&json!({ "event": "call_hold", "holdDuration": 5 }), "invalid_type", "callId");
    one_wrong(&json!({ "event": "call_resumed" }), "invalid_type", "callId");
}

#[test]
fn type_is_voice_or_video_and_never_the_event() {
    let payload = json!({ "type": "call_resumed", "call_id": "c1" });
    one_wrong(&payload, "invalid_type", "event");
}

#[test]
fn an_unknown_event_is_blamed_on_the_key_that_named_it() {
    for key in ["event_type", "event_name"] {
        let payload = json!({ key: "call_started", "call_id": "c1" });
        one_wrong(&payload, "invalid_union_discriminator", key);
    }
}

#[test]
fn fields_may_lie_one_level_down() {
    let canonical = read(&json!({ "event": "call_routed", "callId": "c1", "agentId": "ana",
                                  "routingTime": 1 }));
    for place in ["metadata", "data"] {
        let inside = json!({ "call_id": "c1", "agent_id": "ana", "routing_time": 1 });
        let older = json!({ "event_type": "call_routed", place: inside });
        assert_eq!(read(&older), canonical, "all in {place}");
        let inside = json!({ "agent_id": "ana", "routing_time": 1 });
        let older = json!({ "event_name": "call_routed", "call_id": "c1", place: inside });
        assert_eq!(read(&older), canonical, "all but the call in {place}");
    }
}

#[test]
fn what_lies_on_top_wins() {
    let inside = json!({ "agent_id": "ben", "routing_time": 1 });
    let older = json!({ "event_type": "call_routed", "call_id": "c1", "agent_id": "ana",
                        "metadata": inside });
    let canonical = json!({ "event": "call_routed", "callId": "c1", "agentId": "ana",
                            "routingTime": 1 });
    assert_eq!(read(&older), read(&canonical));
}

#[test]
fn two_levels_down_is_too_deep() {
    let payload = json!({ "event_type": "call_hold", "call_id": "c1",
                          "data": { "metadata": { "hold_duration": 5 } } });
    one_wrong(&payload, "invalid_type", "hold_duration");
}

#[test]
fn the_canonical_form_is_flat() {
    let payload =
        json!({ "event": "call_hold", "callId": "c1", "metadata": { "holdDuration": 5 } });
    one_wrong(&payload, "invalid_type", "holdDuration");
}

#[test]
fn an_issue_leads_to_the_field_as_it_was_written() {
    let inside = json!({ "agent_id": "", "routing_time": "1" });
    let payload = json!({ "event_type": "call_routed", "call_id": "c1", "metadata": inside });
    let all = [("too_small", "metadata.agent_id"), ("invalid_type", "metadata.routing_time")];
    assert_eq!(wrong(&payload), all.map(|(code, path)| (code.to_owned(), path.to_owned())));
    let payload = json!({ "event_type": "call_initiated", "call_id": "c1", "type": "voice",
                          "data": { "queue_id": "dental" } });
    one_wrong(&payload, "unknown_queue", "data.queue_id");
    let payload = json!({ "event_type": "call_answered", "call_id": "c1", "wait_time": 1,
                          "data": { "offer": 1.5 } });
    one_wrong(&payload, "invalid_type", "data.offer");
}

#[test]
fn what_is_nested_but_no_object_is_no_place_to_look() {
    for nested in [json!(null), json!("x"), json!([{ "hold_duration": 5 }]), json!(5)] {
        let payload = json!({ "event_type": "call_hold", "call_id": "c1", "data": nested });
        one_wrong(&payload, "invalid_type", "hold_duration");
    }
}

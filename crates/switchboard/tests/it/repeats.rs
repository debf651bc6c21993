//! A repeat is harmless: the same answer again, and nothing recorded.

use serde_json::{Value, json};

use crate::{
    http::{Answer, Request},
    say::{answered, ended, held, initiated, routed, with},
    world::World,
};

on_every_database! {
    a_key_in_a_header_makes_a_repeat_harmless
    an_event_id_makes_a_repeat_harmless_and_the_header_wins
    a_key_used_for_another_event_is_told
    a_key_belongs_to_its_call
    a_refused_event_is_judged_anew
    an_opening_and_an_end_need_no_key
    a_repeat_is_answered_after_a_restart
    a_key_has_the_form_of_an_id
    two_keys_for_one_event_are_refused
}

#[track_caller]
fn is_repeat_of(first: &Answer, again: &Answer) {
    assert_eq!(first.is(201), again.is(201));
    assert_eq!(first.header("idempotency-replayed"), None);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
}

fn a_key_in_a_header_makes_a_repeat_harmless(world: &World) {
    let server = world.start();
    server.record(&initiated("c"));
    let request = Request::event(&routed("c", "ana"));
    let first = server.ask(&request.clone().key("k 1"));
    is_repeat_of(&first, &server.ask(&request.clone().key("k 1")));
    is_repeat_of(&first, &server.ask(&request.clone().key("\"k 1\"")));
    // Other words for the same: order of keys, unknown keys, white space, 1 and 1.0.
    let text = "{ \"routingTime\": 1.0, \"agentId\":\"ana\", \"callId\":\"c\",\n \"x\": [], \
                \"event\": \"call_routed\" }";
    is_repeat_of(&first, &server.ask(&Request::post("/api/events").body(text).key("k 1")));
    // A later event does not change the answer to an earlier one.
    server.record(&answered("c"));
    is_repeat_of(&first, &server.ask(&request.key("k 1")));
    assert_eq!(server.types("c"), ["call_initiated", "call_routed", "call_answered"]);
}

fn an_event_id_makes_a_repeat_harmless_and_the_header_wins(world: &World) {
    let server = world.start();
    server.record(&initiated("c"));
    let event = with(routed("c", "ana"), &json!({ "eventId": "e" }));
    let first = server.post(&event);
    assert!(first.json().get("eventId").is_none() && !first.text().contains("eventId"));
    is_repeat_of(&first, &server.post(&event));
    is_repeat_of(&first, &server.ask(&Request::event(&routed("c", "ana")).key("e")));
    let other = server.ask(&Request::event(&event).key("h"));
    assert_eq!(other.is(201)["seq"], 3, "the header wins");
    is_repeat_of(&other, &server.ask(&Request::event(&routed("c", "ana")).key("h")));
    assert_eq!(server.history("c").len(), 3);
}

fn a_key_used_for_another_event_is_told(world: &World) {
    let server = world.start();
    server.record(&initiated("c"));
    let first = server.ask(&Request::event(&routed("c", "ana")).key("k"));
    for other in [
        routed("c", "luis"),
        with(routed("c", "ana"), &json!({ "routingTime": 2 })),
        with(routed("c", "ana"), &json!({ "occurredAt": "2026-01-02T03:04:05Z" })),
        answered("c"),
        ended("c"),
        initiated("c"),
    ] {
        let problem = server.ask(&Request::event(&other).key("k")).is_problem(422, "key_reused");
        assert!(problem["message"].to_string().contains('k'), "{problem}");
    }
    is_repeat_of(&first, &server.ask(&Request::event(&routed("c", "ana")).key("k")));
    assert_eq!(server.history("c").len(), 2);
}

fn a_key_belongs_to_its_call(world: &World) {
    let server = world.start();
    for call in ["c", "d"] {
        assert_eq!(server.ask(&Request::event(&initiated(call)).key("k")).is(201)["callId"], call);
        is_repeat_of(
            &server.ask(&Request::event(&routed(call, "ana")).key("r")),
            &server.ask(&Request::event(&routed(call, "ana")).key("r")),
        );
    }
}

fn a_refused_event_is_judged_anew(world: &World) {
    let server = world.start();
    server.ask(&Request::event(&held("c")).key("k")).is_problem(404, "call_not_found");
    server.record(&initiated("c"));
    server.ask(&Request::event(&held("c")).key("k")).is_problem(409, "refused");
    server.record(&answered("c"));
    let first = server.ask(&Request::event(&held("c")).key("k"));
    is_repeat_of(&first, &server.ask(&Request::event(&held("c")).key("k")));
    server.ask(&Request::event(&held("c"))).is_problem(409, "refused");
}

fn an_opening_and_an_end_need_no_key(world: &World) {
    let server = world.start();
    let opening = server.post(&initiated("c"));
    server.record(&answered("c"));
    is_repeat_of(&opening, &server.post(&initiated("c")));
    let other = with(initiated("c"), &json!({ "queueId": "legal_english" }));
    server.post(&other).is_problem(409, "call_exists");
    let short = with(ended("c"), &json!({ "duration": 3 }));
    let end = server.post(&short);
    is_repeat_of(&end, &server.post(&short));
    is_repeat_of(&opening, &server.post(&initiated("c")));
    server.post(&ended("c")).is_problem(409, "refused");
    // Other events without a key are events of their own.
    server.record(&initiated("d"));
    server.record(&routed("d", "ana"));
    assert_eq!(server.record(&routed("d", "ana"))["seq"], 3);
    assert_eq!(server.types("c"), ["call_initiated", "call_answered", "call_ended"]);
}

fn a_repeat_is_answered_after_a_restart(world: &World) {
    let server = world.start();
    let opening = server.post(&initiated("c"));
    let keyed = server.ask(&Request::event(&routed("c", "ana")).key("k"));
    server.kill();
    let server = world.start();
    is_repeat_of(&opening, &server.post(&initiated("c")));
    is_repeat_of(&keyed, &server.ask(&Request::event(&routed("c", "ana")).key("k")));
}

fn a_key_has_the_form_of_an_id(world: &World) {
    let server = world.start();
    server.record(&initiated("c"));
    let ask = |key: &[u8]| {
        server.ask(&Request::event(&routed("c", "ana")).header("Idempotency-Key", key))
    };
    let long = "k".repeat(256);
    for wrong in [&b""[..], b"\"\"", b"\"open", b"\xff\xfe", b"tab\tbed", long.as_bytes()] {
        ask(wrong).is_problem(400, "invalid_key");
    }
    let unicode = "ключ-キー-🔑";
    for right in [unicode.as_bytes(), &long.as_bytes()[1..], b"\"a \\\" b\"", b"a,b;c=d"] {
        is_repeat_of(&ask(right), &ask(right));
    }
    assert_eq!(server.history("c").len(), 5);
    let both = server.post(&Value::Array(vec![]));
    both.is_problem(400, "invalid_payload");
}

fn two_keys_for_one_event_are_refused(world: &World) {
    let server = world.start();
    for second in ["k 1", "k 2"] {
        let request = Request::event(&initiated("c")).key("k 1").key(second);
        let problem = server.ask(&request).is_problem(400, "invalid_key");
        let told = "`Idempotency-Key`: given more than once; send one, with one key";
        assert_eq!(problem["detail"], told);
    }
    server.get("/api/calls/c").is_problem(404, "call_not_found");
    server.ask(&Request::event(&initiated("c")).key("k 1")).is(201);
}

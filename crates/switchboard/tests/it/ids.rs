//! Ids are text: whatever can be printed is one, in a body and in a path.

use serde_json::json;

use crate::{
    http::{Request, encode},
    say::{answered, initiated, routed, with},
    world::World,
};

on_every_database! {
    whatever_can_be_printed_is_an_id
    what_cannot_be_an_id_is_refused
    ids_are_told_apart_to_the_byte
}

fn printable() -> Vec<String> {
    let mut ids = [
        "550e8400-e29b-41d4-a716-446655440000x",
        "a/b/../c",
        "..",
        ".",
        "a b  c",
        " ",
        "%2F%00",
        "a?b=c&d#e",
        "+1 (555) 010-9999",
        "'; drop table calls; --",
        "\"quoted\\\"",
        "<script>alert(1)</script>",
        "naïve-Ünïcödé",
        "電話-통화-звонок-مكالمة",
        "👩‍⚕️📞",
        "e\u{301}",
        "\u{feff}bom",
        "\u{202e}backwards",
        "\u{fffd}",
        "\u{10ffff}",
        "null",
        "events",
        "*",
        "{id}",
        "__proto__",
    ]
    .map(str::to_owned)
    .to_vec();
    ids.extend(["x".repeat(255), "é".repeat(255), "📞".repeat(255)]);
    ids
}

fn whatever_can_be_printed_is_an_id(world: &World) {
    let server = world.start();
    let ids = printable();
    for id in &ids {
        server.record(&initiated(id));
        let event = with(routed(id, id), &json!({ "eventId": id }));
        let stored = server.record(&event);
        assert_eq!(stored["metadata"]["agentId"], **id);
        let again = server.post(&event);
        assert_eq!(again.header("idempotency-replayed"), Some("true"), "{id}");
        assert_eq!(server.call(id)["id"], **id);
        assert_eq!(server.types(id), ["call_initiated", "call_routed"], "{id}");
        // A path that is written as plainly as it may be is the same path.
        if id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_*()'+:".contains(&byte)) {
            assert_eq!(server.get(&format!("/api/calls/{id}")).is(200)["id"], **id);
        }
        let queue =
            server.ask(&Request::put(&format!("/api/queues/{}", encode(id))).json(&json!({})));
        assert_eq!(queue.is(200)["id"], **id);
        let path = format!("/api/calls?queueId={}", encode(id));
        assert_eq!(server.get(&path).is(200), json!([]), "{id}");
    }
    let all = server.get("/api/calls?limit=1000").is(200);
    assert_eq!(all.as_array().map(Vec::len), Some(ids.len()));
    server.kill();
    let server = world.start();
    for id in &ids {
        assert_eq!(server.call(id)["version"], 2, "{id}");
    }
}

fn what_cannot_be_an_id_is_refused(world: &World) {
    let server = world.start();
    let long = "📞".repeat(256);
    for (id, code) in [
        ("", "too_small"),
        (long.as_str(), "too_big"),
        ("a\u{0}b", "invalid_string"),
        ("a\nb", "invalid_string"),
        ("\t", "invalid_string"),
        ("a\u{7f}", "invalid_string"),
        ("\u{85}", "invalid_string"),
        ("\u{9b}31m", "invalid_string"),
    ] {
        server.post(&initiated(id)).is_invalid(code, &["callId"]);
        let event = with(initiated("c"), &json!({ "eventId": id }));
        server.post(&event).is_invalid(code, &["eventId"]);
        server.post(&routed("c", id)).is_invalid(code, &["agentId"]);
        server.post(&with(answered("c"), &json!({ "agentId": id }))).is_invalid(code, &["agentId"]);
    }
    let encoded = |id: &str| (format!("/api/calls/{}", encode(id)), encode(id));
    for id in ["a\u{0}b", "a\nb", "\u{7f}", "\u{9b}31m"] {
        let (path, id) = encoded(id);
        server.get(&path).is_problem(400, "invalid_path");
        server.get(&format!("{path}/events")).is_problem(400, "invalid_path");
        server.get(&format!("/api/queues/{id}")).is_problem(400, "invalid_path");
        server.get(&format!("/api/calls?queueId={id}")).is_problem(400, "invalid_query");
        let queue = Request::put(&format!("/api/queues/{id}")).json(&json!({}));
        server.ask(&queue).is_problem(400, "invalid_path");
        let alert = Request::post(&format!("/api/alerts/{id}/acknowledge"));
        server.ask(&alert.json(&json!({ "by": "Rosa" }))).is_problem(400, "invalid_path");
    }
    let (path, id) = encoded(&long);
    server.get(&path).is_problem(404, "call_not_found");
    let queue = Request::put(&format!("/api/queues/{id}")).json(&json!({}));
    server.ask(&queue).is_problem(400, "invalid_payload");
    for path in ["/api/calls/%FF", "/api/calls/%C3%28/events", "/api/queues/%ED%A0%80"] {
        server.get(path).is_problem(400, "invalid_path");
    }
    server.is_healthy();
}

fn ids_are_told_apart_to_the_byte(world: &World) {
    let server = world.start();
    let ids = ["a", "A", "á", "a\u{301}", "a ", " a", "ａ"];
    for id in ids {
        server.record(&initiated(id));
    }
    server.record(&answered("A"));
    for id in ids {
        assert_eq!(server.call(id)["status"] == "active", id == "A", "{id}");
    }
}

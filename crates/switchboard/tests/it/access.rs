//! Who may read and who may change, and the paths that are there.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::{Value, json};

use crate::{
    http::{KEY, Request},
    say::initiated,
    world::{Server, World},
};

on_every_database! {
    a_change_needs_a_key
    reading_is_open_until_a_key_is_set
    there_is_a_description_and_every_path_in_it_answers
    health_and_measurements_are_told
    what_the_door_refuses_is_counted
}

fn with_key(request: Request, key: &str) -> Request {
    request.header("X-API-Key", key)
}

fn a_change_needs_a_key(world: &World) {
    let server = world.start();
    let event = initiated("c").to_string();
    let open = Request::new("POST", "/api/events").body(event.as_str());
    let prefix = &KEY[..KEY.len() - 1];
    let longer = format!("{KEY}x");
    let wrong = ["", "wrong", prefix, longer.as_str(), "TEST-KEY", "test-key,other"];
    let mut asked = vec![open.clone()];
    asked.extend(wrong.map(|key| with_key(open.clone(), key)));
    asked.push(open.clone().header("X-API-Key", &b"\xff\xfe"[..]));
    asked.push(open.clone().header("Authorization", format!("Bearer {KEY}")));
    asked.push(Request::new("POST", "/api/events").body("not even JSON"));
    for request in asked {
        let problem = server.ask(&request).is_problem(401, "unauthorized");
        assert_eq!(problem["message"], "Unauthorized");
    }
    for path in ["/api/events/batch", "/api/events/validate", "/api/alerts/1-1/acknowledge"] {
        server.ask(&Request::new("POST", path).body("{}")).is_problem(401, "unauthorized");
    }
    server.get("/api/calls/c").is_problem(404, "call_not_found");
    server.ask(&with_key(open, KEY)).is(201);
}

fn reading_is_open_until_a_key_is_set(world: &World) {
    let paths = [
        "/api/calls",
        "/api/calls/c",
        "/api/calls/c/events",
        "/api/queues",
        "/api/queues/legal_english",
        "/api/alerts",
        "/metrics",
    ];
    let server = world.start();
    server.record(&initiated("c"));
    for path in paths {
        assert_eq!(server.get(path).status, 200, "{path}");
    }
    server.kill();

    let keys = [("READ_KEY", "reader, second"), ("API_KEY", "one,two , three")];
    let server = world.start_with(&keys, &[]);
    for path in paths {
        server.get(path).is_problem(401, "unauthorized");
        for key in ["reader", "second", "one", "two", "three"] {
            assert_eq!(server.ask(&with_key(Request::get(path), key)).status, 200, "{path}");
        }
    }
    for path in ["/health", "/api/openapi.json", "/"] {
        assert_eq!(server.get(path).status, 200, "{path} is open");
    }
    let change = |key: &str| {
        let event = initiated(&format!("by-{key}"));
        let request = Request::new("POST", "/api/events").json(&event);
        server.ask(&with_key(request, key)).status
    };
    assert_eq!(["one", "two", "three"].map(change), [201; 3]);
    assert_eq!(["", "one,two", "third"].map(change), [401; 3]);
    assert_eq!(["reader", "second"].map(change), [403; 2], "known, but for reading");
}

#[test]
fn a_key_is_made_and_kept_where_none_is_set() {
    let world = World::sqlite().without("API_KEY");
    let server = world.start();
    let said = server.says().unwrap_or_default();
    let path = world.dir.path().join("api-key.txt");
    let kept = fs::read_to_string(&path).expect("the key is kept");
    assert!(said.contains(kept.trim()), "{said}");
    let mode = fs::metadata(&path).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "nobody else may read it");
    let ask = |server: &Server, call: &str| {
        let request = Request::new("POST", "/api/events").json(&initiated(call));
        server.ask(&with_key(request, kept.trim())).status
    };
    assert_eq!(ask(&server, "a"), 201);
    server.stop();
    let server = world.start();
    assert_eq!(ask(&server, "b"), 201, "the same key after a restart");
    assert_eq!(fs::read_to_string(&path).expect("it is there"), kept);
    drop(server);
    let world = world.with("API_KEY", " , ");
    let output = world.run(&["serve"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("API_KEY"));
}

fn there_is_a_description_and_every_path_in_it_answers(world: &World) {
    let server = world.start();
    server.record(&initiated("c"));
    let document = server.get("/api/openapi.json").is(200);
    assert!(document["openapi"].as_str().is_some_and(|it| it.starts_with("3.1")), "{document}");
    let paths = document["paths"].as_object().cloned().unwrap_or_default();
    assert!(paths.len() > 8, "{:?}", paths.keys());
    for (path, methods) in &paths {
        for method in ["get", "post", "put", "delete", "patch"] {
            let target = path.replace("{id}", "legal_english").replace("{code}", "refused");
            let method_name = method.to_uppercase();
            let asked = Request::new(&method_name, &target).header("X-API-Key", KEY).body("{}");
            let answer = server.ask(&asked);
            if methods.get(method).is_some() {
                let documented = methods[method]["responses"].as_object().cloned();
                let known = documented.unwrap_or_default().contains_key(&answer.status.to_string());
                assert!(known, "{method} {path}: {} is not described", answer.status);
            } else {
                answer.is_problem(405, "method_not_allowed");
                let allowed = answer.header("allow").unwrap_or_default().to_lowercase();
                assert!(!allowed.is_empty(), "{method} {path}: which methods, then?");
            }
        }
    }
    for path in
        ["/api", "/api/", "/api/nothing", "/api/calls/c/nothing", "/api/events/", "/api//calls"]
    {
        for request in [Request::get(path), Request::post(path).body("{}")] {
            server.ask(&request).is_problem(404, "not_found");
        }
    }
}

/// Whoever looks for lost events finds those, too, that never reached the engine.
fn what_the_door_refuses_is_counted(world: &World) {
    let server = world.start_with(&[("READ_KEY", "reader")], &[]);
    let counted = |kind: &str, result: &str| {
        let name = format!("switchboard_events_total{{type=\"{kind}\",result=\"{result}\"}} ");
        let text = server.ask(&Request::get("/metrics").header("X-API-Key", KEY)).text();
        let count = text.lines().find_map(|line| line.strip_prefix(name.as_str())?.parse().ok());
        count.unwrap_or(0_u64)
    };
    server.record(&initiated("c"));
    server.post(&json!({})).is_problem(400, "invalid_payload");
    server.post(&json!({ "event": "call_hold" })).is_problem(400, "invalid_payload");
    let two_keys = Request::event(&initiated("d")).key("k").key("l");
    server.ask(&two_keys).is_problem(400, "invalid_key");
    let large = Request::post("/api/events").body(vec![b' '; (1 << 20) + 1]);
    server.ask(&large).is_problem(413, "body_too_large");
    let events = json!([initiated("e"), {}, { "event": "call_hold" }]);
    server.ask(&Request::post("/api/events/batch").json(&events)).is(200);
    let nobody = Request::new("POST", "/api/events").json(&initiated("f"));
    server.ask(&nobody).is_problem(401, "unauthorized");
    let reader = Request::new("POST", "/api/events/batch").header("X-API-Key", "reader");
    server.ask(&reader.json(&json!([initiated("f")]))).is_problem(403, "forbidden");
    // What is only checked is no event that was sent in, and neither is a sign of life.
    server.ask(&Request::post("/api/events/validate").body("{")).is_problem(400, "invalid_payload");
    let heartbeat = Request::new("POST", "/api/agents/ana/heartbeat");
    server.ask(&heartbeat).is_problem(401, "unauthorized");
    for (kind, result, count) in [
        ("call_initiated", "recorded", 2),
        ("unknown", "invalid_payload", 2),
        ("call_hold", "invalid_payload", 2),
        ("call_initiated", "invalid_key", 1),
        ("unknown", "body_too_large", 1),
        ("unknown", "unauthorized", 1),
        ("unknown", "forbidden", 1),
    ] {
        assert_eq!(counted(kind, result), count, "{kind} {result}");
    }
}

fn health_and_measurements_are_told(world: &World) {
    let server = world.start();
    server.is_healthy();
    server.record(&initiated("c"));
    server.post(&json!({})).is_problem(400, "invalid_payload");
    let measured = server.get("/metrics");
    assert_eq!(measured.status, 200);
    assert!(measured.header("content-type").is_some_and(|it| it.starts_with("text/plain")));
    let text = measured.text();
    for name in [
        "switchboard_events_total",
        "switchboard_recorded_total{type=\"call_initiated\"} 1",
        "switchboard_resyncs_total{reason=\"too_slow\"} 0",
        "switchboard_timers_armed",
        "switchboard_commit_seconds",
        "switchboard_batch_events",
        "switchboard_lane_depth{lane=\"0\"}",
    ] {
        assert!(text.contains(name), "{name} is not measured:\n{text}");
    }
    // Whatever is measured says what it counts.
    for name in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()) {
        assert!(text.contains(&format!("# HELP {name} ")), "{name} has no help text");
    }
    let own = Request::get("/health").header("X-Request-Id", "my-id.1");
    assert_eq!(server.ask(&own).header("x-request-id"), Some("my-id.1"));
    for bad in [&b"two words"[..], b"\xff", &b"x".repeat(200), b""] {
        let answer = server.ask(&Request::get("/api/none").header("X-Request-Id", bad));
        let given = answer.header("x-request-id").unwrap_or_default();
        assert!((10..=64).contains(&given.len()), "an id of the server's own: {given}");
        assert!(!given.contains("xxx") && !given.contains(' '), "{given}");
    }
    let one = server.get("/health").header("x-request-id").map(str::to_owned);
    assert_ne!(one.as_deref(), server.get("/health").header("x-request-id"));
    assert!(one.is_some());
    let understood = Request::post("/api/events/validate").json(&initiated("never"));
    assert_eq!(server.ask(&understood).is(200)["callId"], Value::from("never"));
    server.get("/api/calls/never").is_problem(404, "call_not_found");
}

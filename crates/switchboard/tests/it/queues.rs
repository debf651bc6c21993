//! Queues: their promises are read and changed, a part at a time.

use serde_json::{Value, json};

use crate::{
    http::Request,
    say::{initiated, initiated_in},
    world::World,
};

on_every_database! {
    the_first_queues_are_there_with_their_promises
    a_queue_is_created_and_changed_a_part_at_a_time
    what_no_queue_can_promise_is_refused
    everything_that_is_wrong_with_a_queue_is_named_at_once
}

fn the_first_queues_are_there_with_their_promises(world: &World) {
    let server = world.start();
    let queues = server.get("/api/queues").is(200);
    let ids = queues.as_array().into_iter().flatten().map(|queue| queue["id"].clone());
    let first = ["legal_english", "legal_spanish", "medical_english", "medical_spanish"];
    assert_eq!(ids.collect::<Vec<_>>(), first);
    let queue = server.get("/api/queues/legal_english").is(200);
    let promises = json!({ "id": "legal_english", "name": "Legal, English", "slaSeconds": 30,
        "ringSeconds": 15, "maxHoldSeconds": 60, "shortCallSeconds": 10, "maxReroutes": 3, "wrapUpSeconds": 0 });
    assert_eq!(queue, promises);
    server.get("/api/queues/nowhere").is_problem(404, "queue_not_found");
}

fn a_queue_is_created_and_changed_a_part_at_a_time(world: &World) {
    let server = world.start();
    server.post(&initiated_in("c", "new")).is_invalid("unknown_queue", &["queueId"]);
    let made = server.queue("new", &json!({ "slaSeconds": 12.5 }));
    let promises = json!({ "id": "new", "name": "new", "slaSeconds": 12.5, "ringSeconds": 15,
        "maxHoldSeconds": 60, "shortCallSeconds": 10, "maxReroutes": 3, "wrapUpSeconds": 0 });
    assert_eq!(made, promises);
    let changed = server.queue("new", &json!({ "name": "New!", "maxReroutes": 0, "id": "other" }));
    assert_eq!((&changed["name"], &changed["slaSeconds"]), (&json!("New!"), &json!(12.5)));
    assert_eq!(changed["id"], "new");
    server.record(&initiated_in("c", "new"));
    server.queue("new", &json!({}));
    server.kill();
    let server = world.start();
    assert_eq!(server.get("/api/queues/new").is(200), changed);
    // Putting back what was read changes nothing.
    server.ask(&Request::put("/api/queues/new").json(&changed)).is(200);
    assert_eq!(server.get("/api/queues/new").is(200), changed);
    server.record(&initiated("d"));
}

fn what_no_queue_can_promise_is_refused(world: &World) {
    let server = world.start();
    let put = |body: &str| server.ask(&Request::put("/api/queues/q").body(body));
    for field in ["slaSeconds", "ringSeconds", "maxHoldSeconds"] {
        for wrong in ["0", "-1", "86400.001", "1e300", "0.0001"] {
            put(&format!("{{\"{field}\": {wrong}}}")).is_problem(400, "invalid_payload");
        }
        for right in ["0.001", "86400"] {
            put(&format!("{{\"{field}\": {right}}}")).is(200);
        }
    }
    put("{\"shortCallSeconds\": 0}").is(200);
    for wrong in [
        "",
        "[]",
        "null",
        "\"q\"",
        "{",
        "{\"slaSeconds\": \"30\"}",
        "{\"slaSeconds\": 1e999}",
        "{\"shortCallSeconds\": -0.5}",
        "{\"maxReroutes\": 1.5}",
        "{\"maxReroutes\": -1}",
        "{\"maxReroutes\": 1001}",
        "{\"name\": \"\"}",
        "{\"name\": \"a\\u0000b\"}",
        "{\"name\": 7}",
    ] {
        put(wrong).is_problem(400, "invalid_payload");
    }
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(64 << 10));
    put(&large).is_problem(413, "body_too_large");
    let open = Request::new("PUT", "/api/queues/q").json(&json!({ "slaSeconds": 1 }));
    server.ask(&open).is_problem(401, "unauthorized");
    assert_eq!(server.get("/api/queues/q").is(200)["slaSeconds"], Value::from(86_400));
    server.is_healthy();
}

fn everything_that_is_wrong_with_a_queue_is_named_at_once(world: &World) {
    let server = world.start();
    let put = |body: &Value| server.ask(&Request::put("/api/queues/q").json(body));
    let span = "a number of seconds from 0.001 to 86400 is expected";
    let span_or_none = "a number of seconds from 0 to 86400 is expected";
    let whole = "a whole number from 0 to 1000 is expected";
    let unknown = "there is no such field; the fields are `slaSeconds`, `ringSeconds`, \
                   `maxHoldSeconds`, `shortCallSeconds`, `wrapUpSeconds`, `maxReroutes`, `name`";
    let wrong = json!({ "slaSeconds": "30", "ringSeconds": 0, "maxHoldSeconds": [60],
        "shortCallSeconds": -1, "wrapUpSeconds": true, "maxReroutes": 1.5, "name": "",
        "slaSecond": 30, "sla_seconds": 30 });
    put(&wrong).names(&[
        ("invalid_type", "slaSeconds", span),
        ("out_of_range", "ringSeconds", span),
        ("invalid_type", "maxHoldSeconds", span),
        ("out_of_range", "shortCallSeconds", span_or_none),
        ("invalid_type", "wrapUpSeconds", span_or_none),
        ("out_of_range", "maxReroutes", whole),
        ("too_small", "name", "at least 1 character is needed"),
        ("unknown_field", "slaSecond", unknown),
        ("unknown_field", "sla_seconds", unknown),
    ]);
    let object = "one JSON object is expected";
    put(&json!([{ "slaSeconds": 30 }])).names(&[("invalid_type", "", object)]);
    // However much is wrong, the answer ends somewhere.
    let many = (0..2_000).map(|n| (format!("field {n}"), json!(n))).collect::<Value>();
    let told = put(&many).is_invalid("unknown_field", &["field 0"]);
    assert_eq!(told["issues"].as_array().map(Vec::len), Some(100));
    let long = Request::put(&format!("/api/queues/{}", "q".repeat(256)));
    server.ask(&long.json(&json!({ "ringSeconds": "15" }))).names(&[
        ("invalid_type", "ringSeconds", span),
        ("too_big", "id", "at most 255 characters are allowed"),
    ]);
    server.get("/api/queues/q").is_problem(404, "queue_not_found");
}

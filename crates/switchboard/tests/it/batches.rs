//! Many events in one request: each is answered by itself, in order.

use serde_json::{Value, json};

use crate::{
    http::{Answer, Request},
    say::{answered, ended, held, initiated, routed, with},
    world::{Server, World},
};

on_every_database! {
    a_batch_answers_each_event_in_order
    one_event_a_line_is_a_batch_too
    a_repeat_within_a_batch_is_one_event
    what_came_with_a_key_is_known_without_it
    a_batch_has_limits
    what_is_no_batch_is_refused_whole
    a_batch_with_one_key_for_all_is_refused
}

fn send(server: &Server, body: impl Into<Vec<u8>>) -> Answer {
    server.ask(&Request::post("/api/events/batch").body(body))
}

fn statuses(answers: &Value) -> Vec<u64> {
    let answers = answers.as_array().into_iter().flatten();
    answers.map(|answer| answer["status"].as_u64().unwrap_or(0)).collect()
}

fn a_batch_answers_each_event_in_order(world: &World) {
    let server = world.start();
    let batch = json!([
        initiated("a"),
        initiated("b"),
        answered("a"),
        held("b"),
        { "event": "nonsense" },
        17,
        ended("gone"),
        held("a"),
        ended("a"),
    ]);
    let answers = send(&server, batch.to_string()).is(200);
    assert_eq!(statuses(&answers), [201, 201, 201, 409, 400, 400, 404, 201, 201]);
    assert_eq!(answers[2]["event"]["seq"], 2);
    assert_eq!(answers[0].get("problem"), None);
    let refused = &answers[3]["problem"];
    assert_eq!((&refused["code"], &refused["status"]), (&json!("refused"), &json!(409)));
    assert!(answers[3].get("event").is_none() && refused["message"].is_string());
    assert_eq!(answers[4]["problem"]["message"], "Invalid event payload");
    assert_eq!(
        server.types("a"),
        ["call_initiated", "call_answered", "call_hold", "call_ended", "survey_requested"]
    );
    assert_eq!(server.types("b"), ["call_initiated"]);
    assert_eq!(send(&server, "[]").is(200), json!([]));
}

fn one_event_a_line_is_a_batch_too(world: &World) {
    let server = world.start();
    let lines = [initiated("a").to_string(), "{ not json".to_owned(), answered("a").to_string()];
    for (ending, call) in [("\n", "a"), ("\r\n\r\n", "b")] {
        let text = lines.join(ending).replace("\"a\"", &format!("\"{call}\"")) + ending;
        let answers = send(&server, text).is(200);
        assert_eq!(statuses(&answers), [201, 400, 201], "{answers}");
        assert_eq!(server.types(call), ["call_initiated", "call_answered"]);
    }
    let one = send(&server, initiated("one").to_string()).is(200);
    assert_eq!(statuses(&one), [201], "a single line");
}

fn a_repeat_within_a_batch_is_one_event(world: &World) {
    let server = world.start();
    let keyed = |agent: &str| with(routed("a", agent), &json!({ "eventId": "e" }));
    let batch = json!([initiated("a"), initiated("a"), keyed("ana"), keyed("ana"), keyed("luis")]);
    let answers = send(&server, batch.to_string()).is(200);
    assert_eq!(statuses(&answers), [201, 201, 201, 201, 422]);
    assert_eq!(answers[0]["event"], answers[1]["event"]);
    assert_eq!(answers[2]["event"], answers[3]["event"]);
    assert_eq!(server.types("a"), ["call_initiated", "call_routed"]);
    let again = send(&server, batch.to_string()).is(200);
    assert_eq!(statuses(&again), [201, 201, 201, 201, 422]);
    assert_eq!(again[0]["event"], answers[0]["event"]);
    assert_eq!(server.history("a").len(), 2);
}

/// A call begins once and ends once, so a repeat needs no key, even where the first had one.
fn what_came_with_a_key_is_known_without_it(world: &World) {
    let server = world.start();
    let keyed = |event: Value| with(event, &json!({ "eventId": "k" }));
    let ends = |call: &str| with(ended(call), &json!({ "eventId": "l" }));
    let batch = json!([keyed(initiated("a")), initiated("a"), ends("a"), ended("a")]);
    let together = send(&server, batch.to_string()).is(200);
    let one_by_one = [keyed(initiated("b")), initiated("b"), ends("b"), ended("b")];
    let one_by_one = one_by_one.map(|event| server.post(&event).status);
    assert_eq!((statuses(&together), one_by_one), (vec![201; 4], [201; 4]), "{together}");
    for call in ["a", "b"] {
        assert_eq!(server.types(call), ["call_initiated", "call_ended", "survey_requested"]);
    }
}

fn a_batch_has_limits(world: &World) {
    let server = world.start();
    let events = |count: usize| (0..count).map(|n| initiated(&format!("c{n}"))).collect::<Vec<_>>();
    let problem = send(&server, json!(events(1_001)).to_string());
    problem.is_problem(413, "body_too_large");
    let lines = events(1_001).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    send(&server, lines).is_problem(413, "body_too_large");
    assert_eq!(server.get("/api/calls").is(200), json!([]), "nothing of it was recorded");
    let answers = send(&server, json!(events(1_000)).to_string()).is(200);
    assert_eq!(statuses(&answers), vec![201; 1_000]);

    let padding = |bytes: usize| format!("[{}{}]", " ".repeat(bytes - 2), "");
    send(&server, padding(8 << 20)).is(200);
    send(&server, padding((8 << 20) + 1)).is_problem(413, "body_too_large");
}

fn what_is_no_batch_is_refused_whole(world: &World) {
    let server = world.start();
    for body in ["", "   \n ", "[", "[{},]", "nonsense", "[1, 2", "\u{feff}[]"] {
        send(&server, body).is_invalid("invalid_json", &[]);
    }
    let open = Request::new("POST", "/api/events/batch").body("[]");
    server.ask(&open).is_problem(401, "unauthorized");
    server.is_healthy();
}

fn a_batch_with_one_key_for_all_is_refused(world: &World) {
    let server = world.start();
    let batch = json!([initiated("a"), answered("a"), held("a")]).to_string();
    let keyed = Request::post("/api/events/batch").body(batch.as_str()).key("k");
    let problem = server.ask(&keyed).is_problem(400, "invalid_key");
    let told = "a batch takes no `Idempotency-Key`; give each event an `eventId`, and leave the \
                header out";
    assert_eq!(problem["detail"], told);
    assert_eq!(server.get("/api/calls").is(200), json!([]), "nothing of it was recorded");
    assert_eq!(statuses(&send(&server, batch).is(200)), [201, 201, 201]);
}

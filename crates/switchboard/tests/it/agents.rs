//! Agents: registered, changed a part at a time, made known by an event, and always explained.

use serde_json::{Value, json};

use crate::{
    http::Request,
    say::{QUEUE, answered, ended, held, initiated, resumed, routed},
    world::{Server, World, soon},
};

on_every_database! {
    an_agent_is_created_and_changed_a_part_at_a_time
    what_no_agent_can_be_is_refused
    everything_that_is_wrong_with_an_agent_is_named_at_once
    what_was_read_of_an_agent_can_be_put_again
    a_heartbeat_changes_nothing_and_says_so
    an_event_makes_an_agent_known
    what_an_agent_does_follows_from_their_calls
    an_agent_has_a_caller_since_they_answered
    an_agent_survives_a_kill
    a_tool_that_stops_reporting_makes_its_agent_unreachable
    a_call_goes_on_while_the_tool_of_its_agent_is_gone
    a_wrap_up_ends_by_itself
}

/// Creates or changes an agent.
#[track_caller]
pub(crate) fn put(server: &Server, id: &str, change: &Value) -> Value {
    server.ask(&Request::put(&format!("/api/agents/{id}")).json(change)).is(200)
}

#[track_caller]
pub(crate) fn agent(server: &Server, id: &str) -> Value {
    server.get(&format!("/api/agents/{id}")).is(200)
}

fn an_agent_is_created_and_changed_a_part_at_a_time(world: &World) {
    let server = world.start();
    assert_eq!(server.get("/api/agents").is(200), json!([]));
    server.get("/api/agents/ana").is_problem(404, "agent_not_found");
    let made = put(&server, "ana", &json!({ "queues": [QUEUE, "legal_spanish"] }));
    assert_eq!(made["name"], "ana");
    assert_eq!(made["queues"], json!(["legal_spanish", QUEUE]));
    assert_eq!((&made["presence"], &made["state"]), (&json!("offline"), &json!("idle")));
    assert!(made["reason"].as_str().is_some_and(|it| it.contains("offline")), "{made}");
    let changed = put(&server, "ana", &json!({ "name": "Ana", "priorities": { QUEUE: 5 } }));
    assert_eq!(changed["priorities"], json!({ QUEUE: 5 }));
    assert_eq!(changed["queues"], made["queues"], "what is left out stays");
    let away = put(&server, "ana", &json!({ "presence": "away", "reason": "lunch" }));
    assert!(away["reason"].as_str().is_some_and(|it| it.contains("lunch")), "{away}");
    let here = put(&server, "ana", &json!({ "presence": "available" }));
    assert_eq!(here.get("presenceReason"), None, "{here}");
    assert!(here["reason"].as_str().is_some_and(|it| it.starts_with("Calls are offered")));
    // Once they were there for a millisecond, there is something to be occupied of.
    soon("their occupancy", || agent(&server, "ana")["metrics"].get("occupancy").cloned());
    assert_eq!(server.get("/api/agents").is(200), json!([agent(&server, "ana")]));
}

fn what_no_agent_can_be_is_refused(world: &World) {
    let server = world.start();
    let put = |body: &str| server.ask(&Request::put("/api/agents/ana").body(body));
    put(r#"{"queues": ["nowhere"]}"#).is_invalid("unknown_queue", &["queues", "0"]);
    put(r#"{"priorities": {"medical_spanish": 10}}"#)
        .is_invalid("out_of_range", &["priorities", "medical_spanish"]);
    put(r#"{"leaseSeconds": 1}"#).is_invalid("out_of_range", &["leaseSeconds"]);
    for wrong in [r#"{"presence": "busy"}"#, r#"{"queues": "medical_spanish"}"#, "[]", "{"] {
        assert_eq!(put(wrong).status, 400, "{wrong}");
    }
    let no_key = server.ask(&Request::new("PUT", "/api/agents/ana").body("{}"));
    no_key.is_problem(401, "unauthorized");
    server.get("/api/agents/ana").is_problem(404, "agent_not_found");
    server.is_healthy();
}

fn everything_that_is_wrong_with_an_agent_is_named_at_once(world: &World) {
    let server = world.start();
    let put = |body: &Value| server.ask(&Request::put("/api/agents/ana").json(body));
    let nowhere = "there is no queue `nowhere`; GET /api/queues lists those there are";
    let unserved = "the agent does not serve `legal_english`; send it in `queues` as well, which \
                    names all that they serve";
    let readiness = "a whole number from 0 to 9 is expected";
    let lease = "0, or a number of seconds from 5 to 3600, is expected";
    let unknown = "there is no such field; the fields are `name`, `queues`, `priorities`, \
                   `presence`, `reason`, `leaseSeconds`";
    let wrong = json!({ "name": 7, "queues": [QUEUE, 5, "nowhere"],
        "priorities": { QUEUE: "high", "legal_english": 10 }, "presence": "lunch",
        "reason": ["lunch"], "leaseSeconds": "15", "queue": QUEUE });
    put(&wrong).names(&[
        ("invalid_type", "name", "a string is expected"),
        ("invalid_type", "queues.1", "the id of a queue is expected"),
        ("unknown_queue", "queues.2", nowhere),
        ("unserved_queue", "priorities.legal_english", unserved),
        ("out_of_range", "priorities.legal_english", readiness),
        ("invalid_type", &format!("priorities.{QUEUE}"), readiness),
        ("invalid_enum_value", "presence", "not `available`, `away` or `offline`"),
        ("invalid_type", "reason", "a string is expected"),
        ("invalid_type", "leaseSeconds", lease),
        ("unknown_field", "queue", unknown),
    ]);
    let no_list = ("invalid_type", "queues", "a list of ids of queues is expected; `[]` for none");
    put(&json!({ "queues": QUEUE, "priorities": { QUEUE: 5 } })).names(&[no_list]);
    put(&json!({ "queues": QUEUE, "priorities": 5, "presence": 1 })).names(&[
        no_list,
        (
            "invalid_type",
            "priorities",
            "an object is expected: the id of a queue, and a whole number from 0 to 9",
        ),
        ("invalid_type", "presence", "a string is expected: `available`, `away` or `offline`"),
    ]);
    server.get("/api/agents/ana").is_problem(404, "agent_not_found");

    // Priorities that come alone are for the queues that the agent serves.
    let priorities = json!({ "priorities": { "legal_english": 5 } });
    put(&json!({ "queues": [QUEUE] })).is(200);
    put(&priorities).names(&[("unserved_queue", "priorities.legal_english", unserved)]);
    put(&json!({ "queues": [QUEUE, "legal_english"] })).is(200);
    assert_eq!(put(&priorities).is(200)["priorities"], json!({ "legal_english": 5 }));
}

fn what_was_read_of_an_agent_can_be_put_again(world: &World) {
    let server = world.start();
    let change = json!({ "name": "Ana", "queues": [QUEUE], "priorities": { QUEUE: 5 },
        "presence": "away", "reason": "lunch", "leaseSeconds": 60 });
    put(&server, "ana", &change);
    server.record(&initiated("c"));
    server.record(&routed("c", "ana"));
    let read = agent(&server, "ana");
    assert!(read["callId"].is_string() && read["metrics"].is_object(), "{read}");
    let again = put(&server, "ana", &read);
    for part in ["id", "name", "queues", "priorities", "presence", "leaseSeconds", "state"] {
        assert_eq!(again[part], read[part], "{part}");
    }
    // What may be left out may be null.
    put(&server, "ana", &json!({ "name": null, "queues": null, "presence": null }));
    assert_eq!(agent(&server, "ana")["name"], "Ana");
}

fn a_heartbeat_changes_nothing_and_says_so(world: &World) {
    let server = world.start();
    put(&server, "ana", &json!({ "queues": [QUEUE], "leaseSeconds": 60 }));
    let beat = |body: &str| server.ask(&Request::post("/api/agents/ana/heartbeat").body(body));
    let none = "a heartbeat has no fields; PUT /api/agents/:id changes an agent";
    beat(r#"{"leaseSeconds": 30}"#).names(&[("unknown_field", "leaseSeconds", none)]);
    beat("{").is_invalid("invalid_json", &[]);
    for nothing in ["", " \n", "{}"] {
        assert_eq!(beat(nothing).is(200)["leaseSeconds"], 60);
    }
    let bare = Request::post("/api/agents/ana/heartbeat");
    server.ask(&bare).is(200);
}

fn an_event_makes_an_agent_known(world: &World) {
    let server = world.start();
    server.record(&initiated("c"));
    server.record(&routed("c", "stranger"));
    let known = agent(&server, "stranger");
    assert_eq!((&known["presence"], &known["queues"]), (&json!("offline"), &json!([])));
    assert_eq!((&known["state"], &known["callId"]), (&json!("offered"), &json!("c")));
}

fn what_an_agent_does_follows_from_their_calls(world: &World) {
    let server = world.start();
    put(&server, "ana", &json!({ "queues": [QUEUE], "presence": "away" }));
    server.record(&initiated("c"));
    server.record(&routed("c", "ana"));
    assert_eq!(agent(&server, "ana")["state"], "offered");
    server.record(&answered("c"));
    let talking = agent(&server, "ana");
    assert_eq!((&talking["state"], &talking["callId"]), (&json!("on_call"), &json!("c")));
    server.record(&ended("c"));
    let done = agent(&server, "ana");
    assert_eq!((&done["state"], done.get("callId")), (&json!("idle"), None));
}

/// Whatever happens to the call meanwhile.
fn an_agent_has_a_caller_since_they_answered(world: &World) {
    let server = world.start();
    for event in [initiated("c"), routed("c", "ana"), answered("c"), held("c"), resumed("c")] {
        server.record(&event);
    }
    let history = server.history("c");
    let ana = agent(&server, "ana");
    assert_eq!((&ana["state"], &ana["since"]), (&json!("on_call"), &history[2]["timestamp"]));
}

fn an_agent_survives_a_kill(world: &World) {
    let server = world.start();
    let change = json!({ "queues": [QUEUE], "presence": "away", "reason": "training" });
    let before = put(&server, "ana", &change);
    server.kill();
    let server = world.start();
    assert_eq!(agent(&server, "ana"), before);
}

fn a_tool_that_stops_reporting_makes_its_agent_unreachable(world: &World) {
    let server = world.start();
    let change = json!({ "queues": [QUEUE], "presence": "available", "leaseSeconds": 5 });
    put(&server, "ana", &change);
    let silent = "update agents set renewed_at = renewed_at - 6000";
    let server = world.execute_between(server, silent);
    assert_eq!(agent(&server, "ana")["state"], "unreachable");
    server.record(&initiated("c"));
    let beat = Request::post("/api/agents/ana/heartbeat").body("");
    assert_eq!(server.call("c").get("agentId"), None);
    assert_ne!(server.ask(&beat).is(200)["state"], "unreachable");
    soon("the offer", || server.call("c").get("agentId").cloned());
    let stranger = Request::post("/api/agents/nobody/heartbeat").body("");
    server.ask(&stranger).is_problem(404, "agent_not_found");
}

fn a_call_goes_on_while_the_tool_of_its_agent_is_gone(world: &World) {
    let server = world.start();
    let change = json!({ "queues": [QUEUE], "presence": "available", "leaseSeconds": 60 });
    put(&server, "ana", &change);
    server.record(&initiated("c"));
    soon("the offer", || server.call("c").get("agentId").cloned());
    server.record(&answered("c"));
    assert_eq!(agent(&server, "ana")["state"], "on_call");
    let before = (server.call("c"), server.history("c"));
    let silent = "update agents set renewed_at = renewed_at - 61000";
    let server = world.execute_between(server, silent);
    assert_eq!(agent(&server, "ana")["state"], "unreachable");
    // Whoever waits is not offered to them; their call is what it was.
    server.record(&initiated("d"));
    assert_eq!((server.call("c"), server.history("c")), before);
    let beat = Request::post("/api/agents/ana/heartbeat").body("");
    let back = server.ask(&beat).is(200);
    assert_eq!((&back["state"], &back["callId"]), (&json!("on_call"), &json!("c")), "{back}");
    assert_eq!((server.call("c"), server.history("c")), before);
    // Another agent gets it, though they come later: who talks is not asked.
    put(&server, "luis", &json!({ "queues": [QUEUE], "presence": "available" }));
    assert_eq!(soon("the offer", || server.call("d").get("agentId").cloned()), "luis");
    server.record(&ended("c"));
    server.record(&initiated("e"));
    assert_eq!(soon("the next offer", || server.call("e").get("agentId").cloned()), "ana");
}

fn a_wrap_up_ends_by_itself(world: &World) {
    let server = world.start();
    server.queue("wrapping", &json!({ "wrapUpSeconds": 0.4 }));
    put(&server, "ana", &json!({ "queues": ["wrapping"], "presence": "available" }));
    server.record(&crate::say::initiated_in("c", "wrapping"));
    soon("the offer", || server.call("c").get("agentId").cloned());
    server.record(&answered("c"));
    server.record(&ended("c"));
    let wrapping = agent(&server, "ana");
    assert_eq!(wrapping["state"], "wrapping", "{wrapping}");
    server.record(&crate::say::initiated_in("d", "wrapping"));
    soon("the next offer", || server.call("d").get("agentId").cloned());
    let at = |call: &str, n: usize| server.history(call)[n]["timestamp"].clone();
    assert!(at("c", 3).as_str() < at("d", 1).as_str());
}

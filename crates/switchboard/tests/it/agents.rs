//! Agents: registered, changed a part at a time, made known by an event, and always explained.

use serde_json::{Value, json};

use crate::{
    http::Request,
    say::{QUEUE, answered, ended, initiated, routed},
    world::{Server, World, soon},
};

on_every_database! {
    an_agent_is_created_and_changed_a_part_at_a_time
    what_no_agent_can_be_is_refused
    an_event_makes_an_agent_known
    what_an_agent_does_follows_from_their_calls
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

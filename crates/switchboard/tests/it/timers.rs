//! Promises kept by the clock: each fires once, at its time, by its queue, whatever happens to the
//! process.

use std::{thread, time::Duration};

use serde_json::{Value, json};

use crate::{
    agents::agent,
    dispatch::{available, rings},
    http::Request,
    say::{answered, ended, held, initiated, initiated_in, resumed, routed, with},
    world::{Server, World, soon},
};

on_every_database! {
    each_broken_promise_is_recorded_once_and_alerted_once
    every_queue_keeps_promises_of_its_own
    timers_survive_a_kill_and_say_how_late_they_are
    an_offer_that_ran_out_while_nobody_was_there_goes_to_another_agent_once
    a_promise_that_was_kept_fires_nothing
    a_changed_queue_leaves_armed_timers_alone
    a_flagged_hold_is_not_reported_again_by_the_clock
}

/// Waits until a call's history is this.
#[track_caller]
fn comes_to(server: &Server, call: &str, types: &[&str]) {
    let mut last = Vec::new();
    let came = crate::world::eventually(Duration::from_secs(20), || {
        last = server.types(call);
        (last == types).then_some(())
    });
    assert!(came.is_some(), "`{call}` came to {last:?}, not to {types:?}");
}

/// Returns once a timer armed after this call has fired: what was due before it has fired, too.
fn let_timers_fire(server: &Server) {
    server.queue("marker", &json!({ "slaSeconds": 0.3 }));
    let call = format!("marker-{}", server.get("/api/calls?queueId=marker").text().len());
    server.record(&initiated_in(&call, "marker"));
    comes_to(server, &call, &["call_initiated", "sla_breached"]);
}

fn rules(server: &Server, call: &str) -> Vec<String> {
    let alerts = server.get("/api/alerts?limit=1000").is(200);
    let of_call = alerts.as_array().into_iter().flatten().filter(|it| it["callId"] == call);
    of_call.map(|it| it["rule"].as_str().unwrap_or_default().to_owned()).collect()
}

fn each_broken_promise_is_recorded_once_and_alerted_once(world: &World) {
    let server = world.start();
    let promises = json!({ "slaSeconds": 0.5, "ringSeconds": 0.15, "maxHoldSeconds": 0.2 });
    server.queue("quick", &promises);
    server.record(&initiated_in("c", "quick"));
    server.record(&routed("c", "ana"));
    let ring_due = server.call("c")["ringDueAt"].clone();
    comes_to(&server, "c", &["call_initiated", "call_routed", "call_retransfer", "sla_breached"]);

    let history = server.history("c");
    let rang = &history[2]["metadata"];
    assert_eq!(rang["agentId"], "ana", "{rang}");
    assert_eq!(rang["attempt"], 1, "{rang}");
    assert_eq!(rang["dueAt"], ring_due, "{rang}");
    assert!(rang["reason"].is_string() && rang["lateMs"].as_i64().is_some_and(|it| it >= 0));
    let breach = &history[3]["metadata"];
    assert_eq!(breach["flags"][0]["rule"], "sla_breached", "{breach}");
    assert!(breach["dueAt"].is_string() && breach["lateMs"].as_i64().is_some_and(|it| it >= 0));
    let call = server.call("c");
    assert_eq!(call["status"], "waiting");
    assert!(call.get("agentId").is_none() && call.get("ringDueAt").is_none(), "{call}");
    assert_eq!(call["flags"][0]["rule"], "sla_breached");

    let late = with(answered("c"), &json!({ "waitTime": 31 }));
    assert_eq!(server.record(&late)["metadata"]["flags"][0]["rule"], "wait_exceeded");
    server.record(&with(held("c"), &json!({ "holdDuration": 0.1 })));
    let mut types = vec!["call_initiated", "call_routed", "call_retransfer", "sla_breached"];
    types.extend(["call_answered", "call_hold", "hold_exceeded"]);
    comes_to(&server, "c", &types);
    let_timers_fire(&server);
    comes_to(&server, "c", &types);
    assert_eq!(rules(&server, "c"), ["hold_exceeded", "sla_breached"], "one alert each");

    server.record(&resumed("c"));
    server.record(&with(held("c"), &json!({ "holdDuration": 0.1 })));
    types.extend(["call_resumed", "call_hold", "hold_exceeded"]);
    comes_to(&server, "c", &types);
    assert_eq!(rules(&server, "c").len(), 3, "each hold is a promise of its own");

    let measured = server.get("/metrics").text();
    for timer in ["ring", "sla", "hold"] {
        let late = format!("switchboard_timer_lateness_seconds_count{{timer=\"{timer}\"}}");
        assert!(measured.contains(&late), "{late} is missing:\n{measured}");
    }
}

fn every_queue_keeps_promises_of_its_own(world: &World) {
    let server = world.start();
    server.queue("quick", &json!({ "slaSeconds": 0.1 }));
    server.record(&initiated("slow"));
    server.record(&initiated_in("quick", "quick"));
    comes_to(&server, "quick", &["call_initiated", "sla_breached"]);
    let_timers_fire(&server);
    assert_eq!(server.types("slow"), ["call_initiated"]);
    // A transfer makes a new promise: that of the queue it goes to.
    server.record(&answered("slow"));
    let blind = json!({ "event": "call_transferred", "callId": "slow", "queueId": "quick",
        "kind": "blind" });
    server.record(&blind);
    comes_to(
        &server,
        "slow",
        &["call_initiated", "call_answered", "call_transferred", "sla_breached"],
    );
}

fn timers_survive_a_kill_and_say_how_late_they_are(world: &World) {
    let server = world.start();
    let promises = json!({ "slaSeconds": 1.2, "ringSeconds": 1, "maxHoldSeconds": 1 });
    server.queue("quick", &promises);
    server.record(&initiated_in("rings", "quick"));
    server.record(&routed("rings", "ana"));
    server.record(&initiated_in("holds", "quick"));
    server.record(&answered("holds"));
    server.record(&with(held("holds"), &json!({ "holdDuration": 0 })));
    let (rings, holds) = (server.call("rings"), server.call("holds"));
    server.kill();
    // Time must pass while nobody is there.
    thread::sleep(Duration::from_millis(1_600));

    let server = world.start();
    let overdue = ["call_initiated", "call_routed", "call_retransfer", "sla_breached"];
    comes_to(&server, "rings", &overdue);
    comes_to(&server, "holds", &["call_initiated", "call_answered", "call_hold", "hold_exceeded"]);
    let fired = |call: &str, seq: usize, due: &Value| {
        let event = server.history(call)[seq - 1].clone();
        assert_eq!(event["metadata"]["dueAt"], *due, "{event}");
        let late = event["metadata"]["lateMs"].as_i64().unwrap_or(0);
        assert!((200..20_000).contains(&late), "{event}");
    };
    fired("rings", 3, &rings["ringDueAt"]);
    fired("rings", 4, &rings["slaDueAt"]);
    fired("holds", 4, &holds["holdDueAt"]);
    server.kill();
    let server = world.start();
    let_timers_fire(&server);
    comes_to(&server, "rings", &overdue);
}

fn an_offer_that_ran_out_while_nobody_was_there_goes_to_another_agent_once(world: &World) {
    let server = world.start();
    server.queue("patient", &json!({ "slaSeconds": 6_000, "ringSeconds": 600 }));
    available(&server, "ana", "patient");
    server.record(&initiated_in("c", "patient"));
    assert_eq!(rings(&server, "c"), "ana");
    available(&server, "luis", "patient");
    // It rang out five seconds ago.
    let earlier = |table: &str, column: &str| {
        format!("update {table} set {column} = {column} - 605000 where {column} is not null;")
    };
    let mut sql = earlier("calls", "ring_due_at");
    sql += &earlier(if world.is_shared() { "open_calls" } else { "calls" }, "due_at");
    let server = world.execute_between(server, &sql);
    soon("the re-route", || (rings(&server, "c") == "luis").then_some(()));
    let once = ["call_initiated", "call_routed", "call_retransfer", "call_routed"];
    assert_eq!(server.types("c"), once);
    let history = server.history("c");
    let [rang_out, again] = [&history[2]["metadata"], &history[3]["metadata"]];
    assert_eq!(rang_out["agentId"], "ana");
    assert!(rang_out["lateMs"].as_i64().is_some_and(|late| 4_000 < late), "{rang_out}");
    assert_eq!((&again["agentId"], &again["offer"]), (&json!("luis"), &json!(2)), "{again}");
    let_timers_fire(&server);
    assert_eq!(server.types("c"), once, "nothing fires again");
    let ana = agent(&server, "ana");
    assert_eq!((&ana["state"], &ana["missedInARow"]), (&json!("idle"), &json!(1)), "{ana}");
    assert_eq!(agent(&server, "luis")["callId"], "c");
}

fn a_promise_that_was_kept_fires_nothing(world: &World) {
    let server = world.start();
    let promises = json!({ "slaSeconds": 1.5, "ringSeconds": 1.2, "maxHoldSeconds": 1 });
    server.queue("quick", &promises);
    server.record(&initiated_in("c", "quick"));
    server.record(&routed("c", "ana"));
    server.record(&with(answered("c"), &json!({ "waitTime": 0.1 })));
    server.record(&with(held("c"), &json!({ "holdDuration": 0.1 })));
    server.record(&resumed("c"));
    server.record(&ended("c"));
    let before = server.types("c");
    server.queue("last", &json!({ "slaSeconds": 1.6 }));
    server.record(&initiated_in("last", "last"));
    comes_to(&server, "last", &["call_initiated", "sla_breached"]);
    assert_eq!(server.types("c"), before);
    assert_eq!(rules(&server, "c"), Vec::<String>::new());
}

fn a_changed_queue_leaves_armed_timers_alone(world: &World) {
    let server = world.start();
    server.queue("q", &json!({ "slaSeconds": 0.4 }));
    server.record(&initiated_in("before", "q"));
    server.queue("q", &json!({ "slaSeconds": 3600 }));
    server.record(&initiated_in("after", "q"));
    comes_to(&server, "before", &["call_initiated", "sla_breached"]);
    let_timers_fire(&server);
    assert_eq!(server.types("after"), ["call_initiated"]);
}

fn a_flagged_hold_is_not_reported_again_by_the_clock(world: &World) {
    let server = world.start();
    server.queue("q", &json!({ "maxHoldSeconds": 0.1 }));
    server.record(&initiated_in("c", "q"));
    server.record(&answered("c"));
    let flagged = server.record(&held("c"));
    assert_eq!(flagged["metadata"]["flags"][0]["rule"], "hold_exceeded");
    let_timers_fire(&server);
    assert_eq!(server.types("c"), ["call_initiated", "call_answered", "call_hold"]);
    assert_eq!(rules(&server, "c"), ["hold_exceeded"]);

    let alert = server.get("/api/alerts").is(200)[0]["id"].as_str().unwrap_or_default().to_owned();
    let path = format!("/api/alerts/{alert}/acknowledge");
    let seen = server.ask(&Request::post(&path).json(&json!({ "by": "Rosa" }))).is(200);
    assert_eq!(seen["acknowledgedBy"], "Rosa");
    soon("the alert with who saw it", || {
        let alerts = server.get("/api/alerts").is(200);
        alerts[0]["acknowledgedAt"].is_string().then_some(())
    });
}

//! A supervisor's hands: what is stuck is put right, in the record, and once.

pub(crate) mod at_once;
mod refused;

use reconcile::{Promises, fold};
use serde_json::{Value, json};

use crate::{
    agents::{agent, put},
    dispatch::{PATIENT, available, patient, rings},
    http::{Answer, Request},
    keys::{make, with, works_soon},
    say::{answered, ended, held, initiated_in, routed, with as and},
    world::{Server, World, soon},
};

on_every_database! {
    a_ringing_call_is_taken_from_one_agent_and_rings_at_another
    a_caller_who_joins_another_queue_keeps_the_promise_that_runs
    a_call_that_was_given_up_is_offered_again
    a_call_that_hangs_is_ended_without_a_survey
    who_is_freed_leaves_no_caller_behind
    an_agent_of_several_calls_is_freed_from_each
    a_presence_is_set_with_its_reason
    what_is_done_is_in_the_record_with_who_and_why
    what_is_stuck_after_a_kill_is_put_right
}

fn ask(path: &str, body: &Value) -> Request {
    Request::post(path).json(body)
}

fn reassign(server: &Server, call: &str, to: &Value) -> Answer {
    let body = and(json!({ "reason": "moved" }), to);
    server.ask(&ask(&format!("/api/calls/{call}/reassign"), &body))
}

fn end(server: &Server, call: &str) -> Answer {
    server.ask(&ask(&format!("/api/calls/{call}/end"), &json!({ "reason": "it hangs" })))
}

fn free(server: &Server, agent: &str) -> Answer {
    server.ask(&ask(&format!("/api/agents/{agent}/free"), &json!({ "reason": "stuck" })))
}

fn presence(server: &Server, agent: &str, presence: &str) -> Answer {
    let body = json!({ "presence": presence, "reason": "asked to" });
    server.ask(&ask(&format!("/api/agents/{agent}/presence"), &body))
}

/// The last so many events, each with its metadata.
#[track_caller]
fn last(server: &Server, call: &str, count: usize) -> Vec<(String, Value)> {
    let history = server.history(call);
    let told = history
        .iter()
        .map(|it| (it["type"].as_str().unwrap_or_default().to_owned(), it["metadata"].clone()));
    told.skip(history.len() - count).collect()
}

#[track_caller]
fn tells(problem: &Value, part: &str) {
    let detail = problem["detail"].as_str().unwrap_or_default();
    assert!(detail.contains(part), "`{part}` is not in: {detail}");
}

/// The actions, apart from what the stage was set with.
fn agents_changed_aside(server: &Server) -> Value {
    let actions = server.get("/api/actions").is(200);
    let aside = |it: &&Value| it["action"] != "agent_changed" && it["action"] != "queue_changed";
    actions.as_array().into_iter().flatten().filter(aside).cloned().collect()
}

/// Every history of this world, folded by rules that were written apart from the product's.
fn all_are_legal(world: &World) {
    let promises = |_: &str| Some(Promises { sla: 600_000, ring: 600_000, hold: 60_000 });
    for call in world.rows("select no from calls") {
        let history = world.rows(&format!(
            "select call_no, seq, type, timestamp, metadata from call_events \
             where call_no = {} order by seq",
            call["no"]
        ));
        fold(&history, &promises).unwrap_or_else(|why| panic!("{why}"));
    }
}

fn a_ringing_call_is_taken_from_one_agent_and_rings_at_another(world: &World) {
    let server = patient(world);
    available(&server, "ana", PATIENT);
    put(&server, "luis", &json!({ "queues": [PATIENT], "presence": "away" }));
    server.record(&initiated_in("c", PATIENT));
    assert_eq!(rings(&server, "c"), "ana");
    let before = server.call("c");
    let call = reassign(&server, "c", &json!({ "agentId": "luis" })).is(200);
    assert_eq!((&call["agentId"], &call["status"]), (&json!("luis"), &json!("waiting")));
    assert_eq!(call["slaDueAt"], before["slaDueAt"], "the promise runs on");
    assert_eq!(
        last(&server, "c", 2),
        [
            (
                "call_retransfer".to_owned(),
                json!({ "agentId": "ana", "by": "API_KEY", "reason": "moved" })
            ),
            (
                "call_routed".to_owned(),
                json!({ "agentId": "luis", "by": "API_KEY", "reason": "moved", "offer": 2 })
            ),
        ]
    );
    let (ana, luis) = (agent(&server, "ana"), agent(&server, "luis"));
    assert_eq!((&ana["state"], &ana["missedInARow"]), (&json!("idle"), &json!(0)));
    assert_eq!((&luis["state"], &luis["callId"]), (&json!("offered"), &json!("c")));
    server.record(&initiated_in("d", PATIENT));
    assert_eq!(rings(&server, "d"), "ana", "free at once");
    for late in [json!({ "agentId": "ana" }), json!({ "agentId": "ana", "offer": 1 })] {
        server.post(&and(answered("c"), &late)).is_problem(409, "refused");
    }
    server.record(&and(answered("c"), &json!({ "agentId": "luis", "offer": 2 })));
    assert_eq!(server.get("/api/alerts").is(200), json!([]));
}

fn a_caller_who_joins_another_queue_keeps_the_promise_that_runs(world: &World) {
    let server = patient(world);
    server.queue("other", &json!({ "slaSeconds": 1200, "ringSeconds": 600 }));
    available(&server, "ana", PATIENT);
    server.record(&initiated_in("c", PATIENT));
    assert_eq!(rings(&server, "c"), "ana");
    let before = server.call("c");
    let call = reassign(&server, "c", &json!({ "queueId": "other" })).is(200);
    assert_eq!((&call["queueId"], call.get("agentId")), (&json!("other"), None));
    assert_eq!(call["slaDueAt"], before["slaDueAt"]);
    let told = json!({ "queueId": "other", "kind": "reassigned", "by": "API_KEY",
                       "reason": "moved" });
    let events = last(&server, "c", 2);
    assert_eq!(
        (events[0].0.as_str(), &events[1]),
        ("call_retransfer", &("call_transferred".to_owned(), told))
    );
    let late = and(answered("c"), &json!({ "agentId": "ana", "offer": 1 }));
    server.post(&late).is_problem(409, "refused");
    available(&server, "luis", "other");
    assert_eq!(rings(&server, "c"), "luis");
    server.record(&answered("c"));
    assert_eq!(agent(&server, "ana")["missedInARow"], 0);
}

fn a_call_that_was_given_up_is_offered_again(world: &World) {
    let server = world.start();
    server.queue("short", &json!({ "slaSeconds": 600, "ringSeconds": 0.2, "maxReroutes": 0 }));
    for id in ["ana", "luis"] {
        available(&server, id, "short");
    }
    server.record(&initiated_in("c", "short"));
    soon("the alert", || {
        server.get("/api/alerts").is(200).as_array().filter(|it| !it.is_empty()).map(|_| ())
    });
    server.queue("short", &json!({ "ringSeconds": 600 }));
    reassign(&server, "c", &json!({ "queueId": "short" })).is(200);
    assert_eq!(rings(&server, "c"), "luis");
}

fn a_call_that_hangs_is_ended_without_a_survey(world: &World) {
    let server = patient(world);
    end(&server, "c").is_problem(404, "call_not_found");
    available(&server, "ana", PATIENT);
    for talks in [false, true] {
        let call = format!("c-{talks}");
        server.record(&initiated_in(&call, PATIENT));
        assert_eq!(rings(&server, &call), "ana");
        if talks {
            server.record(&answered(&call));
        }
        let over = end(&server, &call).is(200);
        assert_eq!((&over["status"], &over["flags"]), (&json!("ended"), &json!([])));
        let told = json!({ "endReason": "failed", "by": "API_KEY", "reason": "it hangs" });
        assert_eq!(last(&server, &call, 1), [("call_ended".to_owned(), told)]);
        let ana = agent(&server, "ana");
        assert_eq!((&ana["state"], &ana["missedInARow"]), (&json!("idle"), &json!(0)));
        tells(&end(&server, &call).is_problem(409, "refused"), "already ended");
        server.post(&ended(&call)).is_problem(409, "refused");
    }
}

fn who_is_freed_leaves_no_caller_behind(world: &World) {
    let server = patient(world);
    free(&server, "ana").is_problem(404, "agent_not_found");
    available(&server, "ana", PATIENT);
    free(&server, "ana").is_problem(409, "agent_not_engaged");
    server.record(&initiated_in("c", PATIENT));
    assert_eq!(rings(&server, "c"), "ana");
    presence(&server, "ana", "away").is(200);
    let freed = free(&server, "ana").is(200);
    assert_eq!((&freed["state"], &freed["missedInARow"]), (&json!("idle"), &json!(0)));
    let told = json!({ "agentId": "ana", "by": "API_KEY", "reason": "stuck" });
    assert_eq!(last(&server, "c", 1), [("call_retransfer".to_owned(), told)]);
    let waits = server.call("c");
    assert_eq!((&waits["status"], waits.get("agentId")), (&json!("waiting"), None));

    for hold in [false, true] {
        presence(&server, "ana", "available").is(200);
        assert_eq!(rings(&server, "c"), "ana");
        server.record(&answered("c"));
        presence(&server, "ana", "away").is(200);
        if hold {
            server.record(&held("c"));
        }
        assert_eq!(free(&server, "ana").is(200)["state"], "idle");
        let told = json!({ "queueId": PATIENT, "kind": "blind", "freedAgentId": "ana",
                           "by": "API_KEY", "reason": "stuck" });
        assert_eq!(last(&server, "c", 1), [("call_transferred".to_owned(), told)]);
        let again = server.call("c");
        assert_eq!((&again["status"], again.get("agentId")), (&json!("waiting"), None));
        assert!(again["slaDueAt"].as_str() > waits["slaDueAt"].as_str(), "a new promise");
    }
    available(&server, "luis", PATIENT);
    assert_eq!(rings(&server, "c"), "luis");
    assert_eq!(server.get("/api/alerts").is(200), json!([]));
}

fn an_agent_of_several_calls_is_freed_from_each(world: &World) {
    let server = patient(world);
    for call in ["c", "d", "e"] {
        server.record(&initiated_in(call, PATIENT));
        server.record(&routed(call, "ana"));
    }
    server.record(&answered("d"));
    server.record(&ended("e"));
    let freed = free(&server, "ana").is(200);
    assert_eq!((&freed["state"], freed.get("callId")), (&json!("idle"), None));
    for call in ["c", "d"] {
        assert_eq!(server.call(call)["status"], "waiting");
    }
    let actions = agents_changed_aside(&server);
    let of = |n: usize| (actions[n]["action"].clone(), actions[n]["detail"]["callId"].clone());
    assert_eq!(
        [of(0), of(1)],
        [("agent_freed", "d"), ("agent_freed", "c")]
            .map(|(action, call)| (json!(action), json!(call)))
    );
    free(&server, "ana").is_problem(409, "agent_not_engaged");
    presence(&server, "ana", "available").is(200);
}

fn a_presence_is_set_with_its_reason(world: &World) {
    let server = patient(world);
    presence(&server, "ana", "away").is_problem(404, "agent_not_found");
    available(&server, "ana", PATIENT);
    let away = presence(&server, "ana", "away").is(200);
    assert_eq!((&away["presence"], &away["presenceReason"]), (&json!("away"), &json!("asked to")));
    server.record(&initiated_in("c", PATIENT));
    presence(&server, "ana", "available").is(200);
    assert_eq!(rings(&server, "c"), "ana");
    // A tool that is away is not brought back by a word.
    put(&server, "luis", &json!({ "presence": "away", "leaseSeconds": 5 }));
    let silent = "update agents set renewed_at = renewed_at - 6000 where id = 'luis'";
    let server = world.execute_between(server, silent);
    assert_eq!(presence(&server, "luis", "available").is(200)["state"], "unreachable");
}

fn what_is_done_is_in_the_record_with_who_and_why(world: &World) {
    let server = patient(world);
    let maria = make(world, "maria", "supervise");
    works_soon(&server, &maria);
    let ask = |method: &str, path: &str, body: Value| {
        server.ask(&with(Request::new(method, path).json(&body), &maria)).is(200)
    };
    let because = |reason: &str| json!({ "reason": reason });
    ask("PUT", "/api/agents/ana", json!({ "presence": "away", "reason": "new here" }));
    ask("POST", "/api/agents/ana/presence", json!({ "presence": "available", "reason": "a" }));
    server.record(&initiated_in("c", PATIENT));
    ask("POST", "/api/calls/c/reassign", json!({ "agentId": "ana", "reason": "b" }));
    ask("POST", "/api/agents/ana/free", because("c"));
    ask("POST", "/api/calls/c/reassign", json!({ "queueId": "legal_spanish", "reason": "d" }));
    ask("POST", "/api/calls/c/end", because("e"));
    let actions = server.get("/api/actions").is(200);
    let told = actions.as_array().into_iter().flatten().filter(|it| it["by"] == "maria");
    let told = told.map(|it| {
        assert_eq!(it["role"], "supervise");
        json!([it["action"], it["target"], it["reason"], it["detail"]])
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            json!(["call_ended", "c", "e", null]),
            json!(["call_reassigned", "c", "d", { "queueId": "legal_spanish" }]),
            json!(["agent_freed", "ana", "c", { "callId": "c" }]),
            json!(["call_reassigned", "c", "b", { "agentId": "ana" }]),
            json!(["presence_set", "ana", "a", { "presence": "available" }]),
            json!(["agent_changed", "ana", "new here",
                   { "presence": "away", "reason": "new here" }]),
        ]
    );
    let by_maria = server.history("c").iter().filter(|it| it["metadata"]["by"] == "maria").count();
    assert_eq!(by_maria, 4, "{:?}", server.history("c"));
}

fn what_is_stuck_after_a_kill_is_put_right(world: &World) {
    let server = patient(world);
    for id in ["ana", "luis", "eva"] {
        available(&server, id, PATIENT);
    }
    for call in ["rings", "talks", "held"] {
        server.record(&initiated_in(call, PATIENT));
        rings(&server, call);
    }
    for call in ["talks", "held"] {
        server.record(&answered(call));
    }
    server.record(&held("held"));
    server.record(&initiated_in("waits", PATIENT));
    let of = |call: &str| server.call(call)["agentId"].as_str().unwrap_or_default().to_owned();
    let (at, on, holds) = (of("rings"), of("talks"), of("held"));
    server.kill();

    // The telephony never comes back with an end, an answer or a word.
    let server = world.start();
    end(&server, "talks").is(200);
    assert_eq!(rings(&server, "waits"), on, "who was released is offered the next");
    presence(&server, &holds, "away").is(200);
    free(&server, &holds).is(200);
    assert_eq!(agent(&server, &holds)["state"], "idle");
    reassign(&server, "rings", &json!({ "agentId": holds })).is(200);
    assert_eq!(rings(&server, "held"), at, "who lost one is offered the other");
    for call in ["rings", "waits", "held"] {
        server.record(&answered(call));
        server.record(&ended(call));
    }
    for id in [&at, &on, &holds] {
        assert_eq!(agent(&server, id)["state"], "idle");
    }
    all_are_legal(world);
}

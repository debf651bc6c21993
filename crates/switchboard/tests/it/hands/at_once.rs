//! Two hands at once, or a hand and a phone: one wins, and the other is told.

use std::{collections::HashSet, thread, time::Duration};

use serde_json::json;

use super::{agents_changed_aside, all_are_legal, ask};
use crate::{
    agents::{agent, put},
    dispatch::{PATIENT, patient},
    http::{Line, Request},
    load::Chance,
    races::{all_that_may, at_once},
    say::{answered, ended, initiated_in, routed, with as and},
    world::{World, soon},
};

on_every_database! {
    a_repeat_with_its_key_is_done_once
    a_reassignment_and_an_answer_have_one_winner
    two_calls_for_one_agent_have_one_winner
    an_end_against_dispatch_leaves_nobody_engaged
    a_kill_leaves_no_deed_without_its_record
}

fn a_repeat_with_its_key_is_done_once(world: &World) {
    let server = patient(world);
    put(&server, "ana", &json!({ "presence": "away" }));
    server.record(&initiated_in("c", PATIENT));
    let to_ana = ask("/api/calls/c/reassign", &json!({ "agentId": "ana", "reason": "x" })).key("k");
    let end = ask("/api/calls/c/end", &json!({ "reason": "x" })).key("e");
    for request in [&to_ana, &end] {
        assert_eq!(server.ask(request).header("idempotency-replayed"), None);
        let again = server.ask(request);
        again.is(200);
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
    }
    assert_eq!(server.types("c"), ["call_initiated", "call_routed", "call_ended"]);
    assert_eq!(agents_changed_aside(&server).as_array().map(Vec::len), Some(2));
    let other = ask("/api/calls/c/end", &json!({ "reason": "y" })).key("e");
    server.ask(&other).is_problem(422, "key_reused");
    let wrong = ask("/api/calls/c/end", &json!({ "reason": "y" })).key("\u{7}");
    assert_eq!(server.ask(&wrong).status, 400);
}

fn a_reassignment_and_an_answer_have_one_winner(world: &World) {
    let servers = all_that_may(world);
    let servers = servers.iter().collect::<Vec<_>>();
    let server = servers[0];
    server.queue(PATIENT, &json!({ "slaSeconds": 600, "ringSeconds": 600 }));
    soon("every server knows the queue", || {
        servers.iter().all(|it| it.get("/api/queues/patient").status == 200).then_some(())
    });
    let mut winners = HashSet::new();
    for round in 0..40 {
        let (call, luis) = (format!("c{round}"), format!("luis{round}"));
        put(server, &luis, &json!({ "presence": "away" }));
        server.record(&initiated_in(&call, PATIENT));
        server.record(&routed(&call, "ana"));
        let answer = and(answered(&call), &json!({ "agentId": "ana", "offer": 1 }));
        let moved = json!({ "agentId": luis, "reason": "moved" });
        let mut both =
            [Request::event(&answer), ask(&format!("/api/calls/{call}/reassign"), &moved)];
        if round % 2 == 1 {
            both.reverse();
        }
        let told = at_once(&servers, &both);
        let mut told = told.iter().map(|it| it.status).collect::<Vec<_>>();
        if round % 2 == 1 {
            told.reverse();
        }
        let after = server.call(&call);
        let expected = match told[..] {
            [201, 409] => ("active", "ana"),
            [409, 200] => ("waiting", luis.as_str()),
            _ => panic!("{told:?}: {after}"),
        };
        assert_eq!((&after["status"], &after["agentId"]), (&json!(expected.0), &json!(expected.1)));
        winners.insert(told[0]);
        server.record(&ended(&call));
    }
    eprintln!("winners: {winners:?}");
    all_are_legal(world);
}

fn two_calls_for_one_agent_have_one_winner(world: &World) {
    let servers = all_that_may(world);
    let servers = servers.iter().collect::<Vec<_>>();
    let server = servers[0];
    for round in 0..15 {
        let luis = format!("luis{round}");
        put(server, &luis, &json!({ "presence": "away" }));
        let requests = ["a", "b", "c", "d"].map(|name| {
            let call = format!("{name}{round}");
            server.record(&initiated_in(&call, "medical_spanish"));
            let to = json!({ "agentId": luis, "reason": "moved" });
            ask(&format!("/api/calls/{call}/reassign"), &to)
        });
        let told = at_once(&servers, &requests);
        let mut told = told.iter().map(|it| it.status).collect::<Vec<_>>();
        told.sort_unstable();
        assert_eq!(told, [200, 409, 409, 409]);
    }
    let moved = agents_changed_aside(server);
    assert_eq!(moved.as_array().map(Vec::len), Some(15), "what was refused left no trace");
}

fn an_end_against_dispatch_leaves_nobody_engaged(world: &World) {
    let server = patient(world);
    put(&server, "ana", &json!({ "queues": [PATIENT], "presence": "away" }));
    for round in 0..25 {
        let call = format!("c{round}");
        server.record(&initiated_in(&call, PATIENT));
        let comes = Request::put("/api/agents/ana").json(&json!({ "presence": "available" }));
        let ends = ask(&format!("/api/calls/{call}/end"), &json!({ "reason": "it hangs" }));
        for answer in at_once(&[&server], &[comes, ends]) {
            answer.is(200);
        }
        assert_eq!(server.call(&call)["status"], "ended");
        let ana = agent(&server, "ana");
        assert_eq!((&ana["state"], ana.get("callId")), (&json!("idle"), None), "{ana}");
        put(&server, "ana", &json!({ "presence": "away" }));
    }
    all_are_legal(world);
}

fn a_kill_leaves_no_deed_without_its_record(world: &World) {
    no_deed_without_its_record(world).unwrap_or_else(|why| panic!("{why}"));
}

/// Servers are killed while a supervisor is at work. Then the record itself is asked whether each
/// event that is somebody's deed has its action, and each action its event.
pub(crate) fn no_deed_without_its_record(world: &World) -> Result<(), String> {
    let mut chance = Chance::new();
    for round in 0..4 {
        let server = world.start();
        let line = server.line();
        thread::scope(|scope| {
            scope.spawn(move || works_until_it_breaks(line, round));
            thread::sleep(Duration::from_millis(60 + chance.below(120)));
            server.kill();
        });
    }
    let told = world.rows(
        "select (select count(*) from call_events where metadata like '%\"by\":\"API_KEY\"%') as \
         events, (select count(*) from actions) as actions",
    );
    let (events, actions) = (told[0]["events"].as_i64(), told[0]["actions"].as_i64());
    eprintln!("{events:?} deeds");
    if events < Some(10) {
        return Err(format!("nothing was done: {told:?}"));
    }
    if events == actions { Ok(()) } else { Err(format!("deeds and records differ: {told:?}")) }
}

fn works_until_it_breaks(mut line: Line, round: u32) {
    for n in 0.. {
        let call = format!("c{round}-{n}");
        let moved = json!({ "queueId": "legal_spanish", "reason": "moved" });
        let requests = [
            Request::event(&initiated_in(&call, "medical_spanish")),
            ask(&format!("/api/calls/{call}/reassign"), &moved),
            ask(&format!("/api/calls/{call}/end"), &json!({ "reason": "it hangs" })),
        ];
        if requests.iter().any(|request| line.ask(request).is_err()) {
            return;
        }
    }
}

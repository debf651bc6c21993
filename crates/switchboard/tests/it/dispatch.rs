//! Calls find agents by themselves, lose those who do not answer, and never two at once.

use std::{sync::Barrier, thread, time::Duration};

use serde_json::{Value, json};

use crate::{
    agents::{agent, put},
    http::{Answer, Line, Request},
    load::Chance,
    races::all_that_may,
    say::{answered, ended, initiated_in, routed, with},
    world::{Server, World, soon},
};

on_every_database! {
    the_call_that_waited_longest_rings_first
    who_was_passed_on_waits_behind_who_waited_already
    a_stricter_promise_is_no_longer_wait
    who_missed_a_call_is_asked_after_whoever_did_not
    who_does_not_answer_loses_the_call_and_then_their_presence
    after_the_last_round_supervisors_are_told_and_the_call_waits
    a_call_that_was_given_up_rings_at_whoever_is_free_again
    a_caller_who_hangs_up_while_it_rings_frees_the_agent_at_once
    a_late_answer_to_an_older_offer_is_refused
    two_who_answer_around_a_reroute_have_one_winner
    a_transfer_frees_the_one_and_rings_the_other
    a_priority_goes_first
    an_offer_survives_a_kill
}

pub(crate) const PATIENT: &str = "patient";

/// A queue whose calls ring for as long as a test takes.
pub(crate) fn patient(world: &World) -> Server {
    let server = world.start();
    server.queue(PATIENT, &json!({ "slaSeconds": 600, "ringSeconds": 600 }));
    server
}

pub(crate) fn available(server: &Server, id: &str, queue: &str) {
    put(server, id, &json!({ "queues": [queue], "presence": "available" }));
}

/// Waits until the call rings at somebody's, and says whose.
#[track_caller]
pub(crate) fn rings(server: &Server, call: &str) -> String {
    soon(&format!("an offer of {call}"), || {
        let call = server.call(call);
        call.get("ringDueAt")?;
        call["agentId"].as_str().map(str::to_owned)
    })
}

fn the_call_that_waited_longest_rings_first(world: &World) {
    let server = patient(world);
    for call in ["first", "second", "third"] {
        server.record(&initiated_in(call, PATIENT));
    }
    available(&server, "ana", PATIENT);
    assert_eq!(rings(&server, "first"), "ana");
    available(&server, "luis", PATIENT);
    assert_eq!(rings(&server, "second"), "luis");
    let offer = &server.history("first")[1];
    assert_eq!(offer["type"], "call_routed");
    assert_eq!(
        (&offer["metadata"]["offer"], &offer["metadata"]["by"]),
        (&json!(1), &json!("dispatch"))
    );
    server.record(&answered("first"));
    server.record(&ended("first"));
    assert_eq!(rings(&server, "third"), "ana");
}

/// Though their call has the lower number.
fn who_was_passed_on_waits_behind_who_waited_already(world: &World) {
    let server = patient(world);
    server.record(&initiated_in("passed_on", "medical_spanish"));
    server.record(&routed("passed_on", "eva"));
    server.record(&answered("passed_on"));
    server.record(&initiated_in("waits", PATIENT));
    server.record(&json!({
        "callId": "passed_on", "event": "call_transferred", "kind": "blind", "queueId": PATIENT,
    }));
    available(&server, "ana", PATIENT);
    assert_eq!(rings(&server, "waits"), "ana");
    available(&server, "luis", PATIENT);
    assert_eq!(rings(&server, "passed_on"), "luis");
}

/// Of two queues, the one whose promise runs out first does not come first by that.
fn a_stricter_promise_is_no_longer_wait(world: &World) {
    let server = patient(world);
    server.queue("strict", &json!({ "slaSeconds": 60, "ringSeconds": 600 }));
    server.record(&initiated_in("longest", PATIENT));
    server.record(&initiated_in("strict", "strict"));
    let both = json!({ "queues": [PATIENT, "strict"], "presence": "available" });
    put(&server, "ana", &both);
    assert_eq!(rings(&server, "longest"), "ana");
}

/// Though they serve the queue more readily, and so are asked first.
fn who_missed_a_call_is_asked_after_whoever_did_not(world: &World) {
    let server = world.start();
    server.queue("quick", &json!({ "slaSeconds": 600, "ringSeconds": 0.3, "maxReroutes": 50 }));
    available(&server, "luis", "quick");
    let readily =
        json!({ "queues": ["quick"], "priorities": { "quick": 3 }, "presence": "available" });
    put(&server, "ana", &readily);
    server.record(&initiated_in("c", "quick"));
    let asked = soon("a second offer", || {
        let history = server.history("c");
        let offers = history.iter().filter(|event| event["type"] == "call_routed");
        let asked = offers.map(|offer| offer["metadata"]["agentId"].clone()).collect::<Vec<_>>();
        (1 < asked.len()).then_some(asked)
    });
    assert_eq!(asked[..2], ["ana", "luis"]);
}

fn who_does_not_answer_loses_the_call_and_then_their_presence(world: &World) {
    let server = world.start();
    server.queue("quick", &json!({ "slaSeconds": 600, "ringSeconds": 0.3, "maxReroutes": 50 }));
    available(&server, "ana", "quick");
    server.record(&initiated_in("c", "quick"));
    let away = soon("two misses", || {
        let ana = agent(&server, "ana");
        (ana["presence"] == "away").then_some(ana)
    });
    assert!(away["reason"].as_str().is_some_and(|it| it.contains("missed 2 offers")), "{away}");
    let types = server.types("c");
    let expected =
        ["call_initiated", "call_routed", "call_retransfer", "call_routed", "call_retransfer"];
    assert_eq!(types, expected);
    // Another agent is asked next.
    server.queue("quick", &json!({ "ringSeconds": 600 }));
    available(&server, "luis", "quick");
    assert_eq!(rings(&server, "c"), "luis");
}

fn after_the_last_round_supervisors_are_told_and_the_call_waits(world: &World) {
    let server = world.start();
    server.queue("short", &json!({ "slaSeconds": 600, "ringSeconds": 0.2, "maxReroutes": 0 }));
    available(&server, "ana", "short");
    server.record(&initiated_in("c", "short"));
    let alert = soon("the alert", || {
        server.get("/api/alerts").is(200).as_array().and_then(|alerts| alerts.first().cloned())
    });
    assert_eq!((&alert["rule"], &alert["callId"]), (&json!("no_agent"), &json!("c")));
    // It waits, also for those who were free all the time; who becomes free later gets it.
    server.queue("short", &json!({ "ringSeconds": 600 }));
    available(&server, "luis", "short");
    assert_eq!(rings(&server, "c"), "luis");
    let routed = server.types("c").iter().filter(|kind| *kind == "call_routed").count();
    assert_eq!(routed, 2);
}

fn a_call_that_was_given_up_rings_at_whoever_is_free_again(world: &World) {
    let server = patient(world);
    server.queue("short", &json!({ "slaSeconds": 600, "ringSeconds": 0.2, "maxReroutes": 0 }));
    put(&server, "ben", &json!({ "queues": ["short", PATIENT], "presence": "available" }));
    server.record(&initiated_in("other", PATIENT));
    assert_eq!(rings(&server, "other"), "ben");
    available(&server, "ana", "short");
    server.record(&initiated_in("c", "short"));
    soon("ana's miss", || server.types("c").contains(&"call_retransfer".to_owned()).then_some(()));
    server.queue("short", &json!({ "ringSeconds": 600 }));
    server.record(&with(ended("other"), &json!({ "endReason": "abandoned" })));
    assert_eq!(rings(&server, "c"), "ben");

    // The same holds for whoever serves the queue only now.
    server.queue("short", &json!({ "ringSeconds": 0.2 }));
    available(&server, "luis", PATIENT);
    server.record(&initiated_in("d", "short"));
    soon("ana's miss", || server.types("d").contains(&"call_retransfer".to_owned()).then_some(()));
    server.queue("short", &json!({ "ringSeconds": 600 }));
    put(&server, "luis", &json!({ "queues": [PATIENT, "short"] }));
    assert_eq!(rings(&server, "d"), "luis");
}

fn a_caller_who_hangs_up_while_it_rings_frees_the_agent_at_once(world: &World) {
    let server = patient(world);
    available(&server, "ana", PATIENT);
    server.record(&initiated_in("c", PATIENT));
    assert_eq!(rings(&server, "c"), "ana");
    server.record(&with(ended("c"), &json!({ "endReason": "abandoned" })));
    let ana = agent(&server, "ana");
    assert_eq!((&ana["state"], &ana["missedInARow"]), (&json!("idle"), &json!(0)));
    server.record(&initiated_in("d", PATIENT));
    assert_eq!(rings(&server, "d"), "ana");
}

fn a_late_answer_to_an_older_offer_is_refused(world: &World) {
    let server = world.start();
    server.queue("quick", &json!({ "slaSeconds": 600, "ringSeconds": 0.3, "maxReroutes": 50 }));
    available(&server, "ana", "quick");
    server.record(&initiated_in("c", "quick"));
    assert_eq!(rings(&server, "c"), "ana");
    put(&server, "ana", &json!({ "presence": "away" }));
    server.queue("quick", &json!({ "ringSeconds": 600 }));
    available(&server, "luis", "quick");
    soon("the second offer", || (rings(&server, "c") == "luis").then_some(()));
    let late = with(answered("c"), &json!({ "agentId": "ana", "offer": 1 }));
    let told = server.post(&late).is_problem(409, "refused").to_string();
    assert!(told.contains("the phone of `luis` rings, not that of `ana`"), "{told}");
    let older = with(answered("c"), &json!({ "agentId": "luis", "offer": 1 }));
    let told = server.post(&older).is_problem(409, "refused").to_string();
    assert!(told.contains("offer 1 is not the one that stands, which is "), "{told}");
    let theirs = with(answered("c"), &json!({ "agentId": "luis", "offer": 2 }));
    server.record(&theirs);
}

/// The phone of one agent rings; they answer while the call goes to another, who answers too.
fn two_who_answer_around_a_reroute_have_one_winner(world: &World) {
    let servers = all_that_may(world);
    servers[0].queue(PATIENT, &json!({ "slaSeconds": 600, "ringSeconds": 600 }));
    let mut chance = Chance::new();
    let mut wins = [0, 0];
    // At most: two rounds in which each of them wins once are enough.
    for round in 0..200 {
        if 20 <= round && !wins.contains(&0) {
            break;
        }
        let call = format!("c{round}");
        let answer = |agent: &str, offer: u32| {
            with(answered(&call), &json!({ "agentId": agent, "offer": offer }))
        };
        servers[0].record(&initiated_in(&call, PATIENT));
        servers[0].record(&routed(&call, "ana"));
        let start = Barrier::new(2);
        let pauses = [(); 2].map(|()| Duration::from_micros(chance.below(4_000)));
        let [ana, luis] = thread::scope(|scope| {
            let one = scope.spawn(|| {
                let mut line = servers[0].line();
                start.wait();
                thread::sleep(pauses[0]);
                told(&mut line, &answer("ana", 1))
            });
            let other = scope.spawn(|| {
                let mut line = servers[servers.len() - 1].line();
                start.wait();
                thread::sleep(pauses[1]);
                told(&mut line, &routed(&call, "luis"));
                told(&mut line, &answer("luis", 2))
            });
            [one, other].map(|it| it.join().expect("no panic"))
        });
        let (winner, loser) = if ana.status == 201 { ("ana", &luis) } else { ("luis", &ana) };
        assert_eq!((ana.status, luis.status).min((luis.status, ana.status)), (201, 409), "{call}");
        let told = loser.is_problem(409, "refused").to_string();
        let why = ["the phone of `luis` rings, not that of `ana`", "while the call is active"];
        assert!(told.contains(why[1]) || (winner == "luis" && told.contains(why[0])), "{told}");
        assert_eq!(servers[0].call(&call)["agentId"], winner);
        // Who answers first has it before the other's phone rings; else it is too late.
        let rang = ["call_routed"].repeat(1 + usize::from(winner == "luis"));
        let types = [&["call_initiated"], &rang[..], &["call_answered"]].concat();
        assert_eq!(servers[0].types(&call), types, "{winner} has it");
        wins[usize::from(winner == "luis")] += 1;
    }
    eprintln!("{wins:?} won by the first and the second");
    assert!(!wins.contains(&0), "no race: {wins:?}");
}

/// What is answered once the call is free to be asked about: another process may hold it.
fn told(line: &mut Line, event: &Value) -> Answer {
    soon("an answer", || {
        let answer = line.ask(&Request::event(event)).expect("an answer");
        (answer.status != 503).then_some(answer)
    })
}

fn a_transfer_frees_the_one_and_rings_the_other(world: &World) {
    let server = patient(world);
    server.queue("other", &json!({ "slaSeconds": 600, "ringSeconds": 600 }));
    available(&server, "ana", PATIENT);
    available(&server, "luis", "other");
    server.record(&initiated_in("c", PATIENT));
    assert_eq!(rings(&server, "c"), "ana");
    server.record(&answered("c"));
    server.record(&json!({ "event": "call_transferred", "callId": "c", "queueId": "other",
        "kind": "blind" }));
    assert_eq!(rings(&server, "c"), "luis");
    assert_eq!(agent(&server, "ana")["state"], "idle");
    server.record(&answered("c"));
    server.record(&json!({ "event": "call_transferred", "callId": "c", "agentId": "ana",
        "kind": "blind" }));
    assert_eq!(rings(&server, "c"), "ana");
}

fn a_priority_goes_first(world: &World) {
    let server = patient(world);
    server.record(&initiated_in("ordinary", PATIENT));
    server.record(&with(initiated_in("urgent", PATIENT), &json!({ "priority": 9 })));
    let wrong = with(initiated_in("wrong", PATIENT), &json!({ "priority": 10 }));
    server.post(&wrong).is_invalid("out_of_range", &["priority"]);
    available(&server, "ana", PATIENT);
    assert_eq!(rings(&server, "urgent"), "ana");
    assert_eq!(server.call("urgent")["priority"], 9);
}

fn an_offer_survives_a_kill(world: &World) {
    let server = patient(world);
    available(&server, "ana", PATIENT);
    server.record(&initiated_in("c", PATIENT));
    assert_eq!(rings(&server, "c"), "ana");
    server.record(&initiated_in("d", PATIENT));
    server.kill();
    let server = world.start();
    let ana = agent(&server, "ana");
    assert_eq!((&ana["state"], &ana["callId"]), (&json!("offered"), &json!("c")));
    server.record(&answered("c"));
    server.record(&ended("c"));
    assert_eq!(rings(&server, "d"), "ana");
}

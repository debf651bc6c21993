//! Service figures of a simulated day, through the executable: each equals what a second computation
//! makes of the histories that the API shows.

use serde_json::{Value, json};
use testkit::figures::{Figures, Promise, Window, moment};

use crate::{
    http::{KEY, Request, encode},
    say::{answered, attended, blind, ended, held, initiated, initiated_in, resumed, routed, with},
    world::{Server, World, soon},
};

on_every_database! {
    every_figure_of_a_simulated_day_is_exact
    every_figure_of_a_day_with_agents_is_exact
    a_late_event_changes_the_figures_of_its_own_time
    what_cannot_be_computed_is_refused
    the_day_begins_at_midnight_of_the_time_zone
    the_time_an_agent_was_there_is_kept_when_they_leave
}

const FORMULAS: [&str; 5] =
    ["sl_answered", "sl_both", "sl_queue_exit", "sl_offered", "sl_offered_noshort"];

fn every_figure_of_a_simulated_day_is_exact(world: &World) {
    let server = world.start();
    server.queue("legal_english", &json!({ "slaSeconds": 20, "wrapUpSeconds": 12.5 }));
    server.queue("medical_spanish", &json!({ "slaSeconds": 9 }));
    let url = format!("http://{}", server.address);
    let day = ["simulate", "--url", &url, "--key", KEY, "--seed", "20261121", "--external-routing"];
    let played =
        world.run(&[&day[..], &["--speed", "max", "--calls", "250", "--scale", "3"]].concat());
    let said = String::from_utf8_lossy(&played.stdout).into_owned();
    let failed = String::from_utf8_lossy(&played.stderr).into_owned();
    assert!(played.status.success(), "{said}{failed}");
    told_late(&server);

    let figures = exact(&server);
    assert!(1_000 < figures, "{figures} figures are too few to say something");
    server.kill();
    let server = world.start();
    // Another quarter of an hour may have begun meanwhile.
    assert!(figures <= exact(&server), "after a kill");
}

/// Calls that are offered from here, to agents who let phones ring out, wrap up, go and come back.
fn every_figure_of_a_day_with_agents_is_exact(world: &World) {
    let server = world.start();
    let queues = ["legal_english", "medical_spanish"];
    for queue in queues {
        let promises = json!({ "slaSeconds": 1, "ringSeconds": 0.4, "wrapUpSeconds": 0.2 });
        server.queue(queue, &promises);
    }
    let (url, queues) = (format!("http://{}", server.address), queues.join(","));
    let day = ["simulate", "--url", &url, "--key", KEY, "--seed", "7", "--speed", "120"];
    let played =
        world.run(&[&day[..], &["--calls", "30", "--missed", "35", "--queues", &queues]].concat());
    let failed = String::from_utf8_lossy(&played.stderr);
    assert!(played.status.success(), "{}{failed}", String::from_utf8_lossy(&played.stdout));
    left_open(&server);

    assert!(300 < exact(&server));
    let total = &server.get("/api/metrics/queues").is(200)["total"];
    for told in ["ringNoAnswerRate", "asaSeconds", "ahtSeconds"] {
        assert_ne!(total["today"][told], 0.0, "{told} says nothing");
    }
    for told in ["waiting", "ringing", "active", "onHold"] {
        assert_ne!(total["now"][told], 0, "{told} says nothing");
    }
}

/// Calls that wait, ring, talk and are on hold.
fn left_open(server: &Server) {
    server.queue("open", &json!({ "name": "Left open", "slaSeconds": 600, "ringSeconds": 600 }));
    for call in 0..8 {
        let id = format!("open-{call}");
        server.record(&initiated_in(&id, "open"));
        if call % 4 > 0 {
            server.record(&routed(&id, "outside"));
        }
        if call % 4 > 1 {
            server.record(&answered(&id));
        }
        if call % 4 > 2 {
            server.record(&held(&id));
        }
    }
}

/// Calls that waited, talked and were held for long, told when all of it was over.
fn told_late(server: &Server) {
    let now = moment(server.get("/api/metrics/queues").is(200)["asOf"].as_str().expect("a time"));
    for call in 0..40_i64 {
        let id = format!("late-{call}");
        let began = now - 5_400_000 + call * 97_000;
        let at = |seconds: i64| {
            let at = contract::Moment(lifecycle::Timestamp(began + seconds * 1_000));
            json!({ "occurredAt": at.to_string() })
        };
        let wait = 3 + call * 7 % 41;
        server.record(&with(initiated(&id), &at(0)));
        if call % 5 == 4 {
            server.record(&with(ended(&id), &at(wait)));
            continue;
        }
        server.record(&with(routed(&id, ["ana", "eva"][usize::from(call % 2 == 0)]), &at(1)));
        server.record(&with(answered(&id), &at(wait)));
        server.record(&with(held(&id), &at(wait + 20)));
        if call % 3 == 0 {
            server.record(&with(resumed(&id), &at(wait + 20 + call)));
        }
        if call % 4 == 0 {
            server.record(&with(attended(&id), &at(wait + 70)));
        }
        if call % 7 == 0 {
            server.record(&with(blind(&id), &at(wait + 90)));
            server.record(&with(answered(&id), &at(2 * wait + 90)));
        }
        server.record(&with(ended(&id), &at(2 * wait + 100)));
    }
}

/// Compares every figure there is, and says how many those are.
#[track_caller]
fn exact(server: &Server) -> usize {
    // A timer may still fire in between: then it is looked at again.
    soon("figures that stand still", || {
        let before = answers(server);
        let drawn = drawn(server);
        let after = answers(server);
        if without_time(&before) != without_time(&after) {
            return None;
        }
        let (agents, queues) = after.split_last().expect("there are some");
        let compared = queues.iter().map(|answer| drawn.compare(answer));
        let compared = compared.sum::<Result<usize, String>>().unwrap_or_else(|it| panic!("{it}"));
        let as_of = moment(agents["asOf"].as_str().expect("a time"));
        let from = as_of - as_of.rem_euclid(86_400_000);
        let expected = drawn.agents(Window { from, to: i64::MAX });
        // Of who was there and had no call, histories know nothing.
        let idle =
            |it: &Value| it["metrics"].as_object().into_iter().flatten().all(|(_, it)| *it == 0);
        let mut told = without_occupancy(&agents["agents"]);
        told.as_array_mut().expect("an array").retain(|it| !idle(it));
        assert_eq!(told, json!(expected));
        let shown = server.get("/api/agents").is(200);
        for agent in shown.as_array().expect("an array") {
            let told = expected.iter().find(|it| it["agentId"] == agent["id"]);
            let mut shown = agent["metrics"].as_object().cloned().unwrap_or_default();
            shown.remove("occupancy");
            let told = told.and_then(|it| it["metrics"].as_object().cloned());
            assert!(told.is_none_or(|told| told == shown), "{agent}");
        }
        Some(compared + expected.len())
    })
}

/// The figures of answers, apart from those that go on with the clock.
fn without_time(answers: &[Value]) -> Vec<(Vec<Value>, Value)> {
    let still = |figures: &Value| {
        let mut figures = figures.clone();
        figures["now"].as_object_mut().map(|now| now.remove("longestWaitSeconds"));
        figures
    };
    let queues = |it: &Value| it["queues"].as_array().into_iter().flatten().map(still).collect();
    let all =
        |it: &Value| (queues(it), json!([still(&it["total"]), without_occupancy(&it["agents"])]));
    answers.iter().map(all).collect()
}

/// What agents did, apart from when they said that they take calls: no call's history tells that.
fn without_occupancy(agents: &Value) -> Value {
    let mut agents = agents.clone();
    for agent in agents.as_array_mut().into_iter().flatten() {
        agent["metrics"].as_object_mut().and_then(|metrics| metrics.remove("occupancy"));
    }
    agents
}

/// The figures by every formula, and those of agents.
fn answers(server: &Server) -> Vec<Value> {
    let formulas = FORMULAS.map(|it| format!("/api/metrics/queues?formula={it}"));
    let paths = formulas.into_iter().chain(["/api/metrics/agents".to_owned()]);
    paths.map(|path| server.get(&path).is(200)).collect()
}

/// Every history, read as anyone can read it, and drawn.
fn drawn(server: &Server) -> Figures {
    let calls = server.get("/api/calls?limit=1000").is(200);
    let mut line = server.line();
    let history = |call: &Value| {
        let id = encode(call["id"].as_str().expect("an id"));
        let path = format!("/api/calls/{id}/events");
        let history = line.ask(&Request::get(&path)).expect("an answer").is(200);
        history.as_array().cloned().expect("an array")
    };
    let calls = calls.as_array().expect("an array");
    assert!(calls.len() < 1_000, "one page holds them all");
    let histories = calls.iter().map(history).collect::<Vec<_>>();
    let promise = |queue: &Value| {
        let ms = |name: &str| {
            serde_json::from_value::<contract::Seconds>(queue[name].clone()).expect("seconds").ms
        };
        Promise {
            queue: queue["id"].as_str().expect("an id").to_owned(),
            target_s: ms("slaSeconds") / 1_000,
            wrap_ms: ms("wrapUpSeconds"),
        }
    };
    let queues = server.get("/api/queues").is(200);
    let promises = queues.as_array().expect("an array").iter().map(promise).collect();
    Figures::of(histories.iter().map(Vec::as_slice), promises, 5)
}

fn a_late_event_changes_the_figures_of_its_own_time(world: &World) {
    let server = world.start();
    let queue = || server.get("/api/metrics/queues?queueId=legal_spanish").is(200);
    let before = queue();
    let intervals = before["queues"][0]["intervals"].as_array().expect("an array");
    let first = intervals.first().expect("the one that runs")["start"].clone();
    let call = initiated_in("late", "legal_spanish");
    server.record(&with(call, &json!({ "occurredAt": first })));
    let after = queue();
    let figures = &after["queues"][0];
    assert_eq!(figures["intervals"][0]["offered"], 1, "the first of today");
    assert_eq!((&figures["today"]["offered"], &figures["now"]["waiting"]), (&json!(1), &json!(1)));
    assert_eq!(figures["now"]["waitingSince"], first);
    assert!(figures["now"]["longestWaitSeconds"].is_number());
    let left_out = ["serviceLevel", "asaSeconds", "ahtSeconds", "transferRate", "waitSeconds"];
    assert!(left_out.iter().all(|name| figures["today"].get(name).is_none()), "{figures}");
    assert_eq!(after["formulas"].as_object().map(serde_json::Map::len), Some(12));
}

fn what_cannot_be_computed_is_refused(world: &World) {
    let server = world.start();
    let problem = |query: &str, status: u16| {
        server.get(&format!("/api/metrics/queues?{query}")).is(status)["code"].clone()
    };
    assert_eq!(problem("formula=sl_best", 400), "invalid_query");
    assert_eq!(problem("formula=sl_both&formula=sl_both", 400), "invalid_query");
    assert_eq!(problem("queueId=%FF", 400), "invalid_query");
    assert_eq!(problem("queueId=nowhere", 404), "queue_not_found");
    server.get("/api/metrics/queues?formula=&queueId=").is(200);
    assert_eq!(server.get("/api/metrics/agents").is(200)["agents"], json!([]));
    assert_eq!(
        server.ask(&Request::put("/api/metrics/agents")).is(405)["code"],
        "method_not_allowed"
    );

    for (name, value, sentence) in [
        ("TIME_ZONE", "Atlantis", "there is no time zone `Atlantis`"),
        ("SERVICE_LEVEL_FORMULA", "sl_best", "there is no formula `sl_best`"),
    ] {
        let mut command = world.command(&[env!("CARGO_BIN_EXE_switchboard"), "config"]);
        let said = command.env(name, value).output().expect("the executable runs");
        let error = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(!said.status.success() && error.contains(sentence), "{error}");
    }
}

fn the_day_begins_at_midnight_of_the_time_zone(world: &World) {
    // Always so far from UTC that one of the two has another midnight than UTC, and never a summer.
    for (zone, hours) in [("Asia/Tokyo", 9), ("America/Phoenix", -7)] {
        let settings = [("TIME_ZONE", zone), ("SERVICE_LEVEL_FORMULA", "sl_both")];
        let server = world.start_with(&settings, &[]);
        let told = server.get("/api/metrics/queues").is(200);
        assert_eq!((&told["timeZone"], &told["formula"]), (&json!(zone), &json!("sl_both")));
        let as_of = moment(told["asOf"].as_str().expect("a time"));
        let intervals = told["total"]["intervals"].as_array().expect("an array");
        let first = moment(intervals[0]["start"].as_str().expect("a time"));
        let local = as_of + hours * 3_600_000;
        assert_eq!(first, as_of - local.rem_euclid(86_400_000), "{zone}");
        let passed = usize::try_from((as_of - first) / 900_000).expect("not before midnight");
        assert_eq!(intervals.len(), passed + 1);
        server.stop();
    }
}

fn the_time_an_agent_was_there_is_kept_when_they_leave(world: &World) {
    let server = world.start();
    let says = |server: &Server, presence: &str| {
        let change = json!({ "presence": presence });
        server.ask(&Request::put("/api/agents/ana").json(&change)).is(200)
    };
    let away = says(&server, "away");
    assert_eq!(away["metrics"].get("occupancy"), None, "they were not there yet");
    says(&server, "available");
    let earlier = "update agents set presence_since = presence_since - 1000";
    let server = world.execute_between(server, earlier);
    let left = says(&server, "offline");
    assert_eq!(left["metrics"]["occupancy"], 0.0);
    server.kill();
    let agents = world.start().get("/api/metrics/agents").is(200);
    assert_eq!(agents["agents"][0]["metrics"]["occupancy"], 0.0, "{agents}");
}

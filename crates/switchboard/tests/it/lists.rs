//! Lists: filters, pages and the walk to the end.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    http::Request,
    say::{answered, ended, held, initiated, initiated_in, routed},
    world::{Server, World},
};

on_every_database! {
    a_walk_to_the_end_sees_each_call_once
    filters_show_what_they_say
    calls_are_counted_as_the_lists_show_them
    ended_calls_are_found_by_what_no_index_knows
    a_query_that_cannot_be_read_is_refused
    a_long_history_comes_in_pages
    alerts_come_in_pages_and_are_acknowledged_once
    why_an_alert_was_acknowledged_is_kept_with_who
}

/// Follows `Link` to the end; the ids of every page.
fn walk(server: &Server, first: &str, id: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut next = Some(first.to_owned());
    while let Some(path) = next {
        let answer = server.get(&path);
        let items = answer.is(200).as_array().cloned().expect("a bare array");
        pages.push(items.iter().map(|item| item[id].to_string()).collect());
        next = answer.header("link").map(|link| {
            let link = link.strip_suffix("; rel=\"next\"").expect("rel=\"next\"");
            link.trim_matches(['<', '>']).to_owned()
        });
    }
    pages
}

fn a_walk_to_the_end_sees_each_call_once(world: &World) {
    let server = world.start();
    let mut line = server.line();
    for n in 0..250 {
        line.ask(&Request::event(&initiated(&format!("c{n}")))).expect("an answer").is(201);
    }
    for n in (0..250).step_by(3) {
        server.record(&answered(&format!("c{n}")));
        server.record(&ended(&format!("c{n}")));
    }
    let newest = (0..250).rev().map(|n| format!("\"c{n}\"")).collect::<Vec<_>>();
    for (path, sizes) in [
        ("/api/calls", vec![100, 100, 50]),
        ("/api/calls?limit=125", vec![125, 125]),
        ("/api/calls?limit=99&status=all", vec![99, 99, 52]),
        ("/api/calls?limit=1000000", vec![250]),
        ("/api/calls?queueId=medical_spanish&limit=200", vec![200, 50]),
    ] {
        let pages = walk(&server, path, "id");
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), sizes, "{path}");
        assert!(pages.concat() == newest, "newest first: {path}");
    }
    let ended = walk(&server, "/api/calls?status=ended&limit=10", "id").concat();
    let waiting = walk(&server, "/api/calls?status=waiting&queue=medical_spanish&limit=7", "id");
    let waiting = waiting.concat();
    assert_eq!((ended.len(), waiting.len()), (84, 166));
    let both = ended.iter().chain(&waiting).collect::<BTreeSet<_>>();
    assert_eq!(both.len(), 250);
    // Calls that begin during a walk are newer than where it is.
    let first = server.get("/api/calls?limit=200");
    let rest = first.header("link").unwrap_or_default().to_owned();
    server.record(&initiated("late"));
    let path = rest.trim_start_matches('<').split('>').next().unwrap_or_default();
    assert_eq!(walk(&server, path, "id").concat(), newest[200..]);
}

fn calls_are_counted_as_the_lists_show_them(world: &World) {
    let server = world.start();
    for call in ["w1", "w2", "r1", "a1", "e1"] {
        server.record(&initiated(call));
    }
    server.record(&initiated_in("elsewhere", "legal_english"));
    server.record(&routed("r1", "ana"));
    for call in ["a1", "e1"] {
        server.record(&answered(call));
    }
    server.record(&ended("e1"));
    let count = |path: &str| {
        let counts = server.get(path).is(200).clone();
        ["waiting", "ringing", "active", "onHold", "ended"].map(|name| counts[name].as_u64())
    };
    let of = |all: [u64; 5]| all.map(Some);
    assert_eq!(count("/api/counts"), of([4, 1, 1, 0, 1]));
    assert_eq!(count("/api/counts?queueId=legal_english"), of([1, 0, 0, 0, 0]));
    assert_eq!(count("/api/counts?agentId=ana"), of([1, 1, 0, 0, 0]));
    assert_eq!(count("/api/counts?text=ELSE"), of([1, 0, 0, 0, 0]));
    assert_eq!(count("/api/counts?text=medical"), of([3, 1, 1, 0, 1]));
    assert_eq!(count("/api/counts?flag=any&text=w"), of([0, 0, 0, 0, 0]));
    for bad in ["/api/counts?text=%00", "/api/counts?text=%FF", "/api/counts?flag=a&flag=b"] {
        assert_eq!(server.get(bad).is(400)["code"], "invalid_query", "{bad}");
    }
    // A call may be named anything.
    server.record(&initiated("counts"));
    assert_eq!(server.get("/api/calls/counts").is(200)["id"], "counts");
}

fn ended_calls_are_found_by_what_no_index_knows(world: &World) {
    let server = world.start();
    for n in 0..12 {
        let call = format!("c{n}");
        server.record(&initiated(&call));
        server.record(&routed(&call, if n % 3 == 0 { "ana & bea" } else { "carl" }));
        server.record(&answered(&call));
        server.record(&ended(&call));
    }
    server.record(&initiated("open"));
    server.record(&routed("open", "ana & bea"));
    let found = |query: &str| walk(&server, &format!("/api/calls?{query}"), "id").concat();
    let of_ana = ["\"c9\"", "\"c6\"", "\"c3\"", "\"c0\""];
    for limit in [1, 3, 4, 100] {
        let query = format!("status=ended&agentId=ana%20%26%20bea&limit={limit}");
        assert_eq!(found(&query), of_ana, "{query}");
    }
    assert_eq!(
        found("agentId=ana%20%26%20bea&limit=2").concat(),
        "\"open\"".to_owned() + &of_ana.concat()
    );
    assert_eq!(found("status=waiting&agentId=ana%20%26%20bea"), ["\"open\""]);
    assert_eq!(found("status=ended&text=C1"), ["\"c11\"", "\"c10\"", "\"c1\""]);
    assert_eq!(found("status=ended&flag=any"), [""; 0]);
    assert_eq!(found("status=ended&text=c1&queueId=legal_english"), [""; 0]);
    // Where a page is not the last one, it says since when calls were looked at.
    let part = server.get("/api/calls?status=ended&text=c1&limit=2");
    let began = server.get("/api/calls/c10").is(200)["startTime"].clone();
    assert_eq!(part.header("searched-back-to"), began.as_str());
    let whole = server.get("/api/calls?status=ended&text=c1");
    assert_eq!((whole.header("searched-back-to"), whole.header("link")), (None, None));
}

fn filters_show_what_they_say(world: &World) {
    let server = world.start();
    server.record(&initiated("waiting"));
    server.record(&initiated_in("elsewhere", "legal_english"));
    for call in ["active", "on_hold", "ended"] {
        server.record(&initiated(call));
        server.record(&answered(call));
    }
    server.record(&held("on_hold"));
    server.record(&ended("ended"));
    let found = |query: &str| -> Vec<String> {
        let calls = server.get(&format!("/api/calls?{query}")).is(200);
        let ids = calls.as_array().cloned().unwrap_or_default();
        ids.iter().map(|call| call["id"].as_str().unwrap_or_default().to_owned()).collect()
    };
    for status in ["active", "on_hold", "ended"] {
        assert_eq!(found(&format!("status={status}")), [status]);
        assert_eq!(found(&format!("status={status}&queueId=legal_english")), [""; 0]);
    }
    assert_eq!(found("status=waiting"), ["elsewhere", "waiting"]);
    assert_eq!(found("status=waiting&queueId=medical_spanish"), ["waiting"]);
    let all = ["ended", "on_hold", "active", "elsewhere", "waiting"];
    for query in ["status=all", "", "status=", "status=all&queueId=", "unknown=1"] {
        assert_eq!(found(query), all, "{query}");
    }
    assert_eq!(found("queueId=nowhere"), [""; 0]);
    assert_eq!(found("queueId=legal%5Fenglish&status=all"), ["elsewhere"]);
}

fn a_query_that_cannot_be_read_is_refused(world: &World) {
    let server = world.start();
    for query in [
        "status=sleeping",
        "status=Waiting",
        "limit=0",
        "limit=-1",
        "limit=ten",
        "limit=1.5",
        "cursor=nonsense",
        "cursor=p-1",
        "cursor=pzz",
        "status=waiting&status=ended",
        "status=%FF",
        "agentId=%00",
        "flag=%0A",
        "text=%FF",
        "queueId=%FF%FE",
    ] {
        server.get(&format!("/api/calls?{query}")).is_problem(400, "invalid_query");
    }
    for path in ["/api/alerts?limit=0", "/api/alerts?cursor=x", "/api/calls/c/events?limit=0"] {
        server.get(path).is_problem(400, "invalid_query");
    }
    server.get("/api/calls?limit=99999999999999999999").is(200);
    server.get("/api/calls?cursor=p0").is(200);
    server.is_healthy();
}

fn a_long_history_comes_in_pages(world: &World) {
    let server = world.start();
    server.record(&initiated("a b/ü"));
    let events = (0..20).map(|n| routed("a b/ü", &format!("agent-{n}"))).collect::<Vec<_>>();
    server.ask(&Request::post("/api/events/batch").json(&json!(events))).is(200);
    let path = format!("/api/calls/{}/events?limit=8", crate::http::encode("a b/ü"));
    let pages = walk(&server, &path, "seq");
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [8, 8, 5]);
    assert_eq!(pages.concat(), (1..=21).map(|n| n.to_string()).collect::<Vec<_>>());
}

fn alerts_come_in_pages_and_are_acknowledged_once(world: &World) {
    let server = world.start();
    for n in 0..5 {
        server.record(&initiated(&format!("c{n}")));
        let late = json!({ "event": "call_answered", "callId": format!("c{n}"), "waitTime": 40 });
        server.record(&late);
    }
    let pages = walk(&server, "/api/alerts?limit=2", "callId");
    assert_eq!(pages.concat(), ["\"c4\"", "\"c3\"", "\"c2\"", "\"c1\"", "\"c0\""]);
    let alert = server.get("/api/alerts").is(200)[0].clone();
    assert_eq!((&alert["rule"], &alert["callId"]), (&json!("wait_exceeded"), &json!("c4")));
    assert!(alert["message"].is_string() && alert["raisedAt"].is_string());
    assert!(alert.get("acknowledgedAt").is_none() && alert.get("acknowledgedBy").is_none());

    let id = alert["id"].as_str().unwrap_or_default();
    let path = format!("/api/alerts/{id}/acknowledge");
    let by = |who: &Value| server.ask(&Request::post(&path).json(&json!({ "by": who })));
    for wrong in [json!(""), json!(7), json!(null), json!("a\u{7}b"), json!("x".repeat(256))] {
        by(&wrong).is_problem(400, "invalid_payload");
    }
    let first = by(&json!("Rosa")).is(200);
    assert_eq!(first["acknowledgedBy"], "Rosa");
    assert!(first["acknowledgedAt"].is_string());
    assert_eq!(by(&json!("Someone else")).is(200), first, "the first to do so stays");
    let gone = Request::post("/api/alerts/9-9/acknowledge").json(&json!({ "by": "Rosa" }));
    server.ask(&gone).is_problem(404, "alert_not_found");
    let open = Request::new("POST", &path).json(&json!({ "by": "Rosa" }));
    server.ask(&open).is_problem(401, "unauthorized");
    let wrong = json!({ "by": null, "reason": "x".repeat(256), "why": "x" });
    let unknown = "there is no such field; the fields are `by`, `reason`";
    server.ask(&Request::post(&path).json(&wrong)).names(&[
        ("too_big", "reason", "at most 255 characters are allowed"),
        ("invalid_type", "by", "a string is expected; leave it out for none"),
        ("unknown_field", "why", unknown),
    ]);
}

fn why_an_alert_was_acknowledged_is_kept_with_who(world: &World) {
    let server = world.start();
    server.record(&initiated("c"));
    server.record(&json!({ "event": "call_answered", "callId": "c", "waitTime": 40 }));
    let alert = server.get("/api/alerts").is(200)[0].clone();
    let id = alert["id"].as_str().unwrap_or_default();
    let acknowledge = |body: Value| {
        let path = format!("/api/alerts/{id}/acknowledge");
        server.ask(&Request::post(&path).json(&body)).is(200)
    };
    let first = acknowledge(json!({ "by": "Maria", "reason": "called back" }));
    assert_eq!(acknowledge(json!({ "by": "Tom", "reason": "too late" })), first);
    let actions = server.get(&format!("/api/actions?target={id}")).is(200);
    assert_eq!(actions.as_array().map(Vec::len), Some(1), "{actions}");
    let [action, target, reason] = ["action", "target", "reason"].map(|it| &actions[0][it]);
    assert_eq!((action, target), (&json!("alert_acknowledged"), &json!(id)));
    assert_eq!((reason, &actions[0]["detail"]), (&json!("called back"), &json!({ "by": "Maria" })));
}

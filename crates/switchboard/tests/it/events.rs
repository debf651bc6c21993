//! Every event over HTTP: what may happen when, and what exactly is answered.

use lifecycle::Timestamp;
use serde_json::{Value, json};
use testkit::figures::moment;

use crate::{
    http::Request,
    say::{answered, attended, blind, ended, held, initiated, resumed, routed, with},
    world::{Server, World},
};

on_every_database! {
    a_whole_call_is_recorded_and_shown
    what_may_happen_when_is_what_the_table_says
    an_event_of_a_call_that_never_began_is_not_found
    every_field_is_checked_and_each_fault_is_named
    spans_are_judged_strictly
    an_answer_names_the_phone_that_rings
    what_happened_earlier_is_kept_and_shown
    a_source_whose_clock_is_ahead_is_flagged_and_waits_no_negative_time
    a_transfer_goes_where_it_says
}

fn is_moment(text: &Value) -> bool {
    let text = text.as_str().unwrap_or_default();
    let form = "0000-00-00T00:00:00.000Z";
    text.len() == form.len()
        && text
            .bytes()
            .zip(form.bytes())
            .all(|(is, form)| if form == b'0' { is.is_ascii_digit() } else { is == form })
}

/// The moment in a document, taken out of it once it has the right form.
#[track_caller]
fn take_moment(document: &mut Value, field: &str) -> Value {
    let moment = document.as_object_mut().and_then(|it| it.remove(field)).unwrap_or_default();
    assert!(is_moment(&moment), "`{field}` is no moment: {moment} in {document}");
    moment
}

/// Posts an event that must be recorded; the answer without its `id` and `timestamp`.
#[track_caller]
fn recorded(server: &Server, event: &Value) -> Value {
    let answer = server.post(event);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("idempotency-replayed"), None);
    let mut stored = answer.is(201);
    take_moment(&mut stored, "timestamp");
    let id = stored.as_object_mut().and_then(|it| it.remove("id")).unwrap_or_default();
    assert!(id.as_str().is_some_and(|id| !id.is_empty()), "{id}");
    stored
}

fn a_whole_call_is_recorded_and_shown(world: &World) {
    let server = world.start();
    let event = with(initiated("c1"), &json!({ "eventId": "e1", "colour": "red" }));
    let metadata = json!({ "type": "voice", "queueId": "medical_spanish" });
    let stored =
        json!({ "callId": "c1", "type": "call_initiated", "seq": 1, "metadata": metadata });
    assert_eq!(recorded(&server, &event), stored);

    let metadata = json!({ "agentId": "ana", "routingTime": 1, "offer": 1 });
    let stored = json!({ "callId": "c1", "type": "call_routed", "seq": 2, "metadata": metadata });
    assert_eq!(recorded(&server, &routed("c1", "ana")), stored);

    let mut call = server.call("c1");
    for moment in ["startTime", "slaDueAt", "ringDueAt"] {
        take_moment(&mut call, moment);
    }
    let shown = json!({ "id": "c1", "type": "voice", "status": "waiting", "queueId":
        "medical_spanish", "version": 2, "agentId": "ana", "offer": 1, "flags": [] });
    assert_eq!(call, shown);

    let stored = json!({ "callId": "c1", "type": "call_answered", "seq": 3,
        "metadata": { "waitTime": 5 } });
    assert_eq!(recorded(&server, &answered("c1")), stored);
    let stored = json!({ "callId": "c1", "type": "call_hold", "seq": 4,
        "metadata": { "holdDuration": 20 } });
    assert_eq!(recorded(&server, &held("c1")), stored);
    take_moment(&mut server.call("c1"), "holdDueAt");
    let stored = json!({ "callId": "c1", "type": "call_resumed", "seq": 5 });
    assert_eq!(recorded(&server, &resumed("c1")), stored);
    let stored = json!({ "callId": "c1", "type": "call_ended", "seq": 6,
        "metadata": { "endReason": "completed", "duration": 120 } });
    assert_eq!(recorded(&server, &ended("c1")), stored);

    let mut call = server.call("c1");
    let (start, end) = (take_moment(&mut call, "startTime"), take_moment(&mut call, "endTime"));
    assert!(start.as_str() <= end.as_str());
    let shown = json!({ "id": "c1", "type": "voice", "status": "ended", "queueId":
        "medical_spanish", "version": 7, "agentId": "ana", "flags": [] });
    assert_eq!(call, shown);
    let history = server.history("c1");
    let last = history.last().cloned().unwrap_or_default();
    assert_eq!(last["type"], "survey_requested");
    assert!(last.get("metadata").is_none(), "{last}");
    let seqs = history.iter().map(|event| event["seq"].as_u64().unwrap_or(0)).collect::<Vec<_>>();
    assert_eq!(seqs, [1, 2, 3, 4, 5, 6, 7]);
    let ids =
        history.iter().map(|it| it["id"].to_string()).collect::<std::collections::HashSet<_>>();
    assert_eq!(ids.len(), 7);
}

/// How an event of a call is made.
type Story = fn(&str) -> Value;

/// Brings a call to a status.
fn bring(server: &Server, call: &str, status: &str) {
    let way: &[Story] = match status {
        "waiting" => &[initiated],
        "active" => &[initiated, answered],
        "on_hold" => &[initiated, answered, held],
        _ => &[initiated, answered, ended],
    };
    for event in way {
        server.record(&event(call));
    }
    assert_eq!(server.call(call)["status"], status);
}

fn what_may_happen_when_is_what_the_table_says(world: &World) {
    let server = world.start();
    let rang = |call: &str| routed(call, "ana");
    let over = |call: &str| with(ended(call), &json!({ "duration": 121 }));
    let again = |call: &str| with(initiated(call), &json!({ "type": "video" }));
    let events: [(&str, Story); 8] = [
        ("call_initiated", again),
        ("call_routed", rang),
        ("call_answered", answered),
        ("call_hold", held),
        ("call_resumed", resumed),
        ("call_transferred", blind),
        ("call_transferred", attended),
        ("call_ended", over),
    ];
    let no = "";
    let table = [
        ("waiting", [no, "waiting", "active", no, no, no, no, "ended"]),
        ("active", [no, no, no, "on_hold", no, "waiting", "active", "ended"]),
        ("on_hold", [no, no, "active", no, "active", "waiting", "active", "ended"]),
        ("ended", [no; 8]),
    ];
    for (from, row) in table {
        for (n, ((name, event), to)) in events.iter().zip(row).enumerate() {
            let call = format!("{from}-{n}");
            bring(&server, &call, from);
            let before = server.history(&call);
            let answer = server.post(&event(&call));
            if to == no {
                let code = if n == 0 { "call_exists" } else { "refused" };
                let problem = answer.is_problem(409, code);
                let told = problem["message"].as_str().unwrap_or_default();
                assert!(told.contains(name), "{name} in {from}: {told}");
                assert!(told.contains(&from.replace('_', " ")) || told.contains(from), "{told}");
                assert_eq!(server.history(&call), before, "a refusal leaves no trace");
            } else {
                answer.is(201);
                assert_eq!(server.call(&call)["status"], to, "{name} in {from}");
            }
        }
    }
}

fn an_event_of_a_call_that_never_began_is_not_found(world: &World) {
    let server = world.start();
    for event in
        [routed("x", "ana"), answered("x"), held("x"), resumed("x"), blind("x"), ended("x")]
    {
        server.post(&event).is_problem(404, "call_not_found");
    }
    server.get("/api/calls/x").is_problem(404, "call_not_found");
    server.get("/api/calls/x/events").is_problem(404, "call_not_found");
}

fn every_field_is_checked_and_each_fault_is_named(world: &World) {
    let server = world.start();
    bring(&server, "c", "active");
    let wrong = |event: Value, more: Value, code: &str, path: &[&str]| {
        let event = with(event, &more);
        server.post(&event).is_invalid(code, path);
    };
    let unknown = "invalid_union_discriminator";
    wrong(initiated("n"), json!({ "event": "call_exploded" }), unknown, &["event"]);
    wrong(initiated("n"), json!({ "event": "sla_breached" }), unknown, &["event"]);
    wrong(initiated("n"), json!({ "event": 7 }), unknown, &["event"]);
    wrong(initiated("n"), json!({ "event": null }), "invalid_type", &["event"]);
    wrong(initiated("n"), json!({ "type": "fax" }), "invalid_enum_value", &["type"]);
    wrong(initiated("n"), json!({ "type": "Voice" }), "invalid_enum_value", &["type"]);
    wrong(initiated("n"), json!({ "queueId": "nowhere" }), "unknown_queue", &["queueId"]);
    wrong(initiated("n"), json!({ "callId": 12 }), "invalid_type", &["callId"]);
    wrong(initiated("n"), json!({ "callId": "" }), "too_small", &["callId"]);
    wrong(initiated("n"), json!({ "eventId": "" }), "too_small", &["eventId"]);
    wrong(initiated("n"), json!({ "occurredAt": "soon" }), "invalid_time", &["occurredAt"]);
    wrong(initiated("n"), json!({ "occurredAt": 12 }), "invalid_type", &["occurredAt"]);
    for (event, field) in [
        (routed("c", "ana"), "routingTime"),
        (answered("c"), "waitTime"),
        (held("c"), "holdDuration"),
        (ended("c"), "duration"),
    ] {
        wrong(event.clone(), json!({ field: "12" }), "invalid_type", &[field]);
        wrong(event.clone(), json!({ field: null }), "invalid_type", &[field]);
        wrong(event.clone(), json!({ field: -0.5 }), "too_small", &[field]);
        wrong(event, json!({ field: [1] }), "invalid_type", &[field]);
    }
    wrong(ended("c"), json!({ "endReason": "bored" }), "invalid_enum_value", &["endReason"]);
    wrong(blind("c"), json!({ "kind": "warm" }), "invalid_enum_value", &["kind"]);
    wrong(blind("c"), json!({ "queueId": null }), "missing_target", &["queueId"]);
    wrong(answered("c"), json!({ "offer": 1.5 }), "invalid_type", &["offer"]);
    wrong(answered("c"), json!({ "offer": -1 }), "too_small", &["offer"]);

    let all = server.post(&json!({ "event": "call_routed" })).is_problem(400, "invalid_payload");
    assert_eq!(all["issues"].as_array().map(Vec::len), Some(3), "every fault at once: {all}");
    assert_eq!(server.types("c"), ["call_initiated", "call_answered"]);
    server.get("/api/calls/n").is_problem(404, "call_not_found");
}

fn spans_are_judged_strictly(world: &World) {
    let server = world.start();
    let flags = |event: &Value| -> Vec<String> {
        let flags = event["metadata"]["flags"].as_array().cloned().unwrap_or_default();
        flags.iter().map(|flag| flag["rule"].as_str().unwrap_or_default().to_owned()).collect()
    };
    for (n, (wait, hold, lasted, found)) in [
        (json!(30), json!(60), json!(10), [&[][..], &[], &[]]),
        (json!(0), json!(59.999), json!(1e6), [&[], &[], &[]]),
        (
            json!(31),
            json!(60.001),
            json!(9),
            [&["wait_exceeded"], &["hold_exceeded"], &["short_call"]],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let call = format!("c{n}");
        server.record(&initiated(&call));
        let told = [
            server.record(&with(answered(&call), &json!({ "waitTime": wait }))),
            server.record(&with(held(&call), &json!({ "holdDuration": hold }))),
            server.record(&with(ended(&call), &json!({ "duration": lasted }))),
        ];
        for (event, found) in told.iter().zip(found) {
            assert_eq!(flags(event), found, "{event}");
        }
        let survey = server.types(&call).contains(&"survey_requested".to_owned());
        assert_eq!(survey, found[2].is_empty());
    }
    let alerts = server.get("/api/alerts").is(200);
    let rules = alerts.as_array().into_iter().flatten().map(|alert| alert["rule"].to_string());
    assert_eq!(rules.collect::<Vec<_>>(), ["\"hold_exceeded\"", "\"wait_exceeded\""]);
    for reason in ["abandoned", "failed"] {
        bring(&server, reason, "active");
        server.record(&with(ended(reason), &json!({ "endReason": reason })));
        assert_eq!(server.types(reason).last().map(String::as_str), Some("call_ended"));
    }
}

fn an_answer_names_the_phone_that_rings(world: &World) {
    let server = world.start();
    server.record(&initiated("c"));
    server.record(&routed("c", "ana"));
    let second = server.record(&routed("c", "luis"));
    assert_eq!(second["metadata"]["offer"], 2, "a new routing replaces the offer");
    for wrong in [json!({ "agentId": "ana" }), json!({ "offer": 1 }), json!({ "offer": 3 })] {
        let problem = server.post(&with(answered("c"), &wrong)).is_problem(409, "refused");
        let told = problem["message"].as_str().unwrap_or_default();
        assert!(told.contains("waiting") && told.contains("call_answered"), "{told}");
    }
    server.record(&with(answered("c"), &json!({ "agentId": "luis", "offer": 2 })));
    assert_eq!(server.call("c")["agentId"], "luis");
}

fn what_happened_earlier_is_kept_and_shown(world: &World) {
    let server = world.start();
    let past = "2026-01-02T03:04:05.006Z";
    let event = with(initiated("c"), &json!({ "occurredAt": "2026-01-02T04:04:05.006+01:00" }));
    let stored = server.record(&event);
    assert_eq!(stored["occurredAt"], past);
    assert_ne!(stored["timestamp"], past);
    assert_eq!(server.call("c")["startTime"], past);
    assert_eq!(server.history("c")[0]["occurredAt"], past);
    let now = stored["timestamp"].as_str().unwrap_or_default();
    let year: u32 = now[..4].parse().expect("a year");
    let ahead = format!("{}{}", year + 1, &now[4..]);
    let ahead = with(answered("c"), &json!({ "occurredAt": ahead }));
    server.post(&ahead).is_invalid("invalid_time", &["occurredAt"]);
    server.record(&with(answered("c"), &json!({ "occurredAt": now })));
}

fn a_source_whose_clock_is_ahead_is_flagged_and_waits_no_negative_time(world: &World) {
    let server = world.start();
    let now = server.record(&initiated("clock"))["timestamp"].clone();
    let in_30_s = Timestamp(moment(now.as_str().expect("a time")) + 30_000);
    let ahead = json!({ "occurredAt": contract::Moment(in_30_s).to_string() });
    let opened = server.record(&with(initiated("c"), &ahead));
    assert_eq!(opened["metadata"]["flags"][0]["rule"], "clock_ahead");
    assert_eq!(server.call("c")["flags"], opened["metadata"]["flags"]);
    // The next in the chain tells the time as it is.
    let answered = server.record(&with(answered("c"), &json!({ "agentId": "ana" })));
    assert_eq!(answered["metadata"].get("flags"), None);
    server.record(&ended("c"));
    let call = server.call("c");
    assert_eq!((&call["startTime"], &call["endTime"]), (&opened["occurredAt"], &call["startTime"]));
    assert_eq!(server.get("/api/alerts").is(200), json!([]));
    let ana = server.get("/api/agents/ana").is(200);
    assert_eq!(ana["metrics"]["averageWaitSeconds"], 0);
    assert_eq!(ana["metrics"]["talkSeconds"], 0);
}

fn a_transfer_goes_where_it_says(world: &World) {
    let server = world.start();
    bring(&server, "c", "active");
    server.record(&blind("c"));
    assert_eq!(server.call("c")["queueId"], "legal_english");
    server.record(&answered("c"));
    let agent =
        json!({ "event": "call_transferred", "callId": "c", "agentId": "eva", "kind": "blind" });
    assert_eq!(server.record(&agent)["metadata"]["offer"], 1);
    let call = server.call("c");
    assert_eq!((&call["status"], &call["agentId"]), (&json!("waiting"), &json!("eva")));
    server.record(&answered("c"));
    server.record(&attended("c"));
    let call = server.call("c");
    assert_eq!((&call["status"], &call["agentId"]), (&json!("active"), &json!("luis")));
    let gone = with(blind("c"), &json!({ "queueId": "gone" }));
    server.ask(&Request::event(&gone)).is_invalid("unknown_queue", &["queueId"]);
}

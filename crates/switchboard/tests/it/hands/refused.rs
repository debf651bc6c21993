//! What a supervisor may not do, and what they are told to do instead.

use serde_json::{Value, json};

use super::{agents_changed_aside, ask, free, presence, reassign, tells};
use crate::{
    agents::put,
    dispatch::{PATIENT, patient},
    http::Request,
    keys::{make, with, works_soon},
    say::{answered, ended, initiated_in, routed, with as and},
    world::World,
};

on_every_database! {
    who_cannot_hear_it_ring_is_not_rung
    only_a_caller_who_waits_is_sent_elsewhere
    a_late_answer_is_refused_and_shown
    a_withdrawn_offer_is_answered_by_nobody_and_another_takes_the_call
    each_hand_wants_a_reason_and_says_so
    everything_that_is_wrong_is_named_at_once
}

fn who_cannot_hear_it_ring_is_not_rung(world: &World) {
    let server = patient(world);
    server.record(&initiated_in("c", PATIENT));
    put(&server, "gone", &json!({ "presence": "away", "leaseSeconds": 5 }));
    let silent = "update agents set renewed_at = renewed_at - 6000";
    let server = world.execute_between(server, silent);
    let to = |agent: &str| reassign(&server, "c", &json!({ "agentId": agent }));
    to("nobody").is_problem(404, "agent_not_found");
    put(&server, "off", &json!({}));
    tells(&to("off").is_problem(409, "agent_unavailable"), "offline");
    tells(&to("gone").is_problem(409, "agent_unavailable"), "stopped reporting");
    put(&server, "busy", &json!({ "presence": "away" }));
    server.record(&initiated_in("d", PATIENT));
    server.record(&routed("d", "busy"));
    tells(&to("busy").is_problem(409, "agent_unavailable"), "/api/agents/busy/free");
    server.record(&answered("d"));
    tells(&to("busy").is_problem(409, "agent_unavailable"), "another call");
    assert_eq!(server.types("c"), ["call_initiated"]);
    assert_eq!(agents_changed_aside(&server), json!([]));

    presence(&server, "off", "away").is(200);
    to("off").is(200);
    tells(&to("off").is_problem(409, "agent_unavailable"), "rings there already");
}

fn only_a_caller_who_waits_is_sent_elsewhere(world: &World) {
    let server = patient(world);
    put(&server, "luis", &json!({ "presence": "away" }));
    let to = json!({ "agentId": "luis" });
    reassign(&server, "c", &to).is_problem(404, "call_not_found");
    server.record(&initiated_in("c", PATIENT));
    server.record(&answered("c"));
    let problem = reassign(&server, "c", &to).is_problem(409, "refused");
    tells(&problem, "`reassign` is refused while the call is active");
    tells(&problem, "/api/agents/:id/free");
    server.record(&ended("c"));
    let problem = reassign(&server, "c", &to).is_problem(409, "refused");
    tells(&problem, "already ended");
    assert_eq!(agents_changed_aside(&server), json!([]));
}

fn a_late_answer_is_refused_and_shown(world: &World) {
    let server = patient(world);
    let adapter = make(world, "adapter", "ingest");
    works_soon(&server, &adapter);
    server.record(&initiated_in("c/1 é", PATIENT));
    server.record(&initiated_in("d", PATIENT));
    for agent in ["ana", "luis"] {
        server.record(&routed("c/1 é", agent));
    }
    let late = and(answered("c/1 é"), &json!({ "agentId": "ana", "offer": 1, "eventId": "k" }));
    let send =
        |body: &Value| server.ask(&with(Request::new("POST", "/api/events").json(body), &adapter));
    for _ in 0..2 {
        send(&late).is_problem(409, "refused");
    }
    let batch = Request::new("POST", "/api/events/batch").json(&json!([late]));
    assert_eq!(server.ask(&with(batch, &adapter)).is(200)[0]["status"], 409);
    server.record(&and(answered("c/1 é"), &json!({ "agentId": "luis", "offer": 2 })));

    let shown = server.get("/api/actions?target=c%2F1%20%C3%A9").is(200);
    let told = [("by", json!("adapter")), ("role", json!("ingest")), ("target", json!("c/1 é"))];
    for (field, value) in told {
        assert_eq!(shown[0][field], value);
    }
    assert_eq!(shown[0]["action"], "late_answer");
    let detail = json!({ "agentId": "ana", "offer": 1, "standingOffer": 2, "status": "waiting" });
    assert_eq!((&shown[0]["detail"], shown.as_array().map(Vec::len)), (&detail, Some(1)));
    assert_eq!(agents_changed_aside(&server)[0]["action"], "late_answer");
    assert_eq!(server.get("/api/actions?target=d").is(200), json!([]));
    server.get("/api/actions?target=a%0Ab").is_problem(400, "invalid_query");
    assert_eq!(
        server.types("c/1 é"),
        ["call_initiated", "call_routed", "call_routed", "call_answered"]
    );
}

fn a_withdrawn_offer_is_answered_by_nobody_and_another_takes_the_call(world: &World) {
    let server = patient(world);
    server.queue("other", &json!({ "slaSeconds": 1200, "ringSeconds": 600 }));
    let by = |agent: &str| and(answered("c"), &json!({ "agentId": agent }));
    server.record(&initiated_in("c", PATIENT));
    server.record(&routed("c", "ana"));
    reassign(&server, "c", &json!({ "queueId": "other" })).is(200);
    tells(&server.post(&by("ana")).is_problem(409, "refused"), "the offer to `ana` was withdrawn");
    server.record(&routed("c", "ben"));
    free(&server, "ben").is(200);
    server.kill();

    let server = world.start();
    for late in ["ana", "ben"] {
        tells(&server.post(&by(late)).is_problem(409, "refused"), "route the call to");
    }
    server.record(&by("luis"));
    assert_eq!(server.call("c")["agentId"], "luis");
}

fn each_hand_wants_a_reason_and_says_so(world: &World) {
    let server = patient(world);
    server.record(&initiated_in("c", PATIENT));
    put(&server, "ana", &json!({ "presence": "away" }));
    let hands = [
        ("/api/calls/c/reassign", json!({ "agentId": "ana" })),
        ("/api/calls/c/end", json!({})),
        ("/api/agents/ana/free", json!({})),
        ("/api/agents/ana/presence", json!({ "presence": "available" })),
    ];
    let long = "x".repeat(256);
    for (path, body) in &hands {
        let because = |reason: Value| and(body.clone(), &json!({ "reason": reason }));
        let missing = server.ask(&ask(path, body)).is_invalid("invalid_type", &["reason"]);
        tells(&missing, "say why");
        for (wrong, code) in [("", "too_small"), (&long, "too_big"), ("a\nb", "invalid_string")] {
            server.ask(&ask(path, &because(json!(wrong)))).is_invalid(code, &["reason"]);
        }
        for wrong in [because(json!(5)), json!([]), json!("x")] {
            server.ask(&ask(path, &wrong)).is_problem(400, "invalid_payload");
        }
        let no_key = Request::new("POST", path).json(&because(json!("because")));
        server.ask(&no_key).is_problem(401, "unauthorized");
    }
    let wrong = |path: &str, body: Value, code: &str, field: &str| {
        server.ask(&ask(path, &body)).is_invalid(code, &[field]);
    };
    let (reassign, why) = ("/api/calls/c/reassign", "because");
    wrong(reassign, json!({ "reason": why }), "missing_target", "agentId");
    let both = json!({ "agentId": "ana", "queueId": PATIENT, "reason": why });
    wrong(reassign, both, "two_targets", "queueId");
    wrong(reassign, json!({ "queueId": "nowhere", "reason": why }), "unknown_queue", "queueId");
    wrong(reassign, json!({ "agentId": "", "reason": why }), "too_small", "agentId");
    wrong("/api/agents/ana/presence", json!({ "reason": why }), "invalid_type", "presence");
    let busy = json!({ "presence": "busy", "reason": why });
    server.ask(&ask("/api/agents/ana/presence", &busy)).is_problem(400, "invalid_payload");
    server.ask(&Request::new("GET", reassign)).is_problem(405, "method_not_allowed");
    assert_eq!(server.types("c"), ["call_initiated"]);
    assert_eq!(agents_changed_aside(&server), json!([]));
    server.is_healthy();
}

fn everything_that_is_wrong_is_named_at_once(world: &World) {
    let server = patient(world);
    server.record(&initiated_in("c", PATIENT));
    let why = "required: say why, in 1 to 255 characters; it is kept with what you do";
    let wrong = json!({ "agentId": 7, "queueId": "nowhere", "because": "of her" });
    server.ask(&ask("/api/calls/c/reassign", &wrong)).names(&[
        ("invalid_type", "agentId", "a string is expected"),
        (
            "unknown_queue",
            "queueId",
            "there is no queue `nowhere`; GET /api/queues lists those there are",
        ),
        ("two_targets", "queueId", "either `agentId` or `queueId`, not both"),
        ("invalid_type", "reason", why),
        (
            "unknown_field",
            "because",
            "there is no such field; the fields are `agentId`, `queueId`, `reason`",
        ),
    ]);
    let presences = "required: `available`, `away` or `offline`";
    let reason = "there is no such field; the fields are `presence`, `reason`";
    server.ask(&ask("/api/agents/ana/presence", &json!({ "state": "away", "reason": 5 }))).names(
        &[
            ("invalid_type", "presence", presences),
            ("invalid_type", "reason", "a string is expected"),
            ("unknown_field", "state", reason),
        ],
    );
    let reason = "there is no such field; the fields are `reason`";
    for path in ["/api/calls/c/end", "/api/agents/ana/free"] {
        server
            .ask(&ask(path, &json!({ "endReason": "failed" })))
            .names(&[("invalid_type", "reason", why), ("unknown_field", "endReason", reason)]);
    }
    assert_eq!(server.types("c"), ["call_initiated"]);
}

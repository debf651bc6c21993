//! A database that refuses one row: what cannot be kept is not acknowledged, and its neighbours are.

use serde_json::{Value, json};

use crate::{
    http::Request,
    say::{initiated, routed},
    world::{World, soon},
};

on_every_database! {
    one_event_that_cannot_be_kept_does_not_hold_up_its_neighbours
    an_event_and_its_receipt_are_kept_together
    what_cannot_be_kept_is_refused_and_may_come_again
    the_log_has_the_cause_of_a_failure_under_the_id_of_its_request
}

/// Lets the database refuse a row.
fn refuse(world: &World, table: &str, condition: &str) {
    world.execute(&if world.is_shared() {
        format!(
            "create function refuse() returns trigger language plpgsql as $$ begin \
             raise exception 'refused' using errcode = '23514'; end $$; \
             create trigger refuse before insert or update on {table} for each row when ({condition}) \
             execute function refuse()"
        )
    } else {
        format!(
            "create trigger refuse before insert on {table} when {condition} \
             begin select raise(abort, 'refused'); end"
        )
    });
}

fn refuse_no_more(world: &World, table: &str) {
    let of = if world.is_shared() { format!(" on {table}") } else { String::new() };
    world.execute(&format!("drop trigger refuse{of}"));
}

fn one_event_that_cannot_be_kept_does_not_hold_up_its_neighbours(world: &World) {
    only_what_is_kept_is_acknowledged(world).unwrap_or_else(|why| panic!("{why}"));
}

/// A batch with events that the database refuses: whoever was told 201 finds the event there.
pub(crate) fn only_what_is_kept_is_acknowledged(world: &World) -> Result<(), String> {
    let server = world.start();
    for n in 0..20 {
        server.record(&initiated(&format!("c{n}")));
    }
    refuse(world, "call_events", "new.metadata like '%spoiled%'");
    let spoiled = |n: usize| n % 7 == 3;
    let events = (0..20).map(|n| {
        let agent = if spoiled(n) { "spoiled" } else { "ana" };
        routed(&format!("c{n}"), agent)
    });
    let batch = Value::Array(events.collect());
    let answers = server.ask(&Request::post("/api/events/batch").json(&batch)).is(200);
    for n in 0..20 {
        let call = format!("c{n}");
        let answer = &answers[n];
        let kept = world.rows(&format!(
            "select e.seq from call_events e join calls c on c.no = e.call_no \
             where c.id = '{call}' and e.type = 'call_routed'"
        ));
        if (answer["status"] == 201) == kept.is_empty() {
            return Err(format!("`{call}` was told {answer}, but kept are {kept:?}"));
        }
        if spoiled(n) == (answer["status"] == 201) {
            return Err(format!("`{call}` was told {answer}"));
        }
    }
    server.is_healthy();
    Ok(())
}

fn an_event_and_its_receipt_are_kept_together(world: &World) {
    both_or_neither(world).unwrap_or_else(|why| panic!("{why}"));
}

/// Where a receipt cannot be kept, the event is not: the client may send it again.
pub(crate) fn both_or_neither(world: &World) -> Result<(), String> {
    let server = world.start();
    server.record(&initiated("c"));
    refuse(world, "call_events", "new.key = 'k'");
    let request = Request::event(&routed("c", "ana")).key("k");
    let refused = server.ask(&request);
    if refused.status < 500 {
        return Err(format!("without a receipt it was told {}", refused.text()));
    }
    refuse_no_more(world, "call_events");
    let again = server.ask(&request);
    let types = server.types("c");
    if again.status != 201 || types != ["call_initiated", "call_routed"] {
        return Err(format!("sent twice under one key: {} and {types:?}", again.text()));
    }
    server.ask(&request).is(201);
    Ok(())
}

fn what_cannot_be_kept_is_refused_and_may_come_again(world: &World) {
    let server = world.start();
    server.record(&initiated("c"));
    refuse(world, "calls", "new.id = 'refused'");
    let answer = server.post(&initiated("refused"));
    let problem = answer.is_problem(500, "internal");
    assert!(!problem.to_string().contains("trigger"), "nothing of the inside is told: {problem}");
    refuse_no_more(world, "calls");
    assert_eq!(server.record(&initiated("refused"))["seq"], json!(1));
}

fn the_log_has_the_cause_of_a_failure_under_the_id_of_its_request(world: &World) {
    let server = world.start_with(&[("LOG_FORMAT", "json")], &[]);
    server.record(&initiated("c"));
    refuse(world, "calls", "new.id = 'refused'");
    let event = initiated("refused");
    let one = Request::event(&event).header("X-Request-Id", "one-4711");
    server.ask(&one).is_problem(500, "internal");
    let batch = Request::post("/api/events/batch").json(&json!([event, routed("c", "ana")]));
    let answers = server.ask(&batch.header("X-Request-Id", "many-4711")).is(200);
    assert_eq!((&answers[0]["status"], &answers[1]["status"]), (&json!(500), &json!(201)));
    for id in ["one-4711", "many-4711"] {
        let line = logged(world, id);
        assert_eq!(line["problem.code"], "internal", "{line}");
        assert_eq!(line["method"], "POST", "{line}");
        assert!(line["error"].as_str().is_some_and(|it| it.contains("refused")), "{line}");
    }
}

#[test]
fn the_log_has_the_cause_why_the_store_is_away_under_the_id_of_the_request() {
    let world = World::sqlite();
    let server = world.start_with(&[("LOG_FORMAT", "json")], &[]);
    let (path, aside) = (world.dir.path().join("switchboard.db"), world.dir.path().join("aside"));
    std::fs::rename(&path, &aside).expect("it is moved");
    let event = Request::event(&initiated("c")).header("X-Request-Id", "away-4711");
    assert_eq!(server.ask(&event).is(503)["code"], "store_away");
    let health = Request::get("/health").header("X-Request-Id", "health-4711");
    server.ask(&health).is_problem(503, "store_away");
    std::fs::rename(&aside, &path).expect("it is moved back");
    for id in ["away-4711", "health-4711"] {
        let line = logged(&world, id);
        assert_eq!(line["problem.code"], "store_away", "{line}");
        assert!(line["error"].as_str().is_some_and(|it| !it.is_empty()), "{line}");
    }
}

/// The line of the log with this request's id; at the default level there is one.
fn logged(world: &World, id: &str) -> Value {
    soon("a line of the log", || {
        let log = world.log();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let lines = lines.filter(|line| line["request.id"] == id).collect::<Vec<_>>();
        assert!(lines.len() < 2, "it is told once: {lines:?}");
        lines.into_iter().next()
    })
}

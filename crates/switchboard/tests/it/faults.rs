//! A database that refuses one row: what cannot be kept is not acknowledged, and its neighbours are.

use serde_json::{Value, json};

use crate::{
    http::Request,
    say::{initiated, routed},
    world::World,
};

on_every_database! {
    one_event_that_cannot_be_kept_does_not_hold_up_its_neighbours
    an_event_and_its_receipt_are_kept_together
    what_cannot_be_kept_is_refused_and_may_come_again
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

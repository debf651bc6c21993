//! Many at once about the same call: there is one order, and everyone is told the truth.

use std::{
    collections::HashSet,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use reconcile::{Promises, fold};
use serde_json::{Value, json};

use crate::{
    http::{Answer, Line, Request},
    load::Chance,
    say::{answered, ended, held, initiated, initiated_in, routed, with},
    world::{Server, World, soon},
};

on_every_database! {
    ten_identical_openings_at_once_are_one_call
    one_key_at_once_is_one_event
    a_call_that_ends_while_it_is_held_is_ended
    fifty_writers_leave_no_gap
    an_answer_and_the_end_of_ringing_never_both_happen
    who_hangs_up_neither_undoes_nor_tears_anything
}

/// Sends all of them at the same moment, spread over the servers.
pub(crate) fn at_once(servers: &[&Server], requests: &[Request]) -> Vec<Answer> {
    let barrier = Barrier::new(requests.len());
    thread::scope(|scope| {
        let asking = requests.iter().zip(servers.iter().cycle()).map(|(request, server)| {
            let (barrier, mut line) = (&barrier, server.line());
            scope.spawn(move || {
                barrier.wait();
                line.ask(request).expect("an answer")
            })
        });
        let asking = asking.collect::<Vec<_>>();
        asking.into_iter().map(|it| it.join().expect("no panic")).collect()
    })
}

/// One server, or two on one database.
pub(crate) fn all_that_may(world: &World) -> Vec<Server> {
    (0..=u8::from(world.is_shared())).map(|_| world.start()).collect()
}

fn ten_identical_openings_at_once_are_one_call(world: &World) {
    let servers = all_that_may(world);
    let servers = servers.iter().collect::<Vec<_>>();
    for round in 0..10 {
        let call = format!("c{round}");
        let answers = at_once(&servers, &vec![Request::event(&initiated(&call)); 10]);
        let told = answers.iter().map(|it| it.is(201).to_string()).collect::<HashSet<_>>();
        assert_eq!(told.len(), 1, "ten equal answers: {told:?}");
        let replayed = answers.iter().filter(|it| it.header("idempotency-replayed").is_some());
        assert_eq!(replayed.count(), 9);
        assert_eq!(servers[0].types(&call), ["call_initiated"]);
    }
    assert_eq!(world.rows("select no from calls").len(), 10);
    assert_eq!(world.rows("select seq from call_events").len(), 10);
}

fn one_key_at_once_is_one_event(world: &World) {
    let servers = all_that_may(world);
    let servers = servers.iter().collect::<Vec<_>>();
    servers[0].record(&initiated("c"));
    for round in 0..10 {
        let key = format!("k{round}");
        let same = vec![Request::event(&routed("c", "ana")).key(&key); 8];
        let told = at_once(&servers, &same).iter().map(|it| it.is(201).to_string()).collect();
        assert_eq!(HashSet::<String>::len(&told), 1, "{told:?}");

        let other = |n| Request::event(&routed("c", &format!("agent-{n}"))).key(&format!("o{key}"));
        let answers = at_once(&servers, &(0..8).map(other).collect::<Vec<_>>());
        let count = |status| answers.iter().filter(|it| it.status == status).count();
        assert_eq!((count(201), count(422)), (1, 7), "one wins, the others are told");
    }
    assert_eq!(servers[0].history("c").len(), 21);
}

fn a_call_that_ends_while_it_is_held_is_ended(world: &World) {
    let servers = all_that_may(world);
    let servers = servers.iter().collect::<Vec<_>>();
    for round in 0..40 {
        let call = format!("c{round}");
        servers[0].record(&initiated(&call));
        servers[0].record(&answered(&call));
        let answers =
            at_once(&servers, &[Request::event(&held(&call)), Request::event(&ended(&call))]);
        answers[1].is(201);
        assert!([201, 409].contains(&answers[0].status), "{}", answers[0].text());
        assert_eq!(servers[0].call(&call)["status"], "ended");
        let held = servers[0].types(&call).contains(&"call_hold".to_owned());
        assert_eq!(held, answers[0].status == 201);
    }
}

fn fifty_writers_leave_no_gap(world: &World) {
    let servers = all_that_may(world);
    servers[0].record(&initiated("c"));
    thread::scope(|scope| {
        for writer in 0..50 {
            let server = &servers[writer % servers.len()];
            scope.spawn(move || {
                let mut line = server.line();
                for n in 0..6 {
                    let key = format!("{writer}-{n}");
                    let request = Request::event(&routed("c", &key)).key(&key);
                    // A call that another process holds may be busy for a moment.
                    soon("an acknowledgement", || {
                        let answer = line.ask(&request).expect("an answer");
                        assert!([201, 503].contains(&answer.status), "{}", answer.text());
                        (answer.status == 201).then_some(())
                    });
                }
            });
        }
    });
    let history = servers[0].history("c");
    let seqs = history.iter().map(|it| it["seq"].as_u64().unwrap_or(0)).collect::<Vec<_>>();
    assert_eq!(seqs, (1..=301).collect::<Vec<_>>());
    let agents = history.iter().filter_map(|it| it["metadata"]["agentId"].as_str());
    assert_eq!(agents.collect::<HashSet<_>>().len(), 300);
    assert_eq!(servers[0].call("c")["version"], 301);
}

fn an_answer_and_the_end_of_ringing_never_both_happen(world: &World) {
    answered_or_rerouted(world).unwrap_or_else(|why| panic!("{why}"));
}

/// Answers race the ring timer, again and again: each call is answered or goes back to waiting.
pub(crate) fn answered_or_rerouted(world: &World) -> Result<(), String> {
    const RING_MS: u64 = 40;
    let server = world.start();
    server.queue("quick", &json!({ "ringSeconds": 0.04, "slaSeconds": 600 }));
    let mut chance = Chance::new();
    let answers = thread::scope(|scope| {
        let racers = (0..6).map(|racer| {
            let (server, mut chance) = (&server, chance.fork());
            scope.spawn(move || race(server, racer, RING_MS, &mut chance))
        });
        let racers = racers.collect::<Vec<_>>();
        racers.into_iter().flat_map(|it| it.join().expect("no panic")).collect::<Vec<_>>()
    });
    // Whatever is still to fire does so before the histories are read.
    soon("the end of the ringing", || {
        world.rows("select no from calls where ring_due_at is not null").is_empty().then_some(())
    });
    thread::sleep(Duration::from_millis(100));
    let promises = |_: &str| Some(Promises { sla: 600_000, ring: 40, hold: 60_000 });
    let mut wins = [0, 0];
    for (call, status) in answers {
        let history = world.rows(&format!(
            "select e.call_no, e.seq, e.type, e.timestamp, e.metadata from call_events e \
             join calls c on c.no = e.call_no where c.id = '{call}' order by e.seq"
        ));
        let folded = fold(&history, &promises)?;
        let rerouted = history.iter().any(|event| event["type"] == "call_retransfer");
        let expected = match status {
            201 => ("active", false),
            409 => ("waiting", true),
            other => return Err(format!("`{call}` was answered with {other}")),
        };
        if (folded.status, rerouted) != expected {
            return Err(format!("`{call}` was told {status}, but its history is {history:?}"));
        }
        wins[usize::from(rerouted)] += 1;
    }
    if wins.contains(&0) {
        return Err(format!("no race: {wins:?} were answered and re-routed"));
    }
    Ok(())
}

fn race(server: &Server, racer: usize, ring_ms: u64, chance: &mut Chance) -> Vec<(String, u16)> {
    let mut line = server.line();
    let mut done = Vec::new();
    for round in 0..20 {
        let call = format!("race-{racer}-{round}");
        let ask = |line: &mut Line, event: &Value| {
            line.ask(&Request::event(event)).expect("an answer").status
        };
        ask(&mut line, &initiated_in(&call, "quick"));
        let rang = Instant::now();
        ask(&mut line, &routed(&call, "ana"));
        // Somewhere around the moment at which the phone stops ringing.
        let after = Duration::from_millis(ring_ms - 8 + chance.below(26));
        thread::sleep(after.saturating_sub(rang.elapsed()));
        let event = with(answered(&call), &json!({ "agentId": "ana", "offer": 1 }));
        done.push((call.clone(), ask(&mut line, &event)));
    }
    done
}

fn who_hangs_up_neither_undoes_nor_tears_anything(world: &World) {
    let server = world.start();
    for n in 0..30 {
        let mut line = server.line();
        line.say(&Request::event(&initiated(&format!("whole-{n}"))).bytes()).expect("heard");
        drop(line);
        let half = Request::event(&initiated(&format!("half-{n}"))).bytes();
        let mut line = server.line();
        line.say(&half[..half.len() - 10]).expect("heard");
        drop(line);
    }
    for n in 0..30 {
        // What was sent whole is recorded, though nobody waits for the answer; sent again, it is
        // there once.
        let call = format!("whole-{n}");
        soon("what was sent whole", || {
            (server.get(&format!("/api/calls/{call}")).status == 200).then_some(())
        });
        server.record(&initiated(&call));
        assert_eq!(server.types(&call), ["call_initiated"]);
        server.get(&format!("/api/calls/half-{n}")).is_problem(404, "call_not_found");
    }
    server.is_healthy();
}

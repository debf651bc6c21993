//! A storm of arrivals, answers, missed calls, presence changes and kills: nobody ever has two calls,
//! nobody is forgotten, and nobody is stuck.

use std::{
    sync::{
        RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    agents::put,
    http::{Line, Request},
    load::Chance,
    say::{answered, ended, initiated_in, with},
    world::{Server, World, eventually},
};

on_every_database! {
    nobody_is_offered_two_calls_and_nobody_is_forgotten
}

fn nobody_is_offered_two_calls_and_nobody_is_forgotten(world: &World) {
    storm(world, Duration::from_secs(6)).unwrap_or_else(|why| panic!("{why}"));
}

const AGENTS: usize = 8;
const QUEUES: [&str; 3] = ["q0", "q1", "q2"];

/// Arrivals, answers, missed calls, presence changes and kills, on one server or on two of one
/// database. Afterwards the record itself is asked whether anybody ever had two calls, and whether
/// everybody gets calls again.
pub(crate) fn storm(world: &World, lasts: Duration) -> Result<(), String> {
    let mut chance = Chance::new();
    let mut servers = (0..=u8::from(world.is_shared())).map(|_| world.start()).collect::<Vec<_>>();
    let promises = json!({ "slaSeconds": 600, "ringSeconds": 0.3, "maxReroutes": 1000 });
    for queue in QUEUES {
        servers[0].queue(queue, &promises);
    }
    for n in 0..AGENTS {
        let queues = json!([QUEUES[n % 3], QUEUES[(n + 1) % 3]]);
        let registered = json!({ "queues": queues, "presence": "available" });
        put(&servers[0], &format!("agent-{n}"), &registered);
    }
    let addresses = RwLock::new(addresses(&servers));
    let (calls, over) = (AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for part in 0..3 {
            let (chance, addresses) = (chance.fork(), &addresses);
            let (calls, over) = (&calls, &over);
            scope.spawn(move || play(part, chance, addresses, calls, over));
        }
        let ends = Instant::now() + lasts;
        while Instant::now() < ends {
            thread::sleep(Duration::from_millis(1_200));
            let forgotten = forgotten(world);
            if !forgotten.is_empty() {
                over.store(true, Ordering::Relaxed);
                return Err(format!("calls wait beside idle agents: {forgotten:?}"));
            }
            let fallen = pick(&mut chance, servers.len());
            servers.remove(fallen).kill();
            servers.push(world.start());
            *addresses.write().expect("no panic") = self::addresses(&servers);
        }
        over.store(true, Ordering::Relaxed);
        Ok(())
    })?;
    nobody_had_two_calls(world)?;
    everybody_gets_calls_again(&servers[0])
}

/// One of so many.
fn pick(chance: &mut Chance, of: usize) -> usize {
    let of = u64::try_from(of).unwrap_or(1);
    usize::try_from(chance.below(of)).unwrap_or(0)
}

fn addresses(servers: &[Server]) -> Vec<String> {
    servers.iter().map(|server| server.address.clone()).collect()
}

/// One of the players: callers, phones that answer or do not, and people who come and go.
fn play(
    part: u64,
    mut chance: Chance,
    addresses: &RwLock<Vec<String>>,
    calls: &AtomicU64,
    over: &AtomicBool,
) {
    while !over.load(Ordering::Relaxed) {
        let address = {
            let addresses = addresses.read().expect("no panic");
            addresses[pick(&mut chance, addresses.len())].clone()
        };
        // A server that was just killed answers nothing; the next one does.
        let Ok(mut line) = Line::to(&address) else { continue };
        for _ in 0..20 {
            let request = match part {
                0 => {
                    let call = calls.fetch_add(1, Ordering::Relaxed) + 1;
                    let queue = QUEUES[pick(&mut chance, 3)];
                    Request::event(&initiated_in(&format!("call-{call}"), queue))
                }
                1 if chance.below(5) == 0 => supervisor(calls.load(Ordering::Relaxed), &mut chance),
                1 => {
                    let n = pick(&mut chance, AGENTS);
                    let presence = ["available", "available", "available", "away"];
                    let said = json!({ "presence": presence[pick(&mut chance, 4)] });
                    Request::put(&format!("/api/agents/agent-{n}")).json(&said)
                }
                _ => {
                    let Ok(answer) = line.ask(&Request::get("/api/calls?limit=60")) else { break };
                    let open = answer.is(200);
                    let Some(next) = open.as_array().and_then(|it| phone(it, &mut chance)) else {
                        continue;
                    };
                    Request::event(&next)
                }
            };
            if line.ask(&request).is_err() {
                break;
            }
            thread::sleep(Duration::from_millis(chance.below(12)));
        }
    }
}

/// Somebody moves calls and frees agents, whether that makes sense or not.
fn supervisor(calls: u64, chance: &mut Chance) -> Request {
    let agent = format!("agent-{}", pick(chance, AGENTS));
    let call = calls.saturating_sub(chance.below(10));
    let (path, to) = match chance.below(3) {
        0 => (format!("/api/agents/{agent}/free"), json!({})),
        1 => (format!("/api/calls/call-{call}/reassign"), json!({ "agentId": agent })),
        _ => (format!("/api/calls/call-{call}/reassign"), json!({ "queueId": QUEUES[0] })),
    };
    Request::post(&path).json(&with(json!({ "reason": "a storm" }), &to))
}

/// What one of the open calls does next.
fn phone(open: &[Value], chance: &mut Chance) -> Option<Value> {
    let busy = open.iter().filter(|it| it.get("agentId").is_some() && it["status"] != "ended");
    let busy = busy.collect::<Vec<_>>();
    let call = busy.get(pick(chance, busy.len().max(1)))?;
    let id = call["id"].as_str()?;
    Some(match (call["status"].as_str()?, chance.below(10)) {
        ("waiting", 0) => with(ended(id), &json!({ "endReason": "abandoned" })),
        ("waiting", _) => answered(id),
        (_, 0) => json!({ "event": "call_transferred", "callId": id, "queueId": "q1",
            "kind": "blind" }),
        _ => ended(id),
    })
}

/// Calls that have waited for a second while somebody of their queue was idle for as long. The last
/// server was started more than one second ago.
fn forgotten(world: &World) -> Vec<Value> {
    let now = if world.is_shared() {
        "trunc(extract(epoch from clock_timestamp()) * 1000)"
    } else {
        "unixepoch('subsec') * 1000"
    };
    world.rows(&format!(
        "select c.id, a.id as agent from calls c join agent_queues q on q.queue_id = c.queue_id \
         join agents a on a.id = q.agent_id where c.status = 'waiting' and c.agent_id is null \
         and a.presence = 'available' and c.moved_at < {now} - 1000 \
         and a.idle_since < {now} - 1000 and not exists (select 1 from calls o \
         where o.agent_id = a.id and o.end_time is null and o.moved_at < {now})"
    ))
}

/// Reads from the record whether anybody was ever offered two calls at once, or a call to two.
fn nobody_had_two_calls(world: &World) -> Result<(), String> {
    let rows = world.rows(
        "select call_no, seq, type, timestamp, metadata from call_events order by call_no, seq",
    );
    let engaged = engagements(&rows)?;
    eprintln!("{} engagements", engaged.len());
    if engaged.len() < 20 {
        return Err(format!("the storm was a breeze: {} engagements", engaged.len()));
    }
    one_at_a_time(engaged)
}

/// An agent has a call: who, since when, until when, and the call's number.
type Engaged = (String, i64, i64, i64);

/// The times every agent was engaged, of histories that lie one after the other. Here only dispatch
/// offers a call, and never one that somebody has: where it did, two made the same offer.
fn engagements(rows: &[Value]) -> Result<Vec<Engaged>, String> {
    let mut engaged = Vec::new();
    let mut holder = None::<(i64, String, i64)>;
    for row in rows.iter().chain([&json!({ "call_no": -1 })]) {
        let (no, at) = (row["call_no"].as_i64().unwrap_or(0), row["timestamp"].as_i64());
        let kind = row["type"].as_str().unwrap_or_default();
        let metadata =
            row["metadata"].as_str().and_then(|it| serde_json::from_str::<Value>(it).ok());
        let metadata = metadata.unwrap_or_default();
        if let Some((of, agent, since)) = &holder
            && (*of != no
                || ["call_routed", "call_retransfer", "call_transferred", "call_ended"]
                    .contains(&kind))
        {
            if *of == no && kind == "call_routed" && metadata["by"] == "dispatch" {
                let other = &metadata["agentId"];
                return Err(format!("{agent} had call number {no}; it was offered to {other} too"));
            }
            let until = if *of == no { at.unwrap_or(i64::MAX) } else { i64::MAX };
            engaged.push((agent.clone(), *since, until, *of));
            holder = None;
        }
        if kind == "call_routed" {
            let agent = metadata["agentId"].as_str().map(str::to_owned);
            holder = agent.zip(at).map(|(agent, at)| (no, agent, at));
        }
    }
    Ok(engaged)
}

fn one_at_a_time(mut engaged: Vec<Engaged>) -> Result<(), String> {
    engaged.sort();
    for pair in engaged.windows(2) {
        let [(agent, since, until, call), (other, next, _, next_call)] = pair else { continue };
        if agent == other && next < until {
            return Err(format!(
                "{agent} had call number {call} from {since} to {until}, and number {next_call} at {next}"
            ));
        }
    }
    Ok(())
}

/// What is said of a history: each event with its call's number, its moment and what it says.
fn judged(history: &[(i64, &str, i64, Value)]) -> Result<(), String> {
    let row = |(no, kind, at, said): &(i64, &str, i64, Value)| json!({ "call_no": no, "type": kind, "timestamp": at, "metadata": said.to_string() });
    one_at_a_time(engagements(&history.iter().map(row).collect::<Vec<_>>())?)
}

fn offers(call: i64, agent: &str, at: i64) -> (i64, &'static str, i64, Value) {
    (call, "call_routed", at, json!({ "agentId": agent, "by": "dispatch" }))
}

#[test]
fn one_call_offered_to_two_agents_is_found() {
    let taken_back = (1, "call_retransfer", 15, json!({ "agentId": "ana" }));
    assert_eq!(judged(&[offers(1, "ana", 10), taken_back, offers(1, "luis", 20)]), Ok(()));
    let told = judged(&[offers(1, "ana", 10), offers(1, "luis", 10)]);
    assert!(told.is_err_and(|why| why.contains("offered to \"luis\" too")));
    // Twice to the same agent is what two copies of the server would do, just as well.
    assert!(judged(&[offers(1, "ana", 10), offers(1, "ana", 20)]).is_err());
}

#[test]
fn one_agent_with_two_calls_is_found() {
    let over = (1, "call_ended", 20, json!({}));
    assert_eq!(judged(&[offers(1, "ana", 10), over.clone(), offers(2, "ana", 20)]), Ok(()));
    let told = judged(&[offers(1, "ana", 10), over, offers(2, "ana", 19)]);
    assert!(told.is_err_and(|why| why.contains("number 2 at 19")));
}

/// Everybody hangs up; then each agent gets a call again.
fn everybody_gets_calls_again(server: &Server) -> Result<(), String> {
    let quiet = eventually(Duration::from_secs(30), || {
        let mut open = 0;
        for status in ["waiting", "active", "on_hold"] {
            let calls = server.get(&format!("/api/calls?limit=1000&status={status}")).is(200);
            for call in calls.as_array().into_iter().flatten() {
                open += 1;
                server.post(&ended(call["id"].as_str().unwrap_or_default()));
            }
        }
        (open == 0).then_some(())
    });
    quiet.ok_or("calls that cannot be ended")?;
    for queue in QUEUES {
        server.queue(queue, &json!({ "ringSeconds": 600 }));
    }
    for n in 0..AGENTS {
        put(server, &format!("agent-{n}"), &json!({ "presence": "available" }));
    }
    for n in 0..AGENTS {
        server.record(&initiated_in(&format!("last-{n}"), QUEUES[n % 3]));
    }
    let offered = || {
        let agents = server.get("/api/agents").is(200);
        let states = agents.as_array().into_iter().flatten().map(|it| it["state"].clone());
        states.filter(|state| state == "offered").count()
    };
    let reached = |n: usize| (n == AGENTS).then_some(());
    eventually(Duration::from_secs(20), || reached(offered()))
        .ok_or_else(|| format!("only {} of {AGENTS} agents get calls again", offered()))
}

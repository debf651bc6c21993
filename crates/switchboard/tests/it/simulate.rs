//! A simulated day, played by the executable against a server: what it says at the end is what the
//! record shows.

use std::{
    collections::BTreeMap,
    process::{Child, Command, Output, Stdio},
};

use serde_json::{Value, json};

use crate::world::{Server, World, soon};

on_every_database! {
    a_day_that_the_server_routes_is_as_it_is_told
    a_day_that_is_routed_from_outside_is_as_it_is_told
    an_interrupt_hangs_up_and_signs_off
    a_day_is_not_played_twice_over_its_own_calls
    what_cannot_be_played_is_told
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_switchboard");
/// Queues in which a phone that is let ring rings for a moment of the simulated day, too.
const QUEUES: [&str; 2] = ["day", "night"];

fn quick(world: &World) -> Server {
    let server = world.start();
    for queue in QUEUES {
        server.queue(queue, &json!({ "ringSeconds": 1 }));
    }
    server
}

fn command(world: &World, server: &Server, words: &str) -> Command {
    let url = format!("http://{}", server.address);
    // The key is among the settings of the world.
    let mut command =
        world.command(&["timeout", "--foreground", "100", PROGRAM, "simulate", "--url", &url]);
    command.args(words.split_whitespace());
    command
}

#[track_caller]
fn play(world: &World, server: &Server, words: &str) -> String {
    let Output { status, stdout, stderr } =
        command(world, server, words).output().expect("the executable runs");
    let (told, complained) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{status}:\n{told}\n{complained}");
    told.into_owned()
}

/// The numbers in the line that begins with that name.
#[track_caller]
fn row(told: &str, name: &str) -> Vec<u64> {
    let line = told.lines().find(|line| line.trim_start().starts_with(name));
    let line = line.unwrap_or_else(|| panic!("no line `{name}` in:\n{told}")).trim_start();
    line[name.len()..].split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

fn number(told: &str, name: &str, column: usize) -> usize {
    row(told, name).get(column).map_or(0, |count| usize::try_from(*count).unwrap_or(0))
}

/// Every history of the server, by call.
fn histories(server: &Server) -> BTreeMap<String, Vec<Value>> {
    let calls = server.get("/api/calls?limit=1000").is(200);
    let ids = calls.as_array().into_iter().flatten().filter_map(|call| call["id"].as_str());
    ids.map(|id| (id.to_owned(), server.history(id))).collect()
}

fn count(histories: &BTreeMap<String, Vec<Value>>, is_meant: impl Fn(&Value) -> bool) -> usize {
    histories.values().flatten().filter(|event| is_meant(event)).count()
}

fn is(kind: &str) -> impl Fn(&Value) -> bool {
    move |event| event["type"] == kind
}

fn agents(server: &Server) -> Vec<Value> {
    server.get("/api/agents").is(200).as_array().cloned().unwrap_or_default()
}

fn ended(server: &Server, reason: &str) -> usize {
    count(&histories(server), |event| {
        event["type"] == "call_ended" && event["metadata"]["endReason"] == reason
    })
}

fn a_day_that_the_server_routes_is_as_it_is_told(world: &World) {
    let server = quick(world);
    let told = play(
        world,
        &server,
        "--seed 11 --speed 120 --calls 60 --from 9 --to 10 --queues day,night --missed 25",
    );
    assert!(told.contains("The server shows exactly that (60 calls, 60 histories"), "{told}");
    let histories = histories(&server);
    assert_eq!(histories.len(), 60);
    for kind in ["call_initiated", "call_answered", "call_hold", "call_resumed", "call_ended"] {
        assert_eq!(count(&histories, is(kind)), number(&told, kind, 0), "{kind}\n{told}");
    }
    for (column, reason) in [(1, "completed"), (2, "abandoned"), (3, "failed")] {
        let told = QUEUES.map(|queue| number(&told, queue, column)).iter().sum::<usize>();
        assert_eq!(ended(&server, reason), told, "{reason}");
    }
    // Every call was routed by the server, and who picked up is who was offered it.
    let outside = |event: &Value| is("call_routed")(event) && event["metadata"]["by"] != "dispatch";
    assert_eq!(count(&histories, outside), 0);
    let agents = agents(&server);
    assert!(agents.iter().all(|it| it["presence"] == "offline" && it.get("callId").is_none()));
    let mut missed = 0;
    for agent in &agents {
        let id = agent["id"].as_str().expect("an id");
        let answered = |it: &Value| is("call_answered")(it) && it["metadata"]["agentId"] == id;
        let name = agent["name"].as_str().expect("a name");
        let [picked_up, let_ring, _] = row(&told, id)[..] else { panic!("no row {id}:\n{told}") };
        assert_eq!(count(&histories, answered), usize::try_from(picked_up).unwrap_or(0), "{id}");
        assert!(told.contains(name), "{name}");
        missed += usize::try_from(let_ring).unwrap_or(0);
    }
    let taken_back = count(&histories, is("call_retransfer"));
    assert!(0 < missed && missed <= taken_back, "{missed} of {taken_back}\n{told}");
}

fn a_day_that_is_routed_from_outside_is_as_it_is_told(world: &World) {
    let server = world.start();
    let words = "--seed 3 --speed max --calls 150 --external-routing";
    let told = play(world, &server, words);
    assert!(told.contains("The server shows exactly that (150 calls, 150 histories)"), "{told}");
    let first = histories(&server);
    for kind in ["call_initiated", "call_routed", "call_answered", "call_ended"] {
        assert_eq!(count(&first, is(kind)), number(&told, kind, 0), "{kind}\n{told}");
    }
    assert!(agents(&server).iter().all(|agent| agent["queues"] == json!([])));
    // Played again over its own calls it changes nothing.
    let again = play(world, &server, words);
    assert!(again.contains("changed nothing"), "{again}");
    assert_eq!(histories(&server), first);
}

/// A child that is gone when the test is.
struct Playing(Child);

impl Drop for Playing {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn an_interrupt_hangs_up_and_signs_off(world: &World) {
    let server = quick(world);
    let mut command = command(world, &server, "--seed 4 --speed 20 --queues day,night");
    // In the foreground `timeout` passes the signal on once; a second would end it at once.
    let playing = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut playing = Playing(playing.expect("the executable starts"));
    soon("calls that are talked", || {
        let active = server.get("/api/calls?status=active").is(200);
        (3 <= active.as_array().map_or(0, Vec::len)).then_some(())
    });
    let pid = playing.0.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill runs").success());
    let mut told = String::new();
    let out = playing.0.stdout.as_mut().expect("it is piped");
    std::io::Read::read_to_string(out, &mut told).expect("it is text");
    assert!(playing.0.wait().expect("it ends").success(), "{told}");
    assert!(told.contains("Broken off at") && told.contains("The server shows exactly"), "{told}");
    for status in ["waiting", "active", "on_hold"] {
        assert_eq!(server.get(&format!("/api/calls?status={status}")).is(200), json!([]));
    }
    assert!(agents(&server).iter().all(|it| it["presence"] == "offline"));
}

fn a_day_is_not_played_twice_over_its_own_calls(world: &World) {
    let server = quick(world);
    let words = "--seed 5 --speed 100 --calls 1 --queues day,fresh";
    play(world, &server, words);
    // A queue that it makes leaves time to wrap up: 20 s of its day. One that was there is left alone.
    let wrap_up =
        |queue: &str| server.get(&format!("/api/queues/{queue}")).is(200)["wrapUpSeconds"].clone();
    assert_eq!((wrap_up("fresh"), wrap_up("day")), (json!(0.2), json!(0)));
    let again = command(world, &server, words).output().expect("the executable runs");
    let why = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(!again.status.success() && why.contains("was played before"), "{why}");
}

fn what_cannot_be_played_is_told(world: &World) {
    let server = world.start();
    let why = |words: &str| {
        let output = command(world, &server, words).output().expect("the executable runs");
        assert!(!output.status.success(), "{words}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(why("--speed max").contains("--external-routing"));
    assert!(why("--missed 101").contains("from 0 to 100"));
    assert!(why("--key wrong").contains("does not take this key"));
}

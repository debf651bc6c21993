//! Keys with names and roles: made beside a running server, used, rotated and revoked; and the
//! record of what was done with them.

use std::{fs, process::Output};

use serde_json::{Value, json};

use crate::{
    http::{KEY, Request},
    say::{answered, initiated},
    world::{Server, World, soon},
};

on_every_database! {
    a_key_is_made_used_and_revoked_while_the_server_runs
    each_role_does_its_own_work_and_no_other
    a_rotated_key_gives_way_to_the_new_one
    what_people_do_is_recorded_with_the_name_of_their_key
    a_socket_ends_with_its_key
    a_key_is_nowhere_in_clear
    what_no_key_can_be_is_refused_with_a_sentence
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// Runs `switchboard keys`, and returns the key it prints.
#[track_caller]
fn keys(world: &World, words: &[&str]) -> String {
    let (status, out, err) = said(&world.run(&[&["keys"], words].concat()));
    assert_eq!(status, Some(0), "{err}");
    out
}

#[track_caller]
pub(crate) fn make(world: &World, name: &str, role: &str) -> String {
    let key = keys(world, &["make", name, "--role", role]);
    assert!(key.starts_with(&format!("sb_{role}_")) && !key.contains(char::is_whitespace));
    key
}

pub(crate) fn with(request: Request, key: &str) -> Request {
    request.header("X-API-Key", key)
}

fn me(server: &Server, key: &str) -> Option<Value> {
    let answer = server.ask(&with(Request::get("/api/me"), key));
    if answer.status == 401 {
        answer.is_problem(401, "unauthorized");
        return None;
    }
    Some(answer.is(200))
}

#[track_caller]
pub(crate) fn works_soon(server: &Server, key: &str) -> Value {
    soon("the key works", || me(server, key))
}

#[track_caller]
fn ends_soon(server: &Server, key: &str) {
    soon("the key works no longer", || me(server, key).is_none().then_some(()));
}

fn event(key: &str, call: &str) -> Request {
    with(Request::new("POST", "/api/events").json(&initiated(call)), key)
}

fn a_key_is_made_used_and_revoked_while_the_server_runs(world: &World) {
    let server = world.start();
    // Copies share a database, not a directory.
    let copy = world.is_shared().then(|| world.start());
    let servers = || [&server].into_iter().chain(&copy);
    let pbx = make(world, "pbx", "ingest");
    let wall = make(world, "wall", "read");
    for server in servers() {
        let pbx = works_soon(server, &pbx);
        assert_eq!(pbx, json!({ "name": "pbx", "role": "ingest", "may": ["read", "ingest"] }));
        works_soon(server, &wall);
    }
    server.ask(&event(&pbx, "a")).is(201);
    let listed = keys(world, &["list"]);
    let lines = listed.lines().collect::<Vec<_>>();
    assert!(lines.len() == 3 && lines[1].starts_with("pbx ") && lines[1].contains(" ingest "));
    assert!(lines[1].ends_with("works") && !listed.contains(&pbx), "{listed}");

    keys(world, &["revoke", "pbx"]);
    for server in servers() {
        ends_soon(server, &pbx);
        server.ask(&event(&pbx, "b")).is_problem(401, "unauthorized");
        assert!(me(server, &wall).is_some(), "the other one is still good");
    }
    assert!(keys(world, &["list"]).contains("revoked"));
    keys(world, &["revoke", "pbx"]);
    drop(copy);
    server.stop();
    let server = world.start();
    assert_eq!((me(&server, &pbx), me(&server, &wall).is_some()), (None, true));
}

fn each_role_does_its_own_work_and_no_other(world: &World) {
    let server = world.start_with(&[("READ_KEY", "reader")], &[]);
    let roles = ["ingest", "read", "supervise", "admin"];
    let made = roles.map(|role| make(world, &format!("the-{role}"), role));
    let all = roles.iter().copied().zip(made.iter().map(String::as_str));
    let all = all.chain([("admin", KEY), ("read", "reader")]).collect::<Vec<_>>();
    for (role, key) in &all {
        assert_eq!(works_soon(&server, key)["role"], **role);
    }
    server.record(&initiated("c"));
    server.record(&answered("c"));
    let queue = Request::new("PUT", "/api/queues/dental").json(&json!({}));
    let work = [
        ("ingest", "POST", "/api/events"),
        ("ingest", "POST", "/api/events/batch"),
        ("ingest", "POST", "/api/events/validate"),
        ("supervise", "POST", "/api/alerts/none/acknowledge"),
        ("supervise", "PUT", "/api/agents/ana"),
        ("supervise", "POST", "/api/calls/none/reassign"),
        ("supervise", "POST", "/api/calls/none/end"),
        ("supervise", "POST", "/api/agents/none/free"),
        ("supervise", "POST", "/api/agents/none/presence"),
        ("admin", "PUT", "/api/queues/dental"),
    ];
    for (role, key) in &all {
        for path in ["/api/calls", "/api/calls/c/events", "/api/alerts", "/api/actions", "/metrics"]
        {
            assert_eq!(server.ask(&with(Request::get(path), key)).status, 200, "{role} {path}");
        }
        for (needed, method, path) in work {
            let answer = server.ask(&with(Request::new(method, path).body("{}"), key));
            if [needed, "admin"].contains(role) {
                assert!(![401, 403].contains(&answer.status), "{role} may {path}");
                continue;
            }
            let problem = answer.is_problem(403, "forbidden");
            let told = problem["detail"].as_str().unwrap_or_default();
            assert!(told.contains(&format!("`{needed}`")), "{told}");
            assert!(told.contains(&format!("has `{role}`")), "{told}");
        }
    }
    for wrong in ["", "wrong", &made[0][..40], &made[0].to_uppercase()] {
        server.ask(&with(queue.clone(), wrong)).is_problem(401, "unauthorized");
        assert_eq!(me(&server, wrong), None);
    }
    server.get("/api/me").is_problem(401, "unauthorized");
    server.get("/api/actions").is_problem(401, "unauthorized");
    drop(server);

    let open = world.start();
    let anyone = json!({ "name": "anyone", "role": "open", "may": ["read"] });
    assert_eq!(open.get("/api/me").is(200), anyone, "keys that are made do not close reading");
    assert_eq!(open.get("/api/actions").status, 200);
    assert_eq!(me(&open, "wrong"), None);
    assert_eq!(open.ask(&with(Request::get("/api/calls"), "wrong")).status, 200);
}

fn a_rotated_key_gives_way_to_the_new_one(world: &World) {
    let server = world.start();
    let first = make(world, "pbx", "ingest");
    works_soon(&server, &first);
    let second = keys(world, &["rotate", "pbx", "--grace", "3600"]);
    assert!(second.starts_with("sb_ingest_") && second != first, "the role stays");
    assert_eq!(works_soon(&server, &second)["name"], "pbx");
    assert!(me(&server, &first).is_some(), "the first still works");
    assert!(keys(world, &["list"]).contains("the old one works until"));
    let third = keys(world, &["rotate", "pbx"]);
    works_soon(&server, &third);
    for key in [&first, &second] {
        ends_soon(&server, key);
    }
    server.ask(&event(&third, "c")).is(201);
}

fn what_people_do_is_recorded_with_the_name_of_their_key(world: &World) {
    let server = world.start();
    let maria = make(world, "maria", "supervise");
    works_soon(&server, &maria);
    for call in ["a", "b"] {
        server.record(&initiated(call));
        let late = json!({ "event": "call_answered", "callId": call, "waitTime": 31 });
        server.record(&late);
    }
    let alerts = server.get("/api/alerts").is(200);
    let id = |n: usize| alerts[n]["id"].as_str().unwrap_or_default().to_owned();
    let acknowledge = |id: &str, key: &str, body: &Value| {
        let request = Request::new("POST", &format!("/api/alerts/{id}/acknowledge")).json(body);
        server.ask(&with(request, key)).is(200)
    };
    let noted = acknowledge(&id(0), &maria, &json!({}));
    assert_eq!(noted["acknowledgedBy"], "maria", "the key's name where nobody is named");
    let noted = acknowledge(&id(1), &maria, &json!({ "by": "Maria L." }));
    assert_eq!(noted["acknowledgedBy"], "Maria L.");
    acknowledge(&id(1), KEY, &json!({ "by": "Tom" }));
    server.queue("dental", &json!({ "slaSeconds": 20 }));
    server.ask(&Request::put("/api/queues/dental").body("{\"slaSeconds\": 0}")).is(400);
    keys(world, &["rotate", "maria"]);
    keys(world, &["revoke", "maria"]);

    let actions = server.get("/api/actions").is(200);
    let told = actions.as_array().into_iter().flatten().map(|action| {
        assert!(action["id"].is_string() && action["at"].is_string(), "{action}");
        assert!(action.get("reason").is_none(), "{action}");
        ["by", "role", "action", "target", "detail"].map(|part| action[part].clone())
    });
    let line = "command line";
    let (first, second) = (id(0), id(1));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            [line, "admin", "key_revoked", "maria"].map(Value::from),
            [line, "admin", "key_rotated", "maria"].map(Value::from),
            ["API_KEY", "admin", "queue_changed", "dental"].map(Value::from),
            ["maria", "supervise", "alert_acknowledged", second.as_str()].map(Value::from),
            ["maria", "supervise", "alert_acknowledged", first.as_str()].map(Value::from),
            [line, "admin", "key_made", "maria"].map(Value::from),
        ]
        .into_iter()
        .zip([
            json!({ "role": "supervise" }),
            json!({ "role": "supervise" }),
            json!({ "slaSeconds": 20 }),
            json!({ "by": "Maria L." }),
            json!({ "by": "maria" }),
            json!({ "role": "supervise" }),
        ])
        .map(|([by, role, action, target], detail)| [by, role, action, target, detail])
        .collect::<Vec<_>>()
    );
    let page = server.get("/api/actions?limit=4");
    let next = page.header("link").unwrap_or_default();
    let next = next.trim_start_matches('<').split('>').next().unwrap_or_default();
    let (page, rest) = (page.is(200), server.get(next).is(200));
    assert_eq!([page[3].clone(), rest[0].clone()], [actions[3].clone(), actions[4].clone()]);
    assert_eq!(rest.as_array().map(Vec::len), Some(2));
    for wrong in ["limit=0", "limit=x", "cursor=x"] {
        server.get(&format!("/api/actions?{wrong}")).is_problem(400, "invalid_query");
    }
}

/// A Socket.IO client by long polling, as far as joining goes; `None` where it is refused.
pub(crate) fn join(server: &Server, key: &str) -> Option<String> {
    let opened = server.get("/socket.io/?EIO=4&transport=polling").text();
    let opened: Value = serde_json::from_str(&opened[1..]).expect("an open packet");
    let path = format!(
        "/socket.io/?EIO=4&transport=polling&sid={}",
        opened["sid"].as_str().unwrap_or_default()
    );
    let packet = format!("40{}", json!({ "key": key }));
    assert_eq!(server.ask(&Request::new("POST", &path).body(packet)).status, 200);
    let answer = server.get(&path).text();
    // A ping may come along.
    let answer = answer.split('\u{1e}').find(|packet| packet.starts_with('4')).unwrap_or(&answer);
    if answer.starts_with("44") {
        assert!(answer.contains("Unauthorized"), "{answer}");
        return None;
    }
    assert!(answer.starts_with("40"), "{answer}");
    Some(path)
}

/// Whether a client that joined is still there: what it says is taken.
fn is_there(server: &Server, path: &str) -> bool {
    let said = Request::new("POST", path).body(r#"42["unsubscribe_alerts"]"#);
    server.ask(&said).status == 200
}

fn a_socket_ends_with_its_key(world: &World) {
    let server = world.start_with(&[("READ_KEY", "reader")], &[]);
    let maria = make(world, "maria", "supervise");
    works_soon(&server, &maria);
    assert_eq!(join(&server, "wrong"), None);
    let of_maria = join(&server, &maria).expect("any role may listen");
    let others = ["reader", KEY].map(|key| join(&server, key).expect("it may listen"));
    assert!(is_there(&server, &of_maria));
    keys(world, &["revoke", "maria"]);
    soon("the socket is closed", || (!is_there(&server, &of_maria)).then_some(()));
    assert!(others.iter().all(|path| is_there(&server, path)), "nobody else's");
    assert_eq!(join(&server, &maria), None);
}

fn a_key_is_nowhere_in_clear(world: &World) {
    let server = world.start_with(&[("LOG_LEVEL", "trace")], &[]);
    let first = make(world, "pbx", "admin");
    works_soon(&server, &first);
    let second = keys(world, &["rotate", "pbx", "--grace", "60"]);
    works_soon(&server, &second);
    server.ask(&event(&first, "a")).is(201);
    server.ask(&with(Request::new("PUT", "/api/queues/q").body("{}"), &second)).is(200);
    let wrong = "sb_admin_of_another_server";
    server.ask(&event(wrong, "b")).is_problem(401, "unauthorized");
    let kept = world.rows("select * from keys");
    let done = world.rows("select * from actions");
    assert_eq!((kept.len(), done.len()), (1, 3));
    for key in [first.as_str(), &second, wrong, KEY] {
        let random = key.rsplit('_').next().unwrap_or_default();
        assert!(!format!("{kept:?}{done:?}").contains(random), "in the database");
        for file in fs::read_dir(world.dir.path()).expect("it is there").flatten() {
            let bytes = fs::read(file.path()).unwrap_or_default();
            let found = bytes.windows(random.len()).any(|part| part == random.as_bytes());
            assert!(!found, "{random} is in {}", file.path().display());
        }
    }
    server.stop();
}

fn what_no_key_can_be_is_refused_with_a_sentence(world: &World) {
    let told = |words: &[&str]| {
        let (status, out, err) = said(&world.run(&[&["keys"], words].concat()));
        assert_eq!((status, out.as_str()), (Some(1), ""), "{words:?}: {err}");
        assert!(err.starts_with("switchboard: ") && err.lines().count() == 1, "{err}");
        err
    };
    if !world.is_shared() {
        let told = told(&["list"]);
        assert!(told.contains("there is no data in") && told.contains("--data"), "{told}");
        assert!(!world.dir.path().join("switchboard.db").exists());
    }
    let server = world.start();
    assert!(keys(world, &["list"]).contains("No key was made yet"));
    make(world, "pbx", "ingest");
    for (words, part) in [
        (&["make", "pbx", "--role", "read"][..], "there is a key `pbx` already"),
        (&["make", "boss", "--role", "boss"], "`boss` is not a role; choose one of ingest, read"),
        (&["make", "two words", "--role", "read"], "a key's name has 1 to 64"),
        (&["make", "", "--role", "read"], "a key's name has 1 to 64"),
        (&["make", "api_key", "--role", "read"], "means something else"),
        (&["rotate", "nobody"], "there is no key `nobody`; `switchboard keys list`"),
        (&["revoke", "nobody"], "there is no key `nobody`; `switchboard keys list`"),
    ] {
        let told = told(words);
        assert!(told.contains(part), "{told}");
    }
    keys(world, &["revoke", "pbx"]);
    assert!(told(&["rotate", "pbx"]).contains("key `pbx` is revoked; make a new one"));
    assert!(told(&["make", "pbx", "--role", "read"]).contains("names are not used twice"));
    server.stop();
    assert!(keys(world, &["list"]).contains("revoked"), "without a server, too");
}

#[test]
fn keys_of_a_newer_schema_are_refused() {
    let world = World::sqlite();
    world.start().stop();
    world.execute("pragma user_version = 4711");
    let (status, _, told) = said(&world.run(&["keys", "list"]));
    assert_eq!(status, Some(1));
    assert!(told.contains("4711") && told.contains("newer"), "{told}");
}

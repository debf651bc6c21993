//! Below HTTP: requests that are not, lies about lengths, and clients that hardly speak.

use std::time::{Duration, Instant};

use crate::{
    http::{Line, Request},
    say::initiated,
    world::{Server, World},
};

const HEAD: &str = "POST /api/events HTTP/1.1\r\nHost: t\r\nX-API-Key: test-key\r\n";

/// What the server answers to these bytes, if it does.
fn answer_to(server: &Server, bytes: &[u8]) -> Option<u16> {
    let mut line = server.line();
    // It may hang up before it has heard all of it.
    let _ = line.say(bytes);
    line.hear().ok().map(|answer| answer.status)
}

#[test]
fn what_is_no_request_is_refused_and_harms_nobody() {
    let world = World::sqlite();
    let server = world.start();
    let event = initiated("c").to_string();
    let length = event.len();
    let refused = [
        "nonsense\r\n\r\n".to_owned(),
        "GET\r\n\r\n".to_owned(),
        "GET /health HTTP/9.9\r\n\r\n".to_owned(),
        "GET /health HTTP/1.1\r\nno colon\r\n\r\n".to_owned(),
        "GET /health HTTP/1.1\r\nBad\u{0}Name: x\r\n\r\n".to_owned(),
        format!("{HEAD}Content-Length: ten\r\n\r\n{event}"),
        format!("{HEAD}Content-Length: -1\r\n\r\n{event}"),
        format!("{HEAD}Content-Length: {length}\r\nContent-Length: 3\r\n\r\n{event}"),
        format!("{HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n{event}\r\n0\r\n\r\n"),
        format!("{HEAD}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{event}"),
        format!("{HEAD}X-Long: {}\r\n\r\n", "x".repeat(1 << 20)),
        format!("{HEAD}{}\r\n", "X-Many: x\r\n".repeat(2_000)),
        format!("GET /{} HTTP/1.1\r\nHost: t\r\n\r\n", "x".repeat(100_000)),
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}".to_owned() + &"\u{0}".repeat(200),
    ];
    for bytes in &refused {
        let start = bytes.chars().take(90).collect::<String>();
        let status = answer_to(&server, bytes.as_bytes());
        // Hanging up is an answer, too, to what is not HTTP.
        assert!(status.is_none_or(|it| (400..500).contains(&it)), "{status:?} to {start}");
    }
    let latin = b"GET /api/calls/\xe9\xff HTTP/1.1\r\nHost: t\r\n\r\n";
    assert!(answer_to(&server, latin).is_none_or(|it| it == 400));
    server.get("/api/calls/c").is_problem(404, "call_not_found");
    server.is_healthy();
    assert!(!world.log().contains("panicked"));
}

#[test]
fn a_body_that_ends_early_records_nothing() {
    let world = World::sqlite();
    let server = world.start();
    let event = initiated("c").to_string();
    for bytes in [
        format!("{HEAD}Content-Length: {}\r\n\r\n{event}", event.len() + 1),
        format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{event}\r\n", event.len()),
    ] {
        let mut line = server.line();
        line.say(bytes.as_bytes()).and_then(|()| line.say_no_more()).expect("it is heard");
        let answer = line.hear();
        assert!(answer.is_err() || answer.is_ok_and(|it| it.status == 408 || it.status == 400));
    }
    server.get("/api/calls/c").is_problem(404, "call_not_found");
    // Chunks of any size are one body, and trailers are no harm.
    let chunks = event.bytes().map(|byte| format!("1;x=y\r\n{}\r\n", char::from(byte)));
    let chunks = chunks.collect::<String>();
    let whole = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n{chunks}0\r\nX-End: 1\r\n\r\n");
    assert_eq!(answer_to(&server, whole.as_bytes()), Some(201));
    server.is_healthy();
}

#[test]
fn several_requests_on_one_connection_are_answered_in_order() {
    let world = World::sqlite();
    let server = world.start();
    let mut line = server.line();
    let requests = (0..50).map(|n| Request::event(&initiated(&format!("c{n}"))).bytes());
    line.say(&requests.collect::<Vec<_>>().concat()).expect("it is heard");
    for n in 0..50 {
        let event = line.hear().expect("an answer").is(201);
        assert_eq!(event["callId"], format!("c{n}"));
    }
    let head = Request::new("HEAD", "/health");
    line.say(&head.bytes()).expect("it is heard");
}

#[test]
fn who_hardly_speaks_is_hung_up_on_and_nobody_waits_for_them() {
    let world = World::sqlite().with("HEADERS_WITHIN_SECONDS", "1");
    let server = world.start();
    let slow_head = |server: &Server| {
        let mut line = server.line();
        line.say(b"POST /api/events HTTP/1.1\r\nHost: t\r\n").expect("it is heard");
        line
    };
    let mut heads = (0..200).map(|_| slow_head(&server)).collect::<Vec<Line>>();
    let mut bodies = (0..100)
        .map(|_| {
            let mut line = server.line();
            let half = format!("{HEAD}Content-Length: 50\r\n\r\n{{\"event\"");
            line.say(half.as_bytes()).expect("it is heard");
            line
        })
        .collect::<Vec<Line>>();
    let asked = Instant::now();
    for n in 0..20 {
        server.record(&initiated(&format!("c{n}")));
    }
    assert!(asked.elapsed() < Duration::from_secs(2), "others wait: {:?}", asked.elapsed());
    for line in &mut heads {
        assert!(line.hear().is_err_and(|_| true) || line.is_closed());
    }
    let told = bodies[0].hear().expect("an answer");
    told.is_problem(408, "body_too_slow");
    assert!(asked.elapsed() < Duration::from_secs(20), "{:?}", asked.elapsed());
    for line in &mut bodies[1..] {
        line.hear().expect("an answer").is_problem(408, "body_too_slow");
    }
    server.is_healthy();
}

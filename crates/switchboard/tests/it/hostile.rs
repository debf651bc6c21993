//! Bodies no honest client sends: each is answered as the contract says, and harms nobody.

use serde_json::{Value, json};

use crate::{
    http::Request,
    say::{initiated, routed, with},
    world::{Server, World},
};

on_every_database! {
    every_bad_body_is_a_400_and_the_server_stays_well
    the_largest_body_is_taken_and_a_larger_one_is_not
    strange_but_valid_json_is_understood
}

fn send(server: &Server, body: &[u8]) -> crate::http::Answer {
    server.ask(&Request::post("/api/events").body(body))
}

fn every_bad_body_is_a_400_and_the_server_stays_well(world: &World) {
    let server = world.start();
    let good = initiated("c").to_string();
    let id = |id: &str| good.replace("\"c\"", id);
    let deep =
        |open: &str, close: &str| format!("{}1{}", open.repeat(50_000), close.repeat(50_000));
    let wait = "{\"event\":\"call_answered\",\"callId\":\"c\",\"waitTime\":";
    let mut bodies = [
        "",
        " ",
        "\n",
        "null",
        "true",
        "0",
        "\"call_initiated\"",
        "[]",
        "[{}]",
        "{}",
        "{",
        "}",
        "{}}",
        "{} {}",
        "nul",
        "NaN",
        "{'event': 'call_initiated'}",
        "{event: 1}",
        "{\"event\"}",
        "{\"event\": }",
        "{\"event\": \"call_initiated\",}",
        "// comment\n{}",
        "\u{feff}{}",
        "event=call",
        "<event/>",
        "\u{0}",
        "{\"\u{0}\": 1}",
        "{\"a\": \"\u{1}\"}",
        "{\"a\": \"\\x\"}",
    ]
    .map(str::to_owned)
    .to_vec();
    bodies.extend([
        deep("[", "]"),
        deep("{\"a\":", "}"),
        id("\"\\ud800\""),
        id("\"\\udc00\\ud800\""),
        id("\"\\u0000\""),
        id("\"a\\nb\""),
        id("\"\\uZZZZ\""),
        id("12"),
        id("[\"c\"]"),
        id("{\"c\": \"c\"}"),
        id("null"),
        id("1e999"),
    ]);
    for number in
        ["1e999", "-1e999", "Infinity", "-0.1", "0x10", "1_000", "01", "1.", ".5", "+1", "1e"]
    {
        bodies.push(format!("{wait}{number}}}"));
    }
    let mut bodies = bodies.into_iter().map(String::into_bytes).collect::<Vec<_>>();
    let mut spoiled = good.clone().into_bytes();
    for at in [5, 20, spoiled.len() - 3] {
        spoiled[at] = 0xff;
        bodies.push(spoiled.clone());
    }
    bodies.push(id("\"\u{e9}\"").replace('\u{e9}', "\u{c3}").into_bytes()[..60].to_vec());
    bodies.push(vec![0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0]);
    for body in &bodies {
        let answer = send(&server, body);
        let start = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
        assert_eq!(answer.status, 400, "{start}");
        let problem = answer.is_problem(400, "invalid_payload");
        assert_eq!(problem["message"], "Invalid event payload");
        assert!(
            problem["issues"].as_array().is_some_and(|it| !it.is_empty()),
            "{start}: {problem}"
        );
        assert!(answer.body.len() < 10_000, "an answer is not an echo: {start}");
    }
    assert_eq!(server.get("/api/calls").is(200), json!([]));
    server.is_healthy();
    server.record(&initiated("c"));
    let log = world.log();
    assert!(!log.contains("panicked") && !log.contains("ERROR"), "{log}");
}

fn the_largest_body_is_taken_and_a_larger_one_is_not(world: &World) {
    let server = world.start();
    let padded = |call: &str, bytes: usize| {
        let event = initiated(call).to_string();
        let padding = " ".repeat(bytes - event.len());
        format!("{}{padding}}}", &event[..event.len() - 1])
    };
    send(&server, padded("fits", 1 << 20).as_bytes()).is(201);
    let large = padded("large", (1 << 20) + 1);
    send(&server, large.as_bytes()).is_problem(413, "body_too_large");
    server.get("/api/calls/large").is_problem(404, "call_not_found");
    // Without a length, the count decides.
    let mut line = server.line();
    let head = "POST /api/events HTTP/1.1\r\nHost: t\r\nX-API-Key: test-key\r\n\
                Transfer-Encoding: chunked\r\n\r\n";
    let chunk = format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    line.say(head.as_bytes()).and_then(|()| line.say(chunk.as_bytes())).expect("it is heard");
    line.hear().expect("an answer").is_problem(413, "body_too_large");
    // A length that promises too much is refused before anything is sent.
    let mut line = server.line();
    let head = "POST /api/events HTTP/1.1\r\nHost: t\r\nX-API-Key: test-key\r\n\
                Expect: 100-continue\r\nContent-Length: 99999999999\r\n\r\n";
    line.say(head.as_bytes()).expect("it is heard");
    line.hear().expect("an answer").is_problem(413, "body_too_large");
    server.is_healthy();
}

fn strange_but_valid_json_is_understood(world: &World) {
    let server = world.start();
    let text = "\r\n\t{ \"event\" : \"call_initiated\", \"call\\u0049d\": \"\\u0063\\ud83d\\udcde\", \
                \"type\": \"voice\", \"queueId\": \"medical_spanish\", \"__proto__\": { \"x\": 1 } } ";
    assert_eq!(send(&server, text.as_bytes()).is(201)["callId"], "c📞");
    // The last of several equal keys counts; and what is stored has one.
    let twice = "{\"event\":\"call_initiated\",\"callId\":\"a\",\"callId\":\"b\",\"type\":\"voice\",\
                 \"queueId\":\"medical_spanish\"}";
    assert_eq!(send(&server, twice.as_bytes()).is(201)["callId"], "b");
    let wide =
        (0..5_000).map(|n| (format!("k{n}"), Value::from(n))).collect::<serde_json::Map<_, _>>();
    let stored = server.record(&with(initiated("wide"), &Value::Object(wide)));
    assert_eq!(stored["metadata"], json!({ "type": "voice", "queueId": "medical_spanish" }));
    let tiny = with(routed("wide", "ana"), &json!({ "routingTime": 5e-324 }));
    assert_eq!(server.record(&tiny)["metadata"]["routingTime"], json!(5e-324));
    let huge = with(routed("wide", "ana"), &json!({ "routingTime": 1e308 }));
    assert_eq!(server.record(&huge)["metadata"]["routingTime"], json!(1e308));
    let zero = with(routed("wide", "ana"), &json!({ "routingTime": -0.0 }));
    let zero = server.record(&zero)["metadata"]["routingTime"].clone();
    assert_eq!(zero.as_f64(), Some(0.0));
    let precise = "{\"event\":\"call_routed\",\"callId\":\"wide\",\"agentId\":\"ana\",\
                   \"routingTime\":0.1000000000000000055511151231257827}";
    assert_eq!(send(&server, precise.as_bytes()).is(201)["metadata"]["routingTime"], json!(0.1));
    assert_eq!(server.history("wide").len(), 5);
}

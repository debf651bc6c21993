//! What is wrong between the books and what a client was told.

use crate::{Books, TOLD, finds, is_found, passes};

#[test]
fn an_answer_that_never_reached_the_client_is_no_fault() {
    let books = Books::with("");
    books.tell("");
    passes(&books.audited(), "0 acknowledgements are kept as they were told, in 2 calls");
}

#[test]
fn what_was_acknowledged_twice_is_there_once() {
    let books = Books::with("");
    books.tell(&TOLD.repeat(2));
    passes(&books.audited(), "8 acknowledgements are kept as they were told, in 2 calls");
}

#[test]
fn a_lost_event_is_found() {
    finds(
        "update call_events set key = null where key = 'd'",
        r#"lost: key `d` of call `c1` was acknowledged as {"callId":"c1","seq":6,"type":"call_hold"}, and no event has that key"#,
    );
}

#[test]
fn a_lost_call_is_found() {
    let books = Books::with("");
    books.tell(r#"{"key":"a","event":{"callId":"c3","seq":1,"type":"call_initiated"}}"#);
    is_found(
        &books.audited(),
        r#"lost: key `a` of call `c3` was acknowledged as {"callId":"c3","seq":1,"type":"call_initiated"}, and there is no such call"#,
    );
}

#[test]
fn an_event_that_was_kept_otherwise_is_found() {
    let books = Books::with("");
    let kept = r#"but kept is {"call_no":1,"key":"d","metadata":null,"seq":6,"timestamp":30000,"type":"call_hold"}"#;
    for event in [
        r#"{"callId":"c1","seq":5,"type":"call_hold"}"#,
        r#"{"callId":"c1","seq":6,"type":"call_resumed"}"#,
        r#"{"callId":"c1","metadata":{"agentId":"ana"},"seq":6,"type":"call_hold"}"#,
    ] {
        books.tell(&format!(r#"{{"key":"d","event":{event}}}"#));
        let sentence = format!("key `d` of call `c1` was acknowledged as {event}, {kept}");
        is_found(&books.audited(), &sentence);
    }
}

#[test]
fn a_key_that_was_recorded_twice_is_found() {
    finds(
        "update call_events set key = 'f' where type = 'survey_requested'",
        "key `f` of call number 1 was recorded twice",
    );
}

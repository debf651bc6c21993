//! Socket.IO packets, as text: `<type>[<namespace>,][<ack id>][<JSON>]`.
//!
//! There is one namespace, `/`. Commands take no binary: a packet that announces attachments is read
//! like any other, finds its placeholders refused as arguments, and the attachments are dropped.

use bus::Announcement;
use serde::Serialize;
use serde_json::Value;

/// The only namespace.
pub(crate) const ROOT: &str = "/";

/// What a client sent.
#[derive(Debug, PartialEq)]
pub(crate) enum Packet<'a> {
    /// It wants to join a namespace.
    Connect { namespace: &'a str, auth: &'a str },
    /// It leaves a namespace.
    Disconnect,
    /// It emits an event.
    Event { name: String, arguments: Vec<Value>, ack: Option<u64> },
    /// It answers something we never asked.
    Ack,
}

/// Not a packet, or none that a client may send.
#[derive(Debug, PartialEq)]
pub(crate) struct Broken;

impl<'a> Packet<'a> {
    /// Reads a packet.
    pub(crate) fn read(text: &'a str) -> Result<Self, Broken> {
        let kind = text.chars().next().ok_or(Broken)?;
        let rest = &text[kind.len_utf8()..];
        let rest = match kind {
            '5' | '6' => after_attachments(rest)?,
            _ => rest,
        };
        let (namespace, rest) = match rest.split_once(',') {
            Some((namespace, rest)) if namespace.starts_with('/') => (namespace, rest),
            _ if rest.starts_with('/') => (rest, ""),
            _ => (ROOT, rest),
        };
        match kind {
            '0' => Ok(Self::Connect { namespace, auth: rest }),
            _ if namespace != ROOT => Err(Broken),
            '1' => Ok(Self::Disconnect),
            '2' | '5' => event(rest),
            '3' | '6' => Ok(Self::Ack),
            _ => Err(Broken),
        }
    }
}

fn after_attachments(text: &str) -> Result<&str, Broken> {
    let (count, rest) = text.split_once('-').ok_or(Broken)?;
    let is_count = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
    is_count.then_some(rest).ok_or(Broken)
}

fn event<'a>(text: &str) -> Result<Packet<'a>, Broken> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (ack, json) = text.split_at(digits);
    let ack = match ack {
        "" => None,
        ack => Some(ack.parse().map_err(|_| Broken)?),
    };
    let mut arguments: Vec<Value> = serde_json::from_str(json).map_err(|_| Broken)?;
    if !arguments.first().is_some_and(Value::is_string) {
        return Err(Broken);
    }
    let Value::String(name) = arguments.remove(0) else { return Err(Broken) };
    Ok(Packet::Event { name, arguments, ack })
}

/// The client has joined.
pub(crate) fn connected(sid: &str) -> String {
    format!(r#"0{{"sid":"{sid}"}}"#)
}

/// The client may not join.
pub(crate) fn refused(namespace: &str, message: &str) -> String {
    let namespace = if namespace == ROOT { String::new() } else { format!("{namespace},") };
    format!("4{namespace}{}", serde_json::json!({ "message": message }))
}

/// The answer to a command.
pub(crate) fn ack(id: u64, answer: &impl Serialize) -> String {
    format!("3{id}[{}]", json(answer))
}

/// An event for the client.
pub(crate) fn emit(event: &str, argument: &impl Serialize) -> String {
    format!(r#"2["{event}",{}]"#, json(argument))
}

/// An announcement for the client. Its body is copied, never parsed.
pub(crate) fn announce(announcement: &Announcement) -> String {
    let body = announcement.body().get();
    [r#"2[""#, announcement.event(), r#"","#, body, "]"].concat()
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::{Broken, Packet};

    #[test]
    fn what_the_stock_client_sends_is_understood() {
        assert_eq!(Packet::read("0"), Ok(Packet::Connect { namespace: "/", auth: "" }));
        assert_eq!(
            Packet::read(r#"0{"key":"k,1"}"#),
            Ok(Packet::Connect { namespace: "/", auth: r#"{"key":"k,1"}"# })
        );
        assert_eq!(Packet::read("0/admin,"), Ok(Packet::Connect { namespace: "/admin", auth: "" }));
        assert_eq!(Packet::read("1"), Ok(Packet::Disconnect));
        let event = |ack| Packet::Event { name: "a".to_owned(), arguments: vec![json!(1)], ack };
        assert_eq!(Packet::read(r#"2["a",1]"#), Ok(event(None)));
        assert_eq!(Packet::read(r#"217["a",1]"#), Ok(event(Some(17))));
        assert_eq!(Packet::read(r#"52-17["a",1]"#), Ok(event(Some(17))));
    }

    #[test]
    fn what_no_client_sends_is_broken() {
        for text in
            ["", "9", "2", "2{}", "2[]", "2[1]", "2/x,[\"a\"]", "5[\"a\"]", "4{}", "é", "2é"]
        {
            assert_eq!(Packet::read(text), Err(Broken), "{text}");
        }
        assert_eq!(Packet::read(r#"299999999999999999999["a"]"#), Err(Broken));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[0-6]?(/[a-zé]*,)?[0-9]*-?.{0,40}") {
            let _ = Packet::read(&text);
        }
    }
}

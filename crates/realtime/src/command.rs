//! What a client asks for, made out of whatever it sent.
//!
//! | command | arguments |
//! |---|---|
//! | `subscribe_call`, `unsubscribe_call` | the id of a call |
//! | `subscribe_calls` | `{queueId?, after?}`, or nothing |
//! | `unsubscribe_calls` | `{queueId}`: that queue; `{}` or nothing: every queue, and calls as a whole |
//! | `subscribe_alerts` | `{after?}`, or nothing |
//! | `unsubscribe_alerts` | nothing |
//! | `subscribe_agents` | `{after?}`, or nothing |
//! | `unsubscribe_agents` | nothing |
//! | `subscribe_metrics` | `{queueId?}`, or nothing |
//! | `unsubscribe_metrics` | `{queueId}`: that queue; `{}` or nothing: every queue, and all of them |
//!
//! Anything else is refused, never guessed: a `queueId` of `null` is not "all queues".

use serde::Serialize;
use serde_json::{Map, Value};

use crate::rooms::{Kept, Scope, TooMany};

const ID_CHARS_MAX: usize = 255;

/// Something to do.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    /// Follow a scope, if need be from where the client was.
    Subscribe { scope: Scope, after: Option<String> },
    /// Follow it no longer.
    Unsubscribe(Scope),
    /// Follow no queue any longer, nor calls as a whole.
    UnsubscribeCalls,
    /// Follow no figures any longer.
    UnsubscribeMetrics,
}

/// Why a command was not carried out.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Refused {
    error: Reason,
}

#[derive(Debug, PartialEq, Serialize)]
struct Reason {
    code: &'static str,
    message: String,
}

impl Refused {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { error: Reason { code, message: message.into() } }
    }

    fn argument(message: &str) -> Self {
        Self::new("invalid_argument", message)
    }
}

impl From<TooMany> for Refused {
    fn from(TooMany { max, what }: TooMany) -> Self {
        let (follows, instead) = match what {
            Kept::Calls => ("calls one by one", "their queue, or all calls, with subscribe_calls"),
            Kept::Queues => ("queues", "all calls: subscribe_calls without a `queueId`"),
            Kept::Metrics => {
                ("queues' figures", "those of all: subscribe_metrics without a `queueId`")
            }
        };
        let message = format!(
            "This connection follows {max} {follows}, as many as it may; unsubscribe from some \
             first, or follow {instead}"
        );
        Self::new("too_many_subscriptions", message)
    }
}

/// Every command.
const COMMANDS: [&str; 10] = [
    "subscribe_call",
    "subscribe_calls",
    "subscribe_alerts",
    "subscribe_agents",
    "subscribe_metrics",
    "unsubscribe_call",
    "unsubscribe_calls",
    "unsubscribe_alerts",
    "unsubscribe_agents",
    "unsubscribe_metrics",
];

impl Command {
    /// Reads a command and its arguments.
    pub(crate) fn read(name: &str, arguments: &[Value]) -> Result<Self, Refused> {
        match name {
            "subscribe_call" => {
                let scope = Scope::Call(only_id(arguments)?);
                Ok(Self::Subscribe { scope, after: None })
            }
            "unsubscribe_call" => Ok(Self::Unsubscribe(Scope::Call(only_id(arguments)?))),
            "subscribe_calls" => {
                let options = options(arguments)?;
                let scope = queue(options)?.map_or(Scope::Calls, Scope::Queue);
                Ok(Self::Subscribe { scope, after: after(options)? })
            }
            "unsubscribe_calls" => Ok(match queue(options(arguments)?)? {
                Some(queue) => Self::Unsubscribe(Scope::Queue(queue)),
                None => Self::UnsubscribeCalls,
            }),
            "subscribe_alerts" => {
                let after = after(options(arguments)?)?;
                Ok(Self::Subscribe { scope: Scope::Alerts, after })
            }
            "unsubscribe_alerts" => {
                options(arguments)?;
                Ok(Self::Unsubscribe(Scope::Alerts))
            }
            "subscribe_agents" => {
                let after = after(options(arguments)?)?;
                Ok(Self::Subscribe { scope: Scope::Agents, after })
            }
            "unsubscribe_agents" => {
                options(arguments)?;
                Ok(Self::Unsubscribe(Scope::Agents))
            }
            "subscribe_metrics" => {
                let scope = Scope::Metrics(queue(options(arguments)?)?);
                Ok(Self::Subscribe { scope, after: None })
            }
            "unsubscribe_metrics" => Ok(match queue(options(arguments)?)? {
                Some(queue) => Self::Unsubscribe(Scope::Metrics(Some(queue))),
                None => Self::UnsubscribeMetrics,
            }),
            _ => {
                let commands = COMMANDS.join(", ");
                let message = format!("There is no such command; there are {commands}");
                Err(Refused::new("unknown_command", message))
            }
        }
    }
}

fn only_id(arguments: &[Value]) -> Result<String, Refused> {
    match arguments {
        [id] => self::id(id).ok_or_else(|| {
            Refused::argument("The id of a call is a string of 1 to 255 printable characters")
        }),
        _ => Err(Refused::argument("One argument is needed: the id of a call")),
    }
}

fn id(value: &Value) -> Option<String> {
    let id = value.as_str()?;
    let is_id = !id.is_empty()
        && id.chars().nth(ID_CHARS_MAX).is_none()
        && !id.chars().any(char::is_control);
    is_id.then(|| id.to_owned())
}

fn options(arguments: &[Value]) -> Result<Option<&Map<String, Value>>, Refused> {
    match arguments {
        [] => Ok(None),
        // Binary data arrives as an object that stands for it.
        [Value::Object(options)] if !options.contains_key("_placeholder") => Ok(Some(options)),
        _ => Err(Refused::argument("At most one argument is taken: an object")),
    }
}

fn queue(options: Option<&Map<String, Value>>) -> Result<Option<String>, Refused> {
    let Some(queue) = options.and_then(|options| options.get("queueId")) else { return Ok(None) };
    let id = id(queue).ok_or_else(|| {
        Refused::argument("`queueId` is a string of 1 to 255 printable characters, or left out")
    })?;
    Ok(Some(id))
}

/// A position that is not one of ours is not an error: it is not recovered. `null` is what a client
/// that has not heard anything yet says.
fn after(options: Option<&Map<String, Value>>) -> Result<Option<String>, Refused> {
    match options.and_then(|options| options.get("after")) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(after)) => Ok(Some(after.clone())),
        Some(_) => Err(Refused::argument("`after` is a position that was heard, or left out")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{COMMANDS, Command};
    use crate::rooms::Scope;

    fn read(name: &str, arguments: Value) -> Option<Command> {
        let Value::Array(arguments) = arguments else { panic!("arguments are an array") };
        Command::read(name, &arguments).ok()
    }

    #[test]
    fn a_command_that_is_not_exactly_right_is_refused() {
        let long = "x".repeat(256);
        for name in ["subscribe_call", "unsubscribe_call"] {
            for bad in [
                json!([]),
                json!([null]),
                json!([7]),
                json!([true]),
                json!([["c1"]]),
                json!([{ "callId": "c1" }]),
                json!([{ "_placeholder": true, "num": 0 }]),
                json!([""]),
                json!([long]),
                json!(["c\u{0}1"]),
                json!(["c1", "c2"]),
                json!(["c1", null]),
            ] {
                assert_eq!(read(name, bad.clone()), None, "{name} {bad}");
            }
        }
        for name in
            ["subscribe_calls", "unsubscribe_calls", "subscribe_metrics", "unsubscribe_metrics"]
        {
            for bad in [
                json!([null]),
                json!([7]),
                json!(["medical_spanish"]),
                json!([["medical_spanish"]]),
                json!([{ "queueId": null }]),
                json!([{ "queueId": 7 }]),
                json!([{ "queueId": "" }]),
                json!([{ "queueId": ["medical_spanish"] }]),
                json!([{}, {}]),
            ] {
                assert_eq!(read(name, bad.clone()), None, "{name} {bad}");
            }
        }
        assert_eq!(read("subscribe_alerts", json!([{ "after": 7 }])), None);
        assert_eq!(read("join", json!(["c1"])), None);
    }

    #[test]
    fn an_id_of_any_printable_text_is_kept_as_it_is() {
        let odd = "Ω call:*, with [brackets] \u{1F4DE} __proto__";
        assert_eq!(
            read("subscribe_call", json!([odd])),
            Some(Command::Subscribe { scope: Scope::Call(odd.to_owned()), after: None })
        );
        assert!(read("subscribe_call", json!(["é".repeat(255)])).is_some());
    }

    #[test]
    fn what_may_be_left_out_may_be_left_out() {
        let all = Some(Command::Subscribe { scope: Scope::Calls, after: None });
        assert_eq!(read("subscribe_calls", json!([])), all);
        assert_eq!(read("subscribe_calls", json!([{}])), all);
        assert_eq!(read("subscribe_calls", json!([{ "after": null, "more": 1 }])), all);
        assert_eq!(read("unsubscribe_calls", json!([])), Some(Command::UnsubscribeCalls));
    }

    #[test]
    fn every_command_that_is_listed_is_known_and_the_others_are_told_the_list() {
        for name in COMMANDS {
            let known = read(name, json!([])).or_else(|| read(name, json!(["c1"])));
            assert!(known.is_some(), "{name}");
        }
        let refused = Command::read("join", &[]).expect_err("it is none");
        let told = "There is no such command; there are subscribe_call, subscribe_calls, ";
        assert!(refused.error.message.starts_with(told), "{refused:?}");
        // What is read is in the list: a name in quotes at the beginning of an arm.
        let arms = include_str!("command.rs").lines().map(str::trim_start);
        let arms = arms.filter_map(|line| line.strip_prefix('"')?.split_once("\" => "));
        assert_eq!(arms.filter(|(name, _)| !COMMANDS.contains(name)).count(), 0);
    }

    #[test]
    fn the_page_about_the_api_has_every_command_and_every_update() {
        let page = include_str!("../../api/src/docs.js");
        for name in COMMANDS.into_iter().chain(bus::UPDATES).chain(["resync"]) {
            assert!(page.contains(&format!("  ['{name}', [")), "{name} is not on the page");
        }
    }
}

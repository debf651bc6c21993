//! Events that are turned away before the engine hears of them are counted, too: a client whose key or
//! whose bodies are wrong would otherwise be missing from what is measured.

use contract::EventType;
use serde_json::Value;

use crate::problem::Problem;

/// Counts a request whose event or events were not even read.
pub(crate) fn turned_away(problem: &Problem) {
    count("unknown", problem);
}

/// Counts an event that was read and is not valid, under its type where it names one.
pub(crate) fn not_valid(body: &Value, problem: &Problem) {
    let named = body.get("event").and_then(Value::as_str);
    let known = named.and_then(EventType::named);
    count(known.map_or("unknown", EventType::name), problem);
}

fn count(kind: &'static str, problem: &Problem) {
    let result = problem.code();
    ::metrics::counter!("switchboard_events_total", "type" => kind, "result" => result)
        .increment(1);
}

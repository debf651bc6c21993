//! What the database holds, and all that can be wrong with it.

use std::collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry};

use serde_json::{Value, json};

use crate::{
    database::read,
    history::{Folded, Promises, fold},
    told::Told,
};

const QUERIES: [&str; 4] = [
    "select no, id, status, queue_id, agent_id, end_time, version, sla_due_at, ring_due_at, \
     hold_due_at, due_at, offer from calls order by no",
    "select call_no, seq, type, timestamp, metadata, key from call_events order by call_no, seq",
    "select call_no, rule from alerts",
    "select id, sla_ms, ring_ms, max_hold_ms from queues",
];

/// Calls, their events, alerts and promises, as they stand in a database.
pub struct Books {
    calls: Vec<Value>,
    /// By the number of their call, in order.
    events: BTreeMap<i64, Vec<Value>>,
    /// Their rules, by the number of their call.
    alerts: BTreeMap<i64, Vec<String>>,
    queues: HashMap<String, Promises>,
}

impl Books {
    /// Reads them from `SQLite`'s file or a `PostgreSQL`'s address.
    pub fn read(database: &str) -> Result<Self, String> {
        let [calls, all_events, all_alerts, queues] = read(database, QUERIES)?;
        let mut events = BTreeMap::<_, Vec<_>>::new();
        for event in all_events {
            events.entry(number(&event["call_no"])).or_default().push(event);
        }
        let mut alerts = BTreeMap::<_, Vec<_>>::new();
        for alert in all_alerts {
            let rule = text(&alert["rule"]).to_owned();
            alerts.entry(number(&alert["call_no"])).or_default().push(rule);
        }
        let queues = queues.iter().map(|queue| {
            let ms = |name: &str| number(&queue[name]);
            let promises =
                Promises { sla: ms("sla_ms"), ring: ms("ring_ms"), hold: ms("max_hold_ms") };
            (text(&queue["id"]).to_owned(), promises)
        });
        Ok(Self { calls, events, alerts, queues: queues.collect() })
    }

    /// Compares them with themselves and with what a client was told. What is wrong is told in a
    /// sentence each; nothing is said where all is well.
    pub fn audit(&self, told: &[Told]) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut numbers = HashMap::new();
        for call in &self.calls {
            let id = text(&call["id"]);
            numbers.insert(id, number(&call["no"]));
            if let Err(why) = self.is_whole(call) {
                wrong.push(format!("call `{id}`: {why}"));
            }
        }
        let known = numbers.values().copied().collect::<BTreeSet<_>>();
        let strangers = |what: &'static str, of: &i64| {
            let stranger = !known.contains(of);
            stranger.then(|| format!("{what} of call number {of}, which does not exist"))
        };
        wrong.extend(self.events.keys().filter_map(|of| strangers("events", of)));
        wrong.extend(self.alerts.keys().filter_map(|of| strangers("alerts", of)));

        let mut receipts = HashMap::new();
        for event in self.events.values().flatten().filter(|it| !it["key"].is_null()) {
            let (of, key) = (number(&event["call_no"]), text(&event["key"]));
            match receipts.entry((of, key)) {
                Entry::Vacant(place) => _ = place.insert(event),
                Entry::Occupied(_) => {
                    wrong.push(format!("key `{key}` of call number {of} was recorded twice"));
                }
            }
        }
        let is_kept = |it: &Told| {
            let of = numbers.get(text(&it.event["callId"]));
            as_told(it, of.is_some(), of.and_then(|of| receipts.get(&(*of, &it.key))).copied())
        };
        wrong.extend(told.iter().filter_map(|it| is_kept(it).err()));
        wrong
    }

    /// How many calls there are.
    pub fn calls(&self) -> usize {
        self.calls.len()
    }

    /// A call has a legal history, is what that makes it, and no timer of it is left to fire.
    fn is_whole(&self, call: &Value) -> Result<(), String> {
        let no = number(&call["no"]);
        let history = self.events.get(&no).map_or(&[][..], Vec::as_slice);
        let folded = fold(history, &|queue| self.queues.get(queue).copied())?;
        is_the_fold(call, &folded, history.len())?;
        if let Some(due) = folded.next_timer() {
            return Err(format!("its timer was due at {due} and never fired"));
        }
        raised(&folded, self.alerts.get(&no).map_or(&[], Vec::as_slice))
    }
}

fn is_the_fold(call: &Value, folded: &Folded, events: usize) -> Result<(), String> {
    let expected = json!({
        "status": folded.status, "queue_id": folded.queue, "agent_id": folded.agent,
        "version": events, "sla_due_at": folded.sla_due, "ring_due_at": folded.ring_due,
        "hold_due_at": folded.hold_due, "due_at": folded.next_timer(), "offer": folded.offer,
    });
    for (column, value) in expected.as_object().into_iter().flatten() {
        if call[column] != *value {
            return Err(format!("`{column}` is {} but its events make it {value}", call[column]));
        }
    }
    if call["end_time"].is_null() == (folded.status == "ended") {
        return Err(format!("it is {}, and its end is {}", folded.status, call["end_time"]));
    }
    Ok(())
}

/// Supervisors were alerted of what the history calls for, and of nothing else.
fn raised(folded: &Folded, kept: &[String]) -> Result<(), String> {
    let (mut expected, mut kept) = (folded.alerts.clone(), kept.iter().collect::<Vec<_>>());
    expected.sort_unstable();
    kept.sort_unstable();
    if kept == expected {
        return Ok(());
    }
    Err(format!("its alerts are {kept:?} but its events call for {expected:?}"))
}

/// What was acknowledged is there as it was acknowledged.
fn as_told(told: &Told, call_exists: bool, kept: Option<&Value>) -> Result<(), String> {
    let Told { key, event } = told;
    let call = text(&event["callId"]);
    let lost = format!("lost: key `{key}` of call `{call}` was acknowledged as {event}");
    let Some(kept) = kept else {
        let missing = if call_exists { "no event has that key" } else { "there is no such call" };
        return Err(format!("{lost}, and {missing}"));
    };
    let metadata = kept["metadata"].as_str().map(serde_json::from_str::<Value>).transpose();
    let is_same = kept["seq"] == event["seq"]
        && kept["type"] == event["type"]
        && metadata.is_ok_and(|it| it.as_ref() == event.get("metadata"));
    if is_same {
        return Ok(());
    }
    Err(format!("key `{key}` of call `{call}` was acknowledged as {event}, but kept is {kept}"))
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or(0)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

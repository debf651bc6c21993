//! The auditor: compares what a client was told with what the database holds.
//!
//! It asks nothing of the product. The client's side is a file to which every acknowledgement was
//! written, and synced, as it came; the other side is read with SQL.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde_json::{Value, json};

use crate::{
    history::{Folded, Promises, fold},
    world::World,
};

/// What a client was told, kept on disk.
pub(crate) struct Log {
    path: PathBuf,
    file: Mutex<File>,
}

impl Log {
    pub(crate) fn new(dir: &Path) -> Self {
        let path = dir.join("acknowledged.ndjson");
        let file = Mutex::new(File::create(&path).expect("the log can be made"));
        Self { path, file }
    }

    /// Notes that the server acknowledged an event under this key.
    pub(crate) fn note(&self, key: &str, event: &Value) {
        let line = format!("{}\n", json!({ "key": key, "event": event }));
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(line.as_bytes()).expect("the log can be written");
        file.sync_data().expect("the log reaches the disk");
    }

    fn read(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.path).expect("the log can be read");
        text.lines().map(|line| serde_json::from_str(line).expect("a whole line")).collect()
    }
}

/// Compares the two. What is found wrong is told in a sentence.
pub(crate) fn reconcile(world: &World, log: &Log) -> Result<usize, String> {
    let calls = world.rows(
        "select no, id, status, queue_id, agent_id, end_time, version, sla_due_at, ring_due_at, \
         hold_due_at, due_at, offer, moved_at from calls",
    );
    let queues = world.rows("select id, sla_ms, ring_ms, max_hold_ms from queues");
    let queues = queues
        .iter()
        .map(|queue| {
            let ms = |name: &str| queue[name].as_i64().unwrap_or(0);
            let promises =
                Promises { sla: ms("sla_ms"), ring: ms("ring_ms"), hold: ms("max_hold_ms") };
            (queue["id"].as_str().unwrap_or_default(), promises)
        })
        .collect::<HashMap<_, _>>();
    let promises = |queue: &str| queues[queue];
    let mut histories = BTreeMap::<i64, Vec<Value>>::new();
    let events = "select call_no, seq, type, timestamp, metadata from call_events \
                  order by call_no, seq";
    for event in world.rows(events) {
        histories.entry(event["call_no"].as_i64().unwrap_or(0)).or_default().push(event);
    }
    let mut alerts = HashMap::<i64, usize>::new();
    for alert in world.rows("select call_no from alerts") {
        *alerts.entry(alert["call_no"].as_i64().unwrap_or(0)).or_default() += 1;
    }
    let mut numbers = HashMap::new();
    for row in &calls {
        let no = row["no"].as_i64().unwrap_or(0);
        numbers.insert(row["id"].as_str().unwrap_or_default().to_owned(), no);
        let history = histories.remove(&no).unwrap_or_default();
        let told = |why: String| format!("call {}: {why}", row["id"]);
        let folded = fold(&history, &promises).map_err(told)?;
        is_the_fold(row, &folded, history.len()).map_err(told)?;
        raised(&history, alerts.remove(&no).unwrap_or(0)).map_err(told)?;
    }
    if let Some(no) = histories.keys().next() {
        return Err(format!("events of call number {no}, which does not exist"));
    }
    acknowledged(world, &log.read(), &numbers)
}

fn is_the_fold(row: &Value, folded: &Folded, events: usize) -> Result<(), String> {
    let agent = folded.agent.clone();
    let expected = json!({
        "status": folded.status, "queue_id": folded.queue, "agent_id": agent, "version": events,
        "sla_due_at": folded.sla_due, "ring_due_at": folded.ring_due,
        "hold_due_at": folded.hold_due, "due_at": folded.next_timer(), "offer": folded.offer,
    });
    for (column, value) in expected.as_object().into_iter().flatten() {
        if row[column] != *value {
            return Err(format!("`{column}` is {} but its events make it {value}", row[column]));
        }
    }
    if row["end_time"].is_null() == (folded.status == "ended") {
        return Err(format!("{}, and its end is {}", folded.status, row["end_time"]));
    }
    Ok(())
}

/// One alert for each promise that was broken, and no other.
fn raised(history: &[Value], alerts: usize) -> Result<(), String> {
    let breaches = history
        .iter()
        .filter(|it| it["type"] == "sla_breached" || it["type"] == "hold_exceeded")
        .count();
    if breaches == alerts {
        return Ok(());
    }
    Err(format!("{breaches} broken promises and {alerts} alerts"))
}

/// Everything that was acknowledged is there, once, as it was acknowledged.
fn acknowledged(
    world: &World,
    log: &[Value],
    numbers: &HashMap<String, i64>,
) -> Result<usize, String> {
    let rows = world
        .rows("select call_no, key, seq, type, metadata from call_events where key is not null");
    let mut receipts = HashMap::new();
    let mut places = HashSet::new();
    for row in &rows {
        let no = row["call_no"].as_i64().unwrap_or(0);
        if !places.insert((no, row["seq"].to_string())) {
            return Err(format!("two receipts for event {} of call number {no}", row["seq"]));
        }
        if receipts.insert((no, row["key"].as_str().unwrap_or_default()), row).is_some() {
            return Err(format!("key {} of call number {no} was recorded twice", row["key"]));
        }
    }
    for line in log {
        let (key, event) = (line["key"].as_str().unwrap_or_default(), &line["event"]);
        let call = event["callId"].as_str().unwrap_or_default();
        let Some(no) = numbers.get(call) else {
            return Err(format!("lost: `{key}` was acknowledged, and call `{call}` is not there"));
        };
        let Some(row) = receipts.get(&(*no, key)) else {
            return Err(format!("lost: call `{call}`, key `{key}` was acknowledged: {event}"));
        };
        let stored = row["metadata"].as_str().map(serde_json::from_str::<Value>);
        let stored = stored.transpose().map_err(|error| error.to_string())?;
        if row["seq"] != event["seq"]
            || row["type"] != event["type"]
            || stored.as_ref() != event.get("metadata")
        {
            return Err(format!("call `{call}`, key `{key}`: told {event}, but kept {row}"));
        }
    }
    Ok(log.len())
}

/// Calls with a timer that is due and has not fired.
pub(crate) fn overdue(world: &World, now: i64) -> usize {
    world.rows(&format!("select no from calls where due_at <= {now}")).len()
}

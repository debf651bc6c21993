//! What is asked for is read field by field; what was answered can be asked for again.

use contract::{Agent, AgentChange, Queue, QueueChange, Seconds};
use serde_json::{Value, json, to_value};

use crate::story::is_queue;

#[test]
fn a_queue_that_was_read_can_be_put_again() {
    let queue = Queue { sla_seconds: Seconds { ms: 12_345 }, ..Queue::new("dental") };
    let change = QueueChange::read(&to_value(&queue).expect("JSON")).expect("it is a change");
    assert_eq!(Queue::new("dental").changed(change), queue);
}

#[test]
fn an_agent_who_was_read_can_be_put_again() {
    let read: Agent = serde_json::from_str(include_str!("../../samples/Agent.measured.json"))
        .expect("an agent as one is answered");
    let body = to_value(&read).expect("JSON");
    let change = AgentChange::read(&body, &[], &|_| true).expect("it is a change");
    assert_eq!(change.queues, Some(read.queues));
    assert_eq!(change.priorities, Some(read.priorities));
    assert_eq!((change.name, change.presence), (Some(read.name), Some(read.presence)));
    assert_eq!(change.lease_seconds, read.lease_seconds);
}

#[test]
fn a_change_is_read_as_it_is_written() {
    for name in ["all", "part"] {
        let path = format!("{}/samples", env!("CARGO_MANIFEST_DIR"));
        let sample = |of: &str| -> Value {
            let text = std::fs::read_to_string(format!("{path}/{of}.{name}.json"));
            serde_json::from_str(&text.expect("a sample")).expect("JSON")
        };
        let body = sample("QueueChange");
        assert_eq!(to_value(QueueChange::read(&body).expect("right")).expect("JSON"), body);
        let body = sample("AgentChange");
        let read = AgentChange::read(&body, &[], &|_| true).expect("right");
        assert_eq!(to_value(read).expect("JSON"), body);
    }
}

#[test]
fn any_field_that_is_not_there_is_named() {
    let body = json!({ "nam": "Ana", "": 1, "name\u{0}": 2 });
    let issues = AgentChange::read(&body, &[], &is_queue).expect_err("it should be refused");
    let paths = issues.iter().map(|issue| issue.path.join(".")).collect::<Vec<_>>();
    assert_eq!(paths, ["", "nam", "name\u{0}"]);
    assert!(issues.iter().all(|issue| issue.code == "unknown_field"));
}

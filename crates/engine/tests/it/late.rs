//! A late answer is refused, and shown.

use serde_json::{Value, json};

use crate::desk::Desk;

fn event(kind: &str, fields: &Value) -> Value {
    let mut event = json!({ "event": kind, "callId": "c" });
    for (name, value) in fields.as_object().into_iter().flatten() {
        event[name] = value.clone();
    }
    event
}

fn answers(agent: &str, offer: u32) -> Value {
    event("call_answered", &json!({ "agentId": agent, "offer": offer, "waitTime": 1 }))
}

fn rings(agent: &str) -> Value {
    event("call_routed", &json!({ "agentId": agent, "routingTime": 1 }))
}

fn begins() -> Value {
    event("call_initiated", &json!({ "type": "voice", "queueId": "legal_english" }))
}

/// The record, apart from ids and moments, the oldest first.
async fn recorded(desk: &Desk) -> Vec<Value> {
    let actions = desk.engine.actions(Some("c"), None, 100).await.expect("it can be read");
    let told = actions.into_iter().rev().map(|listed| {
        let action = serde_json::to_value(listed.item).expect("it becomes JSON");
        json!([action["by"], action["action"], action["detail"]])
    });
    told.collect()
}

#[tokio::test]
async fn a_late_answer_is_in_the_record_once_however_often_it_is_sent() {
    let desk = Desk::new().await;
    desk.send(&[begins(), rings("ana"), rings("luis")]).await;
    let keyed = {
        let mut late = answers("ana", 1);
        late["eventId"] = json!("k");
        late
    };
    let said = desk.send(&[keyed.clone(), keyed, answers("ana", 1)]).await;
    assert!(said.iter().all(Result::is_err), "{said:?}");
    let while_ringing =
        json!({ "agentId": "ana", "offer": 1, "standingOffer": 2, "status": "waiting" });
    assert_eq!(recorded(&desk).await, [json!(["pbx", "late_answer", while_ringing])]);

    // Whoever comes when another has answered is late just as well; a repeat of that answer is not.
    let said = desk.send(&[rings("eva"), answers("eva", 3), answers("luis", 2)]).await;
    assert_eq!(said.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false]);
    assert!(desk.send(&[answers("eva", 3)]).await[0].is_err());
    let while_talking = json!({ "agentId": "luis", "offer": 2, "status": "active" });
    assert_eq!(recorded(&desk).await[1..], [json!(["pbx", "late_answer", while_talking])]);
    assert_eq!(desk.history("c").await.len(), 5, "it is no event of the call");
    assert_eq!(recorded(&desk.again().await).await.len(), 2);
}

#[tokio::test]
async fn whoever_picks_up_just_after_the_caller_hung_up_is_in_the_record() {
    let desk = Desk::new().await;
    let ended = event("call_ended", &json!({ "duration": 0, "endReason": "abandoned" }));
    let said = desk.send(&[begins(), rings("ana"), ended, answers("ana", 1)]).await;
    assert_eq!(said.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, true, false]);
    let over = json!({ "agentId": "ana", "offer": 1, "status": "ended" });
    assert_eq!(recorded(&desk).await, [json!(["pbx", "late_answer", over])]);
    // The call knows it still when it is read again.
    let desk = desk.again().await;
    let mut unnumbered = answers("ana", 1);
    unnumbered.as_object_mut().expect("it is an object").remove("offer");
    assert!(desk.send(&[unnumbered]).await[0].is_err());
    assert_eq!(recorded(&desk).await.len(), 2);
}

#[tokio::test]
async fn an_answer_that_was_never_asked_for_is_a_mistake_and_not_late() {
    let desk = Desk::new().await;
    let mut nobody = answers("luis", 1);
    nobody.as_object_mut().expect("it is an object").remove("offer");
    let events = [begins(), rings("ana"), answers("ana", 7), nobody, answers("luis", 1)];
    let said = desk.send(&events).await;
    assert_eq!(said.iter().filter(|it| it.is_ok()).count(), 2);
    assert_eq!(recorded(&desk).await, Vec::<Value>::new());
}

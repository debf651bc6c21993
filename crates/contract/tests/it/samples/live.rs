//! What is said over Socket.IO.

use contract::{
    AgentUpdate, AlertUpdate, EventType, Moment, Promised, Resync, SubscribeAgents,
    SubscribeAlerts, SubscribeCalls, Subscribed, Warning,
};

use super::{
    Sample,
    answers::{acknowledged, alert, ringing},
    events::eventful,
    sample,
};

fn warning() -> Warning {
    Warning {
        call_id: eventful().call().id,
        queue_id: "medical_spanish".to_owned(),
        promise: Promised::Sla,
        due_at: Moment(crate::story::began() + 30_000),
        version: 1,
        message: "10 s left to an answer; of 4 agents 2 talk, 1 is away, 1 is offered another call"
            .to_owned(),
        position: "q3k7.43".to_owned(),
    }
}

pub(crate) fn samples() -> Vec<Sample> {
    let position = || "q3k7.42".to_owned();
    let queue_id = Some("medical_spanish".to_owned());
    let by_queue = SubscribeCalls { queue_id: queue_id.clone(), after: None };
    let by_queue_after = SubscribeCalls { queue_id, after: Some(position()) };
    let alerts_after = SubscribeAlerts { after: Some(position()) };
    let mut samples = vec![
        sample("AlertUpdate.raised", &AlertUpdate { alert: alert(), position: position() }),
        sample(
            "AlertUpdate.acknowledged",
            &AlertUpdate { alert: acknowledged(), position: position() },
        ),
        sample("SubscribeCalls.all", &SubscribeCalls::default()),
        sample("SubscribeCalls.queue", &by_queue),
        sample("SubscribeCalls.queue_after", &by_queue_after),
        sample("AgentUpdate.ringing", &AgentUpdate { agent: ringing(), position: position() }),
        sample("Warning.sla", &warning()),
        sample("SubscribeAgents.all", &SubscribeAgents::default()),
        sample("SubscribeAgents.after", &SubscribeAgents { after: Some(position()) }),
        sample("SubscribeAlerts.all", &SubscribeAlerts::default()),
        sample("SubscribeAlerts.after", &alerts_after),
        sample("Subscribed.new", &Subscribed { position: position(), recovered: false }),
        sample("Subscribed.recovered", &Subscribed { position: position(), recovered: true }),
        sample("Resync.too_slow", &Resync { position: position(), reason: "too_slow".to_owned() }),
    ];
    let eventful = eventful();
    for kind in EventType::ALL {
        let update = eventful.updates.iter().rfind(|update| update.event_type == kind);
        let update = update.expect("everything happens to this call");
        samples.push(sample(format!("CallStatusUpdate.{}", kind.name()), update));
    }
    samples
}

//! What is said over Socket.IO.

use contract::{AlertUpdate, EventType, Resync, SubscribeAlerts, SubscribeCalls, Subscribed};

use super::{
    Sample,
    answers::{acknowledged, alert},
    events::eventful,
    sample,
};

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

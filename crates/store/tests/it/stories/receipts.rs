//! What makes a repeat harmless.

use std::sync::Arc;

use contract::EventType;
use store::ReceiptOf;

use crate::{
    databases::Database,
    desk::{answered, begins, ended, held, record, resumed},
};

fn by_key(call: &str, key: &str) -> (Arc<str>, ReceiptOf) {
    (call.into(), ReceiptOf::Key(key.into()))
}

pub(crate) async fn a_repeat_is_found_by_its_key(at: Database) {
    record(&at.store, &[begins("c"), answered("c", 1.0)]).await;
    let hold = held("c").with_key("k1");
    let met = record(&at.store, std::slice::from_ref(&hold)).await;
    assert_eq!((met.receipts.len(), met.recorded), (0, 1));
    let met = record(&at.store, &[hold.clone(), resumed("c"), hold]).await;
    let receipt = &met.receipts[&by_key("c", "k1")];
    assert_eq!((receipt.seq, receipt.kind), (3, EventType::CallHold));
    assert_eq!(met.recorded, 1, "only the resume");
}

pub(crate) async fn every_key_of_a_long_call_is_found(mut at: Database) {
    record(&at.store, &[begins("c"), answered("c", 1.0)]).await;
    let step = |n: u32| {
        let step = if n.is_multiple_of(2) { held("c") } else { resumed("c") };
        step.with_key(&format!("k{n}"))
    };
    let steps = (0..80).map(step).collect::<Vec<_>>();
    assert_eq!(record(&at.store, &steps).await.recorded, 80);
    // First with what is remembered of the call, then without.
    for _ in 0..2 {
        for n in [0, 13, 14, 40, 79] {
            let met = record(&at.store, &[step(n)]).await;
            assert_eq!(met.receipts[&by_key("c", &format!("k{n}"))].seq, n + 3);
            assert_eq!(met.recorded, 0);
        }
        at = at.leave().await.enter().await;
    }
}

pub(crate) async fn a_key_belongs_to_its_call(at: Database) {
    let steps = [begins("c").with_key("k"), begins("d").with_key("k")];
    assert_eq!(record(&at.store, &steps).await.recorded, 2);
    let met = record(&at.store, &steps).await;
    assert_eq!((met.receipts.len(), met.recorded), (2, 0));
    assert_eq!(&*met.receipts[&by_key("d", "k")].call_id, "d");
}

pub(crate) async fn a_repeat_is_found_by_its_type(at: Database) {
    let met = record(&at.store, &[begins("c")]).await;
    assert!(met.receipts.is_empty());
    let met = record(&at.store, &[begins("c"), answered("c", 1.0), ended("c")]).await;
    let of = |kind| ("c".into(), ReceiptOf::Only(kind));
    assert_eq!(met.receipts[&of(EventType::CallInitiated)].seq, 1);
    assert_eq!((met.receipts.len(), met.recorded), (1, 3), "an open call has no end");
    let met = record(&at.store, &[ended("c")]).await;
    assert_eq!(met.receipts[&of(EventType::CallEnded)].seq, 3);
    assert_eq!(met.recorded, 0);
}

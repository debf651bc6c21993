//! Every call's own events are legal by the table of what may happen when.

use std::collections::HashMap;

use proptest::prelude::*;

use super::super::centre;
use super::super::script::{Meant, Plan, Report, Script, What};
use super::{bodies, plan};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Status {
    None,
    Waiting,
    Active,
    OnHold,
    Ended,
}

/// The table of the contract; `None` is a refusal.
fn next(status: Status, what: &What) -> Option<Status> {
    Some(match (status, what) {
        (Status::Waiting | Status::OnHold, What::Answered { .. })
        | (Status::OnHold, What::Resumed)
        | (Status::Active | Status::OnHold, What::Transferred { attended: true, .. }) => {
            Status::Active
        }
        (Status::None, What::Initiated { .. })
        | (Status::Waiting, What::Routed { .. })
        | (Status::Active | Status::OnHold, What::Transferred { attended: false, .. }) => {
            Status::Waiting
        }
        (Status::Active, What::Held { .. }) => Status::OnHold,
        (Status::Waiting | Status::Active | Status::OnHold, What::Ended { .. }) => Status::Ended,
        _ => return None,
    })
}

fn check(script: &Script) -> Result<(), TestCaseError> {
    let mut statuses = vec![Status::None; script.calls as usize];
    let mut sent = HashMap::new();
    let mut before_ms = 0;
    for (report, body) in script.reports.iter().zip(bodies(script)) {
        prop_assert!(before_ms <= report.at_ms, "time runs backwards at {report:?}");
        before_ms = report.at_ms;
        let status = &mut statuses[report.call as usize];
        check_one(status, report)?;
        let first = sent.entry((report.call, report.number)).or_insert_with(|| body.clone());
        prop_assert_eq!(&*first, &body, "a repeat is another text");
    }
    prop_assert!(statuses.iter().all(|status| *status == Status::Ended), "a call has no end");
    Ok(())
}

fn check_one(status: &mut Status, report: &Report) -> Result<(), TestCaseError> {
    match report.meant {
        Meant::Recorded => {
            let Some(after) = next(*status, &report.what) else {
                return Err(TestCaseError::fail(format!("{report:?} is refused in {status:?}")));
            };
            *status = after;
        }
        Meant::Refused => {
            prop_assert!(next(*status, &report.what).is_none(), "{report:?} would be accepted");
        }
        Meant::Replayed => prop_assert!(*status != Status::None, "{report:?} repeats nothing"),
        Meant::Unknown | Meant::Unreadable => {}
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_event_of_every_call_may_happen(
        seed: u64, scale in 0.1..4.0_f64, agents in 1..60_u32, from in 0..23_u64, hours in 1..6_u64,
    ) {
        let (from_ms, to_ms) = (from * 3_600_000, (from + hours) * 3_600_000);
        let script = centre::write(Plan { from_ms, to_ms, scale, agents, ..plan(seed) });
        check(&script)?;
    }
}

#[test]
fn a_day_has_everything_in_it() {
    let script = centre::write(Plan { scale: 5.0, ..plan(3) });
    for meant in Meant::ALL {
        assert!(script.reports.iter().any(|it| it.meant == meant), "nothing is {meant:?}");
    }
    let has = |wanted: fn(&What) -> bool| script.reports.iter().any(|it| wanted(&it.what));
    assert!(has(|what| matches!(what, What::Transferred { attended: true, .. })), "attended");
    assert!(has(|what| matches!(what, What::Transferred { queue: Some(_), .. })), "to a queue");
    assert!(has(|what| matches!(what, What::Held { held_ms: 60_001.. })), "a long hold");
    assert!(has(|what| matches!(what, What::Ended { lasted_ms: ..10_000, .. })), "a short call");
    assert!(has(|what| matches!(what, What::Initiated { video: true, .. })), "video");
    assert!(!script.rung_out_ms.is_empty(), "nobody let it ring");
}

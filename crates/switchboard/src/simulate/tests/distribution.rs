//! The day looks like the record: within tolerance, over ten days at once.

use contract::EndReason;

use super::super::script::{Meant, Report, Script, What};
use super::super::traffic::ARRIVALS_PER_HOUR;
use super::day;

/// What a day came to.
#[derive(Default)]
struct Day {
    calls: f64,
    served: f64,
    abandoned: f64,
    waited: f64,
    answered_within_promise: f64,
    services: f64,
    service_ms: f64,
    per_hour: [f64; 24],
}

#[expect(clippy::cast_precision_loss, reason = "spans of a day")]
fn add(day: &mut Day, script: &Script, call: &[&Report]) {
    let hour = usize::try_from(call[0].at_ms / 3_600_000 % 24).expect("an hour");
    day.calls += 1.0;
    day.per_hour[hour] += 1.0;
    let routed = call.iter().find_map(|report| match report.what {
        What::Routed { routing_ms, .. } => Some(routing_ms),
        _ => None,
    });
    let answered = call.iter().find_map(|report| match report.what {
        What::Answered { waited_ms, .. } => Some(waited_ms),
        _ => None,
    });
    if routed != Some(0) {
        day.waited += 1.0;
    }
    if let Some(waited_ms) = answered {
        day.served += 1.0;
        if waited_ms <= 30_000 {
            day.answered_within_promise += 1.0;
        }
    }
    match call.last().expect("a call has an end").what {
        What::Ended { reason: EndReason::Abandoned, .. } if answered.is_none() => {
            day.abandoned += 1.0;
        }
        What::Ended { reason: EndReason::Completed, lasted_ms } => {
            day.services += 1.0;
            day.service_ms += lasted_ms as f64;
        }
        _ => {}
    }
    assert!(call[0].call < script.calls);
}

fn ten_days() -> Day {
    let mut all = Day::default();
    for seed in 1..=10 {
        let script = day(seed);
        let mut calls = vec![Vec::new(); script.calls as usize];
        for report in script.reports.iter().filter(|report| report.meant == Meant::Recorded) {
            calls[report.call as usize].push(report);
        }
        for call in &calls {
            add(&mut all, &script, call);
        }
    }
    all
}

#[track_caller]
fn within(what: &str, value: f64, least: f64, most: f64) {
    assert!((least..=most).contains(&value), "{what}: {value:.3} is not in {least} to {most}");
}

#[test]
fn a_day_is_like_a_day_of_the_record() {
    let day = ten_days();
    within("abandoned", day.abandoned / (day.served + day.abandoned), 0.12, 0.24);
    within("had to wait", day.waited / day.calls, 0.45, 0.65);
    within("answered in 30 s", day.answered_within_promise / day.served, 0.55, 0.78);
    within("mean service", day.service_ms / day.services / 1_000.0, 150.0, 220.0);
}

#[test]
fn calls_come_by_the_hour_of_the_day() {
    let day = ten_days();
    for (hour, expected) in ARRIVALS_PER_HOUR.into_iter().enumerate().take(18).skip(8) {
        within(&format!("{hour} h"), day.per_hour[hour] / 10.0, expected * 0.85, expected * 1.15);
    }
}

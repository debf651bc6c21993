//! What is measured, and what each measurement counts: the help texts of `/metrics`.

use metrics::{describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Measures from now on.
pub(crate) fn start() -> Result<PrometheusHandle, String> {
    let failed = |error: BuildError| error.to_string();
    let seconds =
        [0.000_5, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &seconds)
        .and_then(|builder| {
            let events = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];
            builder.set_buckets_for_metric(Matcher::Suffix("_batch_events".to_owned()), &events)
        })
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(failed)?;
    describe();
    Ok(handle)
}

fn describe() {
    describe_counter!(
        "switchboard_events_total",
        "Events that were sent in, by what became of them. Where a request was turned away before \
         its events were read, it counts as one of type unknown; result is then the code of the \
         problem. What the system records by itself is not among them: see \
         switchboard_recorded_total."
    );
    describe_counter!(
        "switchboard_recorded_total",
        "Entries added to histories of calls, whoever they came from: senders, supervisors, timers \
         (sla_breached, hold_exceeded, call_retransfer) and the rules."
    );
    describe_counter!("switchboard_offers_total", "Calls that were offered to an agent.");
    describe_counter!("switchboard_updates_sent_total", "Updates that were sent to sockets.");
    describe_counter!(
        "switchboard_resyncs_total",
        "Sockets that were told to fetch again, for they had fallen too far behind."
    );
    describe_gauge!("switchboard_sockets", "Sockets that are connected.");
    describe_gauge!("switchboard_timers_armed", "Calls with a timer that is armed.");
    describe_gauge!("switchboard_lane_depth", "Inputs that wait to be recorded, by lane.");
    describe_histogram!("switchboard_batch_events", "Inputs recorded in one transaction.");
    describe_histogram!("switchboard_commit_seconds", "How long a transaction took.");
    describe_histogram!(
        "switchboard_timer_lateness_seconds",
        "How long after its moment a timer was recorded."
    );
    describe_histogram!(
        "switchboard_update_lag_seconds",
        "How long after its recording an update was on its way to sockets."
    );
}

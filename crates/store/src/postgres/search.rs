//! Searching calls by what no index knows.

use contract::CallStatus;
use lifecycle::Timestamp;
use sqlx::Row;

use super::{
    connections::{Connections, arguments, its_call},
    fault::Fault,
    read::{call_columns, found, listed},
};
use crate::{Search, Searched, Stopped, StoreError};

/// The calls that fit, among those from `$2` up to before `$1`; at most `$3`. The index of a queue's
/// calls has their numbers below zero.
macro_rules! those {
    (in a queue, $scope:literal) => {
        those!("calls c", $scope, " -c.no > -$1 and -c.no <= -$2", "-c.no")
    };
    ($scope:literal) => {
        those!("calls c", $scope)
    };
    ($from:expr, $scope:literal) => {
        those!($from, $scope, " c.no < $1 and c.no >= $2", "c.no desc")
    };
    ($from:expr, $scope:literal, $span:literal, $order:literal) => {
        concat!(
            "select ",
            call_columns!(),
            " from ",
            $from,
            " where ",
            $scope,
            $span,
            " and ($4::text is null or c.queue_id = $4) \
             and ($5::text is null or c.agent_id = $5) \
             and ($6::text is null or strpos(c.flags, $6) > 0) \
             and ($7::text is null or strpos(lower(c.id), $7) > 0 \
             or strpos(lower(c.queue_id), $7) > 0 or strpos(lower(c.agent_id), $7) > 0) \
             and ($8::text is null or c.status = $8) \
             order by ",
            $order,
            " limit $3"
        )
    };
}

/// The call before `$1` that comes after `$2` others.
macro_rules! stop {
    (in a queue, $scope:literal) => {
        stop!($scope, " -no > -$1", "-no")
    };
    ($scope:literal) => {
        stop!($scope, " no < $1", "no desc")
    };
    ($scope:literal, $span:literal, $order:literal) => {
        concat!(
            "select no, start_time from calls where no = (select no from calls where ",
            $scope,
            $span,
            " order by ",
            $order,
            " offset $2 limit 1)"
        )
    };
}

const ALL: [&str; 2] = [those!(""), stop!("")];
const ENDED: [&str; 2] = [those!("c.end_time is not null and"), stop!("end_time is not null and")];
const ENDED_IN_QUEUE: [&str; 2] = [
    those!(in a queue, "c.end_time is not null and c.queue_id = $4 and"),
    stop!(in a queue, "end_time is not null and queue_id = $3 and"),
];
const OPEN: &str =
    those!(concat!("open_calls o cross join ", its_call!("o.call_no")), "o.status = $8 and");

pub(super) async fn search(reads: &Connections, search: &Search) -> Result<Searched, StoreError> {
    let filter = &search.filter;
    let before = search.before.unwrap_or(i64::MAX);
    let given = |from: i64| {
        arguments![
            before,
            from,
            i64::from(search.limit),
            filter.queue.clone(),
            filter.agent.clone(),
            filter.in_flags(),
            filter.lowered(),
            search.status.map(CallStatus::name)
        ]
    };
    let (rows, stopped) = if search.is_open_only() {
        (reads.ask(OPEN, given(0)).await?, None)
    } else {
        let skipped = i64::from(search.among.saturating_sub(1));
        let ([those, stop], to) = match (search.status, filter.queue.as_deref()) {
            (None, _) => (ALL, arguments![before, skipped]),
            (Some(_), None) => (ENDED, arguments![before, skipped]),
            (Some(_), Some(queue)) => (ENDED_IN_QUEUE, arguments![before, skipped, queue]),
        };
        let stopped = stopped(reads, stop, to).await?;
        (reads.ask(those, given(stopped.map_or(0, |stopped| stopped.no))).await?, stopped)
    };
    let calls = rows
        .iter()
        .map(|row| found(row, 0).map(|it| listed(&it)))
        .collect::<Result<_, _>>()
        .map_err(Fault::told)?;
    Ok(Searched { calls, stopped })
}

async fn stopped(
    reads: &Connections,
    stop: &'static str,
    to: sqlx::postgres::PgArguments,
) -> Result<Option<Stopped>, StoreError> {
    let rows = reads.ask(stop, to).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let told = |error: sqlx::Error| Fault::from(error).told();
    let (no, began) = (row.try_get(0).map_err(told)?, row.try_get(1).map_err(told)?);
    Ok(Some(Stopped { no, began: Timestamp(began) }))
}

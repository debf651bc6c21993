//! Counting calls. Open ones have a table of their own, so ended ones cost nothing here.

use sqlx::Row;

use super::{
    connections::{Connections, arguments, its_call},
    fault::Fault,
};
use crate::{CountFilter, Counts, ENDED_COUNTED, StoreError};

const COUNT: &str = concat!(
    "select status, ring_due_at is not null, count(*) from (\
     (select c.* from open_calls o cross join ",
    its_call!("o.call_no"),
    ") union all \
     (select * from calls where end_time is not null and ($1::text is null or queue_id = $1) \
     order by no desc limit $5)) c \
     where ($1::text is null or queue_id = $1) and ($2::text is null or agent_id = $2) \
     and ($3::text is null or strpos(flags, $3) > 0) \
     and ($4::text is null or strpos(lower(id), $4) > 0 or strpos(lower(queue_id), $4) > 0 \
     or strpos(lower(agent_id), $4) > 0) \
     group by 1, 2"
);

pub(super) async fn counts(
    reads: &Connections,
    filter: &CountFilter,
) -> Result<Counts, StoreError> {
    let given = arguments![
        filter.queue.clone(),
        filter.agent.clone(),
        filter.in_flags(),
        filter.lowered(),
        i64::from(ENDED_COUNTED)
    ];
    let mut counts = Counts::default();
    for row in reads.ask(COUNT, given).await? {
        let told = |error: sqlx::Error| Fault::from(error).told();
        let status: String = row.try_get(0).map_err(told)?;
        counts.add(&status, row.try_get(1).map_err(told)?, row.try_get(2).map_err(told)?);
    }
    Ok(counts)
}

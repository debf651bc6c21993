//! Counting calls. Open ones stand in an index of their own, so ended ones cost nothing here.

use rusqlite::{Connection, params};

use crate::{CountFilter, Counts, ENDED_COUNTED, StoreError, sqlite::away};

const COUNT: &str = "select status, ring_due_at is not null, count(*) from (\
     select * from calls where end_time is null union all \
     select * from (select * from calls where end_time is not null and (?1 is null or queue_id = ?1) \
     order by no desc limit ?5)) \
     where (?1 is null or queue_id = ?1) and (?2 is null or agent_id = ?2) \
     and (?3 is null or instr(flags, ?3)) \
     and (?4 is null or instr(lower(id), ?4) or instr(lower(queue_id), ?4) or instr(lower(agent_id), ?4)) \
     group by 1, 2";

pub(super) fn counts(connection: &Connection, filter: &CountFilter) -> Result<Counts, StoreError> {
    let (in_flags, text) = (filter.in_flags(), filter.lowered());
    let given = params![filter.queue, filter.agent, in_flags, text, ENDED_COUNTED];
    let mut counts = Counts::default();
    let mut statement = connection.prepare_cached(COUNT).map_err(away)?;
    let mut rows = statement.query(given).map_err(away)?;
    while let Some(row) = rows.next().map_err(away)? {
        let status: String = row.get(0).map_err(away)?;
        counts.add(&status, row.get(1).map_err(away)?, row.get(2).map_err(away)?);
    }
    Ok(counts)
}

//! Everything a batch decided, in one statement.

use std::time::Duration;

use foldhash::HashMap;
use lifecycle::{Call, Id, Timestamp};
use sqlx::{
    Row as _,
    postgres::{PgArguments, PgRow},
};

use super::{connections::arguments, fault::Fault, read::now_ms};
use crate::{
    ChangedAgent, ChangedCall, Loaded, NewEvent, StoreError, Tallies,
    agents::AgentRow,
    audit::{Link, Proof, Prover, Salt, salts},
    row::{CallRow, lapsed_text},
};

/// One statement, and so one round trip, however long the batch. `$1` is the batch's id, `$2` to
/// `$24` are the calls, `$25` the numbers of those that are over, `$26` to `$35` the events, then the
/// alerts; `$42` to `$45` are where the time of the calls went, `$46` what the batch adds to figures,
/// `$47` whose offers lapsed. `$48` are the links that the calls' new events follow. A call whose last link is another was
/// changed by someone else since: then it divides by zero, and nothing is recorded. `$49` is how
/// many milliseconds to wait for each lock, `$50` how many numbers to set aside for calls. `$51` to
/// `$59` are agents, with the versions that this follows, and `$60` those who are offered a call: the
/// same holds where one was changed since, or where a call names who is offered another.
///
/// A plan that was made when there was next to nothing in a table is kept when millions are. So that each
/// row is looked up by its key all the same, there is only one index for that, and what is recorded is said
/// to be little: of a limit that is not known beforehand, the planner takes a tenth.
pub(super) const RECORD: &str = concat!(
    "\
with c as materialized (
  select * from unnest(
    $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
    $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::boolean[],
    $15::boolean[], $16::bigint[], $17::bigint[], $18::text[], $19::bigint[], $20::bytea[],
    $21::bigint[], $22::bigint[], $23::boolean[], $24::boolean[], $42::bigint[], $43::bigint[],
    $44::bigint[], $45::boolean[], $47::text[], $48::bytea[]
  ) c (no, id, type, status, queue_id, agent_id, start_time, end_time, version, sla_due_at,
    ring_due_at, hold_due_at, wait_reported, hold_reported, offer, attempt, flags, moved_at, chain,
    due_at, priority, begins, listed, since, talked_ms, held_ms, passed_on, lapsed,
    followed)
  limit cardinality($2::bigint[])
), patience as materialized (
  select set_config('lock_timeout', $49::text, true) is not null as is_set
), went_on as (
  update calls set status = c.status, queue_id = c.queue_id, agent_id = c.agent_id,
    end_time = c.end_time, version = c.version, sla_due_at = c.sla_due_at,
    ring_due_at = c.ring_due_at, hold_due_at = c.hold_due_at, wait_reported = c.wait_reported,
    hold_reported = c.hold_reported, offer = c.offer, attempt = c.attempt, flags = c.flags,
    moved_at = c.moved_at, chain = c.chain, due_at = c.due_at, since = c.since,
    talked_ms = c.talked_ms, held_ms = c.held_ms, passed_on = c.passed_on, lapsed = c.lapsed
  from c where (select is_set from patience) and calls.no = c.no and not c.begins
    and calls.chain = c.followed
  returning 1
), held as materialized (
  select 1 / (count(*) = (select count(*) from c where not begins))::int = 1 as they_do
  from went_on
), batch as (
  insert into batches (id) values ($1::uuid)
), begun as (
  insert into calls (no, id, type, status, queue_id, agent_id, start_time, end_time, version,
    sla_due_at, ring_due_at, hold_due_at, wait_reported, hold_reported, offer, attempt, flags,
    moved_at, chain, due_at, priority, since, talked_ms, held_ms, passed_on, lapsed)
  select no, id, type, status, queue_id, agent_id, start_time, end_time, version, sla_due_at,
    ring_due_at, hold_due_at, wait_reported, hold_reported, offer, attempt, flags, moved_at, chain,
    due_at, priority, since, talked_ms, held_ms, passed_on, lapsed
  from c where begins and (select they_do from held)
), listed as (
  insert into open_calls (queue_id, status, call_no, due_at, agent_id, priority, since)
  select queue_id, status, no, due_at, agent_id, priority, since from c
  where listed and (select they_do from held)
  on conflict (call_no) do update set queue_id = excluded.queue_id, status = excluded.status,
    due_at = excluded.due_at, agent_id = excluded.agent_id, since = excluded.since
), over as (
  delete from open_calls where call_no = any($25::bigint[]) and (select they_do from held)
), noted as (
  insert into deltas (data) select $46::text where $46 is not null
), raised as (
  insert into alerts (id, call_no, call_id, rule, message, raised_at)
  select * from unnest($36::text[], $37::bigint[], $38::text[], $39::text[], $40::text[],
    $41::bigint[])
), recorded as (
  insert into call_events
    (call_no, seq, type, timestamp, occurred_at, metadata, salt, digest, link, key)
  select * from unnest($26::bigint[], $27::bigint[], $28::text[], $29::bigint[], $30::bigint[],
    $31::text[], $32::bytea[], $33::bytea[], $34::bytea[], $35::text[])
), agent as materialized (
  select * from unnest($51::text[], $52::text[], $53::bigint[], $54::text[], $55::bigint[],
    $56::bigint[], $57::bigint[], $58::bigint[], $59::bigint[])
  agent (id, presence, presence_since, presence_reason, missed, idle_since, wraps_since,
    wraps_until, version)
  limit cardinality($51::text[])
), agents_went_on as (
  update agents set presence = agent.presence, presence_since = agent.presence_since,
    presence_reason = agent.presence_reason, missed = agent.missed,
    idle_since = agent.idle_since, wraps_since = agent.wraps_since,
    wraps_until = agent.wraps_until, version = agents.version + 1
  from agent where (select they_do from held) and agents.id = agent.id
    and agents.version = agent.version
  returning 1
), agreed as materialized (
  select 1 / (count(*) = (select count(*) from agent)
    and not exists (select from open_calls where agent_id = any($60::text[])))::int = 1 as they_are
  from agents_went_on
)
select ",
    now_ms!(),
    ", array(select nextval('calls_no') from generate_series(1, $50::bigint)) from held, agreed"
);

/// A bug planted for the suite needs receipts by themselves.
pub(super) const RECEIPTS: &str = "update call_events e set key = r.key \
     from unnest($1::bigint[], $2::text[], $3::bigint[]) r (call_no, key, seq) \
     where e.call_no = r.call_no and e.seq = r.seq";

/// Where a call is listed while it is open.
#[derive(PartialEq, Eq)]
struct Place {
    queue: Id,
    status: &'static str,
    due_at: Option<i64>,
    agent: Option<Id>,
    since: Timestamp,
}

impl Place {
    fn of(call: &Call) -> Option<Self> {
        call.ended_at.is_none().then(|| Self {
            queue: call.queue.clone(),
            status: call.phase.status(),
            due_at: call.next_timer().map(|(_, due_at)| due_at.0),
            agent: call.named_agent().cloned(),
            since: call.spent.since,
        })
    }
}

/// Where the calls of a batch were listed before it.
pub(super) struct Before(HashMap<i64, Place>);

impl Before {
    pub(super) fn of(loaded: &Loaded) -> Self {
        let places = loaded.calls.values();
        Self(places.filter_map(|stored| Some((stored.no, Place::of(&stored.call)?))).collect())
    }
}

macro_rules! add {
    ($arguments:ident, $of:expr, $($column:expr),+ $(,)?) => {{
        use sqlx::Arguments as _;
        $($arguments
            .add($of.iter().map($column).collect::<Vec<_>>())
            .expect("numbers, text and bytes can always be encoded");)+
    }};
}

/// How [`RECORD`] is run.
pub(super) struct Manner<'a> {
    /// Who must not be named by any open call.
    pub(super) offered: &'a [String],
    /// How long it waits for each lock.
    pub(super) patience: Duration,
    /// How many numbers it sets aside.
    pub(super) numbers: usize,
}

/// What [`RECORD`] is to be run with, and the new last link of each call.
pub(super) fn arguments(
    batch: &str,
    before: &Before,
    calls: &mut [ChangedCall],
    agents: &[ChangedAgent],
    tallies: &Tallies,
    prover: &Prover,
    manner: &Manner<'_>,
) -> Result<(PgArguments, Vec<Link>), StoreError> {
    use sqlx::Arguments as _;
    // Two processes that record the same calls must do so in the same order.
    calls.sort_unstable_by(|one, other| one.id.cmp(&other.id));
    let (events, links) = prove(calls, prover)?;
    let mut arguments = arguments![batch];
    add_calls(&mut arguments, before, calls, &links);
    add_events(&mut arguments, &events);
    add_alerts(&mut arguments, calls);
    add_figures(&mut arguments, calls, tallies);
    add!(arguments, calls, |it| lapsed_text(&it.call), |it| &it.chain[..]);
    let encoded = "numbers and text can always be encoded";
    arguments.add(manner.patience.as_millis().to_string()).expect(encoded);
    arguments.add(i64::try_from(manner.numbers).unwrap_or_default()).expect(encoded);
    add_agents(&mut arguments, agents);
    arguments.add(manner.offered).expect(encoded);
    Ok((arguments, links))
}

/// What [`RECORD`] says when it was run: the moment, and the numbers that it set aside.
pub(super) fn said(rows: &[PgRow]) -> Result<(Timestamp, Vec<i64>), Fault> {
    let row = rows.first().ok_or(Fault::Again)?;
    Ok((Timestamp(row.try_get(0)?), row.try_get(1)?))
}

struct Proved<'a> {
    call_no: i64,
    new: &'a NewEvent,
    salt: Salt,
    proof: Proof,
}

/// Proves the new events, call by call; the second are the last links.
fn prove<'a>(
    calls: &'a [ChangedCall],
    prover: &Prover,
) -> Result<(Vec<Proved<'a>>, Vec<Link>), StoreError> {
    let mut salts = salts(calls.iter().map(|call| call.events.len()).sum())?.into_iter();
    let mut events = Vec::with_capacity(salts.len());
    let mut links = Vec::with_capacity(calls.len());
    for call in calls {
        let mut chain = call.chain;
        for new in &call.events {
            let salt = salts.next().unwrap_or_default();
            let proof = prover.prove(&chain, &new.event, &salt);
            chain = proof.link;
            events.push(Proved { call_no: call.no, new, salt, proof });
        }
        links.push(chain);
    }
    Ok((events, links))
}

struct Row<'a> {
    changed: &'a ChangedCall,
    columns: CallRow<'a>,
    chain: &'a [u8],
    listed: bool,
}

fn add_calls(arguments: &mut PgArguments, before: &Before, calls: &[ChangedCall], links: &[Link]) {
    let rows = calls.iter().zip(links).map(|(changed, link)| row(changed, before, link));
    let rows = rows.collect::<Vec<_>>();
    add!(
        arguments,
        rows,
        |it| it.changed.no,
        |it| &*it.changed.id,
        |it| &*it.columns.kind,
        |it| &*it.columns.status,
        |it| &*it.columns.queue_id,
        |it| it.columns.agent_id.as_deref(),
        |it| it.columns.start_time,
        |it| it.columns.end_time,
        |it| it.columns.version,
        |it| it.columns.sla_due_at,
        |it| it.columns.ring_due_at,
        |it| it.columns.hold_due_at,
        |it| it.columns.wait_reported,
        |it| it.columns.hold_reported,
        |it| it.columns.offer,
        |it| it.columns.attempt,
        |it| it.columns.flags.as_deref(),
        |it| it.columns.moved_at,
        |it| it.chain,
        |it| it.columns.due_at,
        |it| it.columns.priority,
        |it| it.changed.begins,
        |it| it.listed,
    );
    let over = rows.iter().filter(|it| it.changed.call.ended_at.is_some()).collect::<Vec<_>>();
    add!(arguments, over, |it| it.changed.no);
}

fn row<'a>(changed: &'a ChangedCall, before: &Before, link: &'a Link) -> Row<'a> {
    let place = Place::of(&changed.call);
    Row {
        changed,
        columns: CallRow::from(&*changed.call),
        chain: &link[..],
        listed: place.is_some() && place.as_ref() != before.0.get(&changed.no),
    }
}

fn add_events(arguments: &mut PgArguments, events: &[Proved<'_>]) {
    add!(
        arguments,
        events,
        |it| it.call_no,
        |it| i64::from(it.new.event.seq),
        |it| it.new.event.kind.name(),
        |it| it.new.event.timestamp.0.0,
        |it| it.new.event.occurred_at.map(|at| at.0.0),
        |it| it.new.event.metadata_text(),
        |it| it.new.event.metadata.is_some().then_some(&it.salt[..]),
        |it| &it.proof.digest[..],
        |it| &it.proof.link[..],
        |it| it.new.key.as_deref().filter(|_| !crate::planted("receipt_outside_transaction")),
    );
}

fn add_alerts(arguments: &mut PgArguments, calls: &[ChangedCall]) {
    let alerts = calls
        .iter()
        .flat_map(|call| call.alerts.iter().map(|alert| (call.no, alert)))
        .collect::<Vec<_>>();
    add!(
        arguments,
        alerts,
        |(_, alert)| alert.id.as_str(),
        |(no, _)| *no,
        |(_, alert)| alert.call_id.as_str(),
        |(_, alert)| alert.rule.as_str(),
        |(_, alert)| alert.message.as_str(),
        |(_, alert)| alert.raised_at.0.0,
    );
}

/// What a batch may change of an agent: neither their name nor their lease.
fn add_agents(arguments: &mut PgArguments, agents: &[ChangedAgent]) {
    let rows = agents.iter().map(|changed| (changed, AgentRow::of("", &changed.agent)));
    let rows = rows.collect::<Vec<_>>();
    add!(
        arguments,
        rows,
        |(changed, _)| changed.id.as_str(),
        |(_, it)| it.presence.as_str(),
        |(_, it)| it.presence_since,
        |(_, it)| it.presence_reason.as_deref(),
        |(_, it)| it.missed,
        |(_, it)| it.idle_since,
        |(_, it)| it.wraps_since,
        |(_, it)| it.wraps_until,
        |(changed, _)| changed.version,
    );
}

fn add_figures(arguments: &mut PgArguments, calls: &[ChangedCall], tallies: &Tallies) {
    use sqlx::Arguments as _;
    add!(
        arguments,
        calls,
        |it| it.call.spent.since.0,
        |it| it.call.spent.talked_ms,
        |it| it.call.spent.held_ms,
        |it| it.call.spent.passed_on,
    );
    arguments.add(tallies.to_text()).expect("text can always be encoded");
}

pub(super) fn add_receipts(arguments: &mut PgArguments, calls: &[ChangedCall]) {
    let keyed = calls
        .iter()
        .flat_map(|call| call.events.iter().map(|event| (call.no, event)))
        .filter_map(|(no, event)| Some((no, event.key.as_deref()?, event.event.seq)))
        .collect::<Vec<_>>();
    add!(arguments, keyed, |(no, _, _)| *no, |(_, key, _)| *key, |(_, _, seq)| i64::from(*seq),);
}

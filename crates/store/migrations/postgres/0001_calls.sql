-- Calls, their history and what keeps both honest.
--
-- A client's call id is random, so it stands in one unique index only. Everything else is keyed by
-- `no`, a sequential number of ours: new rows land side by side, on pages that are already in memory.
-- Ids are compared byte by byte, so that every process sorts its locks alike and no upgrade of the
-- operating system's language rules can spoil an index.
-- All moments are Unix milliseconds.

create sequence calls_no;

create table calls (
    no            bigint  primary key default nextval('calls_no'),
    id            text    collate "C" not null unique,
    type          text    not null check (type in ('voice', 'video')),
    status        text    not null check (status in ('waiting', 'active', 'on_hold', 'ended')),
    queue_id      text    collate "C" not null,
    agent_id      text,               -- whose phone rings, or who talks or last talked
    start_time    bigint  not null,
    end_time      bigint,
    version       bigint  not null,   -- the seq of its last event
    sla_due_at    bigint,             -- while waiting
    ring_due_at   bigint,             -- while a phone rings
    hold_due_at   bigint,             -- while on hold
    wait_reported boolean not null,   -- this stretch of waiting was reported as too long
    hold_reported boolean not null,   -- this hold was reported as too long
    offer         bigint  not null,
    attempt       bigint  not null,
    flags         text,               -- a JSON array, where there are any
    moved_at      bigint  not null,   -- the moment of the last event
    chain         bytea   not null,   -- the last link of the audit chain
    due_at        bigint              -- the timer that comes due first
)
-- Every event updates its call. Where no indexed column changes and the page has room, the new
-- version stays on the page and no index hears of it.
with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

alter sequence calls_no owned by calls.no;

-- What these two name changes once in a call's life, at its end.
create index calls_ended on calls (no) where end_time is not null;
create index calls_ended_by_queue on calls (queue_id, no) where end_time is not null;

-- The columns that change with nearly every event and must be searched stand apart from the calls:
-- on `calls`, each change would add a row to the index on the random id, too. Open calls are few,
-- so this table is small, stays in memory and is cleaned in no time. A timer is armed, moved and
-- disarmed with its call, in the same statement, so one without the other cannot be.
create table open_calls (
    queue_id text   collate "C" not null,
    status   text   collate "C" not null,
    call_no  bigint primary key,
    due_at   bigint
)
with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

create index open_calls_listed on open_calls (queue_id, status, call_no);
create index open_calls_by_due on open_calls (due_at, call_no) where due_at is not null;

-- The history of a call is read by its key, in order, and an event's id is made of that key. What
-- makes a repeat harmless, the key a client gave an event, stands in the same index: a call has few
-- events, and none is recorded unless the call is locked.
create table call_events (
    call_no     bigint not null,
    seq         bigint not null,
    type        text   not null,
    timestamp   bigint not null,
    occurred_at bigint,
    metadata    text,                 -- a JSON object; gone once a patient's data was erased
    salt        bytea,                -- goes with the metadata
    digest      bytea  not null,
    link        bytea  not null,
    key         text   collate "C",

    primary key (call_no, seq) include (key)
);

create table alerts (
    no              bigint generated always as identity primary key,
    id              text   collate "C" not null unique,
    call_no         bigint not null,
    call_id         text   not null,
    rule            text   not null,
    message         text   not null,
    raised_at       bigint not null,
    acknowledged_at bigint,
    acknowledged_by text
);

create table queues (
    id             text   collate "C" primary key,
    name           text   not null,
    sla_ms         bigint not null,
    ring_ms        bigint not null,
    max_hold_ms    bigint not null,
    short_call_ms  bigint not null,
    max_reroutes   bigint not null
);

-- Every batch leaves its id, in its own transaction. Where a connection breaks during a commit,
-- whoever asks for the same id is told the truth, and waits for it if the commit is still under
-- way. Rows are of use for seconds and removed after minutes; ids begin with the time.
create table batches (
    id uuid primary key
);

-- One row for each thing the program must remember about itself: the key of the audit chain.
create table memory (
    name  text  primary key,
    value bytea not null
);

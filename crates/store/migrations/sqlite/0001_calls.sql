-- Calls, their history and what keeps both honest.
--
-- A client's call id is random, so it stands in one unique index only. Everything else is keyed by
-- `no`, a sequential number of ours: new rows land side by side, on pages that are already in memory.
-- All moments are Unix milliseconds.

create table calls (
    no            integer primary key,
    id            text    not null unique,
    type          text    not null check (type in ('voice', 'video')),
    status        text    not null check (status in ('waiting', 'active', 'on_hold', 'ended')),
    queue_id      text    not null,
    agent_id      text,               -- whose phone rings, or who talks or last talked
    start_time    integer not null,
    end_time      integer,
    version       integer not null,   -- the seq of its last event
    sla_due_at    integer,            -- while waiting
    ring_due_at   integer,            -- while a phone rings
    hold_due_at   integer,            -- while on hold
    wait_reported integer not null,   -- this stretch of waiting was reported as too long
    hold_reported integer not null,   -- this hold was reported as too long
    offer         integer not null,
    attempt       integer not null,
    flags         text,               -- a JSON array, where there are any
    moved_at      integer not null,   -- the moment of the last event
    chain         blob    not null,   -- the last link of the audit chain

    -- The timer that comes due first. A timer is not a row of its own: it is armed, moved and
    -- disarmed with its call, so one without the other cannot be.
    due_at        integer
) strict;

create index calls_by_due on calls (due_at) where due_at is not null;

-- Open calls are few and change often, ended ones are many and change no more. Two pairs of partial
-- indexes keep a list's first page cheap without making each event pay for a million ended calls.
create index calls_open on calls (status, no) where end_time is null;
create index calls_open_by_queue on calls (queue_id, status, no) where end_time is null;
create index calls_ended_by_queue on calls (queue_id, no) where end_time is not null;
create index calls_ended on calls (no) where end_time is not null;

-- The history is appended to: whatever calls a batch is about, its events land on the same few pages,
-- and a sync writes little. (Kept call by call, each event dirtied a page of its own.)
create table call_events (
    no          integer primary key,
    call_no     integer not null,
    seq         integer not null,
    type        text    not null,
    timestamp   integer not null,
    occurred_at integer,
    metadata    text,                 -- a JSON object; gone once a patient's data was erased
    key         text,                 -- what makes a repeat harmless, where the client gave it
    salt        blob,                 -- goes with the metadata
    digest      blob    not null,
    link        blob    not null
) strict;

-- Finds the events of a call in order, and the receipt of a key without reading an event: a key
-- belongs to its call, and a call has few events. It copies no answer.
create index events_of_call on call_events (call_no, seq, key);

create table alerts (
    no              integer primary key,
    id              text    not null unique,
    call_no         integer not null,
    call_id         text    not null,
    rule            text    not null,
    message         text    not null,
    raised_at       integer not null,
    acknowledged_at integer,
    acknowledged_by text
) strict;

create table queues (
    id             text    primary key,
    name           text    not null,
    sla_ms         integer not null,
    ring_ms        integer not null,
    max_hold_ms    integer not null,
    short_call_ms  integer not null,
    max_reroutes   integer not null
) strict;

-- One row for each thing the program must remember about itself: the key of the audit chain.
create table memory (
    name  text primary key,
    value blob not null
) strict;

-- A client's call id is random: an index that each call enters as it begins has another page to change
-- for each of them, and those pages were half of what commits wrote. So the newest calls are found in the
-- writer's memory, and enter an index of their own with later batches, those side by side that stand
-- side by side in it. The index knows an id by its place: the first eight bytes of its SHA-256.

create table call_ids (
    place integer not null,
    no    integer not null,

    primary key (place, no)
) strict, without rowid;

-- Up to this number all calls are in it. What is missing enters at the next start.
create table ids_entered (
    no integer not null
) strict;

insert into ids_entered (no) values (0);

-- `calls` as it was, but for the index that came with its `unique`.
create table calls_kept (
    no            integer primary key,
    id            text    not null,
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
    due_at        integer,            -- when the first of its timers comes due
    since         integer not null,   -- it waits, talks or is held since
    talked_ms     integer not null,   -- the present agent, so far
    held_ms       integer not null,
    passed_on     integer not null,   -- since it was answered
    priority      integer not null,
    lapsed        text                -- a JSON array of agents who were asked in vain, where there are any
) strict;

insert into calls_kept select no, id, type, status, queue_id, agent_id, start_time, end_time, version,
    sla_due_at, ring_due_at, hold_due_at, wait_reported, hold_reported, offer, attempt, flags, moved_at,
    chain, due_at, since, talked_ms, held_ms, passed_on, priority, lapsed
    from calls order by no;
drop table calls;
alter table calls_kept rename to calls;

create index calls_open on calls (no) where end_time is null;
create index calls_ended on calls (no) where end_time is not null;
create index calls_ended_by_queue on calls (queue_id, no) where end_time is not null;

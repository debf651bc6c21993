-- What the usual service keeps: a row per call, a row per event, and an index for each screen.
--
-- The server runs this file at start, so it must be harmless to run again.
create table if not exists calls (
    id         text        primary key,
    type       text        not null check (type in ('voice', 'video')),
    status     text        not null check (status in ('waiting', 'active', 'on_hold', 'ended')),
    queue_id   text        not null,
    start_time timestamptz not null default now(),
    end_time   timestamptz
);

-- The list of calls, newest first, by either filter.
create index if not exists calls_by_status on calls (status, start_time desc);
create index if not exists calls_by_queue on calls (queue_id, start_time desc);

create table if not exists call_events (
    id        uuid        primary key,
    call_id   text        not null references calls (id),
    type      text        not null,
    timestamp timestamptz not null default now(),
    metadata  jsonb
);

-- The history of one call.
create index if not exists call_events_by_call on call_events (call_id, timestamp);

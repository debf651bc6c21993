-- What service figures are made of.
--
-- A call knows where its time went, so that each event can say what it adds to the figures. Calls
-- that were open before this migration count from their last event on.

alter table calls
    add column since     bigint  not null default 0, -- it waits, talks or is held since
    add column talked_ms bigint  not null default 0, -- the present agent, so far
    add column held_ms   bigint  not null default 0,
    add column passed_on boolean not null default false; -- since it was answered

update calls set since = moved_at where end_time is null;

-- What each batch adds to the figures, in one row, in the batch's own transaction: a figure can
-- neither miss what was recorded nor count it twice. Appending meets no other row. A bookkeeper adds
-- them to the tallies some batches at a time, in a transaction that also removes them. Numbers may
-- become visible out of order: rows are removed one by one, never "up to".
create table deltas (
    no   bigint generated always as identity primary key,
    data text   not null              -- a JSON array: for whom, when, what
)
with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- Sums by quarter of an hour, of a queue or an agent. They are read from a moment on, so the moment
-- comes first; `fold` tells readers that know a tally already whether it was changed since.
create table tallies (
    scope text   collate "C" not null,
    start bigint not null,
    id    text   collate "C" not null,
    fold  bigint not null,
    data  text   not null,            -- a JSON object, without what is zero

    primary key (scope, start, id)
)
with (fillfactor = 70);

-- How often the bookkeeper was at work. Whoever holds this row is the only one.
create table folds (
    no bigint not null
);

insert into folds (no) values (0);

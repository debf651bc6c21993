-- What service figures are made of.
--
-- A call knows where its time went, so that each event can say what it adds to the figures. Calls
-- that were open before this migration count from their last event on.

alter table calls add column since     integer not null default 0; -- it waits, talks or is held since
alter table calls add column talked_ms integer not null default 0; -- the present agent, so far
alter table calls add column held_ms   integer not null default 0;
alter table calls add column passed_on integer not null default 0; -- since it was answered

update calls set since = moved_at where end_time is null;

-- What each batch adds to the figures, in one row, in the batch's own transaction: a figure can
-- neither miss what was recorded nor count it twice. Appending meets no other row. A bookkeeper adds
-- them to the tallies some batches at a time, in a transaction that also removes them.
create table deltas (
    no   integer primary key,
    data text    not null             -- a JSON array: for whom, when, what
) strict;

-- Sums by quarter of an hour, of a queue or an agent. They are read from a moment on, so the moment
-- comes first; `fold` tells readers that know a tally already whether it was changed since.
create table tallies (
    scope text    not null,
    start integer not null,
    id    text    not null,
    fold  integer not null,
    data  text    not null,           -- a JSON object, without what is zero

    primary key (scope, start, id)
) strict, without rowid;

-- How often the bookkeeper was at work.
create table folds (
    no integer not null
) strict;

insert into folds (no) values (0);

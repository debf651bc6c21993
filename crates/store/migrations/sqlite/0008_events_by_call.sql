-- A call's events lie side by side, in order: `no` is the call's number times 2^32, plus the event's
-- `seq`. No index has to find them, which each event paid for; and events of thousands of calls at once
-- dirty no more pages than that index did.
create table events_by_call (
    no          integer primary key,
    call_no     integer not null generated always as (no >> 32),
    seq         integer not null generated always as (no & 0xffffffff),
    type        text    not null,
    timestamp   integer not null,
    occurred_at integer,
    metadata    text,                 -- a JSON object; gone once a patient's data was erased
    key         text,                 -- what makes a repeat harmless, where the client gave it
    salt        blob,                 -- goes with the metadata
    digest      blob    not null,
    link        blob    not null
) strict;

insert into events_by_call (no, type, timestamp, occurred_at, metadata, key, salt, digest, link)
select call_no << 32 | seq, type, timestamp, occurred_at, metadata, key, salt, digest, link
from call_events order by call_no, seq;

drop table call_events;
alter table events_by_call rename to call_events;
create index late_keys on call_events (call_no, key) where seq > 16 and key is not null;

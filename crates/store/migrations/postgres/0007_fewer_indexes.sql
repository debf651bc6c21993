-- Each event moves its call. What follows makes a move write less.

-- A call that ends stays on its page, like one that goes on. With indexes of ended calls alone, each
-- end added a row to every index of the table, the one on the random id included. Lists of ended
-- calls step over the open ones, which are few.
drop index calls_ended;
drop index calls_ended_by_queue;

-- Newest first, and of no use to find a call by its number. While tables are small a plan may choose any index
-- that has the number in it, and is kept when they are large.
create index calls_by_queue on calls (queue_id, (-no));
drop index open_calls_listed;
create index open_calls_listed on open_calls (queue_id, status, (-call_no));

-- They were looked through for each row that is written. What is read is checked anyway.
alter table calls drop constraint calls_type_check, drop constraint calls_status_check;

-- A batch's note is read once and removed: it is not worth compressing.
alter table deltas set (toast_tuple_target = 8160);

-- The index of a call's history finds its events; what makes a repeat harmless is read with them. Past
-- its first events a long call's keys have an index of their own, in which few calls ever stand.
alter table call_events drop constraint call_events_pkey;
alter table call_events add primary key (call_no, seq);
create index late_keys on call_events (call_no, key) where seq > 16 and key is not null;

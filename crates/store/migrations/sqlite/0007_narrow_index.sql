-- The index of a call's history finds its events; what makes a repeat harmless is read with them. With
-- the clients' keys in it, it was the index that each commit wrote most of. Past its first events a
-- long call's keys have an index of their own, in which few calls ever stand.
drop index events_of_call;
create index events_of_call on call_events (call_no, seq);
create index late_keys on call_events (call_no, key) where seq > 16 and key is not null;

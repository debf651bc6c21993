-- Few calls have a priority. Those stand here in the order in which they are offered, all others in the
-- order of their numbers in `open_calls_listed`; so the head of a line is found without reading the line.
create index open_calls_first on open_calls (queue_id, priority desc, call_no) where priority > 0;

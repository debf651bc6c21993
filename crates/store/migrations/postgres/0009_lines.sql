-- Callers stand in line since they began to wait, which is not the order of their calls' numbers: who was
-- passed on waits anew, and who is told of late has waited already. Whose phone rings stands in no line.
alter table open_calls add column since bigint not null default 0;
update open_calls o set since = c.since from calls c where c.no = o.call_no;
alter table open_calls alter column since drop default;
drop index open_calls_first;
create index open_calls_line on open_calls (queue_id, priority desc, since, call_no)
    where status = 'waiting' and agent_id is null;

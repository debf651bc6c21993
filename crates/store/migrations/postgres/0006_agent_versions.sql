-- How often an agent changed, or another call named them: a batch decided without locks is recorded
-- only where nobody else was at it.
alter table agents add column version bigint not null default 0;

-- How often it changed who serves which queue: processes read it anew when somebody changed it.
create table serving (version bigint not null);
insert into serving values (0);

-- Nothing asks for it, and it was written anew for each call that an agent ended.
drop index agents_available;

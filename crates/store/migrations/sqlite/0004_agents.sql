-- Agents, and the queues whose calls are offered to them.

alter table queues add column wrap_ms integer not null default 0;
alter table calls add column priority integer not null default 0;

-- Whether an agent is engaged is not kept with the agent: it is whether an open call names them.
create index calls_of_agent on calls (agent_id) where agent_id is not null and end_time is null;

create table agents (
    id               text    primary key,
    name             text    not null,
    presence         text    not null check (presence in ('available', 'away', 'offline')),
    presence_since   integer not null,
    presence_reason  text,
    missed           integer not null,   -- offers in a row that rang out
    idle_since       integer not null,
    wraps_since      integer,
    wraps_until      integer,
    lease_ms         integer,            -- how often the agent's tool has to report
    renewed_at       integer             -- when it last did
) strict;

create index agents_available on agents (idle_since) where presence = 'available';
create index agents_wrapping on agents (wraps_until) where wraps_until is not null;

create table agent_queues (
    agent_id  text    not null,
    queue_id  text    not null,
    readiness integer not null,

    primary key (agent_id, queue_id)
) strict, without rowid;

create index agent_queues_by_queue on agent_queues (queue_id, agent_id);

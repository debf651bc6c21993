-- Agents, and the queues whose calls are offered to them.

alter table queues add column wrap_ms bigint not null default 0;
alter table calls add column priority bigint not null default 0;

-- Whether an agent is engaged is not kept with the agent: it is whether an open call names them.
alter table open_calls
    add column agent_id text collate "C",
    add column priority bigint not null default 0;
update open_calls o set agent_id = c.agent_id from calls c where c.no = o.call_no;
create index open_calls_by_agent on open_calls (agent_id) where agent_id is not null;

create table agents (
    id               text    collate "C" primary key,
    name             text    not null,
    presence         text    not null check (presence in ('available', 'away', 'offline')),
    presence_since   bigint  not null,
    presence_reason  text,
    missed           bigint  not null,   -- offers in a row that rang out
    idle_since       bigint  not null,
    wraps_since      bigint,
    wraps_until      bigint,
    lease_ms         bigint,             -- how often the agent's tool has to report
    renewed_at       bigint              -- when it last did
)
with (fillfactor = 70);

create index agents_available on agents (idle_since) where presence = 'available';
create index agents_wrapping on agents (wraps_until) where wraps_until is not null;

create table agent_queues (
    agent_id  text   collate "C" not null,
    queue_id  text   collate "C" not null,
    readiness bigint not null,

    primary key (agent_id, queue_id)
);

create index agent_queues_by_queue on agent_queues (queue_id, agent_id);

-- Who may use the server, and what people did with it.
--
-- A key is 256 random bits, so its SHA-256 is enough: there is nothing to guess, and a slow hash, made
-- for passwords, would only slow down every request. The key itself is shown once and kept nowhere.
-- A revoked key keeps its row and its name: what an action says of a name stays true for good.
-- All moments are Unix milliseconds.

create table keys (
    name       text   collate "C" primary key,
    role       text   not null check (role in ('ingest', 'read', 'supervise', 'admin')),
    hash       bytea  not null unique,
    made_at    bigint not null,
    rotated_at bigint,
    old_hash   bytea,                -- what it was before it was rotated, and works
    old_until  bigint,               -- until then
    revoked_at bigint
);

create table actions (
    no     bigint generated always as identity primary key,
    id     text   collate "C" not null unique,  -- so that one sent twice is kept once
    at     bigint not null,
    by     text   not null,
    role   text   not null,
    action text   not null,
    target text   not null,
    reason text,
    detail text                      -- a JSON object
);

-- What was done stays done.
create function refuse_to_change_actions() returns trigger language plpgsql as
$$ begin raise exception 'actions are never changed or removed'; end $$;

create trigger actions_are_kept before update or delete or truncate on actions
for each statement execute function refuse_to_change_actions();

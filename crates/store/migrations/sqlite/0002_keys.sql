-- Who may use the server, and what people did with it.
--
-- A key is 256 random bits, so its SHA-256 is enough: there is nothing to guess, and a slow hash, made
-- for passwords, would only slow down every request. The key itself is shown once and kept nowhere.
-- A revoked key keeps its row and its name: what an action says of a name stays true for good.
-- All moments are Unix milliseconds.

create table keys (
    name       text    primary key,
    role       text    not null check (role in ('ingest', 'read', 'supervise', 'admin')),
    hash       blob    not null unique,
    made_at    integer not null,
    rotated_at integer,
    old_hash   blob,                 -- what it was before it was rotated, and works
    old_until  integer,              -- until then
    revoked_at integer
) strict;

create table actions (
    no     integer primary key,
    id     text    not null unique,  -- so that one sent twice is kept once
    at     integer not null,
    by     text    not null,
    role   text    not null,
    action text    not null,
    target text    not null,
    reason text,
    detail text                      -- a JSON object
) strict;

-- What was done stays done.
create trigger actions_are_never_changed before update on actions
begin select raise(abort, 'actions are never changed'); end;

create trigger actions_are_never_removed before delete on actions
begin select raise(abort, 'actions are never removed'); end;

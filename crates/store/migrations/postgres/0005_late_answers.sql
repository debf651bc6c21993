-- Agents whose offers of a call lapsed while its caller waits: what they answer is no longer offered.
--
-- A JSON array of ids; null, as it is for nearly every call, where nobody was asked in vain.
alter table calls add column lapsed text;

-- The actions that concern one call or agent are shown with it. Actions are few.
create index actions_by_target on actions (target, no);

//! What is wrong with the books themselves.

use crate::{finds, finds_illegal};

#[test]
fn a_gap_is_found() {
    let sentence = "call `c1`: event 7 of call number 1 is number 8: a gap";
    finds("delete from call_events where call_no = 1 and seq = 7", sentence);
}

#[test]
fn a_number_that_was_given_twice_is_found() {
    finds(
        "insert into call_events values (2, 2, 'sla_breached', 35000, '{\"lateMs\":0}', null);
         update calls set version = 3 where no = 2;
         insert into alerts values (2, 'sla_breached')",
        "call `c2`: event 3 of call number 2 is number 2: a gap",
    );
}

#[test]
fn a_history_the_rules_do_not_allow_is_found() {
    let event = |seq: u64, kind: &str| format!("event {seq} of call number 1, `{kind}`");
    finds_illegal(
        "update call_events set type = 'call_hold' where call_no = 1 and seq = 1",
        &event(1, "call_hold"),
        "a call begins otherwise",
    );
    finds_illegal(
        "update call_events set type = 'call_resumed' where call_no = 1 and seq = 6",
        &event(6, "call_resumed"),
        "not allowed while active",
    );
    finds_illegal(
        "update call_events set timestamp = 94999 where call_no = 1 and seq = 9",
        &event(9, "call_ended"),
        "time runs backwards",
    );
    finds_illegal(
        "update call_events set metadata = '{\"agentId\":\"ana\"}' where call_no = 1 and seq = 5",
        &event(5, "call_answered"),
        "someone else's phone rang",
    );
    finds_illegal(
        "update call_events set metadata = '{\"offer\":1}' where call_no = 1 and seq = 5",
        &event(5, "call_answered"),
        "an answer to another offer",
    );
    finds_illegal(
        "update call_events set type = 'call_ended' where call_no = 1 and seq = 10",
        &event(10, "call_ended"),
        "the survey belongs right after a completed call, once",
    );
    finds_illegal(
        "update call_events set metadata = '{\"queueId\":\"w\"}' where call_no = 1 and seq = 1",
        &event(1, "call_initiated"),
        "there is no queue `w`",
    );
}

#[test]
fn a_timer_that_fired_wrongly_is_found() {
    let event = |seq: u64, kind: &str| format!("event {seq} of call number 1, `{kind}`");
    finds_illegal(
        "update call_events set timestamp = 15999 where call_no = 1 and seq = 3",
        &event(3, "call_retransfer"),
        "it fired 1 ms too early",
    );
    finds_illegal(
        "update call_events set timestamp = 16006 where call_no = 1 and seq = 3",
        &event(3, "call_retransfer"),
        "it was 6 ms late but says 5",
    );
    finds_illegal(
        "update call_events set type = 'hold_exceeded', metadata = '{\"lateMs\":5000}'
         where call_no = 1 and seq = 8",
        &event(8, "hold_exceeded"),
        "no such timer is armed: it fired before",
    );
    finds_illegal(
        "update call_events set metadata = '{\"agentId\":\"eva\",\"lateMs\":5}'
         where call_no = 1 and seq = 3",
        &event(3, "call_retransfer"),
        "another agent's phone rang out",
    );
    finds_illegal(
        "delete from call_events where call_no = 1 and seq = 7;
         update call_events set seq = seq - 1 where call_no = 1 and seq > 7",
        &event(7, "call_resumed"),
        "a promise ran out before it, and that was not recorded",
    );
}

#[test]
fn a_timer_that_never_fired_is_found() {
    finds(
        "delete from call_events where call_no = 2 and seq = 2;
         update calls set version = 1, due_at = 35000 where no = 2;
         delete from alerts where call_no = 2",
        "call `c2`: its timer was due at 35000 and never fired",
    );
}

#[test]
fn a_survey_that_is_missing_is_found() {
    finds(
        "delete from call_events where type = 'survey_requested'",
        "call `c1`: it was completed, and no survey was requested",
    );
}

#[test]
fn a_call_that_is_not_what_its_events_make_it_is_found() {
    for (column, value, sentence) in [
        ("status", "'active'", r#"`status` is "active" but its events make it "waiting""#),
        ("queue_id", "'other'", r#"`queue_id` is "other" but its events make it "q""#),
        ("agent_id", "'ana'", r#"`agent_id` is "ana" but its events make it null"#),
        ("version", "3", "`version` is 3 but its events make it 2"),
        ("sla_due_at", "1", "`sla_due_at` is 1 but its events make it 35000"),
        ("ring_due_at", "1", "`ring_due_at` is 1 but its events make it null"),
        ("hold_due_at", "1", "`hold_due_at` is 1 but its events make it null"),
        ("due_at", "35000", "`due_at` is 35000 but its events make it null"),
        ("offer", "1", "`offer` is 1 but its events make it 0"),
        ("end_time", "1", "it is waiting, and its end is 1"),
    ] {
        let spoiled = format!("update calls set {column} = {value} where no = 2");
        finds(&spoiled, &format!("call `c2`: {sentence}"));
    }
    let endless = "update calls set end_time = null where no = 1";
    finds(endless, "call `c1`: it is ended, and its end is null");
}

#[test]
fn a_call_without_events_is_found() {
    finds(
        "insert into calls values (3, 'c3', 'waiting', 'q', null, null, 0, null, null, null, null, 0)",
        "call `c3`: a call without events",
    );
}

#[test]
fn alerts_too_many_or_missing_are_found() {
    finds(
        "insert into alerts values (2, 'sla_breached')",
        r#"call `c2`: its alerts are ["sla_breached", "sla_breached"] but its events call for ["sla_breached"]"#,
    );
    finds(
        "delete from alerts where call_no = 1",
        r#"call `c1`: its alerts are [] but its events call for ["hold_exceeded"]"#,
    );
    finds(
        "update alerts set rule = 'sla_breached'",
        r#"call `c1`: its alerts are ["sla_breached"] but its events call for ["hold_exceeded"]"#,
    );
}

#[test]
fn an_alert_that_a_flag_calls_for_is_missed() {
    let flagged = |rule: &str, seq: u64, rest: &str| {
        format!(
            "update call_events set metadata = '{{\"flags\":[{{\"rule\":\"{rule}\"}}]{rest}}}'
             where call_no = 1 and seq = {seq};"
        )
    };
    let no_agent = flagged("no_agent", 3, r#","agentId":"ana","lateMs":5"#);
    let late = flagged("wait_exceeded", 5, r#","agentId":"eva""#);
    for (spoiled, expected) in [
        (&no_agent, r#"["hold_exceeded", "no_agent"]"#),
        (&late, r#"["hold_exceeded", "wait_exceeded"]"#),
    ] {
        let sentence = format!(
            r#"call `c1`: its alerts are ["hold_exceeded"] but its events call for {expected}"#
        );
        finds(spoiled, &sentence);
    }
}

#[test]
fn events_and_alerts_of_no_call_are_found() {
    finds(
        "insert into call_events values (3, 1, 'call_initiated', 0, '{\"queueId\":\"q\"}', null)",
        "events of call number 3, which does not exist",
    );
    finds(
        "insert into alerts values (3, 'sla_breached')",
        "alerts of call number 3, which does not exist",
    );
}

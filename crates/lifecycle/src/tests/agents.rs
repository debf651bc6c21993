//! Agents: what their calls mean for them, and why a call is or is not offered.

use super::story::{after, then};
use crate::{Agent, AgentState, Engagement, Id, Lease, Meaning, Presence, Timestamp, meanings};

fn available(at: i64) -> Agent {
    let mut agent = Agent::new(Timestamp(at));
    agent.says(Presence::Available, None, Timestamp(at));
    agent
}

/// What the last line of a story means for the agents it concerns.
fn meant(story: &str, line: &str) -> Vec<(Id, Meaning)> {
    let mut before = after(story);
    let decision = then(story, line).expect("the rules accept it");
    let mut meant = Vec::new();
    for record in decision.records {
        meant.extend(meanings(Some(&before), &record).map(|(agent, it)| (agent.clone(), it)));
        before = record.after;
    }
    meant
}

fn named(agent: &str, meaning: Meaning) -> (Id, Meaning) {
    (agent.into(), meaning)
}

const ROUTED: &str = "0 opened\n 5 routed ana";
const TALKING: &str = "0 opened\n 5 routed ana\n 6 answered 6";

#[test]
fn an_offer_names_and_an_answer_engages() {
    assert_eq!(meant("0 opened", "5 routed ana"), [named("ana", Meaning::Named)]);
    assert_eq!(meant(ROUTED, "6 answered 6"), [named("ana", Meaning::Answered)]);
    assert_eq!(meant(TALKING, "9 held 5"), []);
}

#[test]
fn a_missed_offer_is_held_against_who_missed_it() {
    assert_eq!(meant(ROUTED, "20 elapsed ring"), [named("ana", Meaning::Missed)]);
}

#[test]
fn a_caller_who_hangs_up_while_it_rings_is_not_held_against_the_agent() {
    assert_eq!(meant(ROUTED, "8 ended 8 abandoned"), [named("ana", Meaning::Withdrawn)]);
    let luis = [named("ana", Meaning::Withdrawn), named("luis", Meaning::Named)];
    assert_eq!(meant(ROUTED, "8 routed luis"), luis);
    assert_eq!(after("0 opened\n 5 routed ana\n 8 ended 8 abandoned").engagement(), None);
}

#[test]
fn the_end_and_a_transfer_release_the_agent() {
    assert_eq!(meant(TALKING, "60 ended 54 completed"), [named("ana", Meaning::Released)]);
    assert_eq!(
        meant(TALKING, "60 blind agent=luis"),
        [named("ana", Meaning::Released), named("luis", Meaning::Named)]
    );
    assert_eq!(
        meant(TALKING, "60 attended agent=luis"),
        [named("ana", Meaning::Released), named("luis", Meaning::Answered)]
    );
}

#[test]
fn two_misses_in_a_row_set_an_agent_away_with_the_reason() {
    let mut agent = available(0);
    agent.learns(Meaning::Missed, Timestamp(15), 0);
    assert!(agent.is_free(None, Timestamp(15)));
    assert_eq!(agent.idle_since, Timestamp(15), "at the back");
    agent.learns(Meaning::Answered, Timestamp(20), 0);
    agent.learns(Meaning::Missed, Timestamp(40), 0);
    assert!(agent.is_free(None, Timestamp(40)), "an answer in between forgives");
    agent.learns(Meaning::Missed, Timestamp(60), 0);
    assert_eq!(agent.presence, Presence::Away);
    assert!(agent.reason(None, 1, Timestamp(60)).contains("missed 2 offers in a row"));
    agent.says(Presence::Available, None, Timestamp(70));
    assert_eq!((agent.missed, agent.presence_reason.as_deref()), (0, None));
}

#[test]
fn each_wrap_up_ends_by_itself() {
    let mut agents = (0..10).map(|n| (n, available(0))).collect::<Vec<_>>();
    for (n, agent) in &mut agents {
        agent.learns(Meaning::Released, Timestamp(1_000 * *n), 30_000);
    }
    for (n, agent) in &agents {
        let ends = Timestamp(1_000 * n + 30_000);
        assert_eq!(agent.state(None, ends + -1), AgentState::Wrapping);
        assert!(agent.is_free(None, ends));
        assert_eq!(agent.idle_since, ends, "wrapping up is no idling");
    }
}

#[test]
fn who_says_they_are_available_is_done_wrapping_up() {
    let mut agent = available(0);
    agent.learns(Meaning::Released, Timestamp(1_000), 30_000);
    agent.says(Presence::Available, None, Timestamp(5_000));
    assert!(agent.is_free(None, Timestamp(5_000)));
    assert_eq!(agent.idle_since, Timestamp(5_000));
}

#[test]
fn a_tool_that_stops_reporting_makes_the_agent_unreachable_until_it_reports() {
    let mut agent = available(0);
    agent.lease = Some(Lease { ms: 30_000, renewed_at: Timestamp(0) });
    let engaged = Some(Engagement::OnCall);
    assert_eq!(agent.state(engaged, Timestamp(30_000)), AgentState::OnCall);
    assert_eq!(agent.state(engaged, Timestamp(30_001)), AgentState::Unreachable);
    assert!(!agent.is_free(None, Timestamp(30_001)));
    agent.lease = Some(Lease { ms: 30_000, renewed_at: Timestamp(40_000) });
    assert_eq!(agent.state(engaged, Timestamp(40_001)), AgentState::OnCall);
}

#[test]
fn who_was_not_heard_of_is_idle_since_their_tool_reports_again() {
    let mut ana = Agent::new(Timestamp(0));
    ana.says(Presence::Available, None, Timestamp(0));
    ana.lease = Some(Lease { ms: 10, renewed_at: Timestamp(0) });
    ana.reports(Timestamp(10));
    assert_eq!(ana.idle_since, Timestamp(0), "in time");
    assert_eq!(ana.state(None, Timestamp(21)), AgentState::Unreachable);
    ana.reports(Timestamp(25));
    assert_eq!(ana.state(None, Timestamp(25)), AgentState::Idle);
    assert_eq!(ana.idle_since, Timestamp(25));
}

//! Which call goes to whom.

use crate::{Free, Timestamp, Waiting, pair};

fn call(call: &str, queue: &str, since: i64) -> Waiting {
    let (call, queue) = (call.to_owned(), queue.to_owned());
    Waiting { call, queue, priority: 0, since: Timestamp(since), given_up_at: None }
}

fn agent(agent: &str, idle_since: i64, queues: &[(&str, u8)]) -> Free {
    let queues = queues.iter().map(|(queue, readiness)| ((*queue).to_owned(), *readiness));
    let (agent, idle_since) = (agent.to_owned(), Timestamp(idle_since));
    Free { agent, idle_since, missed: false, queues: queues.collect() }
}

fn paired(calls: Vec<Waiting>, agents: &[Free]) -> Vec<String> {
    pair(calls, agents).iter().map(|pair| format!("{}:{}", pair.call, pair.agent)).collect()
}

#[test]
fn the_call_that_waited_longest_goes_to_the_agent_idle_longest() {
    let agents = [agent("ana", 5, &[("q", 0)]), agent("luis", 3, &[("q", 0)])];
    let calls = vec![call("young", "q", 9), call("old", "q", 1)];
    assert_eq!(paired(calls, &agents), ["old:luis", "young:ana"]);
}

#[test]
fn a_priority_goes_before_a_longer_wait() {
    let urgent = Waiting { priority: 1, ..call("urgent", "q", 9) };
    let agents = [agent("ana", 0, &[("q", 0)])];
    assert_eq!(paired(vec![call("old", "q", 1), urgent], &agents), ["urgent:ana"]);
}

#[test]
fn nobody_gets_a_call_of_a_queue_they_do_not_serve() {
    let agents = [agent("ana", 0, &[("english", 0)])];
    assert!(paired(vec![call("c", "spanish", 1)], &agents).is_empty());
}

#[test]
fn who_serves_two_queues_gets_one_call() {
    let agents = [agent("ana", 0, &[("english", 0), ("spanish", 0)])];
    let calls = vec![call("e", "english", 2), call("s", "spanish", 1)];
    assert_eq!(paired(calls, &agents), ["s:ana"]);
}

#[test]
fn who_serves_a_queue_more_readily_is_asked_before_who_is_idle_longer() {
    let agents = [agent("ana", 9, &[("q", 5)]), agent("luis", 3, &[("q", 1)])];
    assert_eq!(paired(vec![call("c", "q", 1)], &agents), ["c:ana"]);
}

#[test]
fn who_missed_their_last_offer_is_asked_after_everybody_else() {
    let ana = Free { missed: true, ..agent("ana", 1, &[("q", 9)]) };
    let agents = [ana, agent("luis", 5, &[("q", 0)])];
    assert_eq!(paired(vec![call("c", "q", 1)], &agents), ["c:luis"]);
    assert_eq!(paired(vec![call("c", "q", 1)], &agents[..1]), ["c:ana"]);
}

#[test]
fn a_call_that_was_given_up_is_offered_only_to_who_becomes_free_later() {
    let given_up = Waiting { given_up_at: Some(Timestamp(60)), ..call("c", "q", 0) };
    let before = [agent("ana", 60, &[("q", 0)])];
    assert!(paired(vec![given_up.clone()], &before).is_empty());
    let later = [agent("ana", 10, &[("q", 0)]), agent("luis", 61, &[("q", 0)])];
    assert_eq!(paired(vec![given_up], &later), ["c:luis"]);
}

#[test]
fn a_thousand_of_each_are_paired_once_each() {
    let calls = (0..1_000).map(|n| call(&format!("c{n}"), "q", n)).collect();
    let agents = (0..1_000).map(|n| agent(&format!("a{n}"), n, &[("q", 0)])).collect::<Vec<_>>();
    let mut pairs = pair(calls, &agents).into_iter().map(|it| it.agent).collect::<Vec<_>>();
    pairs.sort_unstable();
    pairs.dedup();
    assert_eq!(pairs.len(), 1_000);
}

//! An agent's phone that rings, and who loses the call.

use super::story::{after, check, then};

#[test]
fn an_agent_who_lets_it_ring_loses_the_call() {
    check(
        "
         0  opened
         5  routed ana
        20  elapsed ring
        21  routed luis
        22  answered 22
        ",
        "
         0  waiting              wait@30  | opened
         5  waiting(ana)  ring@20 wait@30 | routed(offer 1)
        20  waiting              wait@30  | call_retransfer(ana, attempt 1)
        21  waiting(luis) ring@36 wait@30 | routed(offer 2)
        22  active(luis)                  | answered
        ",
    );
}

#[test]
fn a_ring_meant_for_the_last_agent_does_not_cost_the_next_one() {
    check(
        "
         0  opened
         5  routed ana
        20  elapsed ring
        21  routed luis
        22  elapsed ring
        ",
        "
         0  waiting              wait@30  | opened
         5  waiting(ana)  ring@20 wait@30 | routed(offer 1)
        20  waiting              wait@30  | call_retransfer(ana, attempt 1)
        21  waiting(luis) ring@36 wait@30 | routed(offer 2)
        22  waiting(luis) ring@36 wait@30
        ",
    );
}

#[test]
fn a_phone_rings_for_fifteen_seconds_and_no_less() {
    check(
        "
         0      opened
         5      routed ana
        19.999  elapsed ring
        20      elapsed ring
        ",
        "
         0      waiting              wait@30  | opened
         5      waiting(ana) ring@20 wait@30  | routed(offer 1)
        19.999  waiting(ana) ring@20 wait@30
        20      waiting              wait@30  | call_retransfer(ana, attempt 1)
        ",
    );
}

#[test]
fn a_ring_that_runs_out_twice_is_recorded_once() {
    check(
        "
         0  opened
         5  routed ana
        23  elapsed ring
        23  elapsed ring
        ",
        "
         0  waiting              wait@30  | opened
         5  waiting(ana) ring@20 wait@30  | routed(offer 1)
        23  waiting              wait@30  | call_retransfer(ana, attempt 1, late 3)
        23  waiting              wait@30
        ",
    );
}

#[test]
fn routing_while_a_phone_rings_replaces_the_offer_and_its_fifteen_seconds() {
    check(
        "
         0  opened
         5  routed ana
        10  routed luis
        20  elapsed ring
        25  elapsed ring
        ",
        "
         0  waiting               wait@30  | opened
         5  waiting(ana)  ring@20 wait@30  | routed(offer 1)
        10  waiting(luis) ring@25 wait@30  | routed(offer 2)
        20  waiting(luis) ring@25 wait@30
        25  waiting               wait@30  | call_retransfer(luis, attempt 1)
        ",
    );
}

#[test]
fn routing_to_the_same_agent_again_makes_a_new_offer() {
    check(
        "
         0  opened
         5  routed ana
        10  routed ana
        20  elapsed ring
        ",
        "
         0  waiting              wait@30  | opened
         5  waiting(ana) ring@20 wait@30  | routed(offer 1)
        10  waiting(ana) ring@25 wait@30  | routed(offer 2)
        20  waiting(ana) ring@25 wait@30
        ",
    );
}

#[test]
fn routing_does_not_prolong_the_promise_to_answer() {
    check(
        "
         0  opened
        20  routed ana
        29  routed luis
        30  elapsed wait
        31  answered 31
        ",
        "
         0  waiting               wait@30  | opened
        20  waiting(ana)  ring@35 wait@30  | routed(offer 1)
        29  waiting(luis) ring@44 wait@30  | routed(offer 2)
        30  waiting(luis) ring@44          | sla_breached(due 30)[sla_breached] ! sla_breached
        31  active(luis)                   | answered[wait_exceeded]
        ",
    );
}

#[test]
fn attempts_are_counted_until_someone_answers() {
    check(
        "
         0  opened
         1  routed ana
        16  elapsed ring
        16  routed luis
        31  elapsed ring
        31  elapsed wait
        31  routed eva
        32  answered 32
        33  blind agent=ana
        48  elapsed ring
        ",
        "
         0  waiting               wait@30  | opened
         1  waiting(ana)  ring@16 wait@30  | routed(offer 1)
        16  waiting               wait@30  | call_retransfer(ana, attempt 1)
        16  waiting(luis) ring@31 wait@30  | routed(offer 2)
        31  waiting               wait@30  | call_retransfer(luis, attempt 2)
        31  waiting                        | sla_breached(due 30, late 1)[sla_breached] ! sla_breached
        31  waiting(eva)  ring@46          | routed(offer 3)
        32  active(eva)                    | answered[wait_exceeded]
        33  waiting(ana)  ring@48 wait@63  | blind(offer 4)
        48  waiting               wait@63  | call_retransfer(ana, attempt 1)
        ",
    );
}

#[test]
fn an_agent_who_picks_up_before_the_ring_was_seen_to_run_out_keeps_the_call() {
    check(
        "
         0  opened
         5  routed ana
        22  answered 22 agent=ana offer=1
        23  elapsed ring
        ",
        "
         0  waiting              wait@30  | opened
         5  waiting(ana) ring@20 wait@30  | routed(offer 1)
        22  active(ana)                   | answered
        23  active(ana)
        ",
    );
}

#[test]
fn a_call_that_ends_while_the_phone_rings_is_nobodys_miss() {
    check(
        "
         0  opened
         5  routed ana
        12  ended 12 abandoned
        20  elapsed ring
        30  elapsed wait
        ",
        "
         0  waiting              wait@30  | opened
         5  waiting(ana) ring@20 wait@30  | routed(offer 1)
        12  ended                         | ended
        20  ended
        30  ended
        ",
    );
}

#[test]
fn the_alert_after_the_last_offer_says_who_is_asked_again() {
    let alerted = |story: &str, line: &str| {
        let decision = then(story, line).expect("the rules accept it");
        decision.alerts.first().map(|alert| alert.message.clone())
    };
    let mut story = String::from("0 opened");
    let (mut unanswered, mut said) = (0, None);
    while said.is_none() && unanswered < 20 {
        let routed = format!("\n {} routed ana", 20 * unanswered);
        story.push_str(&routed);
        unanswered += 1;
        let line = format!("{} elapsed ring", 20 * unanswered);
        said = alerted(&story, &line);
        story.push('\n');
        story.push_str(&line);
    }
    let again = "only an agent who becomes free from now on is asked, unless a supervisor \
                 reassigns the call or it is routed from outside";
    let expected = format!("{unanswered} offers in a row went unanswered; {again}");
    assert_eq!(said, Some(expected), "{story}");
    assert_eq!(
        after("0 opened\n 5 routed ana\n 20 elapsed ring").unanswered(),
        "1 offer went unanswered"
    );
}

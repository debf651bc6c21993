//! Who hears what, told as stories.

use bus::Audience;
use proptest::prelude::*;

use super::{Interest, InterestLimits, Kept, Scope, TooMany};

const LIMITS: InterestLimits = InterestLimits { calls_max: 3, queues_max: 2 };

fn about<'a>(call: &'a str, queue: &'a str, left_queue: Option<&'a str>) -> Audience<'a> {
    Audience::Call { call, queue, left_queue }
}

fn following(scopes: impl IntoIterator<Item = Scope>) -> Interest {
    let mut interest = Interest::default();
    for scope in scopes {
        interest.insert(scope, 0, &LIMITS).unwrap();
    }
    interest
}

fn call(id: &str) -> Scope {
    Scope::Call(id.to_owned())
}

fn queue(id: &str) -> Scope {
    Scope::Queue(id.to_owned())
}

#[test]
fn a_call_that_moves_is_heard_in_the_queue_it_left() {
    let left = following([queue("spanish")]);
    assert!(left.wants(about("c1", "english", Some("spanish"))));
    assert!(!left.wants(about("c1", "english", None)));
}

#[test]
fn a_queue_named_like_a_call_is_not_that_call() {
    let follower = following([call("x")]);
    assert!(!follower.wants(about("y", "x", None)));
    let follower = following([queue("x")]);
    assert!(!follower.wants(about("x", "y", None)));
}

#[test]
fn alerts_and_calls_do_not_reach_each_other() {
    assert!(!following([Scope::Calls, call("c1"), queue("q")]).wants(Audience::Alerts));
    assert!(!following([Scope::Alerts]).wants(about("c1", "q", None)));
}

#[test]
fn nobody_follows_more_than_they_may() {
    let mut follower = following([call("1"), call("2"), call("3"), queue("1"), queue("2")]);
    assert_eq!(follower.insert(call("4"), 0, &LIMITS), Err(TooMany { max: 3, what: Kept::Calls }));
    assert_eq!(
        follower.insert(queue("3"), 0, &LIMITS),
        Err(TooMany { max: 2, what: Kept::Queues })
    );
    assert_eq!(follower.insert(call("3"), 0, &LIMITS), Ok(()), "it is followed already");
}

#[test]
fn the_earlier_beginning_counts() {
    let mut follower = Interest::default();
    follower.insert(Scope::Calls, 7, &LIMITS).unwrap();
    follower.insert(queue("q"), 3, &LIMITS).unwrap();
    follower.insert(queue("q"), 5, &LIMITS).unwrap();
    assert_eq!(follower.since(about("c", "q", None)), Some(3));
    assert_eq!(follower.since(about("c", "other", None)), Some(7));
}

fn scopes() -> impl Strategy<Value = Scope> {
    prop_oneof![
        "[ab]".prop_map(Scope::Call),
        "[ab]".prop_map(Scope::Queue),
        Just(Scope::Calls),
        Just(Scope::Alerts),
        Just(Scope::Agents)
    ]
}

fn audiences() -> impl Strategy<Value = Audience<'static>> {
    let name = || proptest::sample::select(vec!["a", "b", "c"]);
    prop_oneof![
        Just(Audience::Alerts),
        Just(Audience::Agents),
        (name(), name(), proptest::option::of(name()))
            .prop_map(|(call, queue, left_queue)| Audience::Call { call, queue, left_queue })
    ]
}

proptest! {
    #[test]
    fn what_is_wanted_is_what_some_scope_covers(
        scopes in proptest::collection::vec(scopes(), 0..6),
        audience in audiences(),
    ) {
        let covered = scopes.iter().any(|scope| scope.covers(audience));
        prop_assert_eq!(following(scopes).wants(audience), covered);
    }
}

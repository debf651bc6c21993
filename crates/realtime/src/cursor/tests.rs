//! What a client may rely on, whatever it does and however slowly it reads.

use std::collections::BTreeMap;

use bus::Audience;
use proptest::prelude::*;

use super::Cursor;
use crate::rooms::{InterestLimits, Scope};

const LIMITS: InterestLimits = InterestLimits { calls_max: 100, queues_max: 100 };

/// A client, all that was ever announced, and how much of it can still be read.
#[derive(Default)]
struct World {
    announced: Vec<Audience<'static>>,
    kept: u64,
    cursor: Cursor,
    heard: Vec<u64>,
    /// What it follows, and after which number it was promised everything.
    promised: BTreeMap<String, (Scope, u64)>,
}

impl World {
    fn keeping(kept: u64) -> Self {
        Self { kept, ..Self::default() }
    }

    fn head(&self) -> u64 {
        self.announced.len() as u64
    }

    fn oldest(&self) -> u64 {
        (self.head() + 1).saturating_sub(self.kept).max(1)
    }

    fn announce(&mut self, audience: Audience<'static>) {
        self.announced.push(audience);
    }

    fn subscribe(&mut self, scope: Scope, back: Option<u64>) -> bool {
        let after = back.map(|back| self.head().saturating_sub(back));
        let readable = after.filter(|after| self.oldest() <= after + 1);
        let head = self.head();
        let recovered =
            self.cursor.subscribe(scope.clone(), readable, head, &LIMITS).expect("few scopes");
        let begins = if recovered { readable.expect("only what can be read") } else { head };
        self.promised
            .entry(format!("{scope:?}"))
            .and_modify(|(_, known)| *known = begins.min(*known))
            .or_insert((scope, begins));
        recovered
    }

    fn unsubscribe(&mut self, scope: &Scope) {
        self.cursor.unsubscribe(scope);
        self.promised.remove(&format!("{scope:?}"));
    }

    /// Goes past so many announcements. One that is no longer kept makes the client fetch again.
    fn go_on(&mut self, steps: u64) {
        for _ in 0..steps {
            let Some(after) = self.cursor.next_after().filter(|&it| it < self.head()) else {
                break;
            };
            let number = after + 1;
            if number < self.oldest() {
                let head = self.head();
                self.cursor.restart(head);
                self.promised.values_mut().for_each(|(_, after)| *after = head);
                continue;
            }
            let audience = self.announced[usize::try_from(after).unwrap()];
            if self.cursor.wants(number, audience) {
                self.heard.push(number);
            }
            self.cursor.pass(number);
        }
    }

    fn go_on_to_the_end(&mut self) {
        self.go_on(u64::MAX);
    }

    fn missed(&self) -> Vec<u64> {
        let wanted = |number: u64, audience: Audience<'static>| {
            let mut promises = self.promised.values();
            promises.any(|(scope, after)| *after < number && scope.covers(audience))
        };
        (1..)
            .zip(&self.announced)
            .filter(|(number, audience)| wanted(*number, **audience))
            .map(|(number, _)| number)
            .filter(|number| !self.heard.contains(number))
            .collect()
    }
}

fn about(call: &'static str, queue: &'static str) -> Audience<'static> {
    Audience::Call { call, queue, left_queue: None }
}

fn queue(id: &str) -> Scope {
    Scope::Queue(id.to_owned())
}

#[test]
fn a_scope_that_recovers_does_not_repeat_what_another_let_through() {
    let mut world = World::keeping(100);
    world.subscribe(queue("a"), None);
    for number in 0..10 {
        world.announce(about("c", if number % 2 == 0 { "a" } else { "b" }));
    }
    world.go_on_to_the_end();
    assert_eq!(world.heard, [1, 3, 5, 7, 9]);
    assert!(world.subscribe(Scope::Calls, Some(6)));
    world.announce(about("c", "a"));
    world.go_on_to_the_end();
    assert_eq!(world.heard, [1, 3, 5, 7, 9, 6, 8, 10, 11]);
}

#[test]
fn what_was_heard_before_unsubscribing_is_not_heard_again() {
    let mut world = World::keeping(100);
    world.subscribe(queue("a"), None);
    world.announce(about("c", "a"));
    world.go_on_to_the_end();
    world.unsubscribe(&queue("a"));
    world.announce(about("c", "a"));
    assert!(world.subscribe(Scope::Calls, Some(2)));
    world.go_on_to_the_end();
    assert_eq!(world.heard, [1, 2]);
}

#[test]
fn a_second_recovery_in_the_middle_of_the_first_loses_nothing() {
    let mut world = World::keeping(100);
    for number in 0..10 {
        world.announce(about("c", if number % 2 == 0 { "a" } else { "b" }));
    }
    assert!(world.subscribe(queue("a"), Some(6)));
    world.go_on(3);
    assert!(world.subscribe(queue("b"), Some(9)));
    assert!(world.subscribe(queue("a"), Some(9)));
    world.go_on_to_the_end();
    assert_eq!(world.heard, [5, 7, 2, 3, 4, 6, 8, 9, 10]);
}

#[test]
fn after_a_restart_what_was_missed_is_not_said_to_be_recovered() {
    let mut world = World::keeping(3);
    world.subscribe(Scope::Calls, None);
    world.announce(about("c", "a"));
    world.go_on_to_the_end();
    for _ in 0..5 {
        world.announce(about("c", "a"));
    }
    world.go_on(1);
    assert!(world.subscribe(Scope::Calls, Some(0)));
    world.announce(about("c", "a"));
    world.go_on_to_the_end();
    assert_eq!(world.heard, [1, 7]);
    assert!(world.subscribe(Scope::Calls, Some(2)), "5 was missed, and can still be read");
    world.go_on_to_the_end();
    assert_eq!(world.heard, [1, 7, 6]);
}

#[test]
fn a_client_that_forgets_too_much_fetches_again() {
    let mut world = World::keeping(10_000);
    world.announce(about("c", "a"));
    for call in 0..300 {
        let scope = Scope::Call(call.to_string());
        world.subscribe(scope.clone(), None);
        world.announce(about(call.to_string().leak(), "a"));
        world.go_on_to_the_end();
        world.unsubscribe(&scope);
    }
    assert!(!world.subscribe(Scope::Calls, Some(301)));
    assert!(world.subscribe(Scope::Calls, Some(10)));
}

#[derive(Clone, Debug)]
enum Step {
    Announce(Audience<'static>),
    Subscribe(Scope, Option<u64>),
    Unsubscribe(Scope),
    GoOn(u64),
}

fn scopes() -> impl Strategy<Value = Scope> {
    prop_oneof![
        "[ab]".prop_map(Scope::Call),
        "[ab]".prop_map(Scope::Queue),
        Just(Scope::Calls),
        Just(Scope::Alerts)
    ]
}

fn steps() -> impl Strategy<Value = Step> {
    let name = || proptest::sample::select(vec!["a", "b", "c"]);
    let audiences = prop_oneof![
        1 => Just(Audience::Alerts),
        4 => (name(), name(), proptest::option::of(name()))
            .prop_map(|(call, queue, left_queue)| Audience::Call { call, queue, left_queue }),
    ];
    prop_oneof![
        8 => audiences.prop_map(Step::Announce),
        3 => (scopes(), proptest::option::of(0..30_u64)).prop_map(|(s, b)| Step::Subscribe(s, b)),
        1 => scopes().prop_map(Step::Unsubscribe),
        4 => (0..12_u64).prop_map(Step::GoOn),
    ]
}

proptest! {
    // A bug planted on purpose must leave no seeds behind.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    #[test]
    fn every_update_that_was_promised_is_heard_once_and_in_order(
        kept in 1..40_u64,
        steps in proptest::collection::vec(steps(), 0..80),
    ) {
        let mut world = World::keeping(kept);
        let mut in_order_from = 0;
        for step in steps {
            match step {
                Step::Announce(audience) => world.announce(audience),
                Step::Subscribe(scope, back) => {
                    world.subscribe(scope, back);
                    in_order_from = world.heard.len();
                }
                Step::Unsubscribe(scope) => world.unsubscribe(&scope),
                Step::GoOn(steps) => world.go_on(steps),
            }
            prop_assert!(world.heard[in_order_from..].is_sorted(), "{:?}", world.heard);
        }
        world.go_on_to_the_end();
        prop_assert!(world.heard[in_order_from..].is_sorted(), "{:?}", world.heard);
        let mut once = world.heard.clone();
        once.sort_unstable();
        once.dedup();
        prop_assert_eq!(once.len(), world.heard.len(), "something was heard twice: {:?}", world.heard);
        prop_assert_eq!(world.missed(), Vec::<u64>::new());
    }

    #[test]
    fn nothing_is_heard_that_nobody_asked_for(
        scope in scopes(),
        back in proptest::option::of(0..30_u64),
        announced in proptest::collection::vec(steps(), 0..60),
    ) {
        let mut world = World::keeping(1_000);
        for (index, step) in announced.into_iter().enumerate() {
            if let Step::Announce(audience) = step {
                world.announce(audience);
            }
            if index == 30 {
                world.subscribe(scope.clone(), back);
            }
        }
        world.go_on_to_the_end();
        for number in &world.heard {
            let audience = world.announced[usize::try_from(number - 1).unwrap()];
            prop_assert!(scope.covers(audience));
        }
    }
}

//! The table of what may happen when, cell by cell.

use super::story::{after, happening, then};

/// A story that leads to each phase.
const PHASES: [(&str, &str); 6] = [
    ("waiting", "0 opened"),
    ("ringing", "0 opened \n 1 routed ana"),
    ("active", "0 opened \n 1 routed ana \n 2 answered 2"),
    ("on_hold", "0 opened \n 1 routed ana \n 2 answered 2 \n 3 held 0"),
    ("waiting again", "0 opened \n 1 routed ana \n 2 answered 2 \n 3 blind queue=legal"),
    ("ended", "0 opened \n 1 routed ana \n 2 answered 2 \n 3 ended 20 completed"),
];

const HAPPENINGS: [&str; 7] = [
    "routed luis",
    "answered 4",
    "held 0",
    "resumed",
    "blind queue=legal",
    "attended agent=luis",
    "ended 20 completed",
];

#[test]
fn what_may_happen_when_is_this_table() {
    let row = |(phase, story): (&str, &str)| {
        let cells = HAPPENINGS.map(|happening| {
            let said = then(story, &format!("4 {happening}"));
            let cell = said.map_or("-", |decision| decision.call.phase.status());
            format!("{cell:<9}")
        });
        format!("{phase:<14}{}", cells.concat()).trim_end().to_owned() + "\n"
    };
    let grid = PHASES.map(row).concat();
    let expected = "\
waiting       waiting  active   -        -        -        -        ended
ringing       waiting  active   -        -        -        -        ended
active        -        -        on_hold  -        waiting  active   ended
on_hold       -        active   -        active   waiting  active   ended
waiting again waiting  active   -        -        -        -        ended
ended         -        -        -        -        -        -        -
";
    assert!(grid == expected, "\nthe table is\n\n{grid}\nbut was expected to be\n\n{expected}");
}

#[test]
fn a_refusal_names_the_status_and_what_was_refused() {
    for (phase, story) in PHASES {
        for words in HAPPENINGS {
            let Err(refusal) = then(story, &format!("4 {words}")) else { continue };
            let event = happening(words).name();
            let expected = match after(story).phase.status() {
                "ended" => format!("`{event}` is refused: the call is already ended"),
                status => format!("`{event}` is refused while the call is {status}"),
            };
            assert!(refusal.to_string() == expected, "{words}, {phase}: {refusal}");
        }
    }
}

#[test]
fn events_have_the_names_they_have_on_the_wire() {
    assert_eq!(
        HAPPENINGS.map(|words| happening(words).name()),
        [
            "call_routed",
            "call_answered",
            "call_hold",
            "call_resumed",
            "call_transferred",
            "call_transferred",
            "call_ended",
        ]
    );
}

#[test]
fn a_timer_before_its_moment_does_nothing_in_any_phase() {
    for (phase, story) in PHASES {
        for timer in ["ring", "wait", "hold"] {
            let decision = then(story, &format!("4 elapsed {timer}")).expect("never refused");
            assert_eq!(decision.call, after(story), "{timer}, {phase}");
            assert_eq!((decision.records, decision.alerts), (vec![], vec![]), "{timer}, {phase}");
        }
    }
}

#[test]
fn a_timer_long_after_the_end_does_nothing() {
    let (_, ended) = PHASES[5];
    for timer in ["ring", "wait", "hold"] {
        let decision = then(ended, &format!("9999 elapsed {timer}")).expect("never refused");
        assert_eq!(decision.call, after(ended), "{timer}");
        assert_eq!((decision.records, decision.alerts), (vec![], vec![]), "{timer}");
    }
}

#[test]
fn every_reason_ends_a_call_from_every_phase_that_has_an_end() {
    for (phase, story) in &PHASES[..5] {
        for reason in ["completed", "abandoned", "failed"] {
            let decision = then(story, &format!("4 ended 20 {reason}")).expect(phase);
            assert_eq!(decision.call.phase.status(), "ended", "{reason}, {phase}");
            assert_eq!(decision.call.timers().count(), 0, "{reason}, {phase}");
        }
    }
}

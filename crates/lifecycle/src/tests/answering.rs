//! Who may answer: the phone that rings, the offer that stands, or somebody unnamed.

use super::story::check;

#[test]
fn an_answer_that_names_nobody_means_the_agent_whose_phone_rings() {
    check(
        "
         0  opened
         5  routed ana
         8  answered 8
        ",
        "
         0  waiting              wait@30  | opened
         5  waiting(ana) ring@20 wait@30  | routed(offer 1)
         8  active(ana)                   | answered
        ",
    );
}

#[test]
fn an_answer_that_names_the_phone_and_the_offer_is_taken() {
    check(
        "
         0  opened
         5  routed ana
         8  answered 8 agent=ana offer=1
        ",
        "
         0  waiting              wait@30  | opened
         5  waiting(ana) ring@20 wait@30  | routed(offer 1)
         8  active(ana)                   | answered
        ",
    );
}

#[test]
fn an_answer_from_a_phone_that_does_not_ring_is_refused() {
    check(
        "
         0  opened
         5  routed ana
         8  answered 8 agent=luis
         9  answered 9 agent=luis offer=1
        ",
        "
         0  waiting              wait@30  | opened
         5  waiting(ana) ring@20 wait@30  | routed(offer 1)
         8  waiting(ana) ring@20 wait@30  refused: `call_answered` is refused while the call is waiting: the phone of `ana` rings, not that of `luis`
         9  waiting(ana) ring@20 wait@30  refused: `call_answered` is refused while the call is waiting: the phone of `ana` rings, not that of `luis`
        ",
    );
}

#[test]
fn an_answer_to_an_offer_that_was_replaced_is_refused() {
    check(
        "
         0  opened
         5  routed ana
         7  routed ana
         8  answered 8 agent=ana offer=1
         9  answered 9 offer=1
        10  answered 10 offer=2
        ",
        "
         0  waiting              wait@30  | opened
         5  waiting(ana) ring@20 wait@30  | routed(offer 1)
         7  waiting(ana) ring@22 wait@30  | routed(offer 2)
         8  waiting(ana) ring@22 wait@30  refused: `call_answered` is refused while the call is waiting: offer 1 is not the one that stands, which is 2
         9  waiting(ana) ring@22 wait@30  refused: `call_answered` is refused while the call is waiting: offer 1 is not the one that stands, which is 2
        10  active(ana)                   | answered
        ",
    );
}

#[test]
fn an_agent_whose_phone_rang_out_comes_too_late() {
    check(
        "
         0  opened
         5  routed ana
        20  elapsed ring
        21  answered 21 agent=ana
        22  answered 22 offer=1
        ",
        "
         0  waiting              wait@30  | opened
         5  waiting(ana) ring@20 wait@30  | routed(offer 1)
        20  waiting              wait@30  | call_retransfer(ana, attempt 1)
        21  waiting              wait@30  refused: `call_answered` is refused while the call is waiting: the phone of `ana` does not ring
        22  waiting              wait@30  refused: `call_answered` is refused while the call is waiting: offer 1 does not stand
        ",
    );
}

#[test]
fn an_unnamed_answer_is_taken_though_no_phone_rings() {
    check(
        "
         0  opened
         5  routed ana
        20  elapsed ring
        21  answered 21
        ",
        "
         0  waiting              wait@30  | opened
         5  waiting(ana) ring@20 wait@30  | routed(offer 1)
        20  waiting              wait@30  | call_retransfer(ana, attempt 1)
        21  active                        | answered
        ",
    );
}

#[test]
fn an_agent_may_take_a_call_that_was_offered_to_nobody() {
    check(
        "
         0  opened
         8  answered 8 offer=1
         9  answered 9 agent=eva
        ",
        "
         0  waiting wait@30  | opened
         8  waiting wait@30  refused: `call_answered` is refused while the call is waiting: offer 1 does not stand
         9  active(eva)      | answered
        ",
    );
}

#[test]
fn an_agent_may_take_a_call_that_came_to_their_queue_and_was_offered_to_nobody_there() {
    check(
        "
         0  opened
         5  routed ana
         8  answered 8
        20  blind queue=legal
        25  answered 5 agent=ana offer=1
        25  answered 5 agent=eva
        ",
        "
         0  waiting              wait@30   | opened
         5  waiting(ana) ring@20 wait@30   | routed(offer 1)
         8  active(ana)                    | answered
        20  waiting #legal       wait@50   | blind
        25  waiting #legal       wait@50   refused: `call_answered` is refused while the call is waiting: offer 1 does not stand
        25  active(eva) #legal             | answered
        ",
    );
}

#[test]
fn only_the_agent_who_holds_a_call_comes_back_to_it() {
    check(
        "
         0  opened
         5  routed ana
         8  answered 8
        20  held 10
        25  answered 8 agent=luis
        26  answered 8 agent=ana offer=1
        27  answered 8 agent=ana
        ",
        "
         0  waiting              wait@30  | opened
         5  waiting(ana) ring@20 wait@30  | routed(offer 1)
         8  active(ana)                   | answered
        20  on_hold(ana)         hold@80  | held
        25  on_hold(ana)         hold@80  refused: `call_answered` is refused while the call is on_hold: it is the call of `ana`, not of `luis`
        26  on_hold(ana)         hold@80  refused: `call_answered` is refused while the call is on_hold: offer 1 does not stand
        27  active(ana)                   | answered
        ",
    );
}

#[test]
fn an_agent_who_comes_back_to_a_call_that_names_nobody_gives_it_their_name() {
    check(
        "
         0  opened
         8  answered 8
        20  held 10
        25  answered 8 agent=luis
        ",
        "
         0  waiting wait@30  | opened
         8  active           | answered
        20  on_hold hold@80  | held
        25  active(luis)     | answered
        ",
    );
}

#[test]
fn a_call_is_answered_once_whoever_asks() {
    check(
        "
         0  opened
         5  routed ana
         8  answered 8
         9  answered 9 agent=luis offer=7
        ",
        "
         0  waiting              wait@30  | opened
         5  waiting(ana) ring@20 wait@30  | routed(offer 1)
         8  active(ana)                   | answered
         9  active(ana)                   refused: `call_answered` is refused while the call is active
        ",
    );
}

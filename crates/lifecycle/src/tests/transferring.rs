//! Calls that are passed on, at once or in conversation.

use super::story::check;

#[test]
fn a_blind_transfer_to_a_queue_is_a_new_wait_with_a_new_promise() {
    check(
        "
         0  opened
         5  routed ana
         8  answered 8
        20  blind queue=legal
        30  elapsed wait
        50  elapsed wait
        ",
        "
         0  waiting              wait@30  | opened
         5  waiting(ana) ring@20 wait@30  | routed(offer 1)
         8  active(ana)                   | answered
        20  waiting #legal       wait@50  | blind
        30  waiting #legal       wait@50
        50  waiting #legal                | sla_breached(due 50)[sla_breached] ! sla_breached
        ",
    );
}

#[test]
fn a_blind_transfer_to_an_agent_rings_their_phone() {
    check(
        "
         0  opened
         8  answered 8 agent=ana
        20  blind agent=luis
        35  elapsed ring
        ",
        "
         0  waiting               wait@30  | opened
         8  active(ana)                    | answered
        20  waiting(luis) ring@35 wait@50  | blind(offer 1)
        35  waiting               wait@50  | call_retransfer(luis, attempt 1)
        ",
    );
}

#[test]
fn a_blind_transfer_to_a_queue_and_an_agent_does_both() {
    check(
        "
         0  opened
         8  answered 8 agent=ana
        20  blind queue=legal agent=luis
        22  answered 2 agent=luis offer=1
        ",
        "
         0  waiting                      wait@30  | opened
         8  active(ana)                           | answered
        20  waiting(luis) #legal ring@35 wait@50  | blind(offer 1)
        22  active(luis) #legal                   | answered
        ",
    );
}

#[test]
fn a_blind_transfer_from_hold_ends_the_hold() {
    check(
        "
         0  opened
         8  answered 8 agent=ana
        10  held 0
        20  blind queue=legal
        70  elapsed hold
        ",
        "
         0  waiting        wait@30  | opened
         8  active(ana)             | answered
        10  on_hold(ana)   hold@70  | held
        20  waiting #legal wait@50  | blind
        70  waiting #legal wait@50
        ",
    );
}

#[test]
fn each_stretch_of_waiting_may_break_its_promise_once() {
    check(
        "
          0  opened
         30  elapsed wait
         35  answered 35
         40  blind queue=legal
         70  elapsed wait
         75  answered 35
         80  blind queue=medical
         85  answered 31
        ",
        "
          0  waiting        wait@30   | opened
         30  waiting                  | sla_breached(due 30)[sla_breached] ! sla_breached
         35  active                   | answered[wait_exceeded]
         40  waiting #legal wait@70   | blind
         70  waiting #legal           | sla_breached(due 70)[sla_breached] ! sla_breached
         75  active #legal            | answered[wait_exceeded]
         80  waiting        wait@110  | blind
         85  active                   | answered[wait_exceeded] ! wait_exceeded
        ",
    );
}

#[test]
fn the_agent_a_call_was_taken_from_cannot_answer_for_the_next_one() {
    check(
        "
         0  opened
         5  routed ana
         8  answered 8 agent=ana offer=1
        20  blind agent=luis
        21  answered 8 agent=ana offer=1
        22  answered 8 offer=1
        23  answered 3 agent=luis offer=2
        ",
        "
         0  waiting               wait@30  | opened
         5  waiting(ana)  ring@20 wait@30  | routed(offer 1)
         8  active(ana)                    | answered
        20  waiting(luis) ring@35 wait@50  | blind(offer 2)
        21  waiting(luis) ring@35 wait@50  refused: `call_answered` is refused while the call is waiting: the phone of `luis` rings, not that of `ana`
        22  waiting(luis) ring@35 wait@50  refused: `call_answered` is refused while the call is waiting: offer 1 is not the one that stands, which is 2
        23  active(luis)                   | answered
        ",
    );
}

#[test]
fn an_attended_transfer_goes_on_with_the_other_agent_and_nobody_waits() {
    check(
        "
         0  opened
         8  answered 8 agent=ana
        20  attended agent=luis
        30  elapsed wait
        40  held 0
        50  answered 8 agent=ana
        51  answered 8 agent=luis
        ",
        "
         0  waiting wait@30        | opened
         8  active(ana)            | answered
        20  active(luis)           | attended
        30  active(luis)
        40  on_hold(luis) hold@100 | held
        50  on_hold(luis) hold@100 refused: `call_answered` is refused while the call is on_hold: it is the call of `luis`, not of `ana`
        51  active(luis)           | answered
        ",
    );
}

#[test]
fn an_attended_transfer_from_hold_ends_the_hold() {
    check(
        "
         0  opened
         8  answered 8 agent=ana
        10  held 0
        20  attended agent=luis queue=legal
        70  elapsed hold
        ",
        "
         0  waiting wait@30       | opened
         8  active(ana)           | answered
        10  on_hold(ana) hold@70  | held
        20  active(luis) #legal   | attended
        70  active(luis) #legal
        ",
    );
}

#[test]
fn an_attended_transfer_is_no_new_stretch_of_waiting() {
    check(
        "
         0  opened
        30  elapsed wait
        35  answered 35 agent=ana
        40  attended agent=luis
        45  held 0
        50  answered 35
        ",
        "
         0  waiting wait@30         | opened
        30  waiting                 | sla_breached(due 30)[sla_breached] ! sla_breached
        35  active(ana)             | answered[wait_exceeded]
        40  active(luis)            | attended
        45  on_hold(luis) hold@105  | held
        50  active(luis)            | answered[wait_exceeded]
        ",
    );
}

#[test]
fn a_call_that_waits_cannot_be_passed_on() {
    check(
        "
         0  opened
         5  routed ana
         6  blind agent=luis
         7  attended agent=luis
        ",
        "
         0  waiting              wait@30  | opened
         5  waiting(ana) ring@20 wait@30  | routed(offer 1)
         6  waiting(ana) ring@20 wait@30  refused: `call_transferred` is refused while the call is waiting
         7  waiting(ana) ring@20 wait@30  refused: `call_transferred` is refused while the call is waiting
        ",
    );
}

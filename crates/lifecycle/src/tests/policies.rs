//! Each queue makes its own promises.

use super::story::check;

#[test]
fn a_queue_that_promises_less_time_is_held_to_it() {
    check(
        "
         0  opened queue=vip
         1  routed ana
         6  elapsed ring
        10  elapsed wait
        11  answered 11
        12  held 20
        32  elapsed hold
        33  resumed
        34  held 21
        35  ended 3 completed
        ",
        "
         0  waiting #vip             wait@10  | opened
         1  waiting(ana) #vip ring@6 wait@10  | routed(offer 1)
         6  waiting #vip             wait@10  | call_retransfer(ana, attempt 1)
        10  waiting #vip                      | sla_breached(due 10)[sla_breached] ! sla_breached
        11  active #vip                       | answered[wait_exceeded]
        12  on_hold #vip             hold@32  | held
        32  on_hold #vip                      | hold_exceeded(due 32)[hold_exceeded] ! hold_exceeded
        33  active #vip                       | resumed
        34  on_hold #vip                      | held[hold_exceeded] ! hold_exceeded
        35  ended #vip                        | ended survey_requested
        ",
    );
}

#[test]
fn a_call_passed_on_is_promised_what_its_new_queue_promises() {
    check(
        "
         0  opened
         5  answered 5
        20  blind queue=vip agent=ana
        30  elapsed wait
        31  answered 11
        32  held 21
        33  attended queue=medical agent=luis
        34  held 21
        ",
        "
         0  waiting                   wait@30  | opened
         5  active                             | answered
        20  waiting(ana) #vip ring@25 wait@30  | blind(offer 1)
        30  waiting(ana) #vip ring@25          | sla_breached(due 30)[sla_breached] ! sla_breached
        31  active(ana) #vip                   | answered[wait_exceeded]
        32  on_hold(ana) #vip                  | held[hold_exceeded] ! hold_exceeded
        33  active(luis)                       | attended
        34  on_hold(luis)             hold@94  | held
        ",
    );
}

#[test]
fn a_hold_keeps_the_promise_of_the_queue_it_began_in() {
    check(
        "
         0  opened
         5  answered 5
        10  held 0
        40  blind queue=vip
        ",
        "
         0  waiting wait@30       | opened
         5  active                | answered
        10  on_hold hold@70       | held
        40  waiting #vip wait@50  | blind
        ",
    );
}

#[test]
fn a_promise_in_fractions_is_strict_to_the_millisecond() {
    for (waited_s, flagged) in [("16.1", ""), ("16.101", "[wait_exceeded] ! wait_exceeded")] {
        check(
            &format!("0 opened queue=odd \n 1 answered {waited_s}"),
            &format!("0 waiting #odd wait@16.1 | opened \n 1 active #odd | answered{flagged}"),
        );
    }
}

#[test]
fn a_shortest_call_in_fractions_is_strict_to_the_millisecond() {
    for (lasted_s, flagged) in [("1.001", ""), ("1", "[short_call]")] {
        check(
            &format!("0 opened queue=odd \n 1 ended {lasted_s} failed"),
            &format!("0 waiting #odd wait@16.1 | opened \n 1 ended #odd | ended{flagged}"),
        );
    }
}

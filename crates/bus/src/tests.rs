//! What listeners rely on.

use contract::{Alert, Moment};
use lifecycle::Timestamp;

use crate::{Bus, Gap, Limits, News};

fn bus(announcements_max: usize) -> Bus {
    Bus::new(Limits { announcements_max, bytes_max: 1 << 20 })
}

fn alert(id: u64) -> News {
    News::Alert(Box::new(Alert {
        id: id.to_string(),
        call_id: "c1".to_owned(),
        rule: "sla_breached".to_owned(),
        message: "nobody answered".to_owned(),
        raised_at: Moment(Timestamp(0)),
        acknowledged_at: None,
        acknowledged_by: None,
    }))
}

fn numbers(bus: &Bus, after: u64, limit: usize) -> Result<Vec<u64>, Gap> {
    Ok(bus.after(after, limit)?.iter().map(|it| it.number).collect())
}

#[test]
fn a_listener_gets_everything_after_its_place_in_order() {
    let bus = bus(10);
    bus.publish((1..=5).map(alert));
    assert_eq!(numbers(&bus, 2, 10), Ok(vec![3, 4, 5]));
    assert_eq!(numbers(&bus, 2, 2), Ok(vec![3, 4]));
    assert_eq!(numbers(&bus, 5, 10), Ok(vec![]));
}

#[test]
fn a_listener_that_fell_out_of_the_ring_is_told() {
    let bus = bus(3);
    bus.publish((1..=5).map(alert));
    assert_eq!(numbers(&bus, 1, 10), Err(Gap));
    assert_eq!(numbers(&bus, 2, 10), Ok(vec![3, 4, 5]));
}

#[test]
fn a_place_nobody_was_given_is_a_gap() {
    assert_eq!(numbers(&bus(3), 7, 10), Err(Gap));
}

#[test]
fn the_bytes_that_are_kept_are_bounded_too() {
    let bus = Bus::new(Limits { announcements_max: 1_000, bytes_max: 5_000 });
    bus.publish((1..=100).map(alert));
    assert_eq!(bus.head(), 100);
    assert_eq!(numbers(&bus, 1, 10), Err(Gap));
    assert!(numbers(&bus, 98, 10).is_ok());
}

#[test]
fn a_position_of_another_life_is_not_known() {
    let (one, other) = (bus(3), bus(3));
    assert_eq!(one.number(&one.position(7)), Some(7));
    assert_eq!(one.number(&other.position(7)), None);
    assert_eq!(one.number("garbage"), None);
}

#[test]
fn what_cannot_be_announced_is_a_gap_for_everyone() {
    let bus = bus(10);
    bus.publish((1..=3).map(alert));
    bus.skip();
    assert_eq!(numbers(&bus, 3, 10), Err(Gap));
    assert_eq!(numbers(&bus, 4, 10), Ok(vec![]), "from here it goes on");
    bus.publish([alert(5)]);
    assert_eq!(numbers(&bus, 4, 10), Ok(vec![5]));
    assert_eq!(numbers(&bus, 3, 10), Err(Gap));
}

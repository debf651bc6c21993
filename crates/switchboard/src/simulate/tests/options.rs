//! What can be written on the command line, and what cannot.

use clap::Parser;

use super::super::Simulate;
use super::super::client::Client;
use super::super::player::Speed;
use contract::Queue;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    simulate: Simulate,
}

fn read(words: &str) -> Option<Simulate> {
    let words = std::iter::once("simulate").chain(words.split_whitespace());
    Line::try_parse_from(words).ok().map(|line| line.simulate)
}

#[test]
fn a_day_that_ends_before_it_begins_ends_tomorrow() {
    let night = read("--from 22:30 --to 06:00 --seed 1").expect("it can be read");
    let plan = night.plan(Queue::first().collect()).expect("it has a seed");
    assert_eq!((plan.from_ms, plan.to_ms), (81_000_000, 108_000_000));
}

#[test]
fn a_speed_is_a_number_or_as_fast_as_it_goes() {
    assert_eq!(read("--speed 60").expect("a number").speed, Speed::Times(60.0));
    assert_eq!(read("--speed max").expect("a word").speed, Speed::Max);
    for wrong in ["--speed 0", "--speed NaN", "--speed fast", "--speed -1"] {
        assert!(read(wrong).is_none(), "{wrong}");
    }
}

#[test]
fn a_time_that_is_on_no_clock_is_refused() {
    for wrong in ["--from 24:01", "--from 8.30", "--from 08:60", "--to +8:00", "--to morning"] {
        assert!(read(wrong).is_none(), "{wrong}");
    }
    assert!(read("--from 8 --to 24:00").is_some());
}

#[test]
fn an_address_that_cannot_be_played_against_is_told_why() {
    let why = |url| Client::new(url, None).expect_err("it is refused");
    assert!(why("https://calls.example").contains("plain HTTP only"));
    assert!(why("localhost:3000").contains("is not an address"));
    assert!(Client::new("http://localhost:3000/", None).is_ok());
}

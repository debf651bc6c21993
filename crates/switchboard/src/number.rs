//! Numbers of the command line, and what to write instead of what is none.

use std::{fmt::Display, ops::RangeInclusive, str::FromStr};

/// Reads a whole number of that range.
pub(crate) fn whole<N>(range: RangeInclusive<N>) -> impl Fn(&str) -> Result<N, String> + Clone
where
    N: FromStr + PartialOrd + Display + Copy,
{
    move |given: &str| {
        let number = given.trim().parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| {
            format!("a whole number from {} to {} is needed", range.start(), range.end())
        })
    }
}

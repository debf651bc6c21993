//! How long callers waited, wait by wait, in few numbers.
//!
//! Waits are counted by the second, and apart from those that lasted exactly so many seconds. So it
//! is exact how many lasted up to, and how many less than, any whole number of seconds.

use serde::{Deserialize, Serialize};

/// Waits, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Waits {
    /// Place and count, by place: `2s` for exactly `s` seconds, `2s + 1` for up to a second more.
    counts: Vec<(u32, u32)>,
}

/// Nobody waits for 34 years.
const SECONDS_MAX: i64 = (u32::MAX / 4) as i64;

impl Waits {
    /// One wait.
    pub fn one(ms: i64) -> Self {
        let seconds = ms.div_euclid(1_000).clamp(0, SECONDS_MAX);
        let place = 2 * seconds + i64::from(ms.rem_euclid(1_000) != 0);
        Self { counts: vec![(u32::try_from(place).unwrap_or(0), 1)] }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// How many there are.
    pub fn count(&self) -> i64 {
        self.counts.iter().map(|(_, count)| i64::from(*count)).sum()
    }

    /// How many lasted so many whole seconds, or less.
    pub fn within(&self, seconds: i64) -> i64 {
        self.up_to(2 * seconds.clamp(-1, SECONDS_MAX))
    }

    /// How many lasted less than so many whole seconds.
    pub fn below(&self, seconds: i64) -> i64 {
        self.up_to(2 * seconds.clamp(0, SECONDS_MAX) - 1)
    }

    fn up_to(&self, last: i64) -> i64 {
        let within = self.counts.iter().take_while(|(place, _)| i64::from(*place) <= last);
        within.map(|(_, count)| i64::from(*count)).sum()
    }

    /// The shortest times within which so many of a hundred waits were over, asked for in ascending
    /// order, in whole seconds, rounded up: the nearest rank. `None` where there are no waits.
    pub fn percentiles<const N: usize>(&self, of_a_hundred: [i64; N]) -> Option<[u32; N]> {
        let all = self.count();
        let mut counts = self.counts.iter();
        let (mut passed, mut place) = (0, None);
        let mut times = [0; N];
        for (time, share) in times.iter_mut().zip(of_a_hundred) {
            let rank = ((all * share + 99) / 100).max(1);
            while passed < rank {
                let (next, count) = counts.next()?;
                (passed, place) = (passed + i64::from(*count), Some(*next));
            }
            *time = place?.div_ceil(2);
        }
        Some(times)
    }

    /// Adds others.
    pub fn add(&mut self, others: &Self) {
        if self.counts.is_empty() {
            self.counts.clone_from(&others.counts);
            return;
        }
        // Both are sorted, and after a while every place is there.
        let mut at = 0;
        for &(place, count) in &others.counts {
            while self.counts.get(at).is_some_and(|(known, _)| *known < place) {
                at += 1;
            }
            match self.counts.get_mut(at) {
                Some((known, sum)) if *known == place => *sum = sum.saturating_add(count),
                _ => self.counts.insert(at, (place, count)),
            }
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Waits;

    fn all(waits: &[i64]) -> Waits {
        let mut sum = Waits::default();
        for ms in waits {
            sum.add(&Waits::one(*ms));
        }
        sum
    }

    #[test]
    fn thirty_seconds_are_within_thirty_and_a_millisecond_more_is_not() {
        let waits = all(&[29_999, 30_000, 30_001, 0]);
        assert_eq!((waits.within(30), waits.within(29), waits.within(0)), (3, 1, 1));
        assert_eq!((waits.below(30), waits.below(31), waits.below(0)), (2, 4, 0));
    }

    #[test]
    fn nobody_waited_has_no_percentile() {
        assert_eq!(Waits::default().percentiles([50]), None);
        assert_eq!(all(&[0]).percentiles([1, 99]), Some([0, 0]));
    }

    proptest! {
        #[test]
        fn counts_and_percentiles_are_those_of_the_sorted_list(
            mut waits in prop::collection::vec(0_i64..20_000, 1..60),
            seconds in 0_i64..22,
            mut of_a_hundred in prop::array::uniform2(1_usize..=100),
        ) {
            let counted = all(&waits);
            let count = |is: &dyn Fn(i64) -> bool| {
                i64::try_from(waits.iter().filter(|ms| is(**ms)).count())
            };
            prop_assert_eq!(Ok(counted.within(seconds)), count(&|ms| ms <= seconds * 1_000));
            prop_assert_eq!(Ok(counted.below(seconds)), count(&|ms| ms < seconds * 1_000));
            waits.sort_unstable();
            of_a_hundred.sort_unstable();
            let time = |of_a_hundred: usize| {
                let rank = (waits.len() * of_a_hundred).div_ceil(100);
                u32::try_from((waits[rank - 1] + 999) / 1_000).unwrap()
            };
            let asked = of_a_hundred.map(|it| i64::try_from(it).unwrap());
            prop_assert_eq!(counted.percentiles(asked), Some(of_a_hundred.map(time)));
        }

        #[test]
        fn sums_do_not_depend_on_the_order(
            one in prop::collection::vec(0_i64..9_000, 0..20),
            other in prop::collection::vec(0_i64..9_000, 0..20),
        ) {
            let together = all(&[one.clone(), other.clone()].concat());
            let (mut ahead, mut back) = (all(&one), all(&other));
            ahead.add(&all(&other));
            back.add(&all(&one));
            prop_assert_eq!(&ahead, &together);
            prop_assert_eq!(&back, &together);
            let text = serde_json::to_string(&together).unwrap();
            prop_assert_eq!(serde_json::from_str::<Waits>(&text).unwrap(), together);
        }
    }
}

//! Delays and how they are told: percentiles in milliseconds, and one line or one JSON object a run.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// Delays as they are collected, to the microsecond, up to a minute.
#[derive(Clone, Debug)]
pub struct Delays(Histogram<u64>);

const MICROS_MAX: u64 = 60_000_000;

impl Default for Delays {
    fn default() -> Self {
        Self(Histogram::new_with_max(MICROS_MAX, 3).expect("the bounds are constants"))
    }
}

impl Delays {
    pub fn add(&mut self, delay: Duration) {
        let micros = u64::try_from(delay.as_micros()).unwrap_or(MICROS_MAX);
        self.0.saturating_record(micros);
    }

    pub fn merge(&mut self, other: &Self) {
        self.0 += &other.0;
    }

    pub fn summary(&self) -> Summary {
        let ms = |micros: u64| micros as f64 / 1000.0;
        Summary {
            count: self.0.len(),
            p50_ms: ms(self.0.value_at_quantile(0.5)),
            p99_ms: ms(self.0.value_at_quantile(0.99)),
            max_ms: ms(self.0.max()),
        }
    }
}

/// Delays as they are told.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Summary {
    pub count: u64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p50_ms, p99_ms, max_ms, .. } = self;
        write!(f, "p50 {p50_ms:.2} ms, p99 {p99_ms:.2} ms, max {max_ms:.2} ms")
    }
}

/// Answers that were not what was hoped for, by status; 0 is a broken connection.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Errors(BTreeMap<u16, u64>);

impl Errors {
    pub fn add(&mut self, status: u16, count: u64) {
        if count > 0 {
            *self.0.entry(status).or_default() += count;
        }
    }

    pub fn merge(&mut self, other: &Self) {
        for (status, count) in &other.0 {
            self.add(*status, *count);
        }
    }

    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("no errors");
        }
        f.write_str("errors by status:")?;
        self.0.iter().try_for_each(|(status, count)| write!(f, " {status} x {count}"))
    }
}

/// The middle one; of an even number, the lower of the two in the middle.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}

//! The simulated clock: real time, so many times as fast.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

#[derive(Debug)]
pub(super) struct Pace {
    began: Instant,
    from_ms: u64,
    times: f64,
}

impl Pace {
    /// It is that moment of the day now, and it goes by that fast.
    pub(super) fn new(from_ms: u64, times: f64) -> Self {
        Self { began: Instant::now(), from_ms, times }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a day")]
    pub(super) fn now_ms(&self) -> u64 {
        self.from_ms + (self.began.elapsed().as_secs_f64() * self.times * 1_000.0) as u64
    }

    /// How long a span of the day takes in life.
    pub(super) fn real(&self, span_ms: u64) -> Duration {
        Duration::from_millis(span_ms).div_f64(self.times)
    }

    pub(super) async fn until(&self, at_ms: u64) {
        sleep_until(self.began + self.real(at_ms.saturating_sub(self.from_ms))).await;
    }

    pub(super) fn is_real(&self) -> bool {
        (self.times - 1.0).abs() < f64::EPSILON
    }
}

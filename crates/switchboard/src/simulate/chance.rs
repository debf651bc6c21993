//! A seeded source of chance: the same seed draws the same day, on every machine.
//!
//! It is splitmix64 (Steele, Lea and Flood, 2014): ten lines, and its numbers will never change with
//! a library's version, which is what "the same seed plays the same script" depends on.

/// Draws numbers one after another.
#[derive(Clone, Debug)]
pub(super) struct Chance {
    state: u64,
}

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// What another source of chance can begin with.
    pub(super) fn seed(&mut self) -> u64 {
        self.bits()
    }

    /// From 0, included, to 1, excluded.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are what a float holds exactly")]
    pub(super) fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Happens in this share of cases.
    pub(super) fn happens(&mut self, share: f64) -> bool {
        self.share() < share
    }

    /// Anywhere between the two.
    pub(super) fn between(&mut self, least: f64, most: f64) -> f64 {
        least + (most - least) * self.share()
    }

    /// One of `count` things, each as likely: its place.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of a small count"
    )]
    pub(super) fn one_of(&mut self, count: usize) -> usize {
        ((self.share() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// The gap until the next arrival, where `rate` arrive per unit of time.
    pub(super) fn exponential(&mut self, rate: f64) -> f64 {
        -(1.0 - self.share()).ln() / rate
    }

    /// A span whose logarithm is normal around `mu` with the deviation `sigma`.
    pub(super) fn lognormal(&mut self, mu: f64, sigma: f64) -> f64 {
        let radius = (-2.0 * (1.0 - self.share()).ln()).sqrt();
        let normal = radius * (std::f64::consts::TAU * self.share()).cos();
        (mu + sigma * normal).exp()
    }

    /// One of several things, each as likely as its weight says.
    pub(super) fn weighted<'a, T>(&mut self, things: &'a [(f64, T)]) -> &'a T {
        let mut left = self.share() * things.iter().map(|(weight, _)| weight).sum::<f64>();
        for (weight, thing) in things {
            left -= weight;
            if left < 0.0 {
                return thing;
            }
        }
        &things[things.len() - 1].1
    }
}

/// Mixes text into one number, to tell two sets of options apart.
pub(super) fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |mixed, byte| {
        (mixed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

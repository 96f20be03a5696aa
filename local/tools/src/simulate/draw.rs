//! Reproducible random numbers (SplitMix64, Steele et al. 2014) and draws from published
//! distributions.

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 ≤ x < 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// `low ≤ n ≤ high`.
    pub(super) fn whole(&mut self, low: u32, high: u32) -> u32 {
        let span = u64::from(high - low) + 1;
        low + u32::try_from(self.next() % span).unwrap_or_default()
    }

    pub(crate) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.next() % length.max(1) as u64).unwrap_or_default()
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Standard normal (Box and Muller 1958).
    pub(super) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Draws by weight; the weights need not add up to one.
    pub(super) fn weighted<T: Copy>(&mut self, table: &[(T, f64)]) -> T {
        let mut rest = self.unit() * table.iter().map(|(_, weight)| weight).sum::<f64>();
        for (value, weight) in table {
            rest -= weight;
            if rest < 0.0 {
                return *value;
            }
        }
        table[table.len() - 1].0
    }

    /// Draws from the part of a distribution between two shares. The table holds quantiles (share,
    /// value), between which the logarithm is interpolated linearly.
    pub(super) fn quantile(&mut self, table: &[(f64, f64)], from: f64, until: f64) -> f64 {
        let share = self.between(from, until);
        let upper = table.iter().position(|(at, _)| *at > share).unwrap_or(table.len() - 1).max(1);
        let ((from, low), (to, high)) = (table[upper - 1], table[upper]);
        let part = (share - from) / (to - from);
        (low.ln() + part * (high.ln() - low.ln())).exp()
    }
}

//! What one account has sent to another: the edge of the graph, bounded to one small item.

use super::Fixed;

/// The payments from one account to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    pub count: u32,
    /// In the base currency.
    pub amount: Fixed,
    /// Seconds since the Unix epoch.
    pub first_seen: f64,
    pub last_seen: f64,
}

impl Pair {
    /// What a payment of the pair is on average, in the base currency.
    pub fn mean(&self) -> Fixed {
        Fixed::nearest(self.mean_amount())
    }

    /// Mean amount in the base currency.
    pub fn mean_amount(&self) -> f64 {
        self.amount.get() / f64::from(self.count.max(1))
    }
}

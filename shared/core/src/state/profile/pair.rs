//! What one account has sent to another: an edge of the payment graph, bounded to one small item.

use super::FixedPoint;
use crate::state::order::is_late;

/// The payments from one account to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    pub count: u32,
    /// Sum of the amounts in the base currency.
    pub amount: FixedPoint,
    /// Sum of the natural logarithms of 1 + amount.
    pub log_amount: FixedPoint,
    /// Sum of their squares.
    pub log_amount_squared: FixedPoint,
    /// Seconds since the Unix epoch.
    pub first_seen: f64,
    /// Amount of the first payment in the base currency.
    pub first_amount: FixedPoint,
    /// Seconds since the Unix epoch.
    pub last_seen: f64,
}

impl Pair {
    /// Returns a pair with a single payment.
    pub fn of_one(at: f64, amount: FixedPoint) -> Self {
        let log = libm::log1p(amount.get());
        Self {
            count: 1,
            amount,
            log_amount: FixedPoint::nearest(log),
            log_amount_squared: FixedPoint::nearest(log * log),
            first_seen: at,
            first_amount: amount,
            last_seen: at,
        }
    }

    /// Returns the geometric mean of the payments in the base currency, which a single far larger
    /// payment hardly moves.
    pub fn usual_amount(&self) -> f64 {
        libm::expm1(self.log_amount.get() / f64::from(self.count.max(1)))
    }

    /// Returns mean and standard deviation of the logarithms; `None` for fewer than three payments.
    pub fn log_amounts(&self) -> Option<(f64, f64)> {
        let count = f64::from(self.count);
        let mean = self.log_amount.get() / count;
        let square = self.log_amount_squared.get() / count;
        (self.count >= 3).then(|| (mean, (square - mean * mean).max(0.0).sqrt()))
    }

    /// Returns the pair as of a payment's time. For a late payment only the first payment is
    /// certain to have come before it; `None` if even that came later.
    pub fn as_of(self, at: f64) -> Option<Self> {
        if !is_late(at, self.last_seen) {
            return Some(self);
        }
        (self.first_seen <= at).then(|| Self::of_one(self.first_seen, self.first_amount))
    }
}

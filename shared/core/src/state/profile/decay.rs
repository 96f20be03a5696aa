//! Forward-decayed sums (Cormode, Shkapenyuk, Srivastava, Xu: "Forward Decay", ICDE 2009): for a
//! half-life h and a landmark L the sum keeps `Σ x·2^((t−L)/h)`; its value at T is that sum times
//! `2^(−(T−L)/h)`. An event's increment does not depend on what was there before, so increments
//! commute, and DynamoDB's `ADD` applies them in any order.
//!
//! The weights grow with t. A DynamoDB number has 38 significant digits, and an `ADD` whose sum
//! needs more is refused. Landmarks therefore step forward by epochs of 32 half-lives, and
//! increments have 12 decimals ([`super::FixedPoint`]): the largest amount (10^13) times the largest
//! weight (2^32) leaves room for thousands of such payments within 26 digits before the point, and
//! the rounding of an increment stays under 10^-12. A value needs only the current epoch and the
//! one before: anything older has lost a factor of at least 2^32 and counts for nothing.

use super::FixedPoint;

/// Half-lives per epoch.
const EPOCH_HALF_LIVES: f64 = 32.0;
/// What an epoch's decay leaves of a unit: 2^-32.
const EPOCH_REMAINS: f64 = 1.0 / 4_294_967_296.0;

/// The half-lives the profiles use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HalfLife {
    Hour,
    Day,
    Month,
}

impl HalfLife {
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Month];

    /// Returns the half-life in seconds.
    pub const fn seconds(self) -> f64 {
        match self {
            Self::Hour => 3_600.0,
            Self::Day => 86_400.0,
            Self::Month => 2_592_000.0,
        }
    }

    /// Returns the letter that stands for it in attribute names.
    pub const fn letter(self) -> char {
        match self {
            Self::Hour => 'h',
            Self::Day => 'd',
            Self::Month => 'm',
        }
    }

    /// Returns the epoch of a time given in seconds since the Unix epoch.
    #[expect(clippy::cast_possible_truncation, reason = "an RFC 3339 time has few epochs")]
    pub fn epoch(self, at: f64) -> i64 {
        libm::floor(at / (self.seconds() * EPOCH_HALF_LIVES)) as i64
    }

    /// Returns the weight of an event at `at`, relative to its epoch's landmark: 1 to 2^32.
    pub fn weight(self, at: f64) -> f64 {
        libm::exp2((at - self.landmark(self.epoch(at))) / self.seconds())
    }

    /// Returns what remains at `now` of a unit added at an epoch's landmark.
    fn remaining(self, epoch: i64, now: f64) -> f64 {
        libm::exp2(-(now - self.landmark(epoch)) / self.seconds())
    }

    #[expect(clippy::cast_precision_loss, reason = "an RFC 3339 time has few epochs")]
    fn landmark(self, epoch: i64) -> f64 {
        epoch as f64 * self.seconds() * EPOCH_HALF_LIVES
    }
}

/// One decayed sum of a profile, split into the half-life's newest epoch and the one before.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct DecayedSum {
    pub current: FixedPoint,
    pub previous: FixedPoint,
}

/// What remains at a moment of one unit of the last decimal in the sums of one half-life.
#[derive(Debug, Clone, Copy)]
pub(super) struct RemainingShare {
    current: f64,
    previous: f64,
}

impl RemainingShare {
    /// `now` must not lie before the newest event.
    pub(super) fn at(half_life: HalfLife, epoch: i64, now: f64) -> Self {
        let current = half_life.remaining(epoch, now) * FixedPoint::UNIT;
        Self { current, previous: current * EPOCH_REMAINS }
    }
}

impl DecayedSum {
    pub(super) fn value(&self, remaining: RemainingShare) -> f64 {
        let mut value = self.current.units() * remaining.current;
        if !self.previous.is_zero() {
            value += self.previous.units() * remaining.previous;
        }
        // Moving a first contact to an earlier epoch may leave the sum of its old epoch below zero.
        value.max(0.0)
    }
}

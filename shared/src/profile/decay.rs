//! Forward-decayed sums (Cormode, Shkapenyuk, Srivastava, Xu: "Forward Decay", ICDE 2009): for a
//! half-life h and a landmark L the sum keeps `Σ x·2^((t−L)/h)`; its value at T is that sum times
//! `2^(−(T−L)/h)`. An event's increment does not depend on what was there before, so increments
//! commute, and DynamoDB's `ADD` applies them in any order.
//!
//! The weights grow with t. A DynamoDB number has 38 significant digits, and an `ADD` whose sum
//! needs more is refused. Landmarks therefore step forward by epochs of 32 half-lives, and
//! increments are written with 12 decimals: the largest amount (10^13) times the largest weight
//! (2^32) leaves room for thousands of such payments within 26 digits before the point, and the
//! rounding of an increment stays under 10^-12. A value needs only the current epoch and the one
//! before: anything older has lost a factor of at least 2^32 and counts for nothing.

/// Half-lives of an epoch.
const EPOCH_HALF_LIVES: f64 = 32.0;

/// The half-lives the profiles use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HalfLife {
    Hour,
    Day,
    Week,
    Month,
}

impl HalfLife {
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    pub const fn seconds(self) -> f64 {
        match self {
            Self::Hour => 3_600.0,
            Self::Day => 86_400.0,
            Self::Week => 604_800.0,
            Self::Month => 2_592_000.0,
        }
    }

    /// One letter in attribute names.
    pub const fn letter(self) -> char {
        match self {
            Self::Hour => 'h',
            Self::Day => 'd',
            Self::Week => 'w',
            Self::Month => 'm',
        }
    }

    /// The epoch of a time (seconds since the Unix epoch).
    #[expect(clippy::cast_possible_truncation, reason = "an RFC 3339 time has few epochs")]
    pub fn epoch(self, at: f64) -> i64 {
        (at / (self.seconds() * EPOCH_HALF_LIVES)).floor() as i64
    }

    /// The weight of an event at `at`, relative to its epoch's landmark: 1 to 2^32.
    pub fn weight(self, at: f64) -> f64 {
        ((at - self.landmark(self.epoch(at))) / self.seconds()).exp2()
    }

    /// What remains at `now` of a unit that an epoch's landmark holds.
    pub fn remaining(self, epoch: i64, now: f64) -> f64 {
        (-(now - self.landmark(epoch)) / self.seconds()).exp2()
    }

    #[expect(clippy::cast_precision_loss, reason = "an RFC 3339 time has few epochs")]
    fn landmark(self, epoch: i64) -> f64 {
        epoch as f64 * self.seconds() * EPOCH_HALF_LIVES
    }
}

/// One decayed sum: the newest epoch seen, its sum, and the sum of the epoch before.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Decayed {
    pub epoch: i64,
    pub current: f64,
    pub previous: f64,
}

impl Decayed {
    /// Adds an already weighted increment of an epoch. What lies two epochs back has decayed to
    /// nothing and is dropped, whichever order it comes in.
    pub fn add(&mut self, epoch: i64, weighted: f64) {
        if epoch > self.epoch {
            self.previous = if epoch == self.epoch + 1 { self.current } else { 0.0 };
            self.current = 0.0;
            self.epoch = epoch;
        }
        if epoch == self.epoch {
            self.current += weighted;
        } else if epoch == self.epoch - 1 {
            self.previous += weighted;
        }
    }

    /// The sum's value at `now`, which must not lie before the newest event.
    pub fn value(&self, half_life: HalfLife, now: f64) -> f64 {
        if self.current == 0.0 && self.previous == 0.0 {
            return 0.0;
        }
        let current = self.current * half_life.remaining(self.epoch, now);
        if self.previous == 0.0 {
            return current.max(0.0);
        }
        // Subtractions of first contacts may leave a rounding error below zero.
        (current + self.previous * half_life.remaining(self.epoch - 1, now)).max(0.0)
    }
}

//! What an account has done, as bounded, commutative state: any permutation and any duplication of
//! the same decided events ends in the same profile. Most of it are forward-decayed sums (`decay`);
//! the rest are extremes (first seen, last seen), which commute by nature.
//!
//! **Event-time semantics.** A transaction is judged against the profile as of the later of its own
//! time and the newest event the profile holds, so a late event sees no weight above one.

mod decay;
mod increments;
mod pair;
mod slots;

pub use decay::{Decayed, HalfLife};
pub use increments::{Increments, PairChange, ProfileChange, SlotAdd};
pub use pair::Pair;
pub use slots::{Direction, Measure, SLOT_COUNT, Slot};

/// The newest event in one direction: its time and amount. Ordered by time, then amount, so that
/// the newest of any set of events is the same in whichever order they come.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Newest {
    /// Seconds since the Unix epoch.
    pub at: f64,
    /// In the base currency.
    pub amount: f64,
}

/// One account's state.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    pub slots: [Decayed; SLOT_COUNT],
    /// Seconds since the Unix epoch of the account's first event.
    pub first_seen: Option<f64>,
    pub newest_out: Option<Newest>,
    pub newest_in: Option<Newest>,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            slots: [Decayed::default(); SLOT_COUNT],
            first_seen: None,
            newest_out: None,
            newest_in: None,
        }
    }
}

impl Profile {
    /// The newest event in either direction.
    pub fn last_seen(&self) -> Option<f64> {
        let times = [self.newest_in, self.newest_out].into_iter().flatten().map(|n| n.at);
        times.reduce(f64::max)
    }

    /// The state as a transaction at `at` sees it.
    pub fn seen_at(&self, at: f64) -> View<'_> {
        let now = self.last_seen().map_or(at, |last| at.max(last));
        View { profile: self, now }
    }

    /// Applies a change, as the store's expressions do.
    pub fn apply(&mut self, change: &ProfileChange) {
        for add in &change.adds {
            self.slots[add.slot.index()].add(add.epoch, add.weighted);
        }
        let newest = match change.direction {
            Direction::Out => &mut self.newest_out,
            Direction::In => &mut self.newest_in,
        };
        if newest.is_none_or(|known| known < change.event) {
            *newest = Some(change.event);
        }
        if self.first_seen.is_none_or(|known| change.event.at < known) {
            self.first_seen = Some(change.event.at);
        }
    }
}

/// A profile at a moment.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    profile: &'a Profile,
    now: f64,
}

impl View<'_> {
    /// The decayed sum's value; 0 for a combination that is not kept.
    pub fn sum(&self, direction: Direction, measure: Measure, half_life: HalfLife) -> f64 {
        Slot::of(direction, measure, half_life)
            .map_or(0.0, |slot| self.profile.slots[slot.index()].value(half_life, self.now))
    }

    /// Days since the account's first event; -1 for an unknown account.
    pub fn age_days(&self) -> f64 {
        self.profile.first_seen.map_or(-1.0, |first| (self.now - first) / 86_400.0)
    }

    pub fn newest(&self, direction: Direction) -> Option<Newest> {
        match direction {
            Direction::Out => self.profile.newest_out,
            Direction::In => self.profile.newest_in,
        }
    }

    /// Days since the newest event of a direction; -1 where there is none.
    pub fn days_since(&self, direction: Direction) -> f64 {
        self.newest(direction).map_or(-1.0, |newest| (self.now - newest.at) / 86_400.0)
    }
}

#[cfg(test)]
mod tests;

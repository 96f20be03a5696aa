//! One account's state, and how changes are applied to it.

use super::contacts::Contacts;
use super::decay::{DecayedSum, HalfLife};
use super::fixed::FixedPoint;
use super::increments::{ProfileChange, SlotAdd};
use super::slots::{Direction, SLOT_COUNT, Slot};
use super::windows::{Bucket, Sum, Windows};

/// One account's state.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    pub(super) sums: [DecayedSum; SLOT_COUNT],
    /// Exact sums of days and weeks, by [`Direction`].
    pub(super) windows: [Windows; 2],
    /// The newest epoch of each half-life.
    pub(super) epochs: [i64; HalfLife::ALL.len()],
    /// Seconds since the Unix epoch of the account's first event.
    pub first_seen: Option<f64>,
    /// The newest payments to its payees.
    pub payees: Contacts,
    /// The newest payments from its payers.
    pub payers: Contacts,
}

impl Default for Profile {
    fn default() -> Self {
        Self::UNKNOWN.clone()
    }
}

impl Profile {
    /// The profile of an account never seen before.
    pub const UNKNOWN: Self = Self {
        sums: [DecayedSum { current: FixedPoint::ZERO, previous: FixedPoint::ZERO }; SLOT_COUNT],
        epochs: [0; HalfLife::ALL.len()],
        windows: [Windows::EMPTY; 2],
        first_seen: None,
        payees: Contacts::NONE,
        payers: Contacts::NONE,
    };

    /// Returns the time of the newest payment in either direction, in seconds since the Unix epoch.
    pub fn last_seen(&self) -> Option<f64> {
        let newest = [self.payees.newest(), self.payers.newest()];
        newest.into_iter().flatten().map(|contact| contact.at).reduce(f64::max)
    }

    pub fn contacts(&self, direction: Direction) -> &Contacts {
        match direction {
            Direction::Out => &self.payees,
            Direction::In => &self.payers,
        }
    }

    /// Applies a change, just as the store's expressions do.
    pub fn apply(&mut self, change: &ProfileChange) {
        for add in &change.adds {
            self.add(add);
        }
        for (bucket, sum) in &change.windows {
            self.add_window(*bucket, *sum);
        }
        if let Some(contact) = change.contact {
            match change.direction {
                Direction::Out => self.payees.note(contact),
                Direction::In => self.payers.note(contact),
            }
            if self.first_seen.is_none_or(|known| contact.at < known) {
                self.first_seen = Some(contact.at);
            }
        }
    }

    /// Adds a weighted increment. What lies two epochs back has decayed to nothing and is dropped,
    /// in whatever order increments come.
    pub fn add(&mut self, add: &SlotAdd) {
        let newest = self.epochs[add.half_life as usize];
        if add.epoch > newest {
            for slot in Slot::of_half_life(add.half_life) {
                let sum = &mut self.sums[slot.index()];
                let next = add.epoch == newest + 1;
                sum.previous = if next { sum.current } else { FixedPoint::ZERO };
                sum.current = FixedPoint::ZERO;
            }
            self.epochs[add.half_life as usize] = add.epoch;
        }
        let sum = &mut self.sums[add.slot.index()];
        match self.epochs[add.half_life as usize] - add.epoch {
            0 => sum.current += add.weighted,
            1 => sum.previous += add.weighted,
            _ => {}
        }
    }

    /// Adds to the bucket of a day or week, unless it is too old to be kept.
    pub fn add_window(&mut self, bucket: Bucket, sum: Sum) {
        let Bucket { direction, kind, span, number } = bucket;
        self.windows[direction as usize].add(span, kind, number, sum);
    }

    /// Returns whether the sum of a bucket still counts.
    pub fn counts_window(&self, bucket: Bucket) -> bool {
        self.windows[bucket.direction as usize].counts(bucket.span, bucket.number)
    }

    /// Returns whether the sums of an epoch still count.
    pub fn counts(&self, half_life: HalfLife, epoch: i64) -> bool {
        epoch >= self.epochs[half_life as usize] - 1
    }
}

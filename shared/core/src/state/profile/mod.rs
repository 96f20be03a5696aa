//! What an account has done, as bounded, commutative state: any permutation and any duplication of
//! the same decided events ends in the same profile, to the last digit. Part of it are exact sums of
//! days and weeks (`windows`) and forward-decayed ones (`decay`); the rest are registers that keep
//! the newest payment (`contacts`) and the account's first event, which commute by nature.
//!
//! **Event-time semantics.** Windows end with the transaction's own day, also where newer events are
//! known. Decayed sums are taken as of the later of its own time and the newest event the profile
//! holds, so an event out of order sees no weight above one. One that comes late
//! ([`crate::state::late`]) sees registers and ages as of its own time; its decayed sums stay those of
//! the newest event.

mod contacts;
mod decay;
mod fixed;
mod increments;
mod pair;
mod slots;
mod windows;

pub use contacts::{AccountId, Contact, Contacts, REGISTERS};
pub use decay::{Decayed, HalfLife};
pub use fixed::Fixed;
pub use increments::{Increments, PairChange, ProfileChange, SlotAdd};
pub use pair::Pair;
pub use slots::{Direction, Measure, SLOT_COUNT, Slot};
pub use windows::{Bucket, Kind, LONG, Span, Sum, Windows};

use crate::state::late::is_late;
use decay::Remaining;

/// One account's state.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    sums: [Decayed; SLOT_COUNT],
    /// Exact sums of days and weeks, by [`Direction`].
    windows: [Windows; 2],
    /// The newest epoch of each half-life.
    epochs: [i64; HalfLife::ALL.len()],
    /// Seconds since the Unix epoch of the account's first event.
    pub first_seen: Option<f64>,
    /// Where its money went and where it came from, newest first by register.
    pub payees: Contacts,
    pub payers: Contacts,
}

impl Default for Profile {
    fn default() -> Self {
        Self::UNKNOWN.clone()
    }
}

impl Profile {
    /// The profile of an account never seen.
    pub const UNKNOWN: Self = Self {
        sums: [Decayed { current: Fixed::ZERO, previous: Fixed::ZERO }; SLOT_COUNT],
        epochs: [0; HalfLife::ALL.len()],
        windows: [Windows::EMPTY; 2],
        first_seen: None,
        payees: Contacts::NONE,
        payers: Contacts::NONE,
    };

    /// The newest event in either direction.
    pub fn last_seen(&self) -> Option<f64> {
        let newest = [self.payees.newest(), self.payers.newest()];
        newest.into_iter().flatten().map(|contact| contact.at).reduce(f64::max)
    }

    /// The state as a transaction at `at` sees it.
    pub fn seen_at(&self, at: f64) -> View<'_> {
        let latest = self.last_seen().map_or(at, |newest| newest.max(at));
        let remaining = HalfLife::ALL
            .map(|half_life| Remaining::at(half_life, self.epochs[half_life as usize], latest));
        let now = if is_late(at, latest) { at } else { latest };
        let newest = [&self.payees, &self.payers].map(|contacts| contacts.newest_by(now));
        let first_seen = self.first_seen.filter(|first| *first <= now);
        let (day, week) = (Span::Day.number(at), Span::Week.number(at));
        View { profile: self, day, week, now, remaining, newest, first_seen }
    }

    pub fn contacts(&self, direction: Direction) -> &Contacts {
        match direction {
            Direction::Out => &self.payees,
            Direction::In => &self.payers,
        }
    }

    /// Applies a change, as the store's expressions do.
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

    /// Adds an already weighted increment. What lies two epochs back has decayed to nothing and is
    /// dropped, whichever order it comes in.
    pub fn add(&mut self, add: &SlotAdd) {
        let newest = self.epochs[add.half_life as usize];
        if add.epoch > newest {
            for slot in Slot::of_half_life(add.half_life) {
                let sum = &mut self.sums[slot.index()];
                let next = add.epoch == newest + 1;
                sum.previous = if next { sum.current } else { Fixed::ZERO };
                sum.current = Fixed::ZERO;
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

    /// Adds to a bucket of days or weeks, unless its time has passed.
    pub fn add_window(&mut self, bucket: Bucket, sum: Sum) {
        let Bucket { direction, kind, span, number } = bucket;
        self.windows[direction as usize].add(span, kind, number, sum);
    }

    /// Whether the sum of a bucket still counts.
    pub fn counts_window(&self, bucket: Bucket) -> bool {
        self.windows[bucket.direction as usize].counts(bucket.span, bucket.number)
    }

    /// Whether the sums of an epoch still count.
    pub fn counts(&self, half_life: HalfLife, epoch: i64) -> bool {
        epoch >= self.epochs[half_life as usize] - 1
    }
}

/// A profile at a moment.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    profile: &'a Profile,
    /// Of the payment's own time: windows end with them.
    day: i32,
    week: i32,
    /// The later of the payment's time and the newest event.
    now: f64,
    remaining: [Remaining; HalfLife::ALL.len()],
    newest: [Option<Contact>; 2],
    /// None where the account had done nothing by then.
    first_seen: Option<f64>,
}

impl<'a> View<'a> {
    /// The decayed sum's value; 0 for a combination that is not kept.
    pub fn sum(&self, direction: Direction, measure: Measure, half_life: HalfLife) -> f64 {
        let slot = Slot::of(direction, measure, half_life).filter(|_| !self.is_before_all());
        slot.map_or(0.0, |slot| {
            self.profile.sums[slot.index()].value(self.remaining[half_life as usize])
        })
    }

    /// Seconds since the Unix epoch of the moment.
    pub fn now(&self) -> f64 {
        self.now
    }

    /// Whether all that the account has done lies after the moment. A party's profile knows no
    /// first event.
    fn is_before_all(&self) -> bool {
        self.first_seen.is_none() && self.profile.first_seen.is_some()
    }

    /// Days since the account's first event; -1 for an unknown account.
    pub fn age_days(&self) -> f64 {
        self.first_seen.map_or(-1.0, |first| (self.now - first) / 86_400.0)
    }

    pub fn newest(&self, direction: Direction) -> Option<Contact> {
        self.newest[direction as usize]
    }

    /// Days since the newest event of a direction; -1 where there is none.
    pub fn days_since(&self, direction: Direction) -> f64 {
        self.newest(direction).map_or(-1.0, |newest| (self.now - newest.at) / 86_400.0)
    }

    /// The newest payments up to the moment.
    pub fn contacts(&self, direction: Direction) -> impl Iterator<Item = &'a Contact> {
        let now = self.now;
        self.profile.contacts(direction).iter().filter(move |contact| contact.at <= now)
    }

    /// The accounts in both, each with its two payments.
    pub fn common(
        &self,
        direction: Direction,
        other: View<'a>,
        others: Direction,
    ) -> impl Iterator<Item = (&'a Contact, &'a Contact)> {
        let (now, then) = (self.now, other.now);
        let common = self.profile.contacts(direction).common(other.profile.contacts(others));
        common.filter(move |(a, b)| a.at <= now && b.at <= then)
    }
}

#[cfg(test)]
mod tests;

//! A profile at the moment of a payment, as the features' formulas read it.

use super::account::Profile;
use super::contacts::Contact;
use super::decay::{HalfLife, RemainingShare};
use super::slots::{Direction, Measure, Slot};
use super::windows::{Kind, LONG, Span, Sum, Windows};
use crate::state::order::is_late;

/// Fewest whole weeks that make a usual week.
const USUAL_FROM: i32 = 2;

/// A profile at a moment.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    profile: &'a Profile,
    /// Day and week of the payment's own time, with which windows end.
    day: i32,
    week: i32,
    /// The later of the payment's time and the newest event; for a late payment, its own time.
    now: f64,
    remaining: [RemainingShare; HalfLife::ALL.len()],
    /// The newest payment up to the moment, by [`Direction`].
    newest: [Option<Contact>; 2],
    /// `None` if the account had done nothing up to the moment.
    first_seen: Option<f64>,
}

impl<'a> View<'a> {
    /// Returns a decayed sum's value; 0 for a combination that is not kept.
    pub fn sum(&self, direction: Direction, measure: Measure, half_life: HalfLife) -> f64 {
        let slot = Slot::of(direction, measure, half_life).filter(|_| !self.is_before_all());
        slot.map_or(0.0, |slot| {
            self.profile.sums[slot.index()].value(self.remaining[half_life as usize])
        })
    }

    /// Returns the moment in seconds since the Unix epoch.
    pub fn now(&self) -> f64 {
        self.now
    }

    /// Returns whether everything the account has done lies after the moment. A party's profile has
    /// no first event.
    fn is_before_all(&self) -> bool {
        self.first_seen.is_none() && self.profile.first_seen.is_some()
    }

    /// Returns the days since the account's first event; -1 for an unknown account.
    pub fn age_days(&self) -> f64 {
        self.first_seen.map_or(-1.0, |first| (self.now - first) / 86_400.0)
    }

    pub fn newest(&self, direction: Direction) -> Option<Contact> {
        self.newest[direction as usize]
    }

    /// Returns the days since the newest payment in a direction; -1 without one.
    pub fn days_since(&self, direction: Direction) -> f64 {
        self.newest(direction).map_or(-1.0, |newest| (self.now - newest.at) / 86_400.0)
    }

    /// Returns the kept payments up to the moment, one per register.
    pub fn contacts(&self, direction: Direction) -> impl Iterator<Item = &'a Contact> {
        let now = self.now;
        self.profile.contacts(direction).iter().filter(move |contact| contact.at <= now)
    }

    /// Returns the accounts that are counterparties in both views, each with its two payments.
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

impl View<'_> {
    /// Sums the payment's own day and those before it, `days` in all.
    pub fn days(&self, direction: Direction, kind: Kind, days: i32) -> Sum {
        self.windows(direction).between(Span::Day, kind, self.day - days + 1, self.day)
    }

    /// Sums the payment's own week and those before it, `weeks` in all.
    pub fn weeks(&self, direction: Direction, kind: Kind, weeks: i32) -> Sum {
        self.windows(direction).between(Span::Week, kind, self.week - weeks + 1, self.week)
    }

    /// Returns how many whole weeks before the payment's own the account has been known for, at
    /// most four; `None` if they are too few.
    pub fn usual_weeks(&self) -> Option<i32> {
        let first = self.profile.first_seen?;
        // The week of the first payment is not a whole one.
        let known = self.week - Span::Week.number(first) - 1;
        (known >= USUAL_FROM).then_some(known.min(LONG - 1))
    }

    /// Returns count and amount of the mean week before the payment's own; `None` if the account
    /// has not been known for long enough.
    pub fn usual_week(&self, direction: Direction, kind: Kind) -> Option<(f64, f64)> {
        let weeks = self.usual_weeks()?;
        let last = self.week - 1;
        let sum = self.windows(direction).between(Span::Week, kind, last - weeks + 1, last);
        Some((sum.number() / f64::from(weeks), sum.amount() / f64::from(weeks)))
    }

    /// Returns empty windows for an account that had done nothing up to the moment, since its days
    /// and weeks also hold what came later.
    fn windows(&self, direction: Direction) -> &Windows {
        match self.is_before_all() {
            true => &Windows::EMPTY,
            false => &self.profile.windows[direction as usize],
        }
    }
}

impl Profile {
    /// Returns the profile as a transaction at `at` (seconds since the Unix epoch) sees it.
    pub fn seen_at(&self, at: f64) -> View<'_> {
        let latest = self.last_seen().map_or(at, |newest| newest.max(at));
        let remaining = HalfLife::ALL.map(|half_life| {
            RemainingShare::at(half_life, self.epochs[half_life as usize], latest)
        });
        let now = if is_late(at, latest) { at } else { latest };
        let newest = [&self.payees, &self.payers].map(|contacts| contacts.newest_by(now));
        let first_seen = self.first_seen.filter(|first| *first <= now);
        let (day, week) = (Span::Day.number(at), Span::Week.number(at));
        View { profile: self, day, week, now, remaining, newest, first_seen }
    }
}

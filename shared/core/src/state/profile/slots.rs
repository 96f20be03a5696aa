//! Which decayed sums a profile keeps: those that need a long, smooth memory (how large payments
//! usually are, which digits they begin with) and those for bursts within an hour or a day, which
//! calendar days would cut in two. Sums over a window of days are kept exactly (`windows`). Each
//! sum takes about 27 bytes of the item, so it is kept only if a feature or rule reads it.

use super::HalfLife;

/// Direction of a payment as seen from the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Out,
    In,
}

/// What is summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Count,
    /// Amount in the base currency.
    Amount,
    /// First contacts with a counterparty.
    NewCounterparty,
    /// Payments from account to account; cards and cash have a separate baseline.
    Transfers,
    /// Natural logarithm of 1 + amount of transfers.
    TransferLog,
    TransferLogSquared,
    /// Payments by card and in cash.
    Everyday,
    EverydayLog,
    EverydayLogSquared,
    HighRiskCountry,
    /// Amounts whose first digit is 1.
    LeadingOne,
    /// Amounts whose first digit is 2 or 3.
    LeadingTwoThree,
    /// Amounts whose first digit is 4, 5 or 6.
    LeadingFourToSix,
}

/// A kept sum, as an index into a profile's sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot(u8);

use HalfLife::{Day, Hour, Month};

const MEASURES: usize = 13;
const BOTH: [bool; 2] = [true, true];
const OUT_ONLY: [bool; 2] = [true, false];

/// The kept measures, each with its letter in attribute names, the directions ([`Direction::Out`],
/// [`Direction::In`]) and the half-lives.
const KEPT: [(Measure, char, [bool; 2], &[HalfLife]); MEASURES] = [
    (Measure::Count, 'c', BOTH, &[Hour, Day]),
    (Measure::Amount, 'a', BOTH, &[Day]),
    (Measure::NewCounterparty, 'n', BOTH, &[Day]),
    (Measure::Transfers, 'm', BOTH, &[Month]),
    (Measure::TransferLog, 'l', BOTH, &[Month]),
    (Measure::TransferLogSquared, 'q', BOTH, &[Month]),
    (Measure::Everyday, 'u', BOTH, &[Month]),
    (Measure::EverydayLog, 'w', BOTH, &[Month]),
    (Measure::EverydayLogSquared, 'z', BOTH, &[Month]),
    (Measure::HighRiskCountry, 'g', BOTH, &[Month]),
    (Measure::LeadingOne, 'e', OUT_ONLY, &[Month]),
    (Measure::LeadingTwoThree, 'f', OUT_ONLY, &[Month]),
    (Measure::LeadingFourToSix, 'j', OUT_ONLY, &[Month]),
];

/// Number of decayed sums in a profile.
pub const SLOT_COUNT: usize = {
    let mut sum = 0;
    let mut i = 0;
    while i < KEPT.len() {
        let directions = KEPT[i].2[0] as usize + KEPT[i].2[1] as usize;
        sum += directions * KEPT[i].3.len();
        i += 1;
    }
    sum
};

/// Slot by direction, measure and half-life, -1 if not kept. A table, because every feature of
/// every transaction looks up slots.
const INDEX: [[[i8; 3]; MEASURES]; 2] = {
    let mut table = [[[-1_i8; 3]; MEASURES]; 2];
    let mut direction = 0;
    let mut slot = 0_i8;
    while direction < 2 {
        let mut i = 0;
        while i < KEPT.len() {
            let mut j = 0;
            while KEPT[i].2[direction] && j < KEPT[i].3.len() {
                table[direction][KEPT[i].0 as usize][KEPT[i].3[j] as usize] = slot;
                slot += 1;
                j += 1;
            }
            i += 1;
        }
        direction += 1;
    }
    table
};

impl Slot {
    /// Returns `None` for a combination that is not kept.
    pub fn of(direction: Direction, measure: Measure, half_life: HalfLife) -> Option<Self> {
        let index = INDEX[direction as usize][measure as usize][half_life as usize];
        u8::try_from(index).ok().map(Self)
    }

    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Returns every kept sum with its half-life and its attribute's name without the epoch: `och`
    /// is the count of outgoing payments with a half-life of an hour.
    pub fn all() -> impl Iterator<Item = (Self, HalfLife, [char; 3])> {
        let directions = [(Direction::Out, 'o'), (Direction::In, 'i')];
        directions.into_iter().flat_map(|(direction, d)| {
            KEPT.iter().flat_map(move |(measure, m, _, half_lives)| {
                half_lives.iter().filter_map(move |half_life| {
                    let slot = Self::of(direction, *measure, *half_life)?;
                    Some((slot, *half_life, [d, *m, half_life.letter()]))
                })
            })
        })
    }

    /// Returns the slots of one half-life.
    pub(super) fn of_half_life(half_life: HalfLife) -> impl Iterator<Item = Self> {
        let indices = INDEX.iter().flatten().map(move |slots| slots[half_life as usize]);
        indices.filter_map(|index| u8::try_from(index).ok()).map(Self)
    }
}

/// Returns the half-lives a measure is kept for.
pub(super) fn kept(measure: Measure) -> &'static [HalfLife] {
    KEPT[measure as usize].3
}

//! Which sums a profile keeps. Each costs about 27 bytes of the item and every item is to stay near
//! one kilobyte, so that a write costs one unit: a sum is here because a feature or rule reads it.

use super::HalfLife;

/// Seen from the account: money out or money in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Out,
    In,
}

/// What is summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Count,
    /// In the base currency.
    Amount,
    /// Natural logarithm of 1 + amount.
    LogAmount,
    LogAmountSquared,
    /// First contacts with a counterparty: the decayed number of distinct new counterparties.
    NewCounterparty,
    /// Amounts just below a reporting threshold.
    NearThreshold,
    Round,
    CrossBorder,
    Cash,
    HighRiskCountry,
}

/// A kept sum, as an index into a profile's slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot(u8);

use HalfLife::{Day, Hour, Month, Week};

/// The kept sums of one direction, each with a letter for attribute names.
const KEPT: [(Measure, char, &[HalfLife]); 10] = [
    (Measure::Count, 'c', &[Hour, Day, Week, Month]),
    (Measure::Amount, 'a', &[Hour, Day, Week, Month]),
    (Measure::LogAmount, 'l', &[Month]),
    (Measure::LogAmountSquared, 'q', &[Month]),
    (Measure::NewCounterparty, 'n', &[Day, Week, Month]),
    (Measure::NearThreshold, 't', &[Week]),
    (Measure::Round, 'r', &[Week]),
    (Measure::CrossBorder, 'x', &[Week]),
    (Measure::Cash, 'k', &[Week]),
    (Measure::HighRiskCountry, 'g', &[Month]),
];

const PER_DIRECTION: usize = {
    let mut sum = 0;
    let mut i = 0;
    while i < KEPT.len() {
        sum += KEPT[i].2.len();
        i += 1;
    }
    sum
};

/// Sums of a profile.
pub const SLOT_COUNT: usize = 2 * PER_DIRECTION;

/// Slot of direction, measure and half-life by their discriminants, -1 where not kept: the lookup
/// is on the path of every feature of every transaction.
const INDEX: [[[i8; 4]; 10]; 2] = {
    let mut table = [[[-1_i8; 4]; 10]; 2];
    let mut direction = 0;
    let mut slot = 0_i8;
    while direction < 2 {
        let mut i = 0;
        while i < KEPT.len() {
            let mut j = 0;
            while j < KEPT[i].2.len() {
                table[direction][KEPT[i].0 as usize][KEPT[i].2[j] as usize] = slot;
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
    pub fn of(direction: Direction, measure: Measure, half_life: HalfLife) -> Option<Self> {
        let index = INDEX[direction as usize][measure as usize][half_life as usize];
        u8::try_from(index).ok().map(Self)
    }

    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Every kept sum with its half-life and its attribute's name without the epoch: `ocd` is the
    /// day's count of outgoing payments.
    pub fn all() -> impl Iterator<Item = (Self, HalfLife, [char; 3])> {
        let directions = [(Direction::Out, 'o'), (Direction::In, 'i')];
        directions.into_iter().flat_map(|(direction, d)| {
            KEPT.iter().flat_map(move |(measure, m, half_lives)| {
                half_lives.iter().filter_map(move |half_life| {
                    let slot = Self::of(direction, *measure, *half_life)?;
                    Some((slot, *half_life, [d, *m, half_life.letter()]))
                })
            })
        })
    }
}

/// The half-lives a measure is kept for.
pub(super) fn kept(measure: Measure) -> &'static [HalfLife] {
    KEPT.iter().find(|(kept, ..)| *kept == measure).map_or(&[], |(.., half_lives)| half_lives)
}

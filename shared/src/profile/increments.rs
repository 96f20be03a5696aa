//! What one decided transaction adds to the profiles of its parties and to their pair. The same
//! increments are applied in memory (backtest, features) and by DynamoDB's `ADD` (production).

use smallvec::SmallVec;

use super::slots::kept;
use super::{AccountId, Contact, Direction, Fixed, HalfLife, Measure, Pair, Slot};
use crate::facts::Facts;

/// An addition to one decayed sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlotAdd {
    pub slot: Slot,
    pub half_life: HalfLife,
    pub epoch: i64,
    pub weighted: Fixed,
}

/// What one profile gains.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileChange {
    pub direction: Direction,
    pub adds: SmallVec<[SlotAdd; USUAL_ADDS]>,
    /// The payment, for the registers; a party's profile keeps none.
    pub contact: Option<Contact>,
}

/// What one side of a transaction needs at most, late first contacts aside.
const USUAL_ADDS: usize = 24;

/// What the pair gains, and what it was believed to be: the write is conditional on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairChange {
    pub known: Option<Pair>,
    pub at: f64,
    /// In the base currency.
    pub amount: Fixed,
    /// 1, or -1 where a payment is taken back.
    pub payments: i32,
}

/// Everything one transaction adds.
#[derive(Debug, Clone, PartialEq)]
pub struct Increments {
    pub sender: ProfileChange,
    pub receiver: ProfileChange,
    pub pair: PairChange,
    /// The sender as a named party over all its accounts, where it has a name.
    pub party: Option<(AccountId, ProfileChange)>,
}

impl Increments {
    /// `known` is the pair of sender and receiver as it is now.
    pub fn of(facts: &Facts, known: Option<Pair>) -> Self {
        let contact = |account, country| Contact {
            at: facts.at,
            account,
            amount: facts.amount_f32(),
            purpose: facts.purpose,
            country,
        };
        let mut sender =
            empty(Direction::Out, Some(contact(facts.receiver, facts.receiver_country)));
        let mut receiver = empty(Direction::In, Some(contact(facts.sender, facts.sender_country)));
        let weights = Weights::at(facts.at);
        for (measure, value) in measured(facts) {
            weights.add(measure, value, &mut [&mut sender, &mut receiver]);
        }
        // The first contact counts at its own time. When an earlier one turns up late, the count
        // moves to the earlier time, so that the order of arrival leaves no trace.
        let first_seen = known.map(|pair| pair.first_seen);
        if first_seen.is_none_or(|first_seen| facts.at < first_seen) {
            let sides = &mut [&mut sender, &mut receiver];
            weights.add(Measure::NewCounterparty, 1.0, sides);
            if let Some(first_seen) = first_seen {
                Weights::at(first_seen).add(Measure::NewCounterparty, -1.0, sides);
            }
        }
        let party = facts.party.map(|party| (party, party_change(facts, &weights)));
        let amount = Fixed::nearest(facts.amount);
        let pair = PairChange { known, at: facts.at, amount, payments: 1 };
        Self { sender, receiver, pair, party }
    }

    /// Takes back what a payment has added, at its own time. Its money and its count go; that the two
    /// have met stays, and so do registers and first events, which know only the newest and the first:
    /// so the order of what else happens leaves no trace here either. `known` is the pair as it is now.
    pub fn taking_back(facts: &Facts, known: Pair) -> Self {
        let met = Pair { first_seen: known.first_seen.min(facts.at), ..known };
        let mut taken = Self::of(facts, Some(met));
        let party = taken.party.as_mut().map(|(_, change)| change);
        for change in [&mut taken.sender, &mut taken.receiver].into_iter().chain(party) {
            change.contact = None;
            for add in &mut change.adds {
                add.weighted = -add.weighted;
            }
        }
        let amount = -taken.pair.amount;
        taken.pair = PairChange { known: Some(known), at: known.first_seen, amount, payments: -1 };
        taken
    }
}

impl PairChange {
    /// The pair after the change.
    pub fn applied(&self) -> Pair {
        let Self { known, at, amount, payments } = *self;
        match known {
            None => Pair { count: 1, amount, first_seen: at, last_seen: at },
            Some(mut pair) => {
                pair.amount += amount;
                Pair {
                    count: pair.count.saturating_add_signed(payments),
                    first_seen: pair.first_seen.min(at),
                    last_seen: pair.last_seen.max(at),
                    ..pair
                }
            }
        }
    }
}

fn empty(direction: Direction, contact: Option<Contact>) -> ProfileChange {
    ProfileChange { direction, adds: SmallVec::new(), contact }
}

/// A party's profile is small: payments and money of the day.
fn party_change(facts: &Facts, weights: &Weights) -> ProfileChange {
    let mut change = empty(Direction::Out, None);
    for (measure, value) in [(Measure::Count, 1.0), (Measure::Amount, facts.amount)] {
        weights.add_one(measure, HalfLife::Day, value, &mut [&mut change]);
    }
    change
}

/// What a transaction adds to its measures, first contact aside. Zeros are left out later.
fn measured(facts: &Facts) -> [(Measure, f64); 10] {
    let yes = |happened: bool| f64::from(u8::from(happened));
    let leading = match facts.leading_digit {
        1 => Measure::LeadingOne,
        2 | 3 => Measure::LeadingTwoThree,
        _ => Measure::LeadingFourToSix,
    };
    [
        (Measure::Count, 1.0),
        (Measure::Amount, facts.amount),
        (Measure::LogAmount, facts.log_amount),
        (Measure::LogAmountSquared, facts.log_amount * facts.log_amount),
        (Measure::NearThreshold, yes(facts.near_threshold)),
        (Measure::Round, yes(facts.round)),
        (Measure::CrossBorder, yes(facts.cross_border)),
        (Measure::Cash, yes(facts.cash)),
        (Measure::HighRiskCountry, yes(facts.high_risk_country)),
        // Digits 7 to 9 are what remains of the count.
        (leading, yes((1..=6).contains(&facts.leading_digit))),
    ]
}

/// Epoch and weight of one time for each half-life, computed once.
struct Weights([(i64, f64); HalfLife::ALL.len()]);

impl Weights {
    fn at(at: f64) -> Self {
        Self(HalfLife::ALL.map(|half_life| (half_life.epoch(at), half_life.weight(at))))
    }

    fn add(&self, measure: Measure, value: f64, sides: &mut [&mut ProfileChange]) {
        // A zero would only cost bytes.
        if value == 0.0 {
            return;
        }
        for half_life in kept(measure) {
            self.add_one(measure, *half_life, value, sides);
        }
    }

    fn add_one(
        &self,
        measure: Measure,
        half_life: HalfLife,
        value: f64,
        sides: &mut [&mut ProfileChange],
    ) {
        let (epoch, weight) = self.0[half_life as usize];
        let weighted = Fixed::nearest(value * weight);
        for side in sides {
            if let Some(slot) = Slot::of(side.direction, measure, half_life) {
                side.adds.push(SlotAdd { slot, half_life, epoch, weighted });
            }
        }
    }
}

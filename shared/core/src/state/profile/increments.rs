//! What one decided transaction adds to the profiles of its accounts and party and to the pair. The
//! same increments are applied in memory (backtest, features) and by DynamoDB's `ADD` (production).

use smallvec::SmallVec;

use super::slots::kept;
use super::windows::{Bucket, Kind, Span, Sum, spans};
use super::{Contact, Direction, FixedPoint, HalfLife, Measure, Pair, Slot};
use crate::payment::account_id::AccountId;
use crate::state::facts::Facts;

/// An addition to one decayed sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlotAdd {
    pub slot: Slot,
    pub half_life: HalfLife,
    pub epoch: i64,
    /// The value times its weight, see [`HalfLife::weight`].
    pub weighted: FixedPoint,
}

/// Everything added to one profile.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileChange {
    pub direction: Direction,
    pub adds: SmallVec<[SlotAdd; USUAL_ADDS]>,
    /// Additions to buckets of days and weeks; a bucket may occur twice if a first contact moves.
    pub windows: SmallVec<[(Bucket, Sum); USUAL_BUCKETS]>,
    /// The payment for the registers; `None` for a party, whose profile keeps none.
    pub contact: Option<Contact>,
}

/// Inline capacity for additions: enough for any side of a transaction.
const USUAL_ADDS: usize = 12;
/// Inline capacity for buckets: enough except in rare combinations, which go to the heap.
const USUAL_BUCKETS: usize = 8;

/// What is added to the pair, and the state the pair was believed to be in: the write is
/// conditional on that state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairChange {
    pub known: Option<Pair>,
    /// Seconds since the Unix epoch.
    pub at: f64,
    /// Amount in the base currency, negative if a payment is taken back.
    pub amount: FixedPoint,
    /// Natural logarithm of 1 + amount.
    pub log_amount: f64,
    /// 1, or -1 if a payment is taken back.
    pub payments: i32,
}

/// Everything one transaction adds.
#[derive(Debug, Clone, PartialEq)]
pub struct Increments {
    pub sender: ProfileChange,
    pub receiver: ProfileChange,
    /// `None` if nothing is added.
    pub pair: Option<PairChange>,
    /// The sender's party, over all its accounts; `None` if the client names no party.
    pub party: Option<(AccountId, ProfileChange)>,
}

impl Increments {
    /// Returns increments that change nothing.
    pub fn nothing() -> Self {
        let (sender, receiver) = (empty(Direction::Out, None), empty(Direction::In, None));
        Self { sender, receiver, pair: None, party: None }
    }

    /// Returns what a payment adds; `known` is the current pair of sender and receiver. If no money
    /// moved, nothing is added: a declined payment is not a contact, and a reversal only takes back
    /// ([`Self::reversing`]).
    pub fn of(facts: &Facts, known: Option<Pair>) -> Self {
        if !facts.kind.counts() {
            return Self::nothing();
        }
        let contact = |account, country| Contact {
            at: facts.at,
            account,
            amount: facts.amount_f32(),
            purpose: facts.purpose,
            country,
        };
        let mut sender =
            empty(Direction::Out, Some(contact(facts.receiver, facts.receiver_country.bytes())));
        let mut receiver =
            empty(Direction::In, Some(contact(facts.sender, facts.sender_country.bytes())));
        let weights = Weights::at(facts.at);
        for (measure, value) in measured(facts) {
            weights.add(measure, value, &mut [&mut sender, &mut receiver]);
        }
        for (kind, happened) in windowed(facts) {
            if happened {
                add_windows(kind, facts.at, Sum::one(facts.amount), &mut sender, &mut receiver);
            }
        }
        // The first contact counts at its own time. When an earlier one turns up late, the count
        // moves to the earlier time, so that the order of arrival leaves no trace.
        let amount = FixedPoint::nearest(facts.amount);
        let first = known.map(|pair| (pair.first_seen, pair.first_amount));
        if first.is_none_or(|first| (facts.at, amount) < first) {
            let new = Sum::one(facts.amount);
            add_windows(Kind::New, facts.at, new, &mut sender, &mut receiver);
            weights.add(Measure::NewCounterparty, 1.0, &mut [&mut sender, &mut receiver]);
            if let Some((at, amount)) = first {
                let sides = &mut [&mut sender, &mut receiver];
                Weights::at(at).add(Measure::NewCounterparty, -1.0, sides);
                let moved = -Sum::one(amount.get());
                add_windows(Kind::New, at, moved, &mut sender, &mut receiver);
            }
        }
        let party = facts.party.map(|party| (party, party_change(facts)));
        let log_amount = facts.log_amount;
        let pair = PairChange { known, at: facts.at, amount, log_amount, payments: 1 };
        Self { sender, receiver, pair: Some(pair), party }
    }

    /// Takes back what a payment has added, at its own time. Its money and its count go. That the
    /// two accounts have met stays, and so do registers and first events, which know only the
    /// newest and the first; so the result does not depend on the order of other events. `known` is
    /// the current pair.
    pub fn reversing(facts: &Facts, known: Pair) -> Self {
        let amount = FixedPoint::nearest(facts.amount);
        let (first_seen, first_amount) =
            if (facts.at, amount) < (known.first_seen, known.first_amount) {
                (facts.at, amount)
            } else {
                (known.first_seen, known.first_amount)
            };
        let met = Pair { first_seen, first_amount, ..known };
        let mut taken = Self::of(facts, Some(met));
        let party = taken.party.as_mut().map(|(_, change)| change);
        for change in [&mut taken.sender, &mut taken.receiver].into_iter().chain(party) {
            change.contact = None;
            for add in &mut change.adds {
                add.weighted = -add.weighted;
            }
            for (_, sum) in &mut change.windows {
                *sum = -*sum;
            }
        }
        taken.pair = Some(PairChange {
            known: Some(known),
            at: known.last_seen,
            amount: -amount,
            log_amount: facts.log_amount,
            payments: -1,
        });
        taken
    }
}

impl PairChange {
    /// Returns the pair after the change.
    pub fn applied(&self) -> Pair {
        let Self { known, at, amount, payments, .. } = *self;
        let (log, squared) = self.logs();
        match known {
            None => Pair {
                count: 1,
                amount,
                log_amount: log,
                log_amount_squared: squared,
                first_seen: at,
                first_amount: amount,
                last_seen: at,
            },
            Some(mut pair) => {
                pair.amount += amount;
                pair.log_amount += log;
                pair.log_amount_squared += squared;
                pair.count = pair.count.saturating_add_signed(payments);
                pair.last_seen = pair.last_seen.max(at);
                if payments > 0 && (at, amount) < (pair.first_seen, pair.first_amount) {
                    (pair.first_seen, pair.first_amount) = (at, amount);
                }
                pair
            }
        }
    }

    /// Returns what is added to the sums of logarithms and of their squares.
    pub fn logs(&self) -> (FixedPoint, FixedPoint) {
        let log = FixedPoint::nearest(self.log_amount);
        let squared = FixedPoint::nearest(self.log_amount * self.log_amount);
        if self.payments < 0 { (-log, -squared) } else { (log, squared) }
    }
}

fn empty(direction: Direction, contact: Option<Contact>) -> ProfileChange {
    ProfileChange { direction, adds: SmallVec::new(), windows: SmallVec::new(), contact }
}

/// Returns the change of a party's profile, which keeps only payments and money by day.
fn party_change(facts: &Facts) -> ProfileChange {
    let mut change = empty(Direction::Out, None);
    let (direction, span) = (Direction::Out, Span::Day);
    let bucket = Bucket { direction, kind: Kind::All, span, number: span.number(facts.at) };
    change.windows.push((bucket, Sum::one(facts.amount)));
    change
}

/// Returns which kinds of window a payment falls into, first contacts aside.
fn windowed(facts: &Facts) -> [(Kind, bool); 5] {
    [
        (Kind::All, true),
        (Kind::NearThreshold, facts.near_threshold),
        (Kind::Cash, facts.cash),
        (Kind::Round, facts.round),
        (Kind::CrossBorder, facts.cross_border),
    ]
}

fn add_windows(
    kind: Kind,
    at: f64,
    sum: Sum,
    sender: &mut ProfileChange,
    receiver: &mut ProfileChange,
) {
    for span in spans(kind) {
        for side in [&mut *sender, &mut *receiver] {
            let bucket = Bucket { direction: side.direction, kind, span, number: span.number(at) };
            side.windows.push((bucket, sum));
        }
    }
}

/// Returns what a transaction adds to the decayed measures; [`Weights::add`] skips zeros.
fn measured(facts: &Facts) -> [(Measure, f64); 7] {
    let yes = |happened: bool| f64::from(u8::from(happened));
    let leading = match facts.leading_digit {
        1 => Measure::LeadingOne,
        2 | 3 => Measure::LeadingTwoThree,
        _ => Measure::LeadingFourToSix,
    };
    let (count, log, squared) = match facts.is_everyday() {
        true => (Measure::Everyday, Measure::EverydayLog, Measure::EverydayLogSquared),
        false => (Measure::Transfers, Measure::TransferLog, Measure::TransferLogSquared),
    };
    [
        (Measure::Count, 1.0),
        (Measure::Amount, facts.amount),
        (count, 1.0),
        (log, facts.log_amount),
        (squared, facts.log_amount * facts.log_amount),
        (Measure::HighRiskCountry, yes(facts.high_risk_country)),
        // Digits 7 to 9 are the rest of the count.
        (leading, yes((1..=6).contains(&facts.leading_digit))),
    ]
}

/// Epoch and weight of one time for each half-life.
struct Weights([(i64, f64); HalfLife::ALL.len()]);

impl Weights {
    fn at(at: f64) -> Self {
        Self(HalfLife::ALL.map(|half_life| (half_life.epoch(at), half_life.weight(at))))
    }

    fn add(&self, measure: Measure, value: f64, sides: &mut [&mut ProfileChange]) {
        // A zero would only take up space in the item.
        if value == 0.0 {
            return;
        }
        for half_life in kept(measure) {
            let (epoch, weight) = self.0[*half_life as usize];
            let weighted = FixedPoint::nearest(value * weight);
            for side in &mut *sides {
                if let Some(slot) = Slot::of(side.direction, measure, *half_life) {
                    side.adds.push(SlotAdd { slot, half_life: *half_life, epoch, weighted });
                }
            }
        }
    }
}

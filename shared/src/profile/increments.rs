//! What one decided transaction adds to the profiles of its parties and to their pair. The same
//! increments are applied in memory (backtest, features) and by DynamoDB's `ADD` (production).

use super::slots::kept;
use super::{Direction, Measure, Newest, Pair, Slot};
use crate::facts::Facts;

/// An addition to one decayed sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlotAdd {
    pub slot: Slot,
    pub epoch: i64,
    pub weighted: f64,
}

/// What one side's profile gains.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileChange {
    pub direction: Direction,
    pub adds: Vec<SlotAdd>,
    pub event: Newest,
}

/// What the pair gains, and what it was believed to be: the write is conditional on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairChange {
    pub known: Option<Pair>,
    pub event: Newest,
}

/// Everything one transaction adds.
#[derive(Debug, Clone, PartialEq)]
pub struct Increments {
    pub sender: ProfileChange,
    pub receiver: ProfileChange,
    pub pair: PairChange,
}

impl Increments {
    /// `known` is the pair of sender and receiver as it is now.
    pub fn of(facts: &Facts, known: Option<Pair>) -> Self {
        let event = Newest { at: facts.at, amount: facts.amount };
        Self {
            sender: change(Direction::Out, facts, known),
            receiver: change(Direction::In, facts, known),
            pair: PairChange { known, event },
        }
    }
}

impl PairChange {
    /// The pair after the change.
    pub fn applied(&self) -> Pair {
        let Newest { at, amount } = self.event;
        match self.known {
            None => Pair { count: 1.0, amount, first_seen: at, last_seen: at },
            Some(pair) => Pair {
                count: pair.count + 1.0,
                amount: pair.amount + amount,
                first_seen: pair.first_seen.min(at),
                last_seen: pair.last_seen.max(at),
            },
        }
    }
}

fn change(direction: Direction, facts: &Facts, known: Option<Pair>) -> ProfileChange {
    let mut adds = Vec::with_capacity(20);
    let mut add = |measure: Measure, value: f64, at: f64| {
        // A zero would only cost bytes.
        if value == 0.0 {
            return;
        }
        for half_life in kept(measure) {
            if let Some(slot) = Slot::of(direction, measure, *half_life) {
                let weighted = value * half_life.weight(at);
                adds.push(SlotAdd { slot, epoch: half_life.epoch(at), weighted });
            }
        }
    };
    let at = facts.at;
    add(Measure::Count, 1.0, at);
    add(Measure::Amount, facts.amount, at);
    add(Measure::LogAmount, facts.log_amount, at);
    add(Measure::LogAmountSquared, facts.log_amount * facts.log_amount, at);
    for (measure, happened) in [
        (Measure::NearThreshold, facts.near_threshold),
        (Measure::Round, facts.round),
        (Measure::CrossBorder, facts.cross_border),
        (Measure::Cash, facts.cash),
        (Measure::HighRiskCountry, facts.high_risk_country),
    ] {
        add(measure, f64::from(u8::from(happened)), at);
    }
    // The first contact counts at its own time. When an earlier one turns up late, the count moves
    // to the earlier time, so that the order of arrival leaves no trace.
    match known {
        None => add(Measure::NewCounterparty, 1.0, at),
        Some(pair) if at < pair.first_seen => {
            add(Measure::NewCounterparty, 1.0, at);
            add(Measure::NewCounterparty, -1.0, pair.first_seen);
        }
        Some(_) => {}
    }
    ProfileChange { direction, adds, event: Newest { at, amount: facts.amount } }
}

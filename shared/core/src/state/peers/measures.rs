//! What is counted among peers: risk scores, amounts, and the features over an account's last days
//! that rules and reasons compare.

use std::sync::LazyLock;

use crate::payment::side::Side;
use crate::state::facts::Facts;
use crate::state::features::{self, Features, NAMES};
use crate::state::unit::Unit;

/// A value of a payment that is counted in the peer group of one of its accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    pub name: &'static str,
    /// The side among whose peers it is compared.
    pub account: Side,
    among: Payments,
}

/// The payments that a measure covers: cash and cards come in other sizes than transfers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Payments {
    Transfers,
    Cash,
    All,
}

/// The measure of risk scores.
pub const RISK: &str = "risk";
/// The measure of risk scores of payments that went to review.
pub const UNSURE: &str = "unsure";
const AMOUNTS: [&str; 2] = ["amount_sent", "amount_received"];

const fn transfers(name: &'static str, account: Side) -> Measure {
    Measure { name, account, among: Payments::Transfers }
}

const fn cash(name: &'static str, account: Side) -> Measure {
    Measure { name, account, among: Payments::Cash }
}

/// Every measure, in the order in which sketches hold them. Those that are neither an amount nor a
/// risk are features of the same name, which leave out the payment itself.
pub const MEASURES: [Measure; 22] = [
    Measure { name: RISK, account: Side::Sender, among: Payments::All },
    Measure { name: UNSURE, account: Side::Sender, among: Payments::All },
    transfers(AMOUNTS[0], Side::Sender),
    transfers(AMOUNTS[1], Side::Receiver),
    transfers("sender_out_count_7d", Side::Sender),
    transfers("sender_out_amount_7d", Side::Sender),
    transfers("sender_out_new_2d", Side::Sender),
    transfers("sender_out_new_7d", Side::Sender),
    transfers("sender_out_new_amount_2d", Side::Sender),
    transfers("sender_out_new_amount_7d", Side::Sender),
    transfers("sender_in_new_7d", Side::Sender),
    transfers("sender_in_amount_7d", Side::Sender),
    transfers("sender_in_count_5w", Side::Sender),
    cash("sender_out_cash_amount_7d", Side::Sender),
    transfers("receiver_in_count_7d", Side::Receiver),
    transfers("receiver_in_amount_7d", Side::Receiver),
    transfers("receiver_in_new_2d", Side::Receiver),
    transfers("receiver_in_new_7d", Side::Receiver),
    transfers("receiver_in_new_amount_2d", Side::Receiver),
    transfers("receiver_in_new_amount_7d", Side::Receiver),
    transfers("receiver_in_count_5w", Side::Receiver),
    cash("receiver_in_cash_amount_7d", Side::Receiver),
];

/// Index of each measure's feature in the list of features; `None` for amounts and risks.
static PLACES: LazyLock<[Option<usize>; MEASURES.len()]> =
    LazyLock::new(|| MEASURES.map(|measure| NAMES.iter().position(|known| *known == measure.name)));

impl Measure {
    /// Finds a measure by its name.
    pub fn find(name: &str) -> Option<&'static Self> {
        MEASURES.iter().find(|measure| measure.name == name)
    }

    /// Returns whether it is a count, so that its figures are whole numbers.
    pub fn is_count(&self) -> bool {
        features::unit(self.name) == Some(Unit::Count)
    }

    /// Returns whether it is money in the base currency.
    pub fn is_amount(&self) -> bool {
        AMOUNTS.contains(&self.name) || features::unit(self.name) == Some(Unit::Amount)
    }

    /// Returns a payment's value; `None` if the measure does not cover it or the value is unknown.
    pub fn value(&self, facts: &Facts, features: &Features) -> Option<f64> {
        let at = MEASURES.iter().position(|measure| measure.name == self.name)?;
        self.shown(PLACES[at], facts, features, None)
    }

    /// `place` is the index of its feature.
    fn shown(
        &self,
        place: Option<usize>,
        facts: &Facts,
        features: &Features,
        risk: Option<Risk>,
    ) -> Option<f64> {
        let value = match place {
            Some(at) => Some(f64::from(features.values()[at])),
            None if self.name == RISK => risk.map(|risk| risk.score),
            None if self.name == UNSURE => risk.filter(|risk| risk.unsure).map(|risk| risk.score),
            None => Some(facts.amount),
        };
        // An unknown feature is below zero.
        value.filter(|value| *value >= 0.0 && self.takes(facts))
    }

    fn takes(&self, facts: &Facts) -> bool {
        let rated = facts.rated || !self.is_amount();
        rated
            && match self.among {
                Payments::Transfers => !facts.is_everyday(),
                Payments::Cash => facts.cash,
                Payments::All => true,
            }
    }
}

/// The risk of a decided payment, as it is counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Risk {
    pub score: f64,
    /// Whether the payment went to review.
    pub unsure: bool,
}

/// Returns a payment's value for each measure, in the order of [`MEASURES`]; `None` if it has none.
pub(super) fn values<'a>(
    facts: &'a Facts,
    features: &'a Features,
    risk: Option<Risk>,
) -> impl Iterator<Item = Option<f64>> + 'a {
    let places = MEASURES.iter().zip(PLACES.iter());
    places.map(move |(measure, place)| measure.shown(*place, facts, features, risk))
}

//! What is counted among peers: amounts, and the figures of an account's last days that rules and
//! reasons compare with.

use std::sync::LazyLock;

use crate::payment::side::Side;
use crate::state::facts::Facts;
use crate::state::features::{self, Features, NAMES};
use crate::state::unit::Unit;

/// A figure of a payment, and whose group it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    pub name: &'static str,
    /// Whose peers it is compared among.
    pub account: Side,
    among: Payments,
}

/// Of which payments a measure is taken: cash and cards come in other sizes than transfers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Payments {
    Transfers,
    Cash,
    All,
}

/// The measure of the risk score, and that of the risk scores which no level could settle.
pub const RISK: &str = "risk";
pub const UNSURE: &str = "unsure";
const AMOUNTS: [&str; 2] = ["amount_sent", "amount_received"];

const fn transfers(name: &'static str, account: Side) -> Measure {
    Measure { name, account, among: Payments::Transfers }
}

const fn cash(name: &'static str, account: Side) -> Measure {
    Measure { name, account, among: Payments::Cash }
}

/// Every measure, in the order in which sketches hold them. Those that are no amount and no risk are
/// features and mean what these mean: windows end before the payment.
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

/// Where a measure's feature stands in the list of features.
static PLACES: LazyLock<[Option<usize>; MEASURES.len()]> =
    LazyLock::new(|| MEASURES.map(|measure| NAMES.iter().position(|known| *known == measure.name)));

impl Measure {
    /// By its name.
    pub fn find(name: &str) -> Option<&'static Self> {
        MEASURES.iter().find(|measure| measure.name == name)
    }

    /// Whether it counts something, so that its figures are whole.
    pub fn is_count(&self) -> bool {
        features::unit(self.name) == Some(Unit::Count)
    }

    /// Whether it is money, in the base currency.
    pub fn is_amount(&self) -> bool {
        AMOUNTS.contains(&self.name) || features::unit(self.name) == Some(Unit::Amount)
    }

    /// What a payment shows of it; `None` if it shows nothing.
    pub fn value(&self, facts: &Facts, features: &Features) -> Option<f64> {
        let at = MEASURES.iter().position(|measure| measure.name == self.name)?;
        self.shown(PLACES[at], facts, features, None)
    }

    /// `place` is that of its feature.
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
        // A feature of nothing known is below zero.
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

/// What was decided of a payment, as far as it is counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Risk {
    pub score: f64,
    /// Whether it went to review.
    pub unsure: bool,
}

/// What a payment shows of each measure, in their order; `None` if it shows nothing.
pub(super) fn values<'a>(
    facts: &'a Facts,
    features: &'a Features,
    risk: Option<Risk>,
) -> impl Iterator<Item = Option<f64>> + 'a {
    let places = MEASURES.iter().zip(PLACES.iter());
    places.map(move |(measure, place)| measure.shown(*place, facts, features, risk))
}

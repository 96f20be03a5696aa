//! The names that expressions and sentences may use, resolved once at load to places in a small
//! table of values, so that judging never compares a name.

use std::iter::once;

use crate::case::payment_details::PaymentDetails;
use crate::payment::flag_set::{Flag as _, FlagSet};
use crate::payment::transaction::TextFlag;
use crate::state::features::{self, FEATURE_COUNT, Features};
use crate::state::graph::{self, Graph, VALUE_COUNT};
use crate::state::unit::Unit;

/// The place of a name's value in [`Values`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Number(usize),
    Text(usize),
    /// An observation in the purpose text, by position in [`TextFlag::ALL`].
    Flag(usize),
}

/// Numbers in [`Values`]: the amount, the features and the graph's values, in this order.
pub(super) const NUMBER_COUNT: usize = 1 + FEATURE_COUNT + VALUE_COUNT;
const GRAPH_FROM: usize = 1 + FEATURE_COUNT;
const AMOUNT: &str = "amount";
const TEXTS: [&str; 5] =
    ["payment_type", "currency", "received_currency", "sender_country", "receiver_country"];
const TEXT_WORDS: [&str; 5] = [
    "kind of payment",
    "currency",
    "currency that arrives",
    "country of the sender's bank",
    "country of the receiver's bank",
];
const FLAG_PREFIX: &str = "purpose_";

/// Finds the place of a name's value; `None` if the name is unknown.
pub(super) fn find(name: &str) -> Option<Name> {
    let place = |list: &[&str]| list.iter().position(|known| *known == name);
    if name == AMOUNT {
        return Some(Name::Number(0));
    }
    if let Some(at) = place(&features::NAMES) {
        return Some(Name::Number(1 + at));
    }
    if let Some(at) = place(&graph::NAMES) {
        return Some(Name::Number(GRAPH_FROM + at));
    }
    if let Some(at) = place(&TEXTS) {
        return Some(Name::Text(at));
    }
    let code = name.strip_prefix(FLAG_PREFIX)?;
    TextFlag::ALL.iter().position(|flag| flag.code() == code).map(Name::Flag)
}

/// Lists every name an expression may use besides its own parameters.
pub fn known_names() -> impl Iterator<Item = String> {
    let flags = TextFlag::ALL.iter().map(|flag| format!("{FLAG_PREFIX}{}", flag.code()));
    once(&AMOUNT)
        .chain(&features::NAMES)
        .chain(&graph::NAMES)
        .chain(&TEXTS)
        .map(|name| (*name).to_owned())
        .chain(flags)
}

impl Name {
    pub(super) fn is_graph(self) -> bool {
        matches!(self, Self::Number(at) if at >= GRAPH_FROM)
    }

    /// Returns the value's unit; `None` for a text.
    pub(super) fn unit(self) -> Option<Unit> {
        match self {
            Self::Number(0) => Some(Unit::Amount),
            Self::Number(at) if at >= GRAPH_FROM => Some(graph::UNIT),
            Self::Number(at) => Some(features::UNITS[at - 1]),
            Self::Text(_) => None,
            Self::Flag(_) => Some(Unit::YesNo),
        }
    }

    /// Describes the value in an analyst's words.
    pub(super) fn words(self) -> String {
        match self {
            Self::Number(0) => "amount of the payment".to_owned(),
            Self::Number(at) if at >= GRAPH_FROM => graph::WORDS[at - GRAPH_FROM].to_owned(),
            Self::Number(at) => features::WORDS[at - 1].to_owned(),
            Self::Text(at) => TEXT_WORDS[at].to_owned(),
            Self::Flag(at) => {
                format!("purpose text: {}", TextFlag::ALL[at].code().replace('_', " "))
            }
        }
    }
}

/// One transaction's values.
pub(super) struct Values<'a> {
    pub numbers: [f64; NUMBER_COUNT],
    pub texts: [&'a str; TEXTS.len()],
    /// Observations in the purpose text.
    pub flags: FlagSet<TextFlag>,
    /// Whether the graph was gathered; if not, its values are 0.
    pub graph: bool,
    /// Segments of sender and receiver, counted from 1 in the order of the set's peers; 0 is any
    /// other segment, or none.
    pub segments: [usize; 2],
}

impl<'a> Values<'a> {
    pub(super) fn of(
        details: &'a PaymentDetails,
        features: &Features,
        graph: Option<&Graph>,
    ) -> Self {
        let mut numbers = [0.0; NUMBER_COUNT];
        let given = features.values().iter().chain(graph.map_or(&[][..], Graph::values));
        for (slot, value) in numbers[1..].iter_mut().zip(given) {
            *slot = f64::from(*value);
        }
        numbers[0] = details.base_amount;
        let currency = details.amount.currency();
        Self {
            numbers,
            texts: [
                details.payment_type.code(),
                currency.code(),
                details.received_currency.unwrap_or(currency).code(),
                details.sender_country.code(),
                details.receiver_country.code(),
            ],
            flags: details.purpose_flags,
            graph: graph.is_some(),
            segments: [0, 0],
        }
    }

    pub(super) fn flag(&self, at: usize) -> bool {
        self.flags.holds_at(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_name_has_a_place_of_its_own_and_words() {
        let mut places = Vec::new();
        for name in known_names() {
            let found = find(&name).unwrap();
            assert!(!found.words().is_empty() && !places.contains(&found), "{name}");
            places.push(found);
        }
        assert!(find("purpose_nothing").is_none());
    }
}

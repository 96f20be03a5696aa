//! What a reader of a decision has to know about its data: that something could not be judged, or does
//! not count.

use serde::{Deserialize, Serialize};

use crate::payment::flag_set::{Flag, FlagSet};
use crate::payment::money::Currency;
use crate::payment::transaction::{Kind, Transaction};
use crate::state::facts::Facts;

/// A note on a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// The currency has no rate, so the amount was not judged.
    CurrencyWithoutRate,
    /// A currency was no longer in use when the payment was made.
    CurrencyWithdrawn,
    /// No money moved, so the accounts are unchanged.
    Declined,
    /// A reversal whose original is unknown or does not match: it takes nothing back.
    OriginalUnknown,
    /// A reversal of a payment that was reversed before: it takes nothing back.
    AlreadyReversed,
}

impl Flag for Note {
    const ALL: &'static [Self] = &[
        Self::CurrencyWithoutRate,
        Self::CurrencyWithdrawn,
        Self::Declined,
        Self::OriginalUnknown,
        Self::AlreadyReversed,
    ];

    fn code(self) -> &'static str {
        match self {
            Self::CurrencyWithoutRate => "currency_without_rate",
            Self::CurrencyWithdrawn => "currency_withdrawn",
            Self::Declined => "declined",
            Self::OriginalUnknown => "original_unknown",
            Self::AlreadyReversed => "already_reversed",
        }
    }
}

impl Note {
    /// The notes that the payment's own data call for.
    pub fn of(tx: &Transaction, facts: &Facts) -> FlagSet<Self> {
        let currencies = [Some(tx.amount.currency()), tx.received_currency];
        let withdrawn = currencies.iter().flatten().any(|c| c.is_withdrawn(tx.timestamp.day()));
        let notes = [
            (!facts.rated, Self::CurrencyWithoutRate),
            (withdrawn, Self::CurrencyWithdrawn),
            (facts.kind == Kind::Declined, Self::Declined),
        ];
        notes.into_iter().filter_map(|(holds, note)| holds.then_some(note)).collect()
    }

    /// The note in a sentence; `currency` is the payment's.
    pub fn sentence(self, currency: Currency) -> String {
        match self {
            Self::CurrencyWithoutRate => format!(
                "There is no rate for {}: rules on amounts did not judge this payment.",
                currency.code()
            ),
            Self::CurrencyWithdrawn => {
                "A currency of this payment was no longer in use when it was made.".to_owned()
            }
            Self::Declined => {
                "The payment was declined: no money moved, and it does not count in what the \
                 accounts have done."
                    .to_owned()
            }
            Self::OriginalUnknown => {
                "The payment that this one takes back is not known, so nothing was taken back."
                    .to_owned()
            }
            Self::AlreadyReversed => {
                "The payment that this one takes back had been taken back before, so nothing was \
                 taken back again."
                    .to_owned()
            }
        }
    }
}

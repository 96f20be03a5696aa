//! Notes tell the reader of a decision about its data: that something could not be judged or does
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
    /// The payment's currency has no rate, so rules on amounts did not judge it.
    CurrencyWithoutRate,
    /// A currency was no longer in use when the payment was made.
    CurrencyWithdrawn,
    /// No money moved, so the accounts are unchanged.
    Declined,
    /// The original of a reversal is unknown or does not match, so nothing was taken back.
    OriginalUnknown,
    /// The original of a reversal had been reversed before, so nothing was taken back.
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
    /// Returns the notes that follow from the payment itself; those on reversals depend on the
    /// original.
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

    /// Returns the note as a sentence; `currency` is the payment's.
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

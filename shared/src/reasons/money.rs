//! Amounts in words: in the payment's own currency, with the base currency beside it.

use crate::evidence::CaseFacts;
use crate::reference::BASE_CURRENCY;

/// Amounts in the payment's own currency, with the base currency beside it where they differ.
#[derive(Debug, Clone, Copy)]
pub struct OwnMoney<'a>(&'a CaseFacts);

impl<'a> OwnMoney<'a> {
    pub fn of(case: &'a CaseFacts) -> Self {
        Self(case)
    }

    /// Units of the payment's currency for one of the base currency; None where they are the same or
    /// there is no rate. Worked out where a sentence is written: most payments have none.
    fn rate(&self) -> Option<f64> {
        let differs = self.0.currency != BASE_CURRENCY && self.0.base_amount > 0.0;
        let units: f64 = differs.then(|| self.0.amount.parse().ok())??;
        Some(units / self.0.base_amount)
    }

    /// The payment's amount in the base currency.
    pub(super) fn base(&self) -> f64 {
        self.0.base_amount
    }

    /// The payment's own amount, as the client gave it.
    pub fn of_payment(&self) -> String {
        let CaseFacts { amount, currency, base_amount, .. } = self.0;
        match self.rate() {
            Some(_) => format!("{} {currency} ({})", grouped_text(amount), base(*base_amount)),
            None if amount.is_empty() => base(*base_amount),
            None => format!("{} {currency}", grouped_text(amount)),
        }
    }

    /// A sum in the base currency, which is exact; what it is in the payment's currency is not.
    pub fn of_sum(&self, sum: f64) -> String {
        match self.rate() {
            _ if sum < 0.5 => "nothing".to_owned(),
            Some(rate) => {
                format!("{} (about {} {})", base(sum), grouped(sum * rate), self.0.currency)
            }
            None => base(sum),
        }
    }
}

fn base(amount: f64) -> String {
    format!("{} {BASE_CURRENCY}", grouped(amount))
}

/// Whole units, with thousands.
fn grouped(amount: f64) -> String {
    grouped_text(&format!("{amount:.0}"))
}

/// A decimal's whole part with thousands; nothing behind the point where that is zero.
fn grouped_text(decimal: &str) -> String {
    let (whole, cents) = decimal.split_once('.').unwrap_or((decimal, ""));
    let mut text = String::with_capacity(decimal.len() + 6);
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    if cents.bytes().any(|digit| digit != b'0') {
        text.push('.');
        text.push_str(cents);
    }
    text
}

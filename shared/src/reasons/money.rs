//! Amounts in words: in the payment's own currency, with the base currency beside it.

use super::BASE_CURRENCY;
use crate::evidence::CaseFacts;

/// Amounts in the payment's own currency, with the base currency beside it where they differ.
#[derive(Debug, Clone, Copy)]
pub struct OwnMoney<'a> {
    amount: &'a str,
    currency: &'a str,
    /// The payment's amount in the base currency.
    pub(super) base: f64,
    /// Units of the payment's currency for one of the base currency; None where they are the same or
    /// there is no rate.
    rate: Option<f64>,
}

impl<'a> OwnMoney<'a> {
    pub fn of(case: &'a CaseFacts) -> Self {
        let units: Option<f64> = case.amount.parse().ok();
        let differs = case.currency != BASE_CURRENCY && case.base_amount > 0.0;
        let rate = units.filter(|_| differs).map(|units| units / case.base_amount);
        Self { amount: &case.amount, currency: &case.currency, base: case.base_amount, rate }
    }

    /// The payment's own amount, as the client gave it.
    pub fn of_payment(&self) -> String {
        match self.rate {
            Some(_) => {
                format!("{} {} ({})", grouped_text(self.amount), self.currency, base(self.base))
            }
            None if self.amount.is_empty() => base(self.base),
            None => format!("{} {}", grouped_text(self.amount), self.currency),
        }
    }

    /// A sum in the base currency, which is exact; what it is in the payment's currency is not.
    pub fn of_sum(&self, sum: f64) -> String {
        match self.rate {
            _ if sum < 0.5 => "nothing".to_owned(),
            Some(rate) => {
                format!("{} (about {} {})", base(sum), grouped(sum * rate), self.currency)
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

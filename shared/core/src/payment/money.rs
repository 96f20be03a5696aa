//! Money: integer minor units with their ISO 4217 currency, never a float. Floats are used only for
//! statistics, in the base currency of a versioned rate table.

mod currency;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use currency::{Currency, InvalidCurrency};

/// The largest amount accepted, in minor units: ten trillion units of a currency with two decimals.
pub const MAX_MINOR: u64 = 1_000_000_000_000_000;

/// A positive amount in its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "MoneyText", into = "MoneyText")]
pub struct Money {
    minor: u64,
    currency: Currency,
}

/// Money as it appears in JSON.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Money)]
pub struct MoneyText {
    /// Decimal text in units of the currency.
    #[schema(example = "1000.50")]
    amount: String,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "EUR")]
    currency: Currency,
}

impl From<Money> for MoneyText {
    fn from(money: Money) -> Self {
        Self { amount: money.to_string(), currency: money.currency }
    }
}

impl TryFrom<MoneyText> for Money {
    type Error = InvalidAmount;

    fn try_from(text: MoneyText) -> Result<Self, InvalidAmount> {
        Self::parse(&text.amount, text.currency)
    }
}

/// Why a text is not an amount. [`code`](Self::code) is part of the API; the message is for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAmount {
    #[error(
        "must be a decimal string: digits, then optionally a point and digits; \
         no sign, exponent, separators or spaces"
    )]
    NotDecimal,
    #[error("has more decimals than the currency's minor unit")]
    TooManyDecimals,
    #[error("must be greater than zero")]
    NotPositive,
    #[error("is larger than 10^15 minor units")]
    TooLarge,
}

impl InvalidAmount {
    pub fn code(self) -> &'static str {
        match self {
            Self::NotDecimal => "amount_not_decimal",
            Self::TooManyDecimals => "amount_too_many_decimals",
            Self::NotPositive => "amount_not_positive",
            Self::TooLarge => "amount_too_large",
        }
    }
}

impl Money {
    /// Parses decimal text such as `"1000.50"`. The grammar is checked first, because number
    /// parsers accept much more (`"1e3"`, `"1_000"`, `"+5"`).
    pub fn parse(text: &str, currency: Currency) -> Result<Self, InvalidAmount> {
        let (whole, decimals) = split_decimal(text)?;
        let digits = currency.minor_digits() as usize;
        if decimals.len() > digits {
            return Err(InvalidAmount::TooManyDecimals);
        }
        if whole.len() > 16 {
            return Err(InvalidAmount::TooLarge);
        }
        let padded = whole
            .bytes()
            .chain(decimals.bytes())
            .chain(std::iter::repeat_n(b'0', digits - decimals.len()));
        // At most 16 + 4 digits, which a u128 holds.
        let minor = padded.fold(0_u128, |sum, digit| sum * 10 + u128::from(digit - b'0'));
        match u64::try_from(minor) {
            Ok(0) => Err(InvalidAmount::NotPositive),
            Ok(minor) if minor <= MAX_MINOR => Ok(Self { minor, currency }),
            _ => Err(InvalidAmount::TooLarge),
        }
    }

    pub fn minor(self) -> u64 {
        self.minor
    }

    pub fn currency(self) -> Currency {
        self.currency
    }

    /// Returns the amount in whole units of its currency, for statistics only.
    #[expect(clippy::cast_precision_loss, reason = "at most 10^15, which an f64 holds exactly")]
    pub fn units(self) -> f64 {
        self.minor as f64 / 10_f64.powi(self.currency.minor_digits().cast_signed())
    }
}

/// Checks the grammar of a decimal and splits it at the point.
fn split_decimal(text: &str) -> Result<(&str, &str), InvalidAmount> {
    let (whole, decimals) = match text.split_once('.') {
        Some((whole, decimals)) if !decimals.is_empty() => (whole, decimals),
        Some(_) => return Err(InvalidAmount::NotDecimal),
        None => (text, ""),
    };
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let plain = !whole.is_empty() && all_digits(whole) && all_digits(decimals);
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    if plain && !leading_zero { Ok((whole, decimals)) } else { Err(InvalidAmount::NotDecimal) }
}

/// Decimal text with all decimals of the currency: `1000.50`, or `1000` if it has none.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.currency.minor_digits();
        let scale = 10_u64.pow(digits);
        let (whole, rest) = (self.minor / scale, self.minor % scale);
        if digits == 0 {
            write!(f, "{whole}")
        } else {
            write!(f, "{whole}.{rest:0width$}", width = digits as usize)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, code: &str, expect: Result<&str, InvalidAmount>) {
        let currency = Currency::parse(code).expect("a currency of the table below");
        let got = Money::parse(text, currency).map(|money| money.to_string());
        assert_eq!(got, expect.map(str::to_owned), "{text} {code}");
    }

    #[test]
    fn amounts_follow_a_strict_grammar() {
        for text in
            ["NaN", "1e3", "1_000", "+5", " 5", "5 ", "", ".", "5.", ".5", "-1", "007", "٣", "0x1"]
        {
            check(text, "GBP", Err(InvalidAmount::NotDecimal));
        }
    }

    #[test]
    fn decimals_follow_the_currency() {
        check("1000.5", "GBP", Ok("1000.50"));
        check("1000", "JPY", Ok("1000"));
        check("1000.00", "JPY", Err(InvalidAmount::TooManyDecimals));
        check("1.234", "BHD", Ok("1.234"));
        check("0.00000000000000000000000000001", "GBP", Err(InvalidAmount::TooManyDecimals));
    }

    #[test]
    fn zero_and_enormous_amounts_are_refused() {
        check("0", "GBP", Err(InvalidAmount::NotPositive));
        check("0.00", "GBP", Err(InvalidAmount::NotPositive));
        check("79228162514264337593543950336", "GBP", Err(InvalidAmount::TooLarge));
        check("10000000000000.01", "GBP", Err(InvalidAmount::TooLarge));
        check("10000000000000.00", "GBP", Ok("10000000000000.00"));
    }
}

//! The versioned rate table that turns amounts of any currency into the base currency of all
//! statistics. Its figures scale amounts for comparison; nobody is paid by them. A currency that
//! is not in it has no amount in the base currency, rather than a wrong one.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use crate::money::Money;

/// Units of the base currency per unit of another.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    pub version: String,
    /// The day of the rates.
    pub date: Date,
    pub base: String,
    /// Where the figures come from.
    pub source: String,
    rates: BTreeMap<String, f64>,
}

/// The rate table is unusable.
#[derive(Debug, thiserror::Error)]
pub enum RatesError {
    #[error("the rate table is not valid JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the rate of {0} must be a positive number")]
    NotPositive(String),
}

impl Rates {
    pub fn load(json: &str) -> Result<Self, RatesError> {
        let rates: Self = serde_json::from_str(json)?;
        match rates.rates.iter().find(|(_, rate)| !(rate.is_finite() && **rate > 0.0)) {
            Some((code, _)) => Err(RatesError::NotPositive(code.clone())),
            None => Ok(rates),
        }
    }

    /// The table that comes with this version.
    pub fn embedded() -> Result<Self, RatesError> {
        Self::load(include_str!("../reference/rates.json"))
    }

    /// The amount in units of the base currency; None for a currency without a rate.
    pub fn to_base(&self, money: Money) -> Option<f64> {
        self.rates.get(money.currency().code()).map(|rate| money.units() * rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    fn in_base(amount: &str, code: &str) -> Option<f64> {
        let money = Money::parse(amount, Currency::parse(code).unwrap()).unwrap();
        Rates::embedded().unwrap().to_base(money)
    }

    #[track_caller]
    fn check(amount: &str, code: &str, dollars: std::ops::Range<f64>) {
        let got = in_base(amount, code).unwrap();
        assert!(dollars.contains(&got), "{amount} {code} = {got}");
    }

    #[test]
    fn amounts_compare_across_currencies() {
        check("100.00", "USD", 100.0..100.001);
        check("9500", "CLP", 9.0..11.0);
        check("15000000", "VND", 500.0..700.0);
        check("100.000", "KWD", 300.0..350.0);
        check("1000.00", "XCG", 550.0..560.0);
        check("1000.00", "ANG", 550.0..560.0);
    }

    #[test]
    fn a_currency_without_a_rate_is_no_dollar() {
        assert_eq!(in_base("9500.0000", "CLF"), None);
    }

    /// Every currency in force has a rate, but for units that are an index.
    #[test]
    fn every_currency_of_the_standard_has_a_rate() {
        let letters = || 'A'..='Z';
        let codes = letters().flat_map(|a| {
            letters().flat_map(move |b| letters().map(move |c| format!("{a}{b}{c}")))
        });
        let today = jiff::civil::date(2026, 11, 1);
        let in_force = codes
            .filter_map(|code| Currency::parse(&code).ok())
            .filter(|currency| !currency.is_withdrawn(today));
        let rates = Rates::embedded().unwrap();
        let mut count = 0;
        let without: Vec<_> = in_force
            .inspect(|_| count += 1)
            .map(Currency::code)
            .filter(|code| !rates.rates.contains_key(*code))
            .collect();
        assert_eq!(without, ["BOV", "CLF", "COU", "UYI", "UYW"]);
        assert!(count > 160, "{count}");
    }

    #[test]
    fn a_rate_that_is_not_positive_is_refused() {
        let json =
            r#"{"version":"1","date":"2026-01-01","base":"USD","source":"test","rates":{"GBP":0}}"#;
        assert!(matches!(Rates::load(json), Err(RatesError::NotPositive(code)) if code == "GBP"));
    }
}

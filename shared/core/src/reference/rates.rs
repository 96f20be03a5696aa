//! The rates that convert amounts into the base currency of all statistics. They make amounts
//! comparable and settle no payment. An amount in a currency without a rate has no base amount,
//! rather than a wrong one.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::payment::money::Money;

/// The currency of the sums in profiles.
pub const BASE_CURRENCY: &str = "USD";

/// Rates: units of the base currency for one unit of another.
#[derive(Debug, Clone)]
pub struct Rates {
    /// The date of the rates.
    pub date: Date,
    /// Where the figures come from.
    pub source: String,
    pub(super) rates: BTreeMap<String, f64>,
}

impl Rates {
    /// Returns the amount in units of the base currency; `None` for a currency without a rate.
    pub fn to_base(&self, money: Money) -> Option<f64> {
        self.rates.get(money.currency().code()).map(|rate| money.units() * rate)
    }

    /// Returns the codes of the currencies that have a rate.
    pub fn currencies(&self) -> impl Iterator<Item = &str> {
        self.rates.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use crate::payment::money::{Currency, Money};
    use crate::reference::Reference;
    use crate::register::VersionedSet as _;

    fn in_base(amount: &str, code: &str) -> Option<f64> {
        let money = Money::parse(amount, Currency::parse(code).unwrap()).unwrap();
        Reference::embedded().unwrap().rates.to_base(money)
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

    /// Every currency in force has a rate, except units of account that follow an index.
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
        let reference = Reference::embedded().unwrap();
        let mut count = 0;
        let without: Vec<_> = in_force
            .inspect(|_| count += 1)
            .map(Currency::code)
            .filter(|code| !reference.rates.rates.contains_key(*code))
            .collect();
        assert_eq!(without, ["BOV", "CLF", "COU", "UYI", "UYW"]);
        assert!(count > 160, "{count}");
    }
}

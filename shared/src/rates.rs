//! The versioned rate table that turns amounts of any currency into the base currency of all
//! statistics. Its figures scale amounts for comparison; nobody is paid by them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::money::Money;

/// Units of the base currency per unit of another.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    pub version: String,
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

    /// The amount in units of the base currency. A currency the table does not know counts as the
    /// base currency itself: its amounts then still compare with their own history.
    pub fn to_base(&self, money: Money) -> f64 {
        money.units() * self.rates.get(money.currency().code()).copied().unwrap_or(1.0)
    }

    pub fn knows(&self, money: Money) -> bool {
        self.rates.contains_key(money.currency().code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn amounts_compare_across_currencies() {
        let rates = Rates::embedded().unwrap();
        let yen = Money::parse("100000", Currency::parse("JPY").unwrap()).unwrap();
        let pounds = Money::parse("550.00", Currency::parse("GBP").unwrap()).unwrap();
        let ratio = rates.to_base(yen) / rates.to_base(pounds);
        assert!((0.7..1.4).contains(&ratio), "{ratio}");
    }

    #[test]
    fn a_rate_that_is_not_positive_is_refused() {
        let json = r#"{"version":"1","base":"USD","source":"test","rates":{"GBP":0}}"#;
        assert!(matches!(Rates::load(json), Err(RatesError::NotPositive(code)) if code == "GBP"));
    }
}

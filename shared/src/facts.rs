//! What a transaction says about itself, before any history: its amount in the base currency and
//! the plain yes-or-no observations that profiles count and rules read.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::money::Money;
use crate::rates::{Rates, RatesError};
use crate::transaction::{PaymentType, Transaction};

/// The reference data a transaction is read with: versioned together, because profiles hold counts
/// made with it.
#[derive(Debug, Clone)]
pub struct Reference {
    pub rates: Rates,
    pub lists: Lists,
}

/// Lists and thresholds, each with its source.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lists {
    pub version: String,
    pub high_risk_countries: CountryList,
    pub reporting_threshold: Threshold,
}

/// A list of countries with its source and date.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountryList {
    pub source: String,
    pub date: String,
    pub countries: BTreeSet<String>,
}

/// A reporting threshold and the band below it that structuring aims at.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    pub source: String,
    /// In whole units of the payment's own currency, by ISO code.
    pub by_currency: std::collections::BTreeMap<String, f64>,
    /// In the base currency, for currencies without one of their own.
    pub base: f64,
    /// The band begins at this share of the threshold.
    pub band_from: f64,
}

/// Reference data that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    #[error(transparent)]
    Rates(#[from] RatesError),
    #[error("the reference lists are not valid JSON: {0}")]
    Lists(#[from] serde_json::Error),
}

impl Reference {
    /// The reference data that comes with this version.
    pub fn embedded() -> Result<Self, ReferenceError> {
        let lists = serde_json::from_str(include_str!("../reference/lists.json"))?;
        Ok(Self { rates: Rates::embedded()?, lists })
    }

    fn is_near_threshold(&self, money: Money, base_amount: f64) -> bool {
        let threshold = &self.lists.reporting_threshold;
        let (amount, limit) = match threshold.by_currency.get(money.currency().code()) {
            Some(limit) => (money.units(), *limit),
            None => (base_amount, threshold.base),
        };
        (limit * threshold.band_from..limit).contains(&amount)
    }
}

/// The observations of one transaction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Facts {
    /// Seconds since the Unix epoch.
    pub at: f64,
    /// In the base currency.
    pub amount: f64,
    /// Natural logarithm of 1 + amount.
    pub log_amount: f64,
    pub near_threshold: bool,
    /// A whole multiple of 500 units of its currency.
    pub round: bool,
    pub cross_border: bool,
    pub currency_change: bool,
    pub cash: bool,
    pub high_risk_country: bool,
    pub payment_type: PaymentType,
}

impl Facts {
    pub fn of(tx: &Transaction, reference: &Reference) -> Self {
        let amount = reference.rates.to_base(tx.amount);
        let risky = &reference.lists.high_risk_countries.countries;
        let high_risk_country =
            [&tx.sender, &tx.receiver].iter().any(|p| risky.contains(p.bank_country.code()));
        let round_step = 500 * 10_u64.pow(tx.amount.currency().minor_digits());
        Self {
            at: tx.timestamp.seconds(),
            amount,
            log_amount: amount.ln_1p(),
            near_threshold: reference.is_near_threshold(tx.amount, amount),
            round: tx.amount.minor().is_multiple_of(round_step),
            cross_border: tx.is_cross_border(),
            currency_change: tx.changes_currency(),
            cash: tx.payment_type.is_cash(),
            high_risk_country,
            payment_type: tx.payment_type,
        }
    }
}

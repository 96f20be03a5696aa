//! The reference data a transaction is read with: rates, country lists and reporting thresholds. One
//! *reference set* is one versioned, hashed document, because what profiles count was counted with
//! all of it; a tenant changes it on a running system as it changes its rules ([`crate::register`]).
//! Every part has a source and a date, and so an age.

mod load;
mod rates;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

pub use rates::{BASE_CURRENCY, Rates};

use crate::payment::money::Money;
use crate::payment::transaction::Country;
use crate::register::parts::{Part, age_days};

/// A reference set in force.
#[derive(Debug, Clone)]
pub struct Reference {
    version: String,
    description: String,
    pub rates: Rates,
    pub high_risk_countries: CountryList,
    pub monitored_countries: CountryList,
    pub offshore_countries: CountryList,
    pub reporting_threshold: Thresholds,
}

/// A list of countries with its source and date.
#[derive(Debug, Clone)]
pub struct CountryList {
    pub source: String,
    /// The day from which it holds.
    pub date: Date,
    countries: BTreeSet<Country>,
}

/// Reporting thresholds and the band below them that structuring aims at.
#[derive(Debug, Clone)]
pub struct Thresholds {
    /// The day they were last looked up.
    pub date: Date,
    /// In whole units of the payment's own currency, by ISO code.
    by_currency: BTreeMap<String, Threshold>,
    /// In the base currency, for currencies without one of their own.
    base: Threshold,
    /// The band begins at this share of the threshold.
    band_from: f64,
}

/// One reporting threshold.
#[derive(Debug, Clone)]
pub struct Threshold {
    pub amount: f64,
    pub source: String,
}

impl Reference {
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The day each part is of.
    pub fn dates(&self) -> BTreeMap<Part, Date> {
        BTreeMap::from([
            (Part::Rates, self.rates.date),
            (Part::HighRiskCountries, self.high_risk_countries.date),
            (Part::MonitoredCountries, self.monitored_countries.date),
            (Part::OffshoreCountries, self.offshore_countries.date),
            (Part::ReportingThreshold, self.reporting_threshold.date),
        ])
    }

    /// How old its oldest part is, in days.
    pub fn age_days(&self, now: Timestamp) -> i32 {
        self.dates().into_values().map(|date| age_days(date, now)).fold(0, i32::max)
    }

    /// How much is in it: rates, listed countries and thresholds.
    pub fn entries(&self) -> usize {
        let lists =
            [&self.high_risk_countries, &self.monitored_countries, &self.offshore_countries];
        let listed: usize = lists.iter().map(|list| list.countries.len()).sum();
        self.rates.rates.len() + listed + self.reporting_threshold.by_currency.len() + 1
    }

    /// Currencies that another set rates and this one does not: payments in them are judged without
    /// an amount.
    pub fn unrated_beside<'o>(&self, other: &'o Self) -> impl Iterator<Item = &'o str> {
        other.rates.currencies().filter(|code| !self.rates.rates.contains_key(*code))
    }

    /// Whether an amount lies just below a reporting threshold. Without a rate only a threshold of the
    /// currency's own can be near.
    pub fn is_near_threshold(&self, money: Money, base_amount: Option<f64>) -> bool {
        let thresholds = &self.reporting_threshold;
        let (amount, limit) = match thresholds.by_currency.get(money.currency().code()) {
            Some(own) => (money.units(), own.amount),
            None => match base_amount {
                Some(amount) => (amount, thresholds.base.amount),
                None => return false,
            },
        };
        (limit * thresholds.band_from..limit).contains(&amount)
    }
}

impl CountryList {
    pub fn holds(&self, country: Country) -> bool {
        self.countries.contains(&country)
    }
}

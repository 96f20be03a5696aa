//! The reference data by which a transaction is interpreted: rates, country lists and reporting
//! thresholds. They form one versioned, hashed document, a *reference set*, because the counts in
//! profiles depend on all of it. A tenant changes it on a running system in the same way as its
//! rules ([`crate::register`]). Every part has a source and a date, and so an age.

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

/// A loaded reference set.
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
    /// The day from which the list applies.
    pub date: Date,
    countries: BTreeSet<Country>,
}

/// Reporting thresholds and the band just below them, in which structured payments lie.
#[derive(Debug, Clone)]
pub struct Thresholds {
    /// The day they were last looked up.
    pub date: Date,
    /// Thresholds in units of a currency, by its ISO code.
    by_currency: BTreeMap<String, Threshold>,
    /// Threshold in the base currency, for currencies without one of their own.
    base: Threshold,
    /// Share of the threshold at which the band begins.
    band_from: f64,
}

/// One reporting threshold.
#[derive(Debug, Clone)]
pub struct Threshold {
    /// Amount in units of its currency.
    pub amount: f64,
    pub source: String,
}

impl Reference {
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Returns the date of each part.
    pub fn dates(&self) -> BTreeMap<Part, Date> {
        BTreeMap::from([
            (Part::Rates, self.rates.date),
            (Part::HighRiskCountries, self.high_risk_countries.date),
            (Part::MonitoredCountries, self.monitored_countries.date),
            (Part::OffshoreCountries, self.offshore_countries.date),
            (Part::ReportingThreshold, self.reporting_threshold.date),
        ])
    }

    /// Returns the age of the oldest part in days.
    pub fn age_days(&self, now: Timestamp) -> i32 {
        self.dates().into_values().map(|date| age_days(date, now)).fold(0, i32::max)
    }

    /// Returns the number of rates, listed countries and thresholds.
    pub fn entries(&self) -> usize {
        let lists =
            [&self.high_risk_countries, &self.monitored_countries, &self.offshore_countries];
        let listed: usize = lists.iter().map(|list| list.countries.len()).sum();
        self.rates.rates.len() + listed + self.reporting_threshold.by_currency.len() + 1
    }

    /// Returns the currencies that have a rate in another set but not in this one. Payments in them
    /// are judged without an amount.
    pub fn unrated_beside<'o>(&self, other: &'o Self) -> impl Iterator<Item = &'o str> {
        other.rates.currencies().filter(|code| !self.rates.rates.contains_key(*code))
    }

    /// Whether an amount lies just below a reporting threshold. `base_amount` is the amount in the
    /// base currency; without it, only a threshold in the payment's own currency applies.
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

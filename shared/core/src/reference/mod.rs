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
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use rates::{BASE_CURRENCY, Rates};

use crate::payment::money::Money;
use crate::payment::transaction::Country;

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

/// A part that ages by itself.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Rates,
    HighRiskCountries,
    MonitoredCountries,
    OffshoreCountries,
    ReportingThreshold,
}

impl Part {
    pub const ALL: [Self; 5] = [
        Self::Rates,
        Self::HighRiskCountries,
        Self::MonitoredCountries,
        Self::OffshoreCountries,
        Self::ReportingThreshold,
    ];

    /// As the document names it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Rates => "rates",
            Self::HighRiskCountries => "high_risk_countries",
            Self::MonitoredCountries => "monitored_countries",
            Self::OffshoreCountries => "offshore_countries",
            Self::ReportingThreshold => "reporting_threshold",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.code() == code)
    }
}

/// How old a part is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PartAge {
    pub part: Part,
    /// The day it is of.
    #[schema(value_type = String, format = "date")]
    pub date: Date,
    pub age_days: i32,
    /// Older than the deployment allows (`ReferenceMaxAgeDays`).
    pub too_old: bool,
}

/// The ages of parts by their dates, as of now. More than `most_days` is too old.
pub fn ages(dates: &BTreeMap<Part, Date>, now: Timestamp, most_days: i32) -> Vec<PartAge> {
    let aged = dates.iter().map(|(part, date)| {
        let age_days = age_days(*date, now);
        PartAge { part: *part, date: *date, age_days, too_old: age_days > most_days }
    });
    aged.collect()
}

fn age_days(date: Date, now: Timestamp) -> i32 {
    let today = now.to_zoned(TimeZone::UTC).date();
    // Without a largest unit, the difference of two dates is in days.
    today.since(date).map_or(0, |age| age.get_days())
}

impl Reference {
    /// Version and content hash, `2026-11-25@0a1b2c3d4e5f6071`.
    pub fn version(&self) -> &str {
        &self.version
    }

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

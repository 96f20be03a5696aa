//! The dated parts of a reference set and their ages.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A part of a reference set that has its own date.
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

    /// Returns its name in the document.
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

/// The age of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PartAge {
    pub part: Part,
    /// The date of the part.
    #[schema(value_type = String, format = "date")]
    pub date: Date,
    pub age_days: i32,
    /// Whether it is older than the deployment allows (`ReferenceMaxAgeDays`).
    pub too_old: bool,
}

/// Returns the ages of parts at `now`. A part older than `most_days` is too old.
pub fn ages(dates: &BTreeMap<Part, Date>, now: Timestamp, most_days: i32) -> Vec<PartAge> {
    let aged = dates.iter().map(|(part, date)| {
        let age_days = age_days(*date, now);
        PartAge { part: *part, date: *date, age_days, too_old: age_days > most_days }
    });
    aged.collect()
}

pub(crate) fn age_days(date: Date, now: Timestamp) -> i32 {
    let today = now.to_zoned(TimeZone::UTC).date();
    // Without a largest unit, the difference of two dates is in days.
    today.since(date).map_or(0, |age| age.get_days())
}

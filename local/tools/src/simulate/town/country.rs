//! The countries that a town may be in: currency, prices, clock and language. Rates are those of
//! `shared/reference/rates.json` as of 2026-09-29, to three digits; price levels are our rough
//! estimates. Both only scale amounts, so they are kept here, where newer rates do not change a town.
//! Reporting thresholds are those of `shared/reference/lists.json` or else its default of 10,000 US
//! dollars.

use super::words::Language::{self, self as L};

/// The country of a town.
#[derive(Debug)]
pub(super) struct Country {
    pub(super) code: &'static str,
    pub(super) currency: &'static str,
    /// Units of the currency for one US dollar.
    pub(super) per_usd: f64,
    /// Prices relative to those of the United States.
    pub(super) level: f64,
    /// Minutes ahead of UTC; a town has no daylight saving time.
    pub(super) minutes_east: i16,
    pub(super) language: Language,
    /// The amount from which its law has cash reported, in the currency, if it sets one.
    reported_from: Option<f64>,
}

impl Country {
    /// The threshold below which structured payments stay, in the currency.
    pub(super) fn threshold(&self) -> f64 {
        self.reported_from.unwrap_or(10_000.0 * self.per_usd)
    }
}

const fn country(
    code: &'static str,
    currency: &'static str,
    (per_usd, level): (f64, f64),
    minutes_east: i16,
    language: Language,
    reported_from: Option<f64>,
) -> Country {
    Country { code, currency, per_usd, level, minutes_east, language, reported_from }
}

pub(super) const COUNTRIES: [Country; 30] = [
    country("GB", "GBP", (0.755, 0.95), 0, L::English, Some(10_000.0)),
    country("DE", "EUR", (0.88, 0.85), 60, L::German, Some(10_000.0)),
    country("FR", "EUR", (0.88, 0.84), 60, L::French, Some(10_000.0)),
    country("NL", "EUR", (0.88, 0.92), 60, L::Dutch, Some(10_000.0)),
    country("ES", "EUR", (0.88, 0.70), 60, L::Spanish, Some(10_000.0)),
    country("IT", "EUR", (0.88, 0.76), 60, L::Italian, Some(10_000.0)),
    country("BE", "EUR", (0.88, 0.86), 60, L::French, Some(10_000.0)),
    country("IE", "EUR", (0.88, 1.0), 0, L::English, Some(10_000.0)),
    country("AT", "EUR", (0.88, 0.88), 60, L::German, Some(10_000.0)),
    country("PT", "EUR", (0.88, 0.64), 0, L::Portuguese, Some(10_000.0)),
    country("US", "USD", (1.0, 1.0), -300, L::English, Some(10_000.0)),
    country("CL", "CLP", (968.0, 0.52), -240, L::Spanish, None),
    country("JP", "JPY", (157.0, 0.68), 540, L::Japanese, None),
    country("KE", "KES", (130.0, 0.35), 180, L::English, None),
    country("IN", "INR", (96.1, 0.28), 330, L::English, Some(1_000_000.0)),
    country("CH", "CHF", (0.833, 1.2), 60, L::German, Some(15_000.0)),
    country("CA", "CAD", (1.42, 0.9), -300, L::English, Some(10_000.0)),
    country("AU", "AUD", (1.42, 0.95), 600, L::English, Some(10_000.0)),
    country("PL", "PLN", (3.85, 0.52), 60, L::Polish, None),
    country("SE", "SEK", (9.98, 0.88), 60, L::English, None),
    country("MX", "MXN", (18.0, 0.6), -360, L::Spanish, None),
    country("BR", "BRL", (5.22, 0.52), -180, L::Portuguese, Some(50_000.0)),
    country("TR", "TRY", (49.0, 0.38), 180, L::Turkish, None),
    country("ZA", "ZAR", (16.4, 0.42), 120, L::English, None),
    country("AE", "AED", (3.67, 0.66), 240, L::English, Some(55_000.0)),
    country("SG", "SGD", (1.28, 0.75), 480, L::English, None),
    country("NG", "NGN", (1_330.0, 0.2), 60, L::English, None),
    country("CO", "COP", (3_370.0, 0.36), -300, L::Spanish, None),
    country("VN", "VND", (25_900.0, 0.3), 420, L::English, None),
    country("KW", "KWD", (0.309, 0.62), 180, L::English, None),
];

/// Countries that towns trade with, each with its currency and its units per US dollar.
pub(super) const ABROAD: [(&str, &str, f64); 14] = [
    ("DE", "EUR", 0.88),
    ("FR", "EUR", 0.88),
    ("GB", "GBP", 0.755),
    ("US", "USD", 1.0),
    ("CN", "CNY", 6.71),
    ("JP", "JPY", 157.0),
    ("PL", "PLN", 3.85),
    ("IN", "INR", 96.1),
    ("NL", "EUR", 0.88),
    ("IT", "EUR", 0.88),
    ("CH", "CHF", 0.833),
    ("SG", "SGD", 1.28),
    ("TR", "TRY", 49.0),
    ("BR", "BRL", 5.22),
];

/// Where families of migrants live; some countries are under the FATF's increased monitoring.
pub(super) const FAMILIES: [(&str, &str); 12] = [
    ("PH", "PHP"),
    ("NG", "NGN"),
    ("KE", "KES"),
    ("VN", "VND"),
    ("NP", "NPR"),
    ("PK", "PKR"),
    ("IN", "INR"),
    ("MA", "MAD"),
    ("RO", "RON"),
    ("BG", "EUR"),
    ("CO", "COP"),
    ("GH", "GHS"),
];

/// Offshore centres, most of them on the EU's list of non-cooperative jurisdictions.
pub(super) const OFFSHORE: [&str; 10] =
    ["PA", "VG", "VU", "AI", "TC", "PW", "RU", "AS", "KY", "SC"];

/// Countries under the FATF's call for action or increased monitoring.
pub(super) const HIGH_RISK: [&str; 10] =
    ["IR", "MM", "KP", "SY", "YE", "SS", "HT", "CD", "LB", "VE"];

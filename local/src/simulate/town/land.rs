//! The countries a town may lie in: currency, prices, clock and language. Rates are mid-2026 market levels to about three digits (as in
//! `shared/reference/rates.json`); price levels are the World Bank's price level ratios of 2023,
//! rounded; both only give amounts their size. The lines below which structured cash stays are the
//! reporting thresholds of `shared/reference/lists.json`, and where it has none the equivalent of
//! its base of 10,000 US dollars.

use super::words::Language::{self, self as L};

/// Where a town lies.
#[derive(Debug)]
pub(super) struct Land {
    pub(super) country: &'static str,
    pub(super) currency: &'static str,
    /// Units of the currency for one US dollar.
    pub(super) per_usd: f64,
    /// Prices beside those of the United States.
    pub(super) level: f64,
    /// Minutes east of Greenwich; a town does not change its clocks.
    pub(super) minutes_east: i16,
    pub(super) language: Language,
    /// In units of the currency.
    pub(super) threshold: f64,
}

const fn land(
    country: &'static str,
    currency: &'static str,
    (per_usd, level): (f64, f64),
    minutes_east: i16,
    language: Language,
    threshold: f64,
) -> Land {
    Land { country, currency, per_usd, level, minutes_east, language, threshold }
}

pub(super) const LANDS: [Land; 30] = [
    land("GB", "GBP", (0.75, 0.95), 0, L::English, 10_000.0),
    land("DE", "EUR", (0.86, 0.85), 60, L::German, 10_000.0),
    land("FR", "EUR", (0.86, 0.84), 60, L::French, 10_000.0),
    land("NL", "EUR", (0.86, 0.92), 60, L::Dutch, 10_000.0),
    land("ES", "EUR", (0.86, 0.70), 60, L::Spanish, 10_000.0),
    land("IT", "EUR", (0.86, 0.76), 60, L::Italian, 10_000.0),
    land("BE", "EUR", (0.86, 0.86), 60, L::French, 10_000.0),
    land("IE", "EUR", (0.86, 1.0), 0, L::English, 10_000.0),
    land("AT", "EUR", (0.86, 0.88), 60, L::German, 10_000.0),
    land("PT", "EUR", (0.86, 0.64), 0, L::Portuguese, 10_000.0),
    land("US", "USD", (1.0, 1.0), -300, L::English, 10_000.0),
    land("CL", "CLP", (968.0, 0.52), -240, L::Spanish, 9_680_000.0),
    land("JP", "JPY", (150.0, 0.68), 540, L::Japanese, 1_500_000.0),
    land("KE", "KES", (130.0, 0.35), 180, L::English, 1_300_000.0),
    land("IN", "INR", (84.0, 0.28), 330, L::English, 1_000_000.0),
    land("CH", "CHF", (0.80, 1.2), 60, L::German, 15_000.0),
    land("CA", "CAD", (1.38, 0.9), -300, L::English, 10_000.0),
    land("AU", "AUD", (1.52, 0.95), 600, L::English, 10_000.0),
    land("PL", "PLN", (3.65, 0.52), 60, L::Polish, 36_500.0),
    land("SE", "SEK", (9.5, 0.88), 60, L::English, 95_000.0),
    land("MX", "MXN", (18.5, 0.6), -360, L::Spanish, 185_000.0),
    land("BR", "BRL", (5.4, 0.52), -180, L::Portuguese, 54_000.0),
    land("TR", "TRY", (41.0, 0.38), 180, L::Turkish, 410_000.0),
    land("ZA", "ZAR", (17.5, 0.42), 120, L::English, 175_000.0),
    land("AE", "AED", (3.67, 0.66), 240, L::English, 55_000.0),
    land("SG", "SGD", (1.29, 0.75), 480, L::English, 12_900.0),
    land("NG", "NGN", (1_450.0, 0.2), 60, L::English, 14_500_000.0),
    land("CO", "COP", (3_900.0, 0.36), -300, L::Spanish, 39_000_000.0),
    land("VN", "VND", (26_000.0, 0.3), 420, L::English, 260_000_000.0),
    land("KW", "KWD", (0.306, 0.62), 180, L::English, 3_060.0),
];

/// Countries that lands have to do with, each with its currency and units of it for a US dollar.
pub(super) const ABROAD: [(&str, &str, f64); 14] = [
    ("DE", "EUR", 0.86),
    ("FR", "EUR", 0.86),
    ("GB", "GBP", 0.75),
    ("US", "USD", 1.0),
    ("CN", "CNY", 7.1),
    ("JP", "JPY", 150.0),
    ("PL", "PLN", 3.65),
    ("IN", "INR", 84.0),
    ("NL", "EUR", 0.86),
    ("IT", "EUR", 0.86),
    ("CH", "CHF", 0.80),
    ("SG", "SGD", 1.29),
    ("TR", "TRY", 41.0),
    ("BR", "BRL", 5.4),
];

/// Where families of migrants live; some of them under increased monitoring by the FATF.
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

/// Offshore centres and countries without cooperation, as banks list them.
pub(super) const OFFSHORE: [&str; 10] =
    ["VG", "PA", "KY", "SC", "VU", "AI", "BS", "MC", "LI", "TC"];

/// Countries under the FATF's call for action or increased monitoring.
pub(super) const HIGH_RISK: [&str; 10] =
    ["IR", "MM", "KP", "SY", "YE", "SS", "HT", "CD", "LB", "VE"];

//! Currencies of ISO 4217: those in force and, because historical payments use them, those
//! withdrawn since 1990. Codes that are not money (metals, test codes) or not in the standard
//! (crypto-assets) are refused with the reason.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// An ISO 4217 currency that has a minor unit. It takes two bytes, because millions of payments are
/// held in memory.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(Known);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Known {
    InForce(iso_currency::Currency),
    /// Index into [`WITHDRAWN`].
    Withdrawn(u8),
}

/// Why a text is not a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCurrency {
    #[error("must be an ISO 4217 currency of three capital letters, such as EUR")]
    Shape,
    #[error("must be an ISO 4217 currency; this is no code of that standard")]
    Unknown,
    #[error(
        "is a code of ISO 4217 that is nobody's money: a metal, a unit of account or a test code"
    )]
    NotMoney,
    #[error(
        "is a crypto-asset, which has no code in ISO 4217; send what was paid for it in a currency"
    )]
    Crypto,
    #[error("is no code of ISO 4217; use {0}")]
    Instead(&'static str),
}

impl Currency {
    /// Parses a code of three capital letters.
    pub fn parse(code: &str) -> Result<Self, InvalidCurrency> {
        Self::known(code).map_err(|reason| known_mistake(code).unwrap_or(reason))
    }

    fn known(code: &str) -> Result<Self, InvalidCurrency> {
        if code.len() != 3 || !code.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(InvalidCurrency::Shape);
        }
        if let Ok(at) = WITHDRAWN.binary_search_by_key(&code, |(known, ..)| *known) {
            let at = u8::try_from(at).map_err(|_| InvalidCurrency::Unknown)?;
            return Ok(Self(Known::Withdrawn(at)));
        }
        let currency = iso_currency::Currency::from_code(code).ok_or(InvalidCurrency::Unknown)?;
        // The test code and "no currency" have a minor unit in some lists.
        let money = currency.exponent().is_some() && !matches!(code, "XTS" | "XXX");
        if money { Ok(Self(Known::InForce(currency))) } else { Err(InvalidCurrency::NotMoney) }
    }

    pub fn code(self) -> &'static str {
        match self.0 {
            Known::InForce(currency) => currency.code(),
            Known::Withdrawn(at) => WITHDRAWN[usize::from(at)].0,
        }
    }

    /// Returns the number of decimals of its minor unit: 2 for GBP, 0 for JPY, 3 for BHD.
    pub fn minor_digits(self) -> u32 {
        match self.0 {
            Known::InForce(currency) => currency.exponent().map_or(2, u32::from),
            Known::Withdrawn(at) => WITHDRAWN[usize::from(at)].1,
        }
    }

    /// Whether the currency was no longer in use on that day.
    pub fn is_withdrawn(self, day: Date) -> bool {
        matches!(self.0, Known::Withdrawn(at) if day >= WITHDRAWN[usize::from(at)].2)
    }
}

/// Recognises common codes that are not in the standard, so that the reason can name the right one.
fn known_mistake(code: &str) -> Option<InvalidCurrency> {
    const CRYPTO: [&str; 16] = [
        "BTC", "XBT", "ETH", "USDT", "USDC", "DAI", "BNB", "XRP", "SOL", "ADA", "DOGE", "TRX",
        "LTC", "BCH", "XMR", "DOT",
    ];
    const INSTEAD: [(&str, &str); 9] = [
        ("CNH", "CNY"),
        ("RMB", "CNY"),
        ("NTD", "TWD"),
        ("UKP", "GBP"),
        ("STG", "GBP"),
        ("GGP", "GBP"),
        ("JEP", "GBP"),
        ("IMP", "GBP"),
        ("EURO", "EUR"),
    ];
    if CRYPTO.contains(&code) {
        return Some(InvalidCurrency::Crypto);
    }
    let instead = INSTEAD.iter().find(|(wrong, _)| *wrong == code);
    instead.map(|(_, right)| InvalidCurrency::Instead(right))
}

const fn day(year: i16, month: i8) -> Date {
    jiff::civil::date(year, month, 1)
}

/// Currencies withdrawn since 1990 (ISO 4217 list three), sorted by code, with their minor digits
/// and the month from which they were no longer in use. For currencies replaced by the euro, that
/// is when their notes ceased to be legal tender.
const WITHDRAWN: &[(&str, u32, Date)] = &[
    ("AFA", 2, day(2003, 1)),
    ("ANG", 2, day(2025, 7)),
    ("ATS", 2, day(2002, 3)),
    ("AZM", 2, day(2006, 1)),
    ("BEF", 0, day(2002, 3)),
    ("BGL", 2, day(2003, 11)),
    ("BGN", 2, day(2026, 2)),
    ("BYB", 0, day(2001, 1)),
    ("BYR", 0, day(2017, 1)),
    ("CSD", 2, day(2006, 10)),
    ("CUC", 2, day(2021, 6)),
    ("CYP", 2, day(2008, 2)),
    ("DEM", 2, day(2002, 3)),
    ("EEK", 2, day(2011, 2)),
    ("ESP", 0, day(2002, 3)),
    ("FIM", 2, day(2002, 3)),
    ("FRF", 2, day(2002, 3)),
    ("GHC", 2, day(2008, 1)),
    ("GRD", 0, day(2002, 3)),
    ("GWP", 2, day(1997, 5)),
    ("HRK", 2, day(2023, 2)),
    ("IEP", 2, day(2002, 3)),
    ("ITL", 0, day(2002, 3)),
    ("LTL", 2, day(2015, 2)),
    ("LUF", 0, day(2002, 3)),
    ("LVL", 2, day(2014, 2)),
    ("MGF", 0, day(2005, 1)),
    ("MRO", 2, day(2018, 1)),
    ("MTL", 2, day(2008, 2)),
    ("MXP", 2, day(1993, 1)),
    ("MZM", 2, day(2006, 7)),
    ("NLG", 2, day(2002, 3)),
    ("PLZ", 2, day(1997, 1)),
    ("PTE", 0, day(2002, 3)),
    ("ROL", 2, day(2005, 7)),
    ("RUR", 2, day(2004, 1)),
    ("SDD", 2, day(2007, 7)),
    ("SIT", 2, day(2007, 2)),
    ("SKK", 2, day(2009, 2)),
    ("SLL", 2, day(2024, 1)),
    ("SRG", 2, day(2004, 1)),
    ("STD", 2, day(2018, 1)),
    ("TMM", 2, day(2009, 1)),
    ("TRL", 0, day(2006, 1)),
    ("UAK", 2, day(1996, 9)),
    ("USS", 2, day(2014, 4)),
    ("VEB", 2, day(2008, 1)),
    ("VEF", 2, day(2018, 9)),
    ("YUM", 2, day(2003, 7)),
    ("ZMK", 2, day(2013, 1)),
    ("ZWD", 2, day(2008, 8)),
    ("ZWL", 2, day(2024, 9)),
    ("ZWN", 2, day(2009, 2)),
    ("ZWR", 2, day(2009, 7)),
];

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&code).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_currency_is_refused_with_its_reason() {
        let check = |code: &str, expect: InvalidCurrency| {
            assert_eq!(Currency::parse(code), Err(expect), "{code}");
        };
        for code in ["usd", "US", "", "€", "DOLLAR"] {
            check(code, InvalidCurrency::Shape);
        }
        for code in ["XXX", "XTS", "XAU", "XAG", "XDR"] {
            check(code, InvalidCurrency::NotMoney);
        }
        check("ZZZ", InvalidCurrency::Unknown);
        check("USDT", InvalidCurrency::Crypto);
        check("BTC", InvalidCurrency::Crypto);
        check("CNH", InvalidCurrency::Instead("CNY"));
        assert_eq!(InvalidCurrency::Instead("CNY").to_string(), "is no code of ISO 4217; use CNY");
    }

    #[test]
    fn currencies_in_force_and_withdrawn_ones_are_known_with_their_minor_unit() {
        let today = jiff::civil::date(2026, 11, 1);
        let check = |code: &str, digits: u32, withdrawn: bool| {
            let currency = Currency::parse(code).unwrap();
            let got = (currency.code(), currency.minor_digits(), currency.is_withdrawn(today));
            assert_eq!(got, (code, digits, withdrawn));
        };
        check("XCG", 2, false);
        check("XOF", 0, false);
        check("SLE", 2, false);
        check("VES", 2, false);
        check("KWD", 3, false);
        check("CLF", 4, false);
        check("ANG", 2, true);
        check("VEF", 2, true);
        check("MRO", 2, true);
        check("ITL", 0, true);
    }

    #[test]
    fn every_withdrawn_currency_is_found() {
        for (code, digits, _) in WITHDRAWN {
            let currency = Currency::parse(code).unwrap();
            assert_eq!((currency.code(), currency.minor_digits()), (*code, *digits));
        }
    }

    #[test]
    fn a_currency_was_no_relic_in_its_time() {
        let lev = Currency::parse("BGN").unwrap();
        assert!(!lev.is_withdrawn(jiff::civil::date(2025, 12, 31)));
        assert!(lev.is_withdrawn(jiff::civil::date(2026, 3, 1)));
    }
}

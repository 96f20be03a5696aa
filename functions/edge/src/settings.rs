//! Configuration from the environment, read once. Each function has one typed `Settings`, created
//! in `main` from an [`Environment`]; nothing else reads variables. A variable that is missing or
//! invalid ends init with a sentence that names it but never shows its value, which may be secret.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::RangeBounds;
use std::str::FromStr;
use std::time::Duration;

use jiff::tz::TimeZone;
use sentinel::payment::tenant::Tenant;
use sentinel::spend::budget::{MicroUsd, TenantCaps, parse_tenant_caps};
use tracing_subscriber::EnvFilter;

/// Where settings are looked up: the process's environment, or a map in tests. It remembers what
/// was asked for, so that a test can compare that with the template.
pub struct Environment {
    /// `None` for the environment of the process.
    given: Option<BTreeMap<String, String>>,
    asked: RefCell<BTreeSet<String>>,
}

/// What is wrong with a variable. `main` returns it and the runtime prints it with `Debug`, so both
/// formats are the sentence.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("The environment variable {name} {fault}")]
pub struct SettingError {
    pub name: &'static str,
    fault: String,
}

impl fmt::Debug for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl SettingError {
    /// Creates the error of an invalid value; `expected` completes "has to be …".
    pub fn new(name: &'static str, expected: &str) -> Self {
        Self { name, fault: format!("has to be {expected}") }
    }
}

impl Environment {
    pub fn of_process() -> Self {
        Self { given: None, asked: RefCell::default() }
    }

    pub fn of(variables: BTreeMap<String, String>) -> Self {
        Self { given: Some(variables), asked: RefCell::default() }
    }

    /// Returns the names that were asked for so far, found or not.
    pub fn asked(&self) -> BTreeSet<String> {
        self.asked.borrow().clone()
    }

    /// Reads a variable; an empty or blank one counts as unset.
    pub fn text(&self, name: &str) -> Option<String> {
        self.asked.borrow_mut().insert(name.to_owned());
        let value = match &self.given {
            Some(variables) => variables.get(name).cloned(),
            None => std::env::var(name).ok(),
        };
        value.filter(|value| !value.trim().is_empty())
    }

    /// Reads a variable that has to be set.
    pub fn required(&self, name: &'static str) -> Result<String, SettingError> {
        self.text(name).ok_or_else(|| SettingError { name, fault: "is not set".to_owned() })
    }

    /// Reads the URL of a service, which has to be set.
    pub fn url(&self, name: &'static str) -> Result<String, SettingError> {
        checked_url(name, self.required(name)?)
    }

    /// Reads the URL of a service; `None` if it is unset.
    pub fn optional_url(&self, name: &'static str) -> Result<Option<String>, SettingError> {
        self.text(name).map(|url| checked_url(name, url)).transpose()
    }

    /// Reads a number within a range; `None` if it is unset.
    pub fn number<T: FromStr + PartialOrd>(
        &self,
        name: &'static str,
        range: impl RangeBounds<T>,
        expected: &str,
    ) -> Result<Option<T>, SettingError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number = text.trim().parse().ok().filter(|number| range.contains(number));
        number.map(Some).ok_or_else(|| SettingError::new(name, expected))
    }

    /// Reads a whole number of at least `lowest`.
    pub fn count<T: FromStr + PartialOrd + fmt::Display>(
        &self,
        name: &'static str,
        lowest: T,
        default: T,
    ) -> Result<T, SettingError> {
        let expected = format!("a whole number from {lowest}");
        Ok(self.number(name, lowest.., &expected)?.unwrap_or(default))
    }

    /// Reads the tenants that are served.
    pub fn tenants(&self) -> Result<Vec<Tenant>, SettingError> {
        let name = "TENANTS";
        let names = self.text(name).unwrap_or_else(|| "main".to_owned());
        let tenants = Tenant::parse_list(&names);
        tenants.map_err(|_| SettingError::new(name, "tenants' names, with commas between them"))
    }

    /// Reads what LLM calls of all tenants may cost per day.
    pub fn daily_budget(&self) -> Result<MicroUsd, SettingError> {
        let name = "DAILY_BUDGET_USD";
        let budget = MicroUsd::parse_usd(&self.required(name)?);
        budget.map_err(|_| SettingError::new(name, "an amount of US dollars like 5 or 0.15"))
    }

    /// Reads what single tenants may spend of that.
    pub fn tenant_budgets(&self) -> Result<TenantCaps, SettingError> {
        let name = "TENANT_BUDGETS_USD";
        let caps = parse_tenant_caps(&self.text(name).unwrap_or_default());
        caps.ok_or_else(|| {
            SettingError::new(name, "tenants and dollars, like bank-a=2.50,bank-b=1")
        })
    }

    /// Reads the span of event time during which an open alert takes further hits.
    pub fn alert_cooldown(&self) -> Result<Duration, SettingError> {
        let (name, expected) = ("ALERT_COOLDOWN_HOURS", "a number of hours, from 0 to 8784");
        // At most a leap year: a cooldown has to end.
        let hours = self.number(name, 0.0..=8_784.0, expected)?.unwrap_or(24.0);
        Ok(Duration::from_secs_f64(3_600.0 * hours))
    }

    /// Reads the time zone in which the budget's day begins and ends.
    pub fn budget_zone(&self) -> Result<TimeZone, SettingError> {
        let name = "BUDGET_TIME_ZONE";
        let zone = TimeZone::get(self.text(name).as_deref().unwrap_or("UTC"));
        zone.map_err(|_| SettingError::new(name, "an IANA time zone like Europe/Berlin"))
    }
}

fn checked_url(name: &'static str, url: String) -> Result<String, SettingError> {
    let read: Option<::http::Uri> = url.parse().ok();
    let is_address = |uri: &::http::Uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
    };
    let whole = read.as_ref().is_some_and(is_address);
    whole.then_some(url).ok_or_else(|| SettingError::new(name, "an address like https://host/path"))
}

/// The settings that every function has: what it logs, and the namespace of its metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telemetry {
    /// A filter in the syntax of `tracing`, such as `info` or `warn,store=debug`.
    pub log_level: String,
    pub metrics_namespace: String,
}

impl Telemetry {
    pub fn read(environment: &Environment) -> Result<Self, SettingError> {
        let name = "LOG_LEVEL";
        let log_level = environment.text(name).unwrap_or_else(|| "info".to_owned());
        EnvFilter::try_new(&log_level)
            .map_err(|_| SettingError::new(name, "a level of logs like info"))?;
        let namespace = environment.text("METRICS_NAMESPACE");
        let metrics_namespace = namespace.unwrap_or_else(|| "FinCrimeSentinel".to_owned());
        Ok(Self { log_level, metrics_namespace })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Environment::of(pairs.collect())
    }

    #[test]
    fn an_empty_variable_is_an_unset_one() {
        let environment = environment(&[("A", ""), ("B", " "), ("C", "c")]);
        assert_eq!(
            ["A", "B", "C", "D"].map(|name| environment.text(name).is_some()),
            [false, false, true, false]
        );
        assert_eq!(
            environment.required("A").unwrap_err().to_string(),
            "The environment variable A is not set"
        );
    }

    #[test]
    fn what_was_asked_for_is_remembered_whether_found_or_not() {
        let environment = environment(&[("A", "1"), ("UNUSED", "2")]);
        let _ = (environment.text("A"), environment.required("B"), environment.tenants());
        assert_eq!(environment.asked(), ["A", "B", "TENANTS"].map(str::to_owned).into());
    }

    #[test]
    fn numbers_keep_to_their_range() {
        for (text, expect) in [("0", Some(0.0)), ("1", Some(1.0)), ("0.002", Some(0.002))] {
            let number = environment(&[("N", text)]).number("N", 0.0..=1.0, "a share");
            assert_eq!(number, Ok(expect), "{text}");
        }
        for text in ["-0.1", "1.1", "NaN", "a", "1e9"] {
            let number = environment(&[("N", text)]).number("N", 0.0..=1.0, "a share");
            assert_eq!(number, Err(SettingError::new("N", "a share")), "{text}");
        }
        assert_eq!(environment(&[]).count("N", 1, 300), Ok(300));
        assert!(environment(&[("N", "0")]).count("N", 1, 300).is_err());
    }

    #[test]
    fn an_address_has_a_scheme_and_a_host() {
        for good in ["https://sqs.eu-central-1.amazonaws.com/1/q", "http://127.0.0.1:4566/live"] {
            assert_eq!(environment(&[("U", good)]).url("U").as_deref(), Ok(good));
        }
        for bad in ["sqs.amazonaws.com/q", "/q", "ftp://host/", "https://", "a b"] {
            assert!(environment(&[("U", bad)]).url("U").is_err(), "{bad}");
        }
    }

    #[test]
    fn what_main_prints_is_the_sentence() {
        let err = environment(&[("TENANTS", "a b")]).tenants().unwrap_err();
        let sentence =
            "The environment variable TENANTS has to be tenants' names, with commas between them";
        assert_eq!(format!("{err:?}"), sentence);
        assert_eq!(format!("{:?}", lambda_runtime::Error::from(err)), sentence);
    }
}

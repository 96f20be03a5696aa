//! How the LLM is reached and what it may cost. The functions that use it pass in a lookup of their
//! environment variables, so that both read the same names in the same way.

use std::collections::BTreeSet;
use std::time::Duration;

use chat::AuthHeader;
use jiff::tz::TimeZone;
use reqwest::Url;

use sentinel::llm::breaker;
use sentinel::payment::tenant::Tenant;
use sentinel::spend::budget::{MicroUsd, PriceTable, TenantCaps, parse_tenant_caps};

/// The LLM's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LlmConfig {
    /// The chat completions endpoint.
    pub endpoint: Url,
    /// The header that carries the key.
    pub auth: AuthHeader,
    pub model: String,
    pub prices: PriceTable,
    /// Maximum number of tokens of an answer.
    pub max_tokens: u32,
    /// Time for all attempts at one assessment together.
    pub deadline: Duration,
    /// What all tenants together may spend in a day.
    pub budget: MicroUsd,
    /// What single tenants may spend of it.
    pub tenant_budgets: TenantCaps,
    /// The tenants that are served; no other gets an LLM.
    pub tenants: BTreeSet<Tenant>,
    /// Time zone in which the budget's day begins and ends.
    pub zone: TimeZone,
    /// Maximum number of attempts at one assessment.
    pub attempts: u32,
    /// Maximum number of bytes read of a response.
    pub response_bytes: usize,
    pub breaker: breaker::Limits,
    /// How long an answer is kept for cases alike.
    pub cache_for: Duration,
    /// Whether the LLM sees redacted purpose texts.
    pub shows_purposes: bool,
}

/// A setting that is missing or wrong. Carries its name, never its value.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("{name} has to be {expected}")]
pub struct ConfigError {
    pub name: &'static str,
    pub expected: &'static str,
}

impl LlmConfig {
    /// Reads the configuration; `None` if no LLM is to be used (`LLM_BASE_URL` absent or empty).
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, ConfigError> {
        let given = |name: &'static str| get(name).filter(|text| !text.trim().is_empty());
        let required =
            |name| given(name).ok_or(ConfigError { name, expected: "set where an LLM is" });
        let usd = |name| {
            MicroUsd::parse_usd(&required(name)?)
                .map_err(|_| ConfigError { name, expected: "an amount of US dollars like 0.15" })
        };
        let count = |name, default: u32| match given(name) {
            None => Ok(default),
            Some(text) => text
                .parse()
                .ok()
                .filter(|count| *count > 0)
                .ok_or(ConfigError { name, expected: "a whole number above 0" }),
        };
        let Some(base) = given("LLM_BASE_URL") else { return Ok(None) };
        let name = "BUDGET_TIME_ZONE";
        let zone = given(name).unwrap_or_else(|| "UTC".to_owned());
        let zone = TimeZone::get(&zone)
            .map_err(|_| ConfigError { name, expected: "an IANA time zone like Europe/Berlin" })?;
        let name = "LLM_PURPOSE_TEXT";
        let shows_purposes = match given(name).as_deref() {
            None | Some("redacted") => true,
            Some("off") => false,
            Some(_) => return Err(ConfigError { name, expected: "redacted or off" }),
        };
        let endpoint = chat::endpoint(&base)
            .map_err(|err| ConfigError { name: "LLM_BASE_URL", expected: err.expected() })?;
        let name = "LLM_AUTH_HEADER";
        let auth = match given(name) {
            None => AuthHeader::of(&endpoint),
            Some(text) => AuthHeader::parse(&text)
                .ok_or(ConfigError { name, expected: "authorization, api-key or empty" })?,
        };
        Ok(Some(Self {
            endpoint,
            auth,
            model: required("LLM_MODEL")?,
            prices: PriceTable {
                input_per_million: usd("LLM_INPUT_USD_PER_MTOK")?,
                output_per_million: usd("LLM_OUTPUT_USD_PER_MTOK")?,
            },
            max_tokens: count("LLM_MAX_TOKENS", 400)?,
            deadline: Duration::from_millis(count("LLM_TIMEOUT_MS", 8_000)?.into()),
            budget: usd("DAILY_BUDGET_USD")?,
            tenant_budgets: parse_tenant_caps(&given("TENANT_BUDGETS_USD").unwrap_or_default())
                .ok_or(ConfigError { name: "TENANT_BUDGETS_USD", expected: TENANT_CAPS })?,
            tenants: Tenant::parse_list(given("TENANTS").as_deref().unwrap_or("main"))
                .map(BTreeSet::from_iter)
                .map_err(|_| ConfigError { name: "TENANTS", expected: TENANTS })?,
            zone,
            attempts: 3,
            response_bytes: 256 * 1_024,
            breaker: breaker::Limits { failures: 5, rest_ms: 30_000 },
            cache_for: Duration::from_secs(7 * 24 * 3_600),
            shows_purposes,
        }))
    }
}

/// The form of `TENANT_BUDGETS_USD`.
const TENANT_CAPS: &str = "tenants with amounts of US dollars, like bank-a=2.50,bank-b=1";
/// The form of `TENANTS`.
const TENANTS: &str = "tenants' names, with commas between them";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(change: &[(&str, &str)]) -> Result<Option<LlmConfig>, ConfigError> {
        let all = [
            ("LLM_BASE_URL", "https://api.openai.com/v1/"),
            ("LLM_MODEL", "mini"),
            ("LLM_INPUT_USD_PER_MTOK", "0.15"),
            ("LLM_OUTPUT_USD_PER_MTOK", "0.60"),
            ("DAILY_BUDGET_USD", "5"),
            ("BUDGET_TIME_ZONE", "Europe/Berlin"),
        ];
        LlmConfig::read(|name| {
            let of = |list: &[(&str, &str)]| {
                list.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())
            };
            of(change).or_else(|| of(&all))
        })
    }

    #[test]
    fn an_empty_base_means_no_llm() {
        assert!(read(&[("LLM_BASE_URL", "")]).unwrap().is_none());
        assert!(LlmConfig::read(|_| None).unwrap().is_none());
    }

    #[test]
    fn what_is_not_said_has_a_default() {
        let config = read(&[]).unwrap().unwrap();
        assert_eq!(config.endpoint.as_str(), "https://api.openai.com/v1/chat/completions");
        assert_eq!((config.max_tokens, config.deadline), (400, Duration::from_millis(8_000)));
        assert_eq!(config.budget, MicroUsd(5_000_000));
    }

    #[test]
    fn tenants_may_have_caps_of_their_own() {
        let config = read(&[("TENANT_BUDGETS_USD", "bank-a=2.50, bank-b=1")]).unwrap().unwrap();
        let cap = |name: &str| config.tenant_budgets.get(&Tenant::parse(name).unwrap()).copied();
        assert_eq!((cap("bank-a"), cap("main")), (Some(MicroUsd(2_500_000)), None));
        assert_eq!(config.tenants.len(), 1);
    }

    #[test]
    fn what_is_wrong_is_named_and_not_quoted() {
        for (name, value) in [
            ("LLM_BASE_URL", "api.example.com"),
            ("LLM_BASE_URL", "ftp://localhost"),
            ("LLM_MODEL", " "),
            ("LLM_INPUT_USD_PER_MTOK", "free"),
            ("LLM_MAX_TOKENS", "0"),
            ("LLM_TIMEOUT_MS", "-1"),
            ("DAILY_BUDGET_USD", "1e3"),
            ("BUDGET_TIME_ZONE", "Mars/Olympus"),
            ("LLM_PURPOSE_TEXT", "plain"),
            ("LLM_AUTH_HEADER", "x-key"),
            ("TENANT_BUDGETS_USD", "main"),
            ("TENANT_BUDGETS_USD", "main=lots"),
            ("TENANTS", "Main Bank"),
        ] {
            let err = read(&[(name, value)]).unwrap_err();
            assert_eq!(err.name, name, "{value}");
            assert!(value.len() < 4 || !err.to_string().contains(value), "{err}");
        }
    }
}

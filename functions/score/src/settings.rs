//! The settings of score, read from the environment.

use std::path::PathBuf;
use std::time::Duration;

use edge::settings::{Environment, SettingError, Telemetry};
use escalation::LlmConfig;

use crate::policies::OperatorLines;

#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub telemetry: Telemetry,
    pub table: String,
    /// Id of the secret that holds the LLM's key and the key for account tokens.
    pub secret: String,
    /// `None` if no LLM is to be used.
    pub llm: Option<LlmConfig>,
    pub lines: OperatorLines,
    /// Span of event time during which an open alert takes further hits.
    pub alert_cooldown: Duration,
    /// Directory of a model on trial, if there is one.
    pub challenger_dir: Option<PathBuf>,
    /// Maximum age of the copy of the sets in force.
    pub refresh: Duration,
    /// Longest time for which counts of peers are gathered before they are added to the table's.
    pub count_peers_for: Duration,
}

impl Settings {
    pub fn read(environment: &Environment) -> Result<Self, SettingError> {
        let llm = LlmConfig::read(|name| environment.text(name));
        let seconds = |name, default| environment.count(name, 0, default).map(Duration::from_secs);
        Ok(Self {
            telemetry: Telemetry::read(environment)?,
            table: environment.required("TABLE_NAME")?,
            secret: environment.required("SECRET_ID")?,
            llm: llm.map_err(|err| SettingError::new(err.name, err.expected))?,
            lines: lines(environment)?,
            alert_cooldown: cooldown(environment)?,
            challenger_dir: environment.text("CHALLENGER_DIR").map(PathBuf::from),
            refresh: seconds("RULES_REFRESH_SECONDS", 30)?,
            count_peers_for: seconds("PEER_COUNT_SECONDS", 300)?,
        })
    }
}

fn lines(environment: &Environment) -> Result<OperatorLines, SettingError> {
    let line = |name| environment.number(name, 0.0..=1.0, "a risk from 0 to 1, or empty");
    let (alert, review) = (line("ALERT_LINE")?, line("REVIEW_LINE")?);
    let lines = OperatorLines::new(alert, review);
    lines.ok_or_else(|| SettingError::new("REVIEW_LINE", "no higher than ALERT_LINE"))
}

fn cooldown(environment: &Environment) -> Result<Duration, SettingError> {
    let (name, expected) = ("ALERT_COOLDOWN_HOURS", "a number of hours, from 0 to 8784");
    // At most a leap year: a cooldown has to end.
    let hours = environment.number(name, 0.0..=8_784.0, expected)?.unwrap_or(24.0);
    Ok(Duration::from_secs_f64(3_600.0 * hours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_those_of_the_template() {
        suite::template::check_settings("score", |variables| {
            let environment = Environment::of(variables);
            (Settings::read(&environment), environment.asked())
        });
    }

    #[test]
    fn lines_rise() {
        let read = |alert: &str, review: &str| {
            let names = [("ALERT_LINE", alert), ("REVIEW_LINE", review)];
            let pairs = names.map(|(name, value)| (name.to_owned(), value.to_owned()));
            lines(&Environment::of(pairs.into()))
        };
        for (alert, review) in [("", ""), ("0.5", ""), ("", "1"), ("0.5", "0.5"), ("1", "0")] {
            assert!(read(alert, review).is_ok(), "{alert:?} {review:?}");
        }
        for (alert, review) in [("0.1", "0.2"), ("1.5", ""), ("", "-1"), ("NaN", "")] {
            assert!(read(alert, review).is_err(), "{alert:?} {review:?}");
        }
    }
}

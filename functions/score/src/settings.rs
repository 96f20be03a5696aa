//! The settings of score, read from the environment.

use std::path::PathBuf;
use std::time::Duration;

use edge::settings::{Environment, SettingError, Telemetry};

use crate::policies::OperatorLines;

#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub telemetry: Telemetry,
    pub table: String,
    /// URL of the queue of decisions that the LLM looks at; `None` if no LLM is to be used.
    pub second_look_queue: Option<String>,
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
        let seconds = |name, default| environment.count(name, 0, default).map(Duration::from_secs);
        Ok(Self {
            telemetry: Telemetry::read(environment)?,
            table: environment.required("TABLE_NAME")?,
            second_look_queue: environment.optional_url("SECOND_LOOK_QUEUE_URL")?,
            lines: lines(environment)?,
            alert_cooldown: environment.alert_cooldown()?,
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

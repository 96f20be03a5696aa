//! The settings of second-look, read from the environment.

use std::time::Duration;

use edge::settings::{Environment, SettingError, Telemetry};
use escalation::LlmConfig;

#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub telemetry: Telemetry,
    pub table: String,
    /// Id of the secret that holds the LLM's key and the key for fingerprints.
    pub secret: String,
    /// `None` if no LLM is to be used.
    pub llm: Option<LlmConfig>,
    /// Span of event time during which an open alert takes further hits.
    pub alert_cooldown: Duration,
}

impl Settings {
    pub fn read(environment: &Environment) -> Result<Self, SettingError> {
        let llm = LlmConfig::read(|name| environment.text(name));
        Ok(Self {
            telemetry: Telemetry::read(environment)?,
            table: environment.required("TABLE_NAME")?,
            secret: environment.required("SECRET_ID")?,
            llm: llm.map_err(|err| SettingError::new(err.name, err.expected))?,
            alert_cooldown: environment.alert_cooldown()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_those_of_the_template() {
        suite::template::check_settings("second-look", |variables| {
            let environment = Environment::of(variables);
            (Settings::read(&environment), environment.asked())
        });
    }
}

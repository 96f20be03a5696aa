//! The settings of explain-alert, read from the environment.

use edge::ClaimNames;
use edge::settings::{Environment, SettingError, Telemetry};
use escalation::LlmConfig;

#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub telemetry: Telemetry,
    pub claims: ClaimNames,
    pub table: String,
    /// Id of the secret that holds the LLM's key and the key for fingerprints.
    pub secret: String,
    /// `None` if no LLM is to be used.
    pub llm: Option<LlmConfig>,
}

impl Settings {
    pub fn read(environment: &Environment) -> Result<Self, SettingError> {
        let llm = LlmConfig::read(|name| environment.text(name));
        Ok(Self {
            telemetry: Telemetry::read(environment)?,
            claims: ClaimNames::read(environment)?,
            table: environment.required("TABLE_NAME")?,
            secret: environment.required("SECRET_ID")?,
            llm: llm.map_err(|err| SettingError::new(err.name, err.expected))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_those_of_the_template() {
        suite::template::check_settings("explain-alert", |variables| {
            let environment = Environment::of(variables);
            (Settings::read(&environment), environment.asked())
        });
    }
}

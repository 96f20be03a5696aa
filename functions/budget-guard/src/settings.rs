//! The settings of budget-guard, read from the environment.

use edge::settings::{Environment, SettingError, Telemetry};
use jiff::tz::TimeZone;
use sentinel::spend::guard::Limits;

#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub telemetry: Telemetry,
    pub table: String,
    /// ARN of the SNS topic that is notified when a gate moves.
    pub topic: String,
    pub limits: Limits,
    pub zone: TimeZone,
}

impl Settings {
    pub fn read(environment: &Environment) -> Result<Self, SettingError> {
        Ok(Self {
            telemetry: Telemetry::read(environment)?,
            table: environment.required("TABLE_NAME")?,
            topic: environment.required("TOPIC_ARN")?,
            limits: Limits {
                budget: environment.daily_budget()?,
                // Above this mean latency the gate closes.
                latency_threshold_ms: environment.count("LATENCY_THRESHOLD_MS", 1, 6_000)?,
            },
            zone: environment.budget_zone()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_those_of_the_template() {
        suite::template::check_settings("budget-guard", |variables| {
            let environment = Environment::of(variables);
            (Settings::read(&environment), environment.asked())
        });
    }
}

//! The settings of ingest, read from the environment.

use edge::ClaimNames;
use edge::settings::{Environment, SettingError, Telemetry};
use sentinel::payment::tenant::Tenant;

#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub telemetry: Telemetry,
    pub claims: ClaimNames,
    pub table: String,
    /// The tenants that are served.
    pub tenants: Vec<Tenant>,
    /// URL of the queue of transactions to be judged.
    pub queue: String,
    /// URL of the queue of history.
    pub history_queue: String,
}

impl Settings {
    pub fn read(environment: &Environment) -> Result<Self, SettingError> {
        Ok(Self {
            telemetry: Telemetry::read(environment)?,
            claims: ClaimNames::read(environment)?,
            table: environment.required("TABLE_NAME")?,
            tenants: environment.tenants()?,
            queue: environment.url("QUEUE_URL")?,
            history_queue: environment.url("HISTORY_QUEUE_URL")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_those_of_the_template() {
        suite::template::check_settings("ingest", |variables| {
            let environment = Environment::of(variables);
            (Settings::read(&environment), environment.asked())
        });
    }
}

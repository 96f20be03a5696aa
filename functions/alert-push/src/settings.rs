//! The settings of alert-push, read from the environment.

use edge::settings::{Environment, SettingError, Telemetry};
use sentinel::payment::tenant::Tenant;

#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub telemetry: Telemetry,
    pub table: String,
    pub tenants: Vec<Tenant>,
    /// The WebSocket API's callback URL, through which connections are written to.
    pub websocket_endpoint: String,
}

impl Settings {
    pub fn read(environment: &Environment) -> Result<Self, SettingError> {
        Ok(Self {
            telemetry: Telemetry::read(environment)?,
            table: environment.required("TABLE_NAME")?,
            tenants: environment.tenants()?,
            websocket_endpoint: environment.url("WEBSOCKET_ENDPOINT")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_those_of_the_template() {
        suite::template::check_settings("alert-push", |variables| {
            let environment = Environment::of(variables);
            (Settings::read(&environment), environment.asked())
        });
    }
}

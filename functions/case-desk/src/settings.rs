//! The settings of case-desk, read from the environment.

use edge::ClaimNames;
use edge::settings::{Environment, SettingError, Telemetry};
use sentinel::cascade::alerting::Severity;
use sentinel::case::work::FourEyes;

use crate::operations::Budget;
use crate::page::Page;

#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub telemetry: Telemetry,
    pub claims: ClaimNames,
    pub table: String,
    pub budget: Budget,
    /// Age in days above which a part of a reference set counts as too old.
    pub reference_max_age_days: i32,
    /// Share of all payments up to which the review queue shows what waits in it, from 0 to 1.
    pub review_share: f64,
    /// When a second person has to approve a conclusion.
    pub four_eyes: FourEyes,
    /// The page for analysts, if one is deployed.
    pub page: Option<Page>,
}

impl Settings {
    pub fn read(environment: &Environment) -> Result<Self, SettingError> {
        let share = environment.number("REVIEW_SHARE", 0.0..=1.0, "a share, from 0 to 1")?;
        Ok(Self {
            telemetry: Telemetry::read(environment)?,
            claims: ClaimNames::read(environment)?,
            table: environment.required("TABLE_NAME")?,
            budget: Budget {
                daily: environment.daily_budget()?,
                of_tenants: environment.tenant_budgets()?,
                zone: environment.budget_zone()?,
            },
            reference_max_age_days: environment.count("REFERENCE_MAX_AGE_DAYS", 1, 300)?,
            review_share: share.unwrap_or(0.002),
            four_eyes: four_eyes(environment)?,
            page: page(environment)?,
        })
    }
}

/// Reads what the page for analysts is told; `None` without a client id.
fn page(environment: &Environment) -> Result<Option<Page>, SettingError> {
    let issuer = environment.optional_url("JWT_ISSUER")?;
    let scope = environment.text("DESK_SCOPE");
    let websocket = environment.text("WEBSOCKET_URL");
    let Some(client_id) = environment.text("DESK_CLIENT_ID") else { return Ok(None) };
    let missing = |name| SettingError::new(name, "set where there is a page");
    Ok(Some(Page {
        issuer: issuer.ok_or_else(|| missing("JWT_ISSUER"))?,
        client_id,
        scope: scope.unwrap_or_else(|| "openid profile email".to_owned()),
        websocket: websocket.ok_or_else(|| missing("WEBSOCKET_URL"))?,
    }))
}

/// Reads from which severity a conclusion needs a second person.
fn four_eyes(environment: &Environment) -> Result<FourEyes, SettingError> {
    let name = "FOUR_EYES_SEVERITY";
    let from = match environment.text(name).as_deref() {
        None => Some(Severity::High),
        Some("none") => None,
        Some(code) => {
            let severity = Severity::parse(code);
            Some(severity.ok_or_else(|| SettingError::new(name, "none, or a severity like high"))?)
        }
    };
    Ok(FourEyes { from })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_those_of_the_template() {
        suite::template::check_settings("case-desk", |variables| {
            let environment = Environment::of(variables);
            (Settings::read(&environment), environment.asked())
        });
    }
}

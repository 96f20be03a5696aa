//! What operators and the analysts' page ask: the budget, tickets for the stream, health.

use edge::{Answer, Inbound, json, settings};
use jiff::{SignedDuration, Timestamp};
use sentinel::problem::Problem;
use serde_json::json as value;

use crate::App;
use crate::handler::unavailable;

const TICKET_LIFE: SignedDuration = SignedDuration::from_secs(60);

/// The configured budget.
pub struct Budget {
    daily: sentinel::budget::MicroUsd,
    time_zone: String,
}

impl Budget {
    pub fn from_settings() -> Result<Self, lambda_http::Error> {
        Ok(Self {
            daily: settings::required("DAILY_BUDGET_USD")?.parse()?,
            time_zone: settings::text("BUDGET_TIME_ZONE", "UTC"),
        })
    }
}

/// `GET /api/v1/budget`.
pub async fn budget(app: &App, inbound: &Inbound) -> Answer {
    let caller = inbound.caller(&["alerts:read"])?;
    let day = crate::BudgetDay::at(Timestamp::now(), &app.budget.time_zone).map_err(|err| {
        tracing::error!("The budget's day cannot be told: {err}");
        Problem::internal()
    })?;
    let state = app.store.budget_state(&caller.tenant, &day).await.map_err(unavailable)?;
    let _ = state;
    Ok(json(200, &value!({})))
}

/// `POST /api/v1/stream-tickets`.
pub async fn ticket(app: &App, inbound: &Inbound) -> Answer {
    let caller = inbound.caller(&["alerts:read"])?;
    let mut random = [0_u8; 24];
    getrandom::fill(&mut random).map_err(|err| {
        tracing::error!("No randomness for a ticket: {err}");
        Problem::internal()
    })?;
    let secret: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let expires_at = Timestamp::now() + TICKET_LIFE;
    let kept = app.store.keep_ticket(&caller.tenant, &secret, expires_at.as_second()).await;
    kept.map_err(unavailable)?;
    let ticket = format!("{}.{secret}", caller.tenant);
    Ok(json(201, &value!({ "ticket": ticket, "expires_at": expires_at.to_string() })))
}

/// `GET /api/v1/health`.
pub async fn health(app: &App) -> Answer {
    app.store.ping().await.map_err(unavailable)?;
    Ok(json(200, &value!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })))
}

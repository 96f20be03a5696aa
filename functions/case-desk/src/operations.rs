//! Answers for operators and the analysts' page: the budget, tickets for the stream, health.

use contract::bodies::operations::{BudgetState, Health, NewTicket};
use contract::problem::Problem;
use edge::{Answer, InboundRequest, json, table_failed, unavailable};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use sentinel::spend::budget::{BudgetDay, Gate, MicroUsd};

use crate::App;

const TICKET_LIFE: SignedDuration = SignedDuration::from_secs(60);

/// The configured budget.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    pub daily: MicroUsd,
    pub zone: TimeZone,
}

/// `GET /api/v1/budget`.
pub async fn budget(app: &App, inbound: &InboundRequest) -> Answer {
    let caller = inbound.caller()?;
    let Budget { daily, zone } = &app.budget;
    let day = BudgetDay::of(Timestamp::now(), zone);
    let ledger = app.store.budget_state(&caller.tenant, day).await.map_err(unavailable)?;
    let (gate, gate_reason) = match ledger.gate {
        Gate::Open => ("open", None),
        Gate::Closed(reason) => ("closed", Some(reason.code().to_owned())),
    };
    let state = BudgetState {
        day: day.to_string(),
        time_zone: zone.iana_name().unwrap_or("UTC").to_owned(),
        budget_micro_usd: daily.0,
        spent_micro_usd: ledger.spent.0,
        reserved_micro_usd: ledger.reserved().0,
        left_micro_usd: ledger.left(*daily).0,
        gate: gate.to_owned(),
        gate_reason,
        calls: ledger.calls,
    };
    Ok(json(200, &state))
}

/// `POST /api/v1/stream-tickets`.
pub async fn ticket(app: &App, inbound: &InboundRequest) -> Answer {
    let caller = inbound.caller()?;
    let mut random = [0_u8; 24];
    getrandom::fill(&mut random).map_err(|err| {
        tracing::error!("No randomness for a ticket: {err}");
        Problem::internal()
    })?;
    let secret: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let expires_at = Timestamp::now() + TICKET_LIFE;
    let kept = app.store.keep_ticket(&caller.tenant, &secret, expires_at.as_second()).await;
    kept.map_err(table_failed)?;
    let ticket = format!("{}.{secret}", caller.tenant);
    Ok(json(201, &NewTicket { ticket, expires_at: expires_at.into() }))
}

/// `GET /api/v1/health`.
pub async fn health(app: &App) -> Answer {
    app.store.ping().await.map_err(table_failed)?;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Ok(json(200, &Health { status: "ok".to_owned(), version }))
}

//! Answers for operators and the analysts' page: the budget, tickets for the stream, health.

use contract::bodies::operations::{
    BudgetAnswer, BudgetReport, BudgetState, Health, Me, NewTicket, PeopleList, PersonName,
    UsageRow,
};
use contract::problem::Problem;
use contract::scope::Scope;
use edge::{Answer, Caller, InboundRequest, json, table_failed, unavailable};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use lambda_http::RequestExt as _;
use sentinel::payment::utc_time::UtcTime;
use sentinel::spend::budget::{BudgetDay, MicroUsd, TenantCaps};
use store::Person;
use store::usage::Usage;

use crate::App;

const TICKET_LIFE: SignedDuration = SignedDuration::from_secs(60);

/// The configured budget.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// Of all tenants together.
    pub daily: MicroUsd,
    pub of_tenants: TenantCaps,
    pub zone: TimeZone,
}

/// Most days that a report covers.
const REPORT_DAYS: usize = 92;

/// `GET /api/v1/budget`: today's state, or with `from` and `to` what was used.
pub async fn budget(app: &App, inbound: &InboundRequest) -> Answer {
    let caller = inbound.caller()?;
    let parameters = inbound.request.query_string_parameters();
    let answer = match (parameters.first("from"), parameters.first("to")) {
        (None, None) => BudgetAnswer::State(state(app, &caller).await?),
        (Some(from), Some(to)) => BudgetAnswer::Report(report(app, &caller, from, to).await?),
        _ => return Err(Problem::bad_request("The parameters from and to go together.")),
    };
    Ok(json(200, &answer))
}

async fn state(app: &App, caller: &Caller) -> Result<BudgetState, Problem> {
    let Budget { daily, of_tenants, zone } = &app.budget;
    let day = BudgetDay::of(Timestamp::now(), zone);
    let ledger = app.store.budget_state(day).await.map_err(unavailable)?;
    let usage = app.store.usage(day, Some(&caller.tenant)).await.map_err(unavailable)?;
    let moved = (ledger.gate_since > 0).then(|| Timestamp::from_second(ledger.gate_since).ok());
    Ok(BudgetState {
        day: day.to_string(),
        time_zone: zone.iana_name().unwrap_or("UTC").to_owned(),
        budget_micro_usd: daily.0,
        spent_micro_usd: ledger.spent.0,
        reserved_micro_usd: ledger.reserved().0,
        left_micro_usd: ledger.left(*daily).0,
        gate: ledger.gate.code().to_owned(),
        gate_reason: ledger.gate.reason().map(|reason| reason.code().to_owned()),
        gate_since: moved.flatten().map(UtcTime::from),
        calls: ledger.calls,
        tenant_budget_micro_usd: of_tenants.get(&caller.tenant).map(|cap| cap.0),
        tenant_spent_micro_usd: usage.iter().map(|usage| usage.spent.0).sum(),
    })
}

async fn report(app: &App, caller: &Caller, from: &str, to: &str) -> Result<BudgetReport, Problem> {
    let day = |name: &str, text: &str| {
        let wrong = || Problem::bad_request(format!("The parameter {name} has to be a date."));
        BudgetDay::parse(text).ok_or_else(wrong)
    };
    let (first, last) = (day("from", from)?, day("to", to)?);
    let days: Vec<BudgetDay> = first.through(last).take(REPORT_DAYS + 1).collect();
    if days.is_empty() || days.len() > REPORT_DAYS {
        let detail = format!("The days from and to have to be 1 to {REPORT_DAYS}, in that order.");
        return Err(Problem::bad_request(detail));
    }
    let everybody = caller.require(&[Scope::BudgetDeployment]).is_ok();
    let tenant = (!everybody).then_some(&caller.tenant);
    let mut rows = Vec::new();
    for day in days {
        let usage = app.store.usage(day, tenant).await.map_err(unavailable)?;
        rows.extend(usage.into_iter().map(row));
    }
    let time_zone = app.budget.zone.iana_name().unwrap_or("UTC").to_owned();
    Ok(BudgetReport { from: first.to_string(), to: last.to_string(), time_zone, rows })
}

fn row(usage: Usage) -> UsageRow {
    UsageRow {
        day: usage.day.to_string(),
        model: usage.model,
        tenant: usage.tenant.to_string(),
        calls: usage.calls,
        input_tokens: usage.input_tokens,
        output_tokens: usage.output_tokens,
        cost_micro_usd: usage.spent.0,
        cache_hits: usage.cache_hits,
        mean_latency_ms: usage.latency_ms_sum.checked_div(usage.calls),
        alerts: usage.alerts,
        cost_per_alert_micro_usd: usage.spent.0.checked_div(usage.alerts),
    }
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

/// `GET /api/v1/me`, which also keeps the person's name, so that colleagues read it.
pub async fn me(app: &App, inbound: &InboundRequest) -> Answer {
    let caller = inbound.caller()?;
    let scopes = Scope::ALL.into_iter().filter(|scope| caller.require(&[*scope]).is_ok());
    let scopes = scopes.map(Scope::code).collect();
    let subject = caller.subject()?.to_owned();
    let name = caller.name().map(str::to_owned);
    if let Some(name) = &name {
        let person = Person { subject: subject.clone(), name: name.clone() };
        app.store.keep_person(&caller.tenant, &person).await.map_err(table_failed)?;
    }
    Ok(json(200, &Me { subject, name, tenant: caller.tenant.clone(), scopes }))
}

/// `GET /api/v1/people`.
pub async fn people(app: &App, inbound: &InboundRequest) -> Answer {
    let caller = inbound.caller()?;
    let people = app.store.people(&caller.tenant).await.map_err(table_failed)?;
    let named = people.into_iter().map(|Person { subject, name }| PersonName { subject, name });
    Ok(json(200, &PeopleList { people: named.collect() }))
}

/// `GET /api/v1/health`.
pub async fn health(app: &App) -> Answer {
    app.store.ping().await.map_err(table_failed)?;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Ok(json(200, &Health { status: "ok".to_owned(), version }))
}

//! Answers about the service itself.

use sentinel::payment::tenant::Tenant;
use sentinel::payment::utc_time::UtcTime;
use serde::Serialize;
use utoipa::ToSchema;

/// Who a token belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    pub subject: String,
    /// What the person is called, if the token says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[schema(value_type = String, example = "main")]
    pub tenant: Tenant,
    /// Scopes of the API that the token has.
    pub scopes: Vec<&'static str>,
}

/// The people who have signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeopleList {
    /// At most 1,000, by subject.
    pub people: Vec<PersonName>,
}

/// Somebody who has signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonName {
    /// Subject of their tokens, under which what they did is kept.
    pub subject: String,
    pub name: String,
}

/// The day's LLM budget, which all tenants of the deployment share.
#[derive(Debug, Serialize, ToSchema)]
pub struct BudgetState {
    /// The calendar day in the budget's time zone.
    pub day: String,
    pub time_zone: String,
    pub budget_micro_usd: u64,
    pub spent_micro_usd: u64,
    /// Reserved for calls in progress.
    pub reserved_micro_usd: u64,
    pub left_micro_usd: u64,
    /// `open` or `closed`.
    pub gate: String,
    pub gate_reason: Option<String>,
    /// When the gate last moved.
    pub gate_since: Option<UtcTime>,
    /// LLM calls settled today.
    pub calls: u64,
    /// What the caller's tenant may spend of the budget, if it has a cap of its own.
    pub tenant_budget_micro_usd: Option<u64>,
    /// What the caller's tenant has spent today.
    pub tenant_spent_micro_usd: u64,
}

/// What LLMs were used for, by day, model and tenant.
#[derive(Debug, Serialize, ToSchema)]
pub struct BudgetReport {
    pub from: String,
    pub to: String,
    pub time_zone: String,
    pub rows: Vec<UsageRow>,
}

/// What a tenant used of a model on a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageRow {
    pub day: String,
    pub model: String,
    pub tenant: String,
    pub calls: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    pub cost_micro_usd: u64,
    /// Cases answered without a call.
    pub cache_hits: u64,
    pub mean_latency_ms: Option<u64>,
    /// Payments that the LLM raised to an alert.
    pub alerts: u64,
    pub cost_per_alert_micro_usd: Option<u64>,
}

/// Today's budget, or what was used over days.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum BudgetAnswer {
    State(BudgetState),
    Report(BudgetReport),
}

/// A single-use ticket for the alert stream.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewTicket {
    pub ticket: String,
    pub expires_at: UtcTime,
}

/// The service's health.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    pub status: String,
    pub version: String,
}

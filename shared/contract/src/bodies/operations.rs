//! Answers about the service itself.

use sentinel::payment::utc_time::UtcTime;
use serde::Serialize;
use utoipa::ToSchema;

/// The day's LLM budget.
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
    /// LLM calls settled today.
    pub calls: u64,
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

//! Bodies of requests and answers that are not types of the core.

use serde::Serialize;
use utoipa::ToSchema;

use crate::alerting::Severity;
use crate::evidence::Evidence;
use crate::narrative::Explanation;
use crate::problem::Problem;
use crate::rules::RuleTrace;
use crate::transaction::PaymentType;
use crate::verdict::{Decision, Level, ReviewReason};

/// A transaction as clients send it. Read by hand (`transaction::parse`), so that all faulty fields
/// are listed at once; this type only documents it.
#[derive(ToSchema)]
pub struct TransactionRequest {
    /// 1 to 64 of `[A-Za-z0-9._-]`; an integer is accepted and kept as text.
    #[schema(example = "t-20260101-000042", min_length = 1, max_length = 64)]
    pub msg_id: String,
    /// RFC 3339 with offset, at most 24 hours ahead.
    #[schema(example = "2026-01-01T10:00:00Z", format = "date-time")]
    pub timestamp: String,
    pub sender: PartyRequest,
    pub receiver: PartyRequest,
    /// A decimal string with at most the currency's minor digits, greater than zero.
    #[schema(example = "1000.50", pattern = r"^(0|[1-9][0-9]*)(\.[0-9]+)?$")]
    pub amount: String,
    /// ISO 4217.
    #[schema(example = "GBP")]
    pub currency: String,
    /// ISO 4217; what the receiver gets, where it differs.
    pub received_currency: Option<String>,
    pub payment_type: PaymentType,
    /// At most 560 characters; flagged where it looks like an attempt on its reader.
    pub purpose: Option<String>,
}

/// One side of a payment.
#[derive(ToSchema)]
pub struct PartyRequest {
    /// 1 to 64 of `[A-Za-z0-9._-]`.
    #[schema(example = "GB29NWBK60161331926819")]
    pub account: String,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "GB")]
    pub bank_country: String,
    /// At most 140 characters; never leaves the store.
    pub name: Option<String>,
}

/// An accepted transaction.
#[derive(Serialize, ToSchema)]
pub struct ReceivedAnswer {
    pub msg_id: String,
    /// `received`, or `history` where the id was brought in as history.
    pub status: String,
    /// RFC 3339, UTC.
    pub received_at: String,
}

/// A payment brought in as history: it counts in what later payments are judged against, and has
/// no decision.
#[derive(Serialize, ToSchema)]
pub struct HistoryAnswer {
    pub msg_id: String,
    /// `history`.
    pub status: String,
    /// RFC 3339, UTC.
    pub received_at: String,
    /// When it was counted: RFC 3339, UTC.
    pub counted_at: String,
}

/// What is known of a settled transaction.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum TransactionAnswer {
    Decided(Box<DecisionDetail>),
    History(HistoryAnswer),
}

/// The answers to a batch, in the order of its items.
#[derive(Serialize, ToSchema)]
pub struct BatchAnswer {
    pub items: Vec<BatchItem>,
}

/// The answer to one item of a batch.
#[derive(Serialize, ToSchema)]
pub struct BatchItem {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// `received`, `history` or `refused`.
    pub status: String,
    /// The status a single POST would have had.
    pub status_code: u16,
    pub msg_id: Option<String>,
    pub received_at: Option<String>,
    /// The id was known, with the same content.
    pub replayed: Option<bool>,
    pub problem: Option<Problem>,
}

/// A decision, with every rule where they were asked for.
#[derive(Serialize, ToSchema)]
pub struct DecisionDetail {
    #[serde(flatten)]
    pub decision: Decision,
    /// With `rules=all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<RuleTrace>>,
}

/// An alert as it is listed and pushed.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AlertSummary {
    pub alert_id: String,
    pub msg_id: String,
    /// `open`.
    pub status: String,
    pub score: f64,
    pub severity: Severity,
    pub level: Level,
    pub review: Option<ReviewReason>,
    pub typologies: Vec<String>,
    pub explanation: String,
    /// The graver alert's predecessor, where it outranks an open one.
    pub raises: Option<String>,
    pub created_at: String,
    /// Later payments attached to it.
    pub hits: u32,
    /// Orders alerts; resumes a listing or a stream.
    pub sequence: String,
}

/// A page of alerts.
#[derive(Serialize, ToSchema)]
pub struct AlertList {
    pub alerts: Vec<AlertSummary>,
    /// There while more may follow.
    pub cursor: Option<String>,
}

/// An alert with all that stands behind it.
#[derive(Serialize, ToSchema)]
pub struct AlertDetail {
    pub alert: AlertSummary,
    pub decision: Decision,
    pub evidence: Evidence,
    /// The explanation, where one was asked for before.
    pub explanation: Option<Explanation>,
    /// The newest 50 payments attached to it, by event time.
    pub hits: Vec<AlertHit>,
}

/// A payment attached to an open alert of the same account and typology.
#[derive(Serialize, ToSchema)]
pub struct AlertHit {
    pub msg_id: String,
    pub score: f64,
    /// RFC 3339, UTC: when the payment happened.
    pub at: String,
    pub typologies: Vec<String>,
}

/// The day's LLM budget.
#[derive(Serialize, ToSchema)]
pub struct BudgetState {
    /// The calendar day in the budget's time zone.
    pub day: String,
    pub time_zone: String,
    pub budget_micro_usd: u64,
    pub spent_micro_usd: u64,
    /// Reserved for calls under way.
    pub reserved_micro_usd: u64,
    pub left_micro_usd: u64,
    /// `open` or `closed`.
    pub gate: String,
    pub gate_reason: Option<String>,
    /// LLM calls settled today.
    pub calls: u64,
}

/// A ticket for the alert stream.
#[derive(Serialize, ToSchema)]
pub struct NewTicket {
    pub ticket: String,
    /// RFC 3339, UTC.
    pub expires_at: String,
}

/// The service's health.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    pub status: String,
    pub version: String,
}

//! Bodies of requests and answers that are not types of the core.

use serde::Serialize;
use utoipa::openapi::schema::{ArrayBuilder, OneOfBuilder};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::Problem;
use sentinel::cascade::alerting::Severity;
use sentinel::cascade::narrative::Explanation;
use sentinel::case::evidence::Evidence;
use sentinel::case::verdict::{Decision, Level, ReviewReason};
use sentinel::payment::transaction::{Kind, PaymentType};
use sentinel::rules::RuleTrace;

/// What is POSTed: one transaction, or a batch of them.
pub struct TransactionBody;

/// Transactions in one request, at most.
const MAX_BATCH: usize = 500;

impl PartialSchema for TransactionBody {
    fn schema() -> RefOr<Schema> {
        let one = || RefOr::<Schema>::from(Ref::from_schema_name(TransactionRequest::name()));
        let batch = ArrayBuilder::new().items(one()).min_items(Some(1)).max_items(Some(MAX_BATCH));
        OneOfBuilder::new().item(one()).item(batch).into()
    }
}

impl ToSchema for TransactionBody {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((TransactionRequest::name().into_owned(), TransactionRequest::schema()));
        TransactionRequest::schemas(schemas);
    }
}

/// A transaction as clients send it. Read by hand (`transaction::parse`), so that all faulty fields
/// are listed at once; this type only documents it.
#[derive(ToSchema)]
pub struct TransactionRequest {
    /// 1 to 128 printable characters without a space at either end; an integer is accepted and kept
    /// as text.
    #[schema(example = "INV/2026/000123", min_length = 1, max_length = 128)]
    pub msg_id: String,
    /// What becomes of the money; `payment` where it is absent.
    pub kind: Option<Kind>,
    /// The `msg_id` of the payment that a reversal takes back, or a refund pays back.
    pub original_msg_id: Option<String>,
    /// RFC 3339 with offset; not before 1990, at most 24 hours ahead, seconds 00 to 59.
    #[schema(example = "2026-01-01T10:00:00Z", format = "date-time")]
    pub timestamp: String,
    pub sender: PartyRequest,
    pub receiver: PartyRequest,
    /// A decimal string with at most the currency's minor digits, greater than zero.
    #[schema(example = "1000.50", pattern = r"^(0|[1-9][0-9]*)(\.[0-9]+)?$")]
    pub amount: String,
    /// ISO 4217, currencies withdrawn since 1990 too.
    #[schema(example = "GBP")]
    pub currency: String,
    /// ISO 4217; what the receiver gets, where it differs.
    pub received_currency: Option<String>,
    /// How much the receiver gets, a decimal string in `received_currency`.
    #[schema(example = "1162.40")]
    pub counter_amount: Option<String>,
    pub payment_type: PaymentType,
    /// At most 560 characters; flagged where it looks like an attempt on its reader.
    pub purpose: Option<String>,
}

/// One side of a payment.
#[derive(ToSchema)]
pub struct PartyRequest {
    /// 1 to 128 printable characters. An IBAN may be spaced and in small letters; one whose check
    /// digits are wrong is accepted and flagged. An IBAN is an account by itself; any other number
    /// is one together with `bank`, or with `bank_country` where that is absent.
    #[schema(example = "GB29NWBK60161331926819", min_length = 1, max_length = 128)]
    pub account: String,
    /// ISO 3166-1 alpha-2, or `XK`.
    #[schema(example = "GB")]
    pub bank_country: String,
    /// A BIC of 8 or 11 characters, an LEI, or a clearing code of at most 35. Give it always or never:
    /// it is part of who an account is.
    #[schema(example = "NWBKGB2L")]
    pub bank: Option<String>,
    /// Your id of the party, at most 128 printable characters: joins its accounts. Names never do.
    pub party_id: Option<String>,
    /// `person`, `business`, `financial_institution`, `public_body`, `merchant`, `charity`, or a word
    /// of your own: at most 24 of `[a-z0-9_-]`.
    #[schema(example = "business")]
    pub segment: Option<String>,
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
    /// What is listed has at least this score: as asked for, or, of reviews, the lowest at which they
    /// are no more than the deployment's share of all payments.
    pub min_score: Option<f64>,
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

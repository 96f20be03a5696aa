//! Answers about alerts, and the message that pushes one.

use sentinel::cascade::alert::Alert;
use sentinel::cascade::narrative::Explanation;
use sentinel::case::evidence::Evidence;
use sentinel::case::verdict::Decision;
use sentinel::payment::transaction::MsgId;
use sentinel::payment::utc_time::UtcTime;
use serde::Serialize;
use utoipa::ToSchema;

/// An alert as it is listed and pushed.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AlertSummary {
    #[serde(flatten)]
    pub alert: Alert,
    /// `open`.
    pub status: String,
    /// Later payments attached to it.
    pub hits: u32,
    /// Orders alerts; resumes a listing or a stream.
    pub sequence: String,
}

/// A page of alerts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertList {
    pub alerts: Vec<AlertSummary>,
    /// There while more may follow.
    pub cursor: Option<String>,
    /// What is listed has at least this score: as asked for, or, of reviews, the lowest at which they
    /// are no more than the deployment's share of all payments.
    pub min_score: Option<f64>,
}

/// An alert with all that stands behind it. Decision and evidence are read from the table and written
/// again, not passed on as text: what an older release wrote then has the form that this document says,
/// and what is no decision any more is an error here and not on the analyst's page. The decision as it
/// was written, byte for byte, is the transaction's own answer.
#[derive(Debug, Serialize, ToSchema)]
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
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertHit {
    pub msg_id: MsgId,
    pub score: f64,
    /// When the payment happened.
    pub at: UtcTime,
    pub typologies: Vec<String>,
}

/// What the WebSocket sends.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StreamMessage {
    /// A new alert. `sequence` tells a client what it has seen.
    Alert { sequence: String, alert: AlertSummary },
}

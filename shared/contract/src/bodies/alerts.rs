//! Answers about alerts, and the message that pushes an alert.

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
    /// Number of later payments attached to it.
    pub hits: u32,
    /// Position in the order of alerts; a listing or a stream resumes after it.
    pub sequence: String,
}

/// A page of alerts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertList {
    pub alerts: Vec<AlertSummary>,
    /// Where the next page begins; absent if there is none.
    pub cursor: Option<String>,
    /// Lowest score that is listed: the one requested or, for reviews, the lowest at which they are
    /// no more than the deployment's share of all payments. Absent if every score is listed.
    pub min_score: Option<f64>,
}

/// An alert with its decision and evidence. Both are parsed and serialised again rather than passed
/// on as stored text: what an older release wrote then has the form documented here, and anything
/// that is no longer a valid decision is an error here, not on the analyst's page. The decision
/// byte for byte as it was written is in the transaction's own answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertDetail {
    pub alert: AlertSummary,
    pub decision: Decision,
    pub evidence: Evidence,
    /// The explanation, if one has been requested.
    pub explanation: Option<Explanation>,
    /// The newest 50 payments attached to it, by event time.
    pub hits: Vec<AlertHit>,
}

/// A payment attached to an open alert of the same account and typology.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertHit {
    pub msg_id: MsgId,
    pub score: f64,
    /// Event time of the payment.
    pub at: UtcTime,
    pub typologies: Vec<String>,
}

/// A message that the WebSocket sends.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StreamMessage {
    /// A new alert. By `sequence` a client drops duplicates and finds where to resume.
    Alert { sequence: String, alert: AlertSummary },
}

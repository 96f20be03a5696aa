//! Answers about alerts, and the message that pushes an alert.

use std::collections::BTreeMap;

use sentinel::cascade::alert::Alert;
use sentinel::cascade::narrative::Explanation;
use sentinel::case::alert_id::AlertId;
use sentinel::case::evidence::Evidence;
use sentinel::case::verdict::Decision;
use sentinel::case::work::{AlertWork, Step, StepTaken};
use sentinel::investigation::CaseId;
use sentinel::payment::transaction::MsgId;
use sentinel::payment::utc_time::UtcTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An alert as it is listed and pushed.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AlertSummary {
    #[serde(flatten)]
    pub alert: Alert,
    #[serde(flatten)]
    pub work: AlertWork,
    /// Number of later payments attached to it.
    pub hits: u32,
    /// The case that it belongs to.
    pub case_id: Option<CaseId>,
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
    /// The features that the evidence's contributions and peers name, in an analyst's words.
    pub feature_words: BTreeMap<String, String>,
    /// The explanation, if one has been requested.
    pub explanation: Option<Explanation>,
    /// What people did about it, oldest first.
    pub steps: Vec<StepTaken>,
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

/// A conclusion about an alert, or what becomes of one: any step but `assign`.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DispositionRequest {
    /// The version of the alert that the step was decided on; 409 if it is another by now.
    pub version: u64,
    #[serde(flatten)]
    pub step: Step,
}

/// Whose an alert is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignmentRequest {
    /// The version of the alert that this was decided on; 409 if it is another by now.
    pub version: u64,
    /// Subject of a token, at most 128 characters; nobody if absent.
    #[serde(default)]
    pub to: Option<String>,
}

/// The state of an alert's work after a step.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepAnswer {
    pub alert_id: AlertId,
    #[serde(flatten)]
    pub work: AlertWork,
}

/// A message that the WebSocket sends.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StreamMessage {
    /// A new alert. By `sequence` a client drops duplicates and finds where to resume.
    Alert { sequence: String, alert: Box<AlertSummary> },
    /// A person took a step in the work on an alert. By `version` a client drops what it knows.
    AlertChanged {
        alert_id: AlertId,
        /// Subject of the person.
        by: String,
        #[serde(flatten)]
        work: AlertWork,
    },
}

//! An alert as it is stored, listed and pushed.

use serde::{Deserialize, Serialize};

use crate::cascade::alerting::Severity;
use crate::case::alert_id::AlertId;
use crate::case::verdict::{Decision, Level, ReviewReason};
use crate::payment::transaction::MsgId;
use crate::payment::utc_time::UtcTime;

/// An alert about the payment that opened it, or the review of a payment that waits for a person.
/// It never changes; its status and later hits are stored separately.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Alert {
    pub alert_id: AlertId,
    pub msg_id: MsgId,
    /// The risk score of the payment, from 0 to 1.
    pub score: f64,
    pub severity: Severity,
    pub level: Level,
    /// Why a person has to decide; `None` for an alert.
    pub review: Option<ReviewReason>,
    pub typologies: Vec<String>,
    pub explanation: String,
    /// The less severe open alert that this one replaces, if any.
    pub raises: Option<AlertId>,
    pub created_at: UtcTime,
}

impl Alert {
    /// Returns the alert that a decision opens.
    pub fn of(decision: &Decision, alert_id: AlertId, raises: Option<AlertId>) -> Self {
        Self {
            alert_id,
            msg_id: decision.msg_id.clone(),
            score: decision.risk_score,
            severity: Severity::of(decision.risk_score, decision.alert),
            level: decision.level,
            review: decision.review,
            typologies: decision.typologies.clone(),
            explanation: decision.explanation.clone(),
            raises,
            created_at: decision.decided_at,
        }
    }
}

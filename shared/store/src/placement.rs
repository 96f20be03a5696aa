//! Where a surfaced decision goes: it opens an alert or a review, or is a hit on one that is open.
//! score places every decision that surfaces, second-look those that the LLM raises.

use jiff::Timestamp;
use sentinel::cascade::alert::{Alert, AlertPayment};
use sentinel::cascade::alerting::{self, Hit, OpenAlert, Placement, Queue, Severity, topics};
use sentinel::case::alert_id::AlertId;
use sentinel::case::evidence::Evidence;
use sentinel::case::verdict::Decision;
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::Transaction;

use super::open_alerts::{AlertHit, TopicState};
use super::record::{AlertWrite, NewAlert};
use super::{Store, StoreError};

/// A decision that surfaces, and what is open for its topics.
#[derive(Debug, Clone)]
pub struct SurfacedDecision {
    decision: Decision,
    own_id: AlertId,
    payment: AlertPayment,
    /// Time of the payment.
    event: Timestamp,
    hit: Hit,
    topics: Vec<TopicState>,
    cooldown_s: f64,
    now: Timestamp,
}

impl Store {
    /// Reads what is open for the topics of a decision that surfaces under this id. `cooldown_s` is
    /// the span of event time during which an open alert takes hits.
    pub async fn surfaced(
        &self,
        (tenant, tx): (&Tenant, &Transaction),
        evidence: &Evidence,
        (decision, own_id): (Decision, AlertId),
        (cooldown_s, now): (f64, Timestamp),
    ) -> Result<SurfacedDecision, StoreError> {
        let topics = self.open_alerts(tenant, tx, &topics(&evidence.rules)).await?;
        let severity = Severity::of(decision.risk_score, decision.alert);
        let hit = Hit { at: tx.timestamp.seconds(), severity };
        let event = tx.timestamp.instant();
        let payment = AlertPayment::of(tx, evidence.facts.details.base_amount);
        Ok(SurfacedDecision { decision, own_id, payment, event, hit, topics, cooldown_s, now })
    }
}

impl SurfacedDecision {
    /// Opens an alert or review of its own.
    pub fn opened(self, raises: Option<AlertId>) -> (Decision, NewAlert) {
        let Self { decision, own_id, payment, hit, .. } = self;
        let new = NewAlert {
            queue: if decision.alert { Queue::Alerts } else { Queue::Reviews },
            opened: OpenAlert {
                alert_id: own_id.clone(),
                opened_at: hit.at,
                severity: hit.severity,
            },
            topics: self.topics,
            marks_expire_at: alerting::marks_expire_at(self.now, self.event, self.cooldown_s),
            alert: Alert::of(&decision, payment, own_id, raises),
        };
        (decision, new)
    }

    /// Places the decision: what is returned names the alert that it belongs to.
    pub fn placed(self) -> (Decision, AlertWrite) {
        let open: Vec<_> = self.topics.iter().map(|topic| topic.open.clone()).collect();
        match alerting::place(&open, self.hit, self.cooldown_s) {
            Placement::Attached { alert_id } => {
                let hit = AlertHit {
                    alert_id: alert_id.clone(),
                    score: self.decision.risk_score,
                    at: self.event.into(),
                    typologies: self.decision.typologies.clone(),
                };
                (self.decision.attached_to(alert_id), AlertWrite::Attach(hit))
            }
            Placement::New { raises } => {
                let (decision, new) = self.opened(raises);
                (decision, AlertWrite::Open(Box::new(new)))
            }
        }
    }
}

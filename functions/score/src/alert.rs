//! Where a decision's alert goes: it opens a new one, or is a hit on one that is already open.

use sentinel::cascade::alert::Alert;
use sentinel::cascade::alerting::{self, Hit, OpenAlert, Placement, Queue, Severity, topics};
use sentinel::case::evidence::Evidence;
use sentinel::case::verdict::Decision;
use sentinel::payment::queue_message::QueueMessage;
use sentinel::state::facts::Facts;
use store::{AlertHit, AlertWrite, NewAlert};

use crate::App;
use crate::error::ScoreError;

/// Places a decision that alerts or goes to review: the decision returned names the alert that it
/// belongs to. Any other decision is returned unchanged, with nothing to write.
pub async fn place(
    app: &App,
    queued: &QueueMessage,
    facts: &Facts,
    evidence: &Evidence,
    decision: Decision,
) -> Result<(Decision, Option<AlertWrite>), ScoreError> {
    let Some(own_id) = decision.alert_id.clone() else { return Ok((decision, None)) };
    let (tenant, tx) = (&queued.tenant, &queued.transaction);
    let known = app.store.open_alerts(tenant, tx, &topics(&evidence.rules)).await?;
    let open: Vec<_> = known.iter().map(|topic| topic.open.clone()).collect();
    let hit = Hit { at: facts.at, severity: Severity::of(decision.risk_score, decision.alert) };
    let raises = match alerting::place(&open, hit, app.alert_cooldown_s) {
        Placement::Attached { alert_id } => {
            let hit = AlertHit {
                alert_id: alert_id.clone(),
                score: decision.risk_score,
                at: tx.timestamp.instant().into(),
                typologies: decision.typologies.clone(),
            };
            return Ok((decision.attached_to(alert_id), Some(AlertWrite::Attach(hit))));
        }
        Placement::New { raises } => raises,
    };
    let new = NewAlert {
        queue: if decision.alert { Queue::Alerts } else { Queue::Reviews },
        opened: OpenAlert { alert_id: own_id.clone(), opened_at: hit.at, severity: hit.severity },
        topics: known,
        marks_expire_at: alerting::marks_expire_at(
            jiff::Timestamp::now(),
            tx.timestamp.instant(),
            app.alert_cooldown_s,
        ),
        alert: Alert::of(&decision, own_id, raises),
    };
    Ok((decision, Some(AlertWrite::Open(new))))
}

//! Where an alert goes: an alert of its own, or a hit on one that is open already.

use sentinel::cascade::alerting::{Hit, OpenAlert, Placement, Queue, Severity, place, topics};
use sentinel::case::evidence::Evidence;
use sentinel::case::verdict::Decision;
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::Transaction;
use sentinel::state::facts::Facts;
use serde_json::json;
use store::{AlertHit, AlertWrite, NewAlert};

use crate::App;
use crate::decide::DecideError;

/// Places the alert of a decision that alerts; the decision then names the alert it belongs to.
pub async fn write(
    app: &App,
    tenant: &Tenant,
    tx: &Transaction,
    facts: &Facts,
    evidence: &Evidence,
    decision: &mut Decision,
) -> Result<Option<AlertWrite>, DecideError> {
    let Some(own_id) = decision.alert_id.clone() else { return Ok(None) };
    let known = app.store.open_alerts(tenant, tx, &topics(&evidence.rules)).await?;
    let open: Vec<_> = known.iter().map(|topic| topic.open.clone()).collect();
    let hit = Hit { at: facts.at, severity: Severity::of(decision.risk_score, decision.alert) };
    let raises = match place(&open, hit, app.alert_cooldown_s) {
        Placement::Attached { alert_id } => {
            decision.alert_id = Some(alert_id.clone());
            decision.attached = true;
            return Ok(Some(AlertWrite::Attach(AlertHit {
                alert_id,
                score: decision.risk_score,
                at: tx.timestamp.instant().to_string(),
                typologies: decision.typologies.clone(),
            })));
        }
        Placement::New { raises } => raises,
    };
    let body = json!({
        "alert_id": own_id,
        "msg_id": decision.msg_id,
        "status": "open",
        "score": decision.risk_score,
        "severity": hit.severity,
        "level": decision.level,
        "review": decision.review,
        "typologies": decision.typologies,
        "explanation": decision.explanation,
        "raises": raises,
        "hits": 0,
        "created_at": decision.decided_at,
    });
    Ok(Some(AlertWrite::Open(NewAlert {
        queue: if decision.alert { Queue::Alerts } else { Queue::Reviews },
        opened: OpenAlert { alert_id: own_id, opened_at: hit.at, severity: hit.severity },
        topics: known,
        marks_expire_at: marks_expire_at(app, facts),
        body: body.to_string(),
        score: decision.risk_score,
        typologies: decision.typologies.clone(),
    })))
}

/// Marks are of event time, the table's clock is not: data of the past keeps its marks as long as
/// that of today.
#[expect(clippy::cast_possible_truncation, reason = "seconds since the Unix epoch")]
fn marks_expire_at(app: &App, facts: &Facts) -> i64 {
    let from = jiff::Timestamp::now().as_second().max(facts.at as i64);
    // Twice the cooldown, since payments may come late.
    from + 2 * app.alert_cooldown_s as i64
}

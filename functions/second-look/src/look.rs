//! One look: read what waits, ask the LLM, record what follows. Recording is conditional, so that a
//! message delivered twice changes nothing the second time.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use sentinel::cascade::alert::Alert;
use sentinel::cascade::alerting::{self, Hit, OpenAlert, Placement, Queue, Severity, topics};
use sentinel::case::alert_id::AlertId;
use sentinel::case::evidence::Evidence;
use sentinel::case::verdict::Decision;
use sentinel::payment::queue_message::SecondLookMessage;
use store::{
    AlertHit, AlertWrite, NewAlert, NewDecision, PendingLook, RaisedAlert, RecordOutcome,
    StoreError, jitter,
};

use crate::App;
use crate::error::LookError;

/// Attempts at recording a look while others change the same alerts.
const ATTEMPTS: u32 = 10;
const FIRST_WAIT: Duration = Duration::from_millis(10);
const LONGEST_WAIT: Duration = Duration::from_millis(640);

pub async fn look(app: &App, asked: &SecondLookMessage) -> Result<(), LookError> {
    let Some(pending) = app.store.pending_look(&asked.tenant, &asked.msg_id).await? else {
        tracing::info!("Nothing waits for this look any more");
        return Ok(());
    };
    let evidence = ask(app, &pending).await?;
    for attempt in 0..ATTEMPTS {
        let decision = evidence.decide(Timestamp::now().into());
        let (decision, raised) = place(app, &pending, &evidence, decision).await?;
        let alert = match &raised {
            Some(RaisedAlert::Elsewhere(write)) => Some(write.clone()),
            _ => None,
        };
        let new = NewDecision::of(&decision, &evidence, alert);
        match app.store.record_look(&pending, &new, raised.as_ref()).await? {
            RecordOutcome::Written => {
                observe(&decision, raised.as_ref());
                if raised.is_some() {
                    app.escalation.count_found_alert(&asked.tenant, Timestamp::now()).await;
                }
                return Ok(());
            }
            RecordOutcome::AlreadyDecided | RecordOutcome::Superseded => {
                tracing::info!("Looked at elsewhere meanwhile; that look stands");
                return Ok(());
            }
            RecordOutcome::Moved => {
                let wait = jitter::backoff(attempt + 1, FIRST_WAIT, LONGEST_WAIT);
                tokio::time::sleep(wait).await;
            }
        }
    }
    Err(StoreError::Contention { attempts: ATTEMPTS }.into())
}

/// Asks the LLM; returns the evidence with its answer, or with the reason why there is none.
async fn ask(app: &App, pending: &PendingLook) -> Result<Evidence, LookError> {
    let PendingLook { tenant, tx, evidence, .. } = pending;
    let history = app.store.purpose_history(tenant, tx).await?;
    let started = Instant::now();
    let subject = escalation::Subject { evidence, tx, history: &history };
    let llm = app.escalation.assess(tenant, subject, Timestamp::now()).await;
    let latency_ms = started.elapsed().as_secs_f64() * 1_000.0;
    metrics::histogram!("cascade_latency_ms", "level" => "llm").record(latency_ms);
    Ok(evidence.clone().with_llm(llm))
}

/// Places a decision that the look raises. One that it does not raise keeps its place.
async fn place(
    app: &App,
    pending: &PendingLook,
    evidence: &Evidence,
    decision: Decision,
) -> Result<(Decision, Option<RaisedAlert>), LookError> {
    let before = &pending.decision;
    let Some(own_id) = decision.alert_id.clone().filter(|_| decision.alert) else {
        let kept =
            Decision { alert_id: before.alert_id.clone(), attached: before.attached, ..decision };
        return Ok((kept, None));
    };
    let (tenant, tx) = (&pending.tenant, &pending.tx);
    let known = app.store.open_alerts(tenant, tx, &topics(&evidence.rules)).await?;
    let event = tx.timestamp.instant();
    let at = event.as_duration().as_secs_f64();
    let hit = Hit { at, severity: Severity::of(decision.risk_score, decision.alert) };
    let new = |decision: &Decision, raises: Option<AlertId>| NewAlert {
        queue: Queue::Alerts,
        opened: OpenAlert { alert_id: own_id.clone(), opened_at: at, severity: hit.severity },
        topics: known.clone(),
        marks_expire_at: alerting::marks_expire_at(Timestamp::now(), event, app.alert_cooldown_s),
        alert: Alert::of(decision, own_id.clone(), raises),
    };
    if !before.attached {
        let alert = new(&decision, None);
        return Ok((decision, Some(RaisedAlert::OwnReview(alert))));
    }
    let open: Vec<_> = known.iter().map(|topic| topic.open.clone()).collect();
    match alerting::place(&open, hit, app.alert_cooldown_s) {
        Placement::New { raises } => {
            let alert = new(&decision, raises);
            Ok((decision, Some(RaisedAlert::Elsewhere(AlertWrite::Open(alert)))))
        }
        Placement::Attached { alert_id } if before.alert_id.as_ref() == Some(&alert_id) => {
            Ok((decision.attached_to(alert_id), Some(RaisedAlert::Same)))
        }
        Placement::Attached { alert_id } => {
            let hit = AlertHit {
                alert_id: alert_id.clone(),
                score: decision.risk_score,
                at: event.into(),
                typologies: decision.typologies.clone(),
            };
            let write = RaisedAlert::Elsewhere(AlertWrite::Attach(hit));
            Ok((decision.attached_to(alert_id), Some(write)))
        }
    }
}

/// Writes metrics and a log line about a look that was recorded.
fn observe(decision: &Decision, raised: Option<&RaisedAlert>) {
    let outcome = match (raised, decision.review) {
        (Some(_), _) => "raised",
        (None, Some(why)) => why.code(),
        (None, None) => "held",
    };
    metrics::counter!("second_looks_total", "outcome" => outcome).increment(1);
    match raised {
        Some(RaisedAlert::OwnReview(_) | RaisedAlert::Elsewhere(AlertWrite::Open(_))) => {
            metrics::counter!("alerts_total").increment(1);
        }
        Some(_) => metrics::counter!("alert_hits_total").increment(1),
        None => {}
    }
    tracing::info!(outcome, alert = decision.alert, "Looked at a decision");
}

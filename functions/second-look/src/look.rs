//! One look: read what waits, ask the LLM, record what follows. Recording is conditional, so that a
//! message delivered twice changes nothing the second time.

use std::time::Instant;

use edge::retry::{ATTEMPTS, pause};
use jiff::Timestamp;
use sentinel::case::evidence::Evidence;
use sentinel::case::verdict::Decision;
use sentinel::payment::queue_message::SecondLookMessage;
use store::{AlertWrite, NewDecision, PendingLook, RaisedAlert, RecordOutcome, StoreError};

use crate::App;
use crate::error::LookError;

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
            RecordOutcome::Moved => pause(attempt).await,
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
    let Some(id) = decision.alert_id.clone().filter(|_| decision.alert) else {
        let kept =
            Decision { alert_id: before.alert_id.clone(), attached: before.attached, ..decision };
        return Ok((kept, None));
    };
    let of = (&pending.tenant, &pending.tx);
    let cooldown = (app.alert_cooldown_s, Timestamp::now());
    let surfaced = app.store.surfaced(of, evidence, (decision, id), cooldown).await?;
    if !before.attached {
        let (decision, alert) = surfaced.opened(None);
        return Ok((decision, Some(RaisedAlert::OwnReview(Box::new(alert)))));
    }
    let (decision, write) = surfaced.placed();
    let raised = match &write {
        AlertWrite::Attach(hit) if before.alert_id.as_ref() == Some(&hit.alert_id) => {
            RaisedAlert::Same
        }
        _ => RaisedAlert::Elsewhere(write),
    };
    Ok((decision, Some(raised)))
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

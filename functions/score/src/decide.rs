//! Decides one transaction: gather, judge, record. Recording is conditional on what was read; if
//! profiles have changed since, they are read again and the transaction is judged again.

use std::time::Instant;

use edge::retry::{ATTEMPTS, pause};
use jiff::Timestamp;
use sentinel::case::verdict::Decision;
use sentinel::payment::queue_message::QueueMessage;
use sentinel::state::facts::Facts;
use sentinel::state::peers::Risk;
use store::{NewDecision, RecordOutcome, StoreError};

use crate::App;
use crate::error::ScoreError;
use crate::judge::{Judgement, judge};
use crate::second_look;
use crate::shadow::ShadowResult;

/// Decides a transaction; returns how the decision compares with the sets in the shadow.
pub async fn decide(app: &App, queued: &QueueMessage) -> Result<Vec<ShadowResult>, ScoreError> {
    let (tenant, tx) = (&queued.tenant, &queued.transaction);
    let in_force = app.policies.of(tenant).await?;
    let reference = &in_force.policy.reference;
    let facts = Facts::of(tx, reference);
    for attempt in 0..ATTEMPTS {
        let started = Instant::now();
        let around = app.store.surroundings(tenant, tx, &facts).await?;
        if around.decided {
            tracing::info!("Already decided; the stored decision stands");
            if around.awaits_second_look {
                // It was decided, but this message was not done with.
                second_look::ask_for(app, queued).await?;
            }
            return Ok(Vec::new());
        }
        let Some(effect) = around.effect(tx, reference) else {
            metrics::counter!("reversals_waiting_total").increment(1);
            pause(attempt).await;
            continue;
        };
        let judged = judge(app, &in_force, queued, &facts, &around, effect.note);
        let Judgement { features, evidence } = judged.await?;
        let now = Timestamp::now();
        let decision = evidence.decide(now.into());
        let (decision, alert) = match decision.alert_id.clone() {
            None => (decision, None),
            Some(id) => {
                let cooldown = (app.alert_cooldown_s, now);
                let own = (decision, id);
                let surfaced = app.store.surfaced((tenant, tx), &evidence, own, cooldown).await?;
                let (decision, write) = surfaced.placed();
                (decision, Some(write))
            }
        };
        let new = NewDecision::of(&decision, &evidence, alert);
        match app.store.record(queued, &around, &effect, &new).await? {
            RecordOutcome::Written => {
                observe(&decision, &facts, started);
                let unsure = decision.review.is_some();
                let risk = Risk { score: decision.risk_score, unsure };
                app.peers.count(tenant, &facts, &features, risk);
                app.watch.count(tenant, &app.model, &features, &evidence, &decision);
                let shadow_results = ShadowResult::of(tenant, &evidence, decision.decided_at);
                if new.awaits_second_look {
                    // Last, since the message's next delivery counts nothing again.
                    second_look::ask_for(app, queued).await?;
                }
                return Ok(shadow_results);
            }
            RecordOutcome::AlreadyDecided => {
                tracing::info!("Decided elsewhere meanwhile; the stored decision stands");
                return Ok(Vec::new());
            }
            RecordOutcome::Superseded => {
                tracing::warn!("The id belongs to another content; this one was never accepted");
                return Ok(Vec::new());
            }
            RecordOutcome::Moved => {
                metrics::counter!("decision_conflicts_total").increment(1);
                pause(attempt).await;
            }
        }
    }
    Err(StoreError::Contention { attempts: ATTEMPTS }.into())
}

/// Writes metrics and a log line about a decision that was recorded.
fn observe(decision: &Decision, facts: &Facts, started: Instant) {
    let level = decision.level.code();
    metrics::counter!("decisions_total", "level" => level).increment(1);
    if !facts.rated {
        metrics::counter!("unrated_payments_total").increment(1);
    }
    match (decision.alert, decision.attached) {
        (true, false) => metrics::counter!("alerts_total").increment(1),
        (true, true) => metrics::counter!("alert_hits_total").increment(1),
        (false, _) => {}
    }
    let duration_ms = started.elapsed().as_secs_f64() * 1_000.0;
    metrics::histogram!("decision_latency_ms").record(duration_ms);
    tracing::info!(level, alert = decision.alert, duration_ms, "Decided a transaction");
}

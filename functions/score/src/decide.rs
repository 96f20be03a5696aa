//! One transaction: gather, judge, record. Recording is conditional on what was read; where
//! profiles moved meanwhile, the transaction is read and judged again.

use std::time::Instant;

use jiff::Timestamp;
use model::ModelError;
use sentinel::case::evidence::LlmEvidence;
use sentinel::case::verdict::{Decision, Level};
use sentinel::payment::queue_message::QueueMessage;
use sentinel::state::facts::Facts;
use sentinel::state::peers::Risk;
use store::{NewDecision, Origin, Recorded, StoreError};

use crate::App;
use crate::alert;
use crate::judge::{Judged, judge};
use crate::shadow::Beside;

/// Why a message has to come again.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    #[error("its body is not a queued transaction at line {line}, column {column}")]
    Unreadable { line: usize, column: usize },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error("its decision cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Conflicts over a busy account pass in milliseconds; after this many the message comes again.
pub const ATTEMPTS: u32 = 10;

/// Decides a transaction; says how that compares with sets in the shadow.
pub async fn decide(app: &App, queued: &QueueMessage) -> Result<Vec<Beside>, DecideError> {
    let (tenant, tx) = (&queued.tenant, &queued.transaction);
    let in_force = app.standing.of(tenant).await?;
    let reference = &in_force.policy.reference;
    let facts = Facts::of(tx, reference);
    // A transaction that is judged again is not a reason to ask, and pay, the LLM again.
    let mut asked: Option<LlmEvidence> = None;
    for attempt in 0..ATTEMPTS {
        let started = Instant::now();
        let around = app.store.surroundings(tenant, tx, &facts).await?;
        if around.decided {
            tracing::info!("Already decided; the stored decision stands");
            return Ok(Vec::new());
        }
        let Some(effect) = around.effect(tx, reference) else {
            metrics::counter!("reversals_waiting_total").increment(1);
            app.store.pause(attempt).await;
            continue;
        };
        let judged = judge(app, &in_force, tenant, tx, facts, &around, &mut asked).await?;
        let Judged { features, mut evidence } = judged;
        evidence.facts.notes.extend(effect.note);
        let mut decision = evidence.decide(Timestamp::now().to_string());
        let alert = alert::write(app, tenant, tx, &facts, &evidence, &mut decision).await?;
        let origin = Origin { received_at: &queued.received_at, request_id: &queued.request_id };
        let new = NewDecision {
            decision: serde_json::to_string(&decision)?,
            evidence: serde_json::to_string(&evidence)?,
            decided_at: decision.decided_at.clone(),
            level: level_name(decision.level),
            alert,
        };
        match app.store.record(tenant, tx, origin, &around, &effect, &new).await? {
            Recorded::Written => {
                written(&decision, &facts, started);
                let unsure = decision.review.is_some();
                let risk = Risk { score: decision.risk_score, unsure };
                app.peers.count(tenant, &facts, &features, risk);
                app.watch.count(tenant, &app.model, &features, &evidence, &decision);
                return Ok(Beside::of(tenant, &evidence, &decision.decided_at));
            }
            Recorded::AlreadyDecided => {
                tracing::info!("Decided elsewhere meanwhile; the stored decision stands");
                return Ok(Vec::new());
            }
            Recorded::Superseded => {
                tracing::warn!("The id belongs to another content; this one was never accepted");
                return Ok(Vec::new());
            }
            Recorded::Moved => {
                metrics::counter!("decision_conflicts_total").increment(1);
                app.store.pause(attempt).await;
            }
        }
    }
    Err(StoreError::Contention { attempts: ATTEMPTS }.into())
}

fn written(decision: &Decision, facts: &Facts, started: Instant) {
    let level = level_name(decision.level);
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
    tracing::info!(level, alert = decision.alert, duration_ms, "Decided a transaction");
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Rules => "rules",
        Level::Model => "model",
        Level::Llm => "llm",
    }
}

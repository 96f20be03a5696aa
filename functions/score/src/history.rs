//! Past payments: read, counted, written. No rule, model or LLM is asked, nothing is compared or
//! measured for drift, and no alert opens; later payments find the accounts as if these payments
//! had been judged.

use edge::retry::{ATTEMPTS, pause};
use jiff::Timestamp;
use sentinel::payment::queue_message::QueueMessage;
use sentinel::state::facts::Facts;
use store::{RecordOutcome, StoreError};

use crate::App;
use crate::error::ScoreError;

/// Counts a payment once, by the same increments that a decision would write.
pub async fn count(app: &App, queued: &QueueMessage) -> Result<(), ScoreError> {
    let (tenant, tx) = (&queued.tenant, &queued.transaction);
    let reference = app.policies.reference_of(tenant).await?;
    let facts = Facts::of(tx, &reference);
    for attempt in 0..ATTEMPTS {
        let around = app.store.surroundings(tenant, tx, &facts).await?;
        if around.decided {
            return Ok(());
        }
        let Some(effect) = around.effect(tx, &reference) else {
            pause(attempt).await;
            continue;
        };
        let now = Timestamp::now().into();
        match app.store.record_history(queued, &around, &effect, now).await? {
            RecordOutcome::Written => {
                metrics::counter!("history_counted_total").increment(1);
                return Ok(());
            }
            RecordOutcome::AlreadyDecided => return Ok(()),
            RecordOutcome::Superseded => {
                tracing::warn!("The id was received otherwise; this history was never accepted");
                return Ok(());
            }
            RecordOutcome::Moved => {
                metrics::counter!("decision_conflicts_total").increment(1);
                pause(attempt).await;
            }
        }
    }
    Err(StoreError::Contention { attempts: ATTEMPTS }.into())
}

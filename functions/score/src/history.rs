//! Payments of before: read, counted, written. No rule, no model and no LLM is asked, nothing is
//! compared or measured for drift, and no alert opens; later payments find the accounts as if these
//! had been judged.

use jiff::Timestamp;
use sentinel::payment::queue_message::QueueMessage;
use sentinel::state::facts::Facts;
use store::{Origin, Recorded, StoreError};

use crate::App;
use crate::decide::{ATTEMPTS, DecideError};

/// Counts a payment once, in the same increments a decision would write.
pub async fn count(app: &App, queued: &QueueMessage) -> Result<(), DecideError> {
    let (tenant, tx) = (&queued.tenant, &queued.transaction);
    let reference = app.standing.reference_of(tenant).await?;
    let facts = Facts::of(tx, &reference);
    for attempt in 0..ATTEMPTS {
        let around = app.store.surroundings(tenant, tx, &facts).await?;
        if around.decided {
            return Ok(());
        }
        let Some(effect) = around.effect(tx, &reference) else {
            app.store.pause(attempt).await;
            continue;
        };
        let origin = Origin { received_at: &queued.received_at, request_id: &queued.request_id };
        let now = Timestamp::now().to_string();
        let written = app.store.record_history(tenant, tx, origin, &around, &effect, &now);
        match written.await? {
            Recorded::Written => {
                metrics::counter!("history_counted_total").increment(1);
                return Ok(());
            }
            Recorded::AlreadyDecided => return Ok(()),
            Recorded::Superseded => {
                tracing::warn!("The id was received otherwise; this history was never accepted");
                return Ok(());
            }
            Recorded::Moved => {
                metrics::counter!("decision_conflicts_total").increment(1);
                app.store.pause(attempt).await;
            }
        }
    }
    Err(StoreError::Contention { attempts: ATTEMPTS }.into())
}

//! `Prefer: wait=N` (RFC 7240): the client prefers waiting for the decision to polling for it.

use std::time::Duration;

use contract::bodies::transactions::StoredDecision;

use sentinel::payment::tenant::Tenant;
use tokio::time::Instant;

use crate::App;
use crate::accept::Acceptance;

/// Longest wait, after which the answer is 202: API Gateway ends a request after 30 s.
const MAX_WAIT: Duration = Duration::from_secs(20);
const FIRST_PAUSE: Duration = Duration::from_millis(15);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// Returns when to stop waiting; `None` if the client did not ask to wait.
pub fn deadline(prefer: Option<&str>) -> Option<Instant> {
    let preferences = prefer?.split([',', ';']).map(str::trim);
    let seconds = preferences.filter_map(|one| one.strip_prefix("wait=")).next()?;
    let seconds: u64 = seconds.trim_matches('"').parse().ok()?;
    Some(Instant::now() + Duration::from_secs(seconds).min(MAX_WAIT))
}

/// Returns the decision if it is made before the deadline.
pub async fn decision(
    app: &App,
    tenant: &Tenant,
    accepted: &Acceptance,
    deadline: Instant,
) -> Option<StoredDecision> {
    let mut known = accepted.receipt.decision.clone();
    let mut pause = FIRST_PAUSE;
    while known.is_none() && Instant::now() + pause < deadline {
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        match app.store.receipt(tenant, &accepted.receipt.msg_id).await {
            Ok(receipt) => known = receipt.and_then(|receipt| receipt.decision),
            // The transaction is accepted in any case; a failed read only prolongs the wait.
            Err(err) => tracing::warn!("Could not look for the decision: {err}"),
        }
    }
    StoredDecision::new(known?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_a_wait_preference_waits() {
        assert!(deadline(None).is_none());
        assert!(deadline(Some("respond-async")).is_none());
        assert!(deadline(Some("wait=soon")).is_none());
        assert!(deadline(Some("respond-async, wait=3")).is_some());
        assert!(deadline(Some("wait=9999")).unwrap() <= Instant::now() + MAX_WAIT);
    }
}

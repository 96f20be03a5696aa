//! `Prefer: wait=N` (RFC 7240): the client would rather wait for the decision than poll for it.

use std::time::Duration;

use contract::bodies::transactions::StoredDecision;

use sentinel::payment::tenant::Tenant;
use tokio::time::Instant;

use crate::App;
use crate::accept::Acceptance;

/// API Gateway ends a request after 30 s; what is still pending by then gets its 202.
const MAX_WAIT: Duration = Duration::from_secs(20);
const FIRST_PAUSE: Duration = Duration::from_millis(15);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// When to stop waiting; `None` if the client did not ask.
pub fn deadline(prefer: Option<&str>) -> Option<Instant> {
    let preferences = prefer?.split([',', ';']).map(str::trim);
    let seconds = preferences.filter_map(|one| one.strip_prefix("wait=")).next()?;
    let seconds: u64 = seconds.trim_matches('"').parse().ok()?;
    Some(Instant::now() + Duration::from_secs(seconds).min(MAX_WAIT))
}

/// The decision, if it comes in time.
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
            // The transaction is accepted; a failed look only costs the wait.
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

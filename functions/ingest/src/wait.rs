//! `Prefer: wait=N` (RFC 7240): the client prefers waiting for the decision to polling for it, and
//! with `Prefer: wait=N, second-look` also for the LLM's look at an unsure one.

use std::time::Duration;

use contract::bodies::transactions::StoredDecision;
use sentinel::payment::tenant::Tenant;
use store::Receipt;
use tokio::time::Instant;

use crate::App;
use crate::accept::Acceptance;

/// Longest wait, after which the answer is 202: API Gateway ends a request after 30 s.
const MAX_WAIT: Duration = Duration::from_secs(20);
const FIRST_PAUSE: Duration = Duration::from_millis(15);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// How long a client waits, and for what.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    deadline: Instant,
    for_second_look: bool,
}

impl Patience {
    /// Reads a `Prefer` header; `None` if the client did not ask to wait.
    pub fn of(prefer: Option<&str>) -> Option<Self> {
        let preferences: Vec<&str> = prefer?.split([',', ';']).map(str::trim).collect();
        let seconds = preferences.iter().filter_map(|one| one.strip_prefix("wait=")).next()?;
        let seconds: u64 = seconds.trim_matches('"').parse().ok()?;
        let deadline = Instant::now() + Duration::from_secs(seconds).min(MAX_WAIT);
        Some(Self { deadline, for_second_look: preferences.contains(&"second-look") })
    }

    fn is_over(self, receipt: &Receipt) -> bool {
        receipt.decision.is_some() && !(self.for_second_look && receipt.awaits_second_look)
    }
}

/// Returns the decision if it is made before the deadline, as it is by then.
pub async fn decision(
    app: &App,
    tenant: &Tenant,
    accepted: &Acceptance,
    patience: Patience,
) -> Option<StoredDecision> {
    let mut known = accepted.receipt.clone();
    let mut pause = FIRST_PAUSE;
    while !patience.is_over(&known) && Instant::now() + pause < patience.deadline {
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        match app.store.receipt(tenant, &known.msg_id).await {
            Ok(receipt) => known = receipt.unwrap_or(known),
            // The transaction is accepted in any case; a failed read only prolongs the wait.
            Err(err) => tracing::warn!("Could not look for the decision: {err}"),
        }
    }
    StoredDecision::new(known.decision?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_a_wait_preference_waits() {
        let of = |prefer: &str| Patience::of(Some(prefer));
        assert!(Patience::of(None).is_none());
        assert!(of("respond-async").is_none() && of("second-look").is_none());
        assert!(of("wait=soon").is_none());
        assert!(!of("respond-async, wait=3").unwrap().for_second_look);
        assert!(of("wait=3, second-look").unwrap().for_second_look);
        assert!(of("wait=9999").unwrap().deadline <= Instant::now() + MAX_WAIT);
    }
}

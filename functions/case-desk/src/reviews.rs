//! How much of the review queue is shown: the riskiest payments, up to a configured share of all
//! payments. No decision depends on it and nothing is discarded: a request with a `min_score` lists
//! the rest.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use sentinel::payment::tenant::Tenant;
use sentinel::state::peers::{EVERYBODY, RISK, monday};
use store::{Store, StoreError};

/// A bound taken from fewer payments would be a matter of chance.
const FEWEST_PAYMENTS: u64 = 1_000;
/// Maximum age of a bound in memory.
const REFRESH: Duration = Duration::from_secs(60);

/// The bound of the review queue.
pub struct ReviewBound {
    share: f64,
    known: Mutex<HashMap<Tenant, (Instant, Option<f64>)>>,
}

impl ReviewBound {
    pub fn new(share: f64) -> Self {
        Self { share, known: Mutex::default() }
    }

    /// Returns the lowest risk at which a payment in the queue is shown, so that those shown are no
    /// more than the share of this week's and last week's payments; `None` if all are shown.
    pub async fn lowest_shown(
        &self,
        store: &Store,
        tenant: &Tenant,
    ) -> Result<Option<f64>, StoreError> {
        if let Some((at, risk)) = self.known().get(tenant)
            && at.elapsed() < REFRESH
        {
            return Ok(*risk);
        }
        let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
        let week_ago = today.checked_sub(Span::new().weeks(1)).unwrap_or(today);
        let mut counted = store.peers_of(tenant, monday(today), EVERYBODY).await?;
        counted.merge(&store.peers_of(tenant, monday(week_ago), EVERYBODY).await?);
        let enough = counted.payments(EVERYBODY, RISK) >= FEWEST_PAYMENTS;
        let risk = if enough { counted.riskiest(self.share) } else { None };
        self.known().insert(tenant.clone(), (Instant::now(), risk));
        Ok(risk)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<Tenant, (Instant, Option<f64>)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

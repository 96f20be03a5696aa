//! Counts the distributions of each segment's payments, by which thresholds are tuned. No decision
//! depends on them, so it is acceptable that counts not yet added to the table are lost when a
//! process ends.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sentinel::payment::tenant::Tenant;
use sentinel::state::facts::Facts;
use sentinel::state::features::Features;
use sentinel::state::peers::{PeerSketches, Risk, monday};
use store::{PEER_SHARDS, Store};

/// Number of payments after which a process adds its counts to the table's.
const ADD_PAYMENTS: u32 = 500;

/// What this process has counted and not added yet, by tenant.
pub struct PeerCounts {
    shard: u8,
    /// Time after which counts are added even if there are fewer than [`ADD_PAYMENTS`].
    add_after: Duration,
    tenants: Mutex<HashMap<Tenant, PendingCounts>>,
}

struct PendingCounts {
    sketches: PeerSketches,
    payments: u32,
    since: Instant,
}

impl PeerCounts {
    pub fn new(add_after: Duration) -> Self {
        // Processes should differ, so that they seldom write to the same shard.
        let shard = Timestamp::now().subsec_nanosecond().unsigned_abs() / 1_000;
        let shard = u8::try_from(shard % u32::from(PEER_SHARDS)).unwrap_or_default();
        Self { shard, add_after, tenants: Mutex::default() }
    }

    /// Counts a recorded decision.
    pub fn count(&self, tenant: &Tenant, facts: &Facts, features: &Features, risk: Risk) {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = tenants.entry(tenant.clone()).or_insert_with(PendingCounts::new);
        counted.sketches.count(facts, features, Some(risk));
        counted.payments += 1;
    }

    /// Adds the counts that are due to the table's. Called once per batch.
    pub async fn add(&self, store: &Store) {
        for (tenant, counted) in self.due() {
            let week = monday(Timestamp::now().to_zoned(TimeZone::UTC).date());
            let added = store.add_peers(&tenant, week, self.shard, &counted.sketches).await;
            if let Err(err) = added {
                // Some of it may have been added, so it is not tried again.
                tracing::warn!("Payments are not counted among peers: {err}");
            }
        }
    }

    fn due(&self) -> Vec<(Tenant, PendingCounts)> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let due: Vec<Tenant> = tenants
            .iter()
            .filter(|(_, counted)| {
                counted.payments >= ADD_PAYMENTS || counted.since.elapsed() >= self.add_after
            })
            .map(|(tenant, _)| tenant.clone())
            .collect();
        due.into_iter().filter_map(|tenant| tenants.remove_entry(&tenant)).collect()
    }
}

impl PendingCounts {
    fn new() -> Self {
        Self { sketches: PeerSketches::default(), payments: 0, since: Instant::now() }
    }
}

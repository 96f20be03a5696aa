//! Counts for drift, one item per tenant and model. Every process adds its own from time to time,
//! so that a window fills at any volume, however short-lived processes are. The process that fills
//! it compares it.

use super::item::{self, key, s};
use super::key::drift;
use super::revised::ATTEMPTS;
use super::{Store, StoreError};
use sentinel::cascade::drift::{DriftCounts, WINDOW};
use sentinel::payment::tenant::Tenant;

impl Store {
    /// Adds counts to the window. If that fills it, returns the whole window and begins the next
    /// one; exactly one caller gets it.
    pub async fn add_drift(
        &self,
        tenant: &Tenant,
        model: &str,
        counts: &DriftCounts,
    ) -> Result<Option<DriftCounts>, StoreError> {
        for _ in 0..ATTEMPTS {
            let (revision, mut window) = self.drift_window(tenant, model).await?;
            if !window.add(counts) {
                // The window was counted with other bins than the card's, so it starts again.
                window.clone_from(counts);
            }
            let full = (window.rows >= WINDOW).then(|| std::mem::take(&mut window));
            if self.keep_drift(tenant, model, revision, &window).await? {
                return Ok(full);
            }
        }
        Err(StoreError::Contention { attempts: ATTEMPTS })
    }

    async fn drift_window(
        &self,
        tenant: &Tenant,
        model: &str,
    ) -> Result<(u64, DriftCounts), StoreError> {
        let item = self.item(key(drift(tenant), model)).await?;
        let Some(item) = item else { return Ok((0, DriftCounts::default())) };
        let counts = item::text(&item, "counts")?;
        let counts = sentinel::json::read(&counts).map_err(|_| StoreError::Item("counts"))?;
        Ok((item::whole(&item, "revision")?, counts))
    }

    /// Writes the window; `false` if another process was faster.
    async fn keep_drift(
        &self,
        tenant: &Tenant,
        model: &str,
        revision: u64,
        counts: &DriftCounts,
    ) -> Result<bool, StoreError> {
        let text = sentinel::json::write(counts);
        let key = key(drift(tenant), model);
        self.put_revised(key, revision, |put| put.item("counts", s(text))).await
    }
}

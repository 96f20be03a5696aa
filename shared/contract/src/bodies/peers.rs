//! What payments of peers look like.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What payments look like, by segment and measure.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PeerReport {
    /// Days, UTC, in which the payments were judged: from the Monday of the first week with any.
    #[schema(example = "2026-09-30")]
    pub from: String,
    #[schema(example = "2026-11-25")]
    pub until: String,
    /// By segment, `*` for all accounts; then by measure: `risk`, `amount_sent`, `amount_received`, or
    /// a feature over an account's last days.
    pub groups: BTreeMap<String, BTreeMap<String, PeerFigures>>,
}

/// One measure in one segment.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PeerFigures {
    pub payments: u64,
    /// `p50`, `p90`, `p95`, `p99`, `p99.5` and `p99.9`, each within one percent; amounts in the base
    /// currency.
    pub percentiles: BTreeMap<String, f64>,
    /// The whole distribution: a DDSketch of one percent in the encoding of its Java library, base64.
    pub sketch: String,
}

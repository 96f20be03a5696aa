//! Answers about peer groups.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The distributions of payments, by segment and measure.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PeerReport {
    /// First day (UTC) on which the payments were judged: the Monday of the first week with any.
    #[schema(example = "2026-09-30")]
    pub from: String,
    /// Last day (UTC) on which the payments were judged: today.
    #[schema(example = "2026-11-25")]
    pub until: String,
    /// Figures by segment (`*` for all accounts), then by measure: `risk`, `unsure` (the risk of
    /// payments that went to review), `amount_sent`, `amount_received`, or a feature over an
    /// account's last days.
    pub groups: BTreeMap<String, BTreeMap<String, PeerFigures>>,
}

/// The distribution of one measure in one segment.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PeerFigures {
    pub payments: u64,
    /// `p50`, `p90`, `p95`, `p99`, `p99.5` and `p99.9`, each within one percent of the true value;
    /// amounts are in the base currency.
    pub percentiles: BTreeMap<String, f64>,
    /// The whole distribution: a DDSketch with a relative accuracy of one percent, in the encoding
    /// of its Java library, as base64.
    pub sketch: String,
}

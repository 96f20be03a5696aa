//! The operation over what peers' payments look like.

use crate::bodies::peers::PeerReport;

/// What payments of each segment look like.
///
/// Thresholds are tuned by it: `sentinel tune --url` takes quantiles from it, drafts a rule set that
/// holds them, and changes nothing.
#[utoipa::path(
    get,
    path = "/api/v1/peers",
    tag = "rule sets",
    params(("weeks" = Option<u8>, Query, description = "How many weeks back, 1 to 26; 8 without it")),
    responses(
        (status = 200, description = "Counts of judged payments", body = PeerReport),
        (status = 400, description = "weeks is no such number")
    )
)]
pub(super) fn get_peers() {}

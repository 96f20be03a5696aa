//! The operation on peer groups.

use crate::bodies::peers::PeerReport;

/// Read the distributions of each segment's payments.
///
/// They are the basis for tuning thresholds: `sentinel tune --url` takes quantiles from them and
/// drafts a rule set that holds these; it puts nothing in force.
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

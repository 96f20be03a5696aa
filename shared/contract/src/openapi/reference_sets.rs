//! The operations over reference sets: those over rule sets again, with ages.

use crate::bodies::registers::{ReferenceSet, ReferenceSetDetail, ReferenceSetList};
use crate::bodies::requests::{RollbackRequest, TransitionRequest};
use crate::problem::Problem;
use sentinel::case::shadow::ShadowReport;
use sentinel::register::Head;

/// Which reference sets there are, which are in force, how old they are, and what was changed.
#[utoipa::path(
    get,
    path = "/api/v1/reference-sets",
    tag = "reference sets",
    security(
        ("bearer" = ["alerts:read"]),
        ("bearer" = ["reference:write"]),
        ("bearer" = ["reference:approve"])
    ),
    responses((status = 200, description = "The tenant's reference sets", body = ReferenceSetList))
)]
#[expect(dead_code, reason = "carries the operation's documentation")]
pub(super) fn list_reference_sets() {}

/// Draft a reference set.
///
/// The body is the document: rates, country lists and reporting thresholds, each with its source and
/// date. It is checked whole; every fault is answered with its line and column. The version that comes
/// back holds the document's hash: another document is another version, and the same one is answered
/// the same way again. Nothing is judged by a draft.
#[utoipa::path(
    post,
    path = "/api/v1/reference-sets",
    tag = "reference sets",
    security(("bearer" = ["reference:write"])),
    request_body(
        content = Object,
        content_type = "application/json",
        description = "A reference set's document, at most 350 KiB"
    ),
    responses(
        (status = 201, description = "Drafted", body = ReferenceSet,
            headers(("Location" = String, description = "The reference set"))),
        (status = 200, description = "The same document is known", body = ReferenceSet),
        (status = 413, description = "Over 350 KiB", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Faults, all of them with line and column", body = Problem, content_type = "application/problem+json")
    )
)]
#[expect(dead_code, reason = "carries the operation's documentation")]
pub(super) fn draft_reference_set() {}

/// One reference set with its document.
#[utoipa::path(
    get,
    path = "/api/v1/reference-sets/{version}",
    tag = "reference sets",
    security(
        ("bearer" = ["alerts:read"]),
        ("bearer" = ["reference:write"]),
        ("bearer" = ["reference:approve"])
    ),
    params(("version" = String, Path, description = "The document's version and hash")),
    responses(
        (status = 200, description = "The reference set", body = ReferenceSetDetail),
        (status = 404, description = "Unknown version", body = Problem, content_type = "application/problem+json")
    )
)]
#[expect(dead_code, reason = "carries the operation's documentation")]
pub(super) fn get_reference_set() {}

/// Move a reference set: into the shadow, live, or out.
///
/// `draft` or `retired` → `shadow` → `live`. In the shadow every transaction is read and judged with it,
/// too, and nothing changes. Putting it live needs the scope `reference:approve` and another person
/// than the author; the other moves need `reference:write`. Within a minute every process judges by it.
/// What accounts' sums hold stays as it was counted.
#[utoipa::path(
    post,
    path = "/api/v1/reference-sets/{version}/transitions",
    tag = "reference sets",
    security(("bearer" = ["reference:write"]), ("bearer" = ["reference:approve"])),
    params(("version" = String, Path, description = "The document's version and hash")),
    request_body = TransitionRequest,
    responses(
        (status = 200, description = "What is in force now", body = Head),
        (status = 403, description = "The scope is missing, or the author would approve their own", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Unknown version", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "No such move from its state, or somebody was faster", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The document does not load under this version of the core", body = Problem, content_type = "application/problem+json")
    )
)]
#[expect(dead_code, reason = "carries the operation's documentation")]
pub(super) fn move_reference_set() {}

/// Return to the reference set that was live before.
///
/// One person with `reference:approve` is enough: the set that returns was approved before.
#[utoipa::path(
    post,
    path = "/api/v1/reference-sets/rollback",
    tag = "reference sets",
    security(("bearer" = ["reference:approve"])),
    request_body = Option<RollbackRequest>,
    responses(
        (status = 200, description = "What is in force now", body = Head),
        (status = 409, description = "There is nothing to roll back to", body = Problem, content_type = "application/problem+json")
    )
)]
#[expect(dead_code, reason = "carries the operation's documentation")]
pub(super) fn roll_back_reference_sets() {}

/// What a reference set in the shadow would have changed.
#[utoipa::path(
    get,
    path = "/api/v1/reference-sets/{version}/shadow",
    tag = "reference sets",
    security(
        ("bearer" = ["alerts:read"]),
        ("bearer" = ["reference:write"]),
        ("bearer" = ["reference:approve"])
    ),
    params(("version" = String, Path, description = "The document's version and hash")),
    responses(
        (status = 200, description = "Counts, and the newest differences", body = ShadowReport),
        (status = 404, description = "Unknown version", body = Problem, content_type = "application/problem+json")
    )
)]
#[expect(dead_code, reason = "carries the operation's documentation")]
pub(super) fn get_reference_shadow_report() {}

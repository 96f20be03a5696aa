//! The operations over rule sets.

use crate::bodies::registers::{RuleSetDetail, RuleSetList};
use crate::bodies::requests::{RollbackRequest, TransitionRequest};
use crate::problem::Problem;
use sentinel::case::shadow::ShadowReport;
use sentinel::register::{Head, RegisteredSet};

/// Which rule sets there are, which are in force, and what was changed.
#[utoipa::path(
    get,
    path = "/api/v1/rule-sets",
    tag = "rule sets",
    security(("bearer" = ["alerts:read"]), ("bearer" = ["rules:write"]), ("bearer" = ["rules:approve"])),
    responses((status = 200, description = "The tenant's rule sets", body = RuleSetList))
)]
#[expect(dead_code, reason = "carries the operation's documentation")]
pub(super) fn list_rule_sets() {}

/// Draft a rule set.
///
/// The body is the document. It is checked whole; every fault is answered with its line and column.
/// The version that comes back holds the document's hash: another document is another version, and
/// the same one is answered the same way again. Nothing is judged by a draft.
#[utoipa::path(
    post,
    path = "/api/v1/rule-sets",
    tag = "rule sets",
    security(("bearer" = ["rules:write"])),
    request_body(
        content = Object,
        content_type = "application/json",
        description = "A rule set's document, at most 350 KiB"
    ),
    responses(
        (status = 201, description = "Drafted", body = RegisteredSet,
            headers(("Location" = String, description = "The rule set"))),
        (status = 200, description = "The same document is known", body = RegisteredSet),
        (status = 413, description = "Over 350 KiB", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Faults, all of them with line and column", body = Problem, content_type = "application/problem+json")
    )
)]
#[expect(dead_code, reason = "carries the operation's documentation")]
pub(super) fn draft_rule_set() {}

/// One rule set with its document.
#[utoipa::path(
    get,
    path = "/api/v1/rule-sets/{version}",
    tag = "rule sets",
    security(("bearer" = ["alerts:read"]), ("bearer" = ["rules:write"]), ("bearer" = ["rules:approve"])),
    params(("version" = String, Path, description = "The document's version and hash")),
    responses(
        (status = 200, description = "The rule set", body = RuleSetDetail),
        (status = 404, description = "Unknown version", body = Problem, content_type = "application/problem+json")
    )
)]
#[expect(dead_code, reason = "carries the operation's documentation")]
pub(super) fn get_rule_set() {}

/// Move a rule set: into the shadow, live, or out.
///
/// `draft` or `retired` → `shadow` → `live`. In the shadow it judges every transaction beside the
/// live set and changes nothing. Putting it live needs the scope `rules:approve` and another person
/// than the author; the other moves need `rules:write`. Within a minute every process judges by it.
#[utoipa::path(
    post,
    path = "/api/v1/rule-sets/{version}/transitions",
    tag = "rule sets",
    security(("bearer" = ["rules:write"]), ("bearer" = ["rules:approve"])),
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
pub(super) fn move_rule_set() {}

/// Return to the rule set that was live before.
///
/// One person with `rules:approve` is enough: the set that returns was approved before.
#[utoipa::path(
    post,
    path = "/api/v1/rule-sets/rollback",
    tag = "rule sets",
    security(("bearer" = ["rules:approve"])),
    request_body = Option<RollbackRequest>,
    responses(
        (status = 200, description = "What is in force now", body = Head),
        (status = 409, description = "There is nothing to roll back to", body = Problem, content_type = "application/problem+json")
    )
)]
#[expect(dead_code, reason = "carries the operation's documentation")]
pub(super) fn roll_back_rule_sets() {}

/// What a rule set in the shadow would have changed.
#[utoipa::path(
    get,
    path = "/api/v1/rule-sets/{version}/shadow",
    tag = "rule sets",
    security(("bearer" = ["alerts:read"]), ("bearer" = ["rules:write"]), ("bearer" = ["rules:approve"])),
    params(("version" = String, Path, description = "The document's version and hash")),
    responses(
        (status = 200, description = "Counts, and the newest differences", body = ShadowReport),
        (status = 404, description = "Unknown version", body = Problem, content_type = "application/problem+json")
    )
)]
#[expect(dead_code, reason = "carries the operation's documentation")]
pub(super) fn get_shadow_report() {}

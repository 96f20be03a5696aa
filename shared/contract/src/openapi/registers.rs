//! The operations on rule sets and reference sets: the same six, worded for each.

use sentinel::case::shadow::ShadowReport;
use sentinel::register::{Head, RegisteredSet};

use crate::bodies::registers::{
    ReferenceSet, ReferenceSetDetail, ReferenceSetList, RuleSetDetail, RuleSetList,
};
use crate::bodies::requests::{RollbackRequest, TransitionRequest};

/// Defines the operations on one register's sets from their names, the types of their answers, and
/// the wording that differs between registers. A macro, since utoipa reads them from attributes.
macro_rules! operations {
    (
        $module:ident: $noun:tt at $path:tt, scopes $scopes:tt,
        $list:ident -> $List:ident: $listed:tt,
        $draft:ident -> $Set:ident: $document:tt,
        $get:ident -> $Detail:ident,
        $shift:ident: $live:tt,
        $rollback:ident,
        $report:ident
    ) => {
        pub(super) mod $module {
            use super::*;

            #[utoipa::path(
                get,
                path = $path,
                tag = concat!($noun, "s"),
                summary = $listed,
                responses((status = 200, description = concat!("The tenant's ", $noun, "s"), body = $List))
            )]
            pub(crate) fn $list() {}

            #[utoipa::path(
                post,
                path = $path,
                tag = concat!($noun, "s"),
                summary = concat!("Draft a ", $noun, "."),
                description = concat!(
                    "The body is the document", $document, ". It is checked whole; every fault is answered \
                     with its line and column. The version that comes back holds the document's hash: \
                     another document is another version, and the same one is answered the same way again. \
                     Nothing is judged by a draft."
                ),
                request_body(
                    content = Object,
                    content_type = "application/json",
                    description = concat!("A ", $noun, "'s document, at most 350 KiB")
                ),
                responses(
                    (status = 201, description = "Drafted", body = $Set,
                        headers(("Location" = String, description = "Where the set is found"))),
                    (status = 200, description = "The same document is known", body = $Set),
                    (status = 400, description = "The body is not UTF-8"),
                    (status = 413, description = "Over 350 KiB"),
                    (status = 422, description = "Faults, all of them with line and column")
                )
            )]
            pub(crate) fn $draft() {}

            #[utoipa::path(
                get,
                path = concat!($path, "/{version}"),
                tag = concat!($noun, "s"),
                summary = concat!("One ", $noun, " with its document."),
                params(("version" = String, Path, description = "The document's version and hash")),
                responses(
                    (status = 200, description = concat!("The ", $noun), body = $Detail),
                    (status = 404, description = "Unknown version")
                )
            )]
            pub(crate) fn $get() {}

            #[utoipa::path(
                post,
                path = concat!($path, "/{version}/transitions"),
                tag = concat!($noun, "s"),
                summary = concat!("Move a ", $noun, ": into the shadow, live, or out."),
                description = concat!(
                    "`draft` or `retired` → `shadow` → `live`. In the shadow it judges every transaction \
                     beside what is live and changes nothing. Putting it live needs the scope `",
                    $scopes, ":approve` and another person than the author; the other moves need `",
                    $scopes, ":write`. Within a minute every process judges by it", $live, "."
                ),
                params(("version" = String, Path, description = "The document's version and hash")),
                request_body = TransitionRequest,
                responses(
                    (status = 200, description = "What is in force now", body = Head),
                    (status = 400, description = "The body cannot be read, or its note is too long"),
                    (status = 403, description = "The scope is missing, or the author would approve their own"),
                    (status = 404, description = "Unknown version"),
                    (status = 409, description = "No such move from its state, or somebody was faster"),
                    (status = 422, description = "The document does not load under this version of the core")
                )
            )]
            pub(crate) fn $shift() {}

            #[utoipa::path(
                post,
                path = concat!($path, "/rollback"),
                tag = concat!($noun, "s"),
                summary = concat!("Return to the ", $noun, " that was live before."),
                description = concat!(
                    "One person with `", $scopes,
                    ":approve` is enough: the set that returns was approved before."
                ),
                request_body = Option<RollbackRequest>,
                responses(
                    (status = 200, description = "What is in force now", body = Head),
                    (status = 400, description = "The body cannot be read, or its note is too long"),
                    (status = 409, description = "There is nothing to roll back to")
                )
            )]
            pub(crate) fn $rollback() {}

            #[utoipa::path(
                get,
                path = concat!($path, "/{version}/shadow"),
                tag = concat!($noun, "s"),
                summary = concat!("What a ", $noun, " in the shadow would have changed."),
                params(("version" = String, Path, description = "The document's version and hash")),
                responses(
                    (status = 200, description = "Counts, and the newest differences", body = ShadowReport),
                    (status = 404, description = "Unknown version")
                )
            )]
            pub(crate) fn $report() {}
        }
    };
}

operations! {
    rule_sets: "rule set" at "/api/v1/rule-sets", scopes "rules",
    list_rule_sets -> RuleSetList: "Which rule sets there are, which are in force, and what was changed.",
    draft_rule_set -> RegisteredSet: "",
    get_rule_set -> RuleSetDetail,
    move_rule_set: "",
    roll_back_rule_sets,
    get_shadow_report
}

operations! {
    reference_sets: "reference set" at "/api/v1/reference-sets", scopes "reference",
    list_reference_sets -> ReferenceSetList:
        "Which reference sets there are, which are in force, how old they are, and what was changed.",
    draft_reference_set -> ReferenceSet:
        ": rates, country lists and reporting thresholds, each with its source and date",
    get_reference_set -> ReferenceSetDetail,
    move_reference_set: "; what accounts' sums hold stays as it was counted",
    roll_back_reference_sets,
    get_reference_shadow_report
}

//! The operations on accounts, and the search.

use crate::bodies::accounts::{AccountDetail, PaymentList, SearchAnswer};

/// Read what an account is and has done.
#[utoipa::path(
    get,
    path = "/api/v1/accounts",
    tag = "accounts",
    params(("account_id" = String, Query,
        description = "As alerts and payments name it: an IBAN, or another number behind its bank")),
    responses(
        (status = 200, description = "The account", body = AccountDetail),
        (status = 400, description = "No `account_id`"),
        (status = 404, description = "Unknown account")
    )
)]
pub(super) fn get_account() {}

/// List an account's payments, newest first, judged or history.
#[utoipa::path(
    get,
    path = "/api/v1/payments",
    tag = "accounts",
    params(
        ("account_id" = String, Query, description = "As alerts and payments name it"),
        ("limit" = Option<u32>, Query, description = "1 to 500; 100 by default"),
        ("cursor" = Option<String>, Query, description = "Where the last page ended"),
        ("before" = Option<String>, Query,
            description = "Only payments before this time (RFC 3339, UTC), such as an alert's")
    ),
    responses(
        (status = 200, description = "A page of payments; empty for an unknown account", body = PaymentList),
        (status = 400, description = "A parameter cannot be read")
    )
)]
pub(super) fn list_payments() {}

/// Find what an id stands for: a transaction, an alert or an account.
#[utoipa::path(
    get,
    path = "/api/v1/search",
    tag = "accounts",
    params(("q" = String, Query,
        description = "A `msg_id`, an alert's id, an IBAN in any spelling, or an `account_id`")),
    responses(
        (status = 200, description = "What was found, perhaps nothing", body = SearchAnswer),
        (status = 400, description = "No `q`")
    )
)]
pub(super) fn search() {}

//! The HTTP contract as OpenAPI 3.1, generated from the types that the functions answer with. The
//! operations live in different functions; they are collected here, and a test compares them with
//! the routes of `template.yaml`. What all of them have in common is filled in once ([`common`]).

#![expect(dead_code, reason = "the functions here carry the operations' documentation")]

mod accounts;
mod alerts;
mod cases;
mod common;
mod peers;
mod registers;

use utoipa::OpenApi;

use self::common::CommonParts;
use crate::bodies::operations::{BudgetAnswer, Health, Me, NewTicket, PeopleList};
use crate::bodies::requests::TransactionBody;
use crate::bodies::transactions::{BatchAnswer, ReceivedAnswer, TransactionAnswer};
use crate::problem::Problem;

/// The root of the document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "FinCrime Sentinel",
        description = "AML transaction monitoring: POST a transaction, read its decision, work its \
                       alert. Errors are RFC 9457 problem details; every answer has x-request-id."
    ),
    paths(
        post_transactions,
        post_history,
        get_transaction,
        find_transaction,
        alerts::list_alerts,
        alerts::get_alert,
        alerts::dispose_alert,
        alerts::assign_alert,
        alerts::explain_alert,
        cases::list_cases,
        cases::open_case,
        cases::get_case,
        cases::take_case_step,
        accounts::get_account,
        accounts::list_payments,
        accounts::search,
        get_me,
        list_people,
        get_budget,
        post_stream_ticket,
        get_health,
        peers::get_peers,
        registers::rule_sets::list_rule_sets,
        registers::rule_sets::draft_rule_set,
        registers::rule_sets::get_rule_set,
        registers::rule_sets::move_rule_set,
        registers::rule_sets::roll_back_rule_sets,
        registers::rule_sets::get_shadow_report,
        registers::reference_sets::list_reference_sets,
        registers::reference_sets::draft_reference_set,
        registers::reference_sets::get_reference_set,
        registers::reference_sets::move_reference_set,
        registers::reference_sets::roll_back_reference_sets,
        registers::reference_sets::get_reference_shadow_report
    ),
    components(schemas(Problem)),
    modifiers(&CommonParts)
)]
struct Document;

/// Returns the document as JSON text.
pub fn document() -> String {
    Document::openapi().to_json().expect("the document has only string keys")
}

/// Send one transaction, or up to 500.
///
/// One JSON object is answered with 202, or with 200 and the decision if `Prefer: wait=N` asked for
/// it and it was made in time. NDJSON and JSON arrays are answered with 207 and a status per item.
/// The same `msg_id` with the same content is answered the same way again; with different content
/// it is refused with 409. A payment that was first sent as history is answered as history
/// (`status: history`) and is not judged: an id stays what it was first received as.
#[utoipa::path(
    post,
    path = "/api/v1/transactions",
    tag = "transactions",
    params((
        "Prefer" = Option<String>,
        Header,
        description = "`wait=N`: seconds to wait, at most 20; `wait=N, second-look` waits for the LLM, too"
    )),
    request_body(
        content(
            (TransactionBody = "application/json"),
            (String = "application/x-ndjson")
        ),
        description = "One transaction; an array of at most 500; or at most 500, one a line. At most 2 MiB"
    ),
    responses(
        (status = 200, description = "Decided in time; or known as history, and counted", body = TransactionAnswer),
        (status = 202, description = "Received; will be decided", body = ReceivedAnswer,
            headers(
                ("Location" = String, description = "Where the decision will be"),
                ("Idempotency-Replayed" = String, description = "`true` where the id was known")
            )),
        (status = 207, description = "A batch's answers", body = BatchAnswer),
        (status = 400, description = "Not JSON"),
        (status = 409, description = "The id is known with another content"),
        (status = 413, description = "Over 2 MiB, or over 500 transactions"),
        (status = 415, description = "Another media type, or a content encoding"),
        (status = 422, description = "Faulty fields, all of them listed"),
        (status = 503, description = "Nothing was accepted; try again")
    )
)]
fn post_transactions() {}

/// Load past payments.
///
/// One transaction per line, up to 500 lines. Past payments build profiles, pairs and parties
/// exactly as if they had been judged, in any order; they are not judged and open no alert.
/// Timestamps may lie as far in the past as those of any transaction. Each line is answered
/// separately: 202 if it will be counted, 200 if it has been, `replayed` if the id was known with
/// the same content, 409 if it is known with different content, 422 with every faulty field. An id
/// stays what it was first received as: a payment already sent to be judged stays judged
/// (`status: received`), and one already sent as history is answered as history if it is later sent
/// to be judged, and is not judged. So load only what happened before the first live payment, and
/// nothing that will still be sent live.
#[utoipa::path(
    post,
    path = "/api/v1/history",
    tag = "transactions",
    request_body(
        content((String = "application/x-ndjson")),
        description = "One transaction a line, as POST /api/v1/transactions takes it"
    ),
    responses(
        (status = 207, description = "An answer for each line", body = BatchAnswer),
        (status = 400, description = "No line"),
        (status = 413, description = "Over 2 MiB, or over 500 lines"),
        (status = 415, description = "Another media type, or a content encoding")
    )
)]
fn post_history() {}

/// Read a decision.
#[utoipa::path(
    get,
    path = "/api/v1/transactions/{msg_id}",
    tag = "transactions",
    params(
        ("msg_id" = String, Path, description = "The transaction's id, percent-encoded. A gateway may \
            read `?`, `//` and `..` in it as its own: ask for such an id by the query"),
        ("rules" = Option<String>, Query,
            description = "`all`: every rule with what it saw; needs `alerts:read`")
    ),
    responses(
        (status = 200, description = "The decision, with `rules` where asked for; or that it is history", body = TransactionAnswer),
        (status = 202, description = "Received, not yet decided or counted", body = ReceivedAnswer),
        (status = 400, description = "`rules` is not `all`"),
        (status = 404, description = "Unknown id"),
        (status = 409, description = "`rules=all`: the rules that judged cannot be judged again, or none did")
    )
)]
fn get_transaction() {}

/// Read a decision, whatever characters its id contains.
#[utoipa::path(
    get,
    path = "/api/v1/transactions",
    tag = "transactions",
    params(
        ("msg_id" = String, Query, description = "The transaction's id"),
        ("rules" = Option<String>, Query,
            description = "`all`: every rule with what it saw; needs `alerts:read`")
    ),
    responses(
        (status = 200, description = "The decision; `rules` where asked for", body = TransactionAnswer),
        (status = 202, description = "Received, not yet decided", body = ReceivedAnswer),
        (status = 400, description = "No `msg_id`, or `rules` is not `all`"),
        (status = 404, description = "Unknown id"),
        (status = 409, description = "`rules=all`: the rules that judged cannot be judged again")
    )
)]
fn find_transaction() {}

/// Read the day's LLM budget and its gate, or what LLMs were used for.
///
/// Without parameters, the answer is today's state. With `from` and `to`, it has a row for each day,
/// model and tenant: the caller's tenant, or every tenant with the scope `budget:deployment`.
#[utoipa::path(
    get,
    path = "/api/v1/budget",
    tag = "operations",
    params(
        ("from" = Option<String>, Query, description = "First day, such as 2026-11-01"),
        ("to" = Option<String>, Query, description = "Last day; at most 92 days in all")
    ),
    responses(
        (status = 200, description = "Today's state, or the days' usage", body = BudgetAnswer),
        (status = 400, description = "The days are not usable")
    )
)]
fn get_budget() {}

/// Issue a single-use ticket for the alert stream.
///
/// Open the WebSocket with `?ticket=…` within a minute. Every message carries a sequence; after a
/// gap, `GET /api/v1/alerts?after={sequence}` returns what was missed.
#[utoipa::path(
    post,
    path = "/api/v1/stream-tickets",
    tag = "alerts",
    responses((status = 201, description = "The ticket", body = NewTicket))
)]
fn post_stream_ticket() {}

/// Read who the token belongs to and what it opens.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    tag = "operations",
    responses((status = 200, description = "The caller", body = Me))
)]
fn get_me() {}

/// List the people who have signed in, to hand them alerts and cases.
#[utoipa::path(
    get,
    path = "/api/v1/people",
    tag = "operations",
    responses((status = 200, description = "People with their names", body = PeopleList))
)]
fn list_people() {}

/// Check whether the service and its table answer.
#[utoipa::path(
    get,
    path = "/api/v1/health",
    tag = "operations",
    responses(
        (status = 200, description = "Healthy", body = Health),
        (status = 503, description = "The table does not answer")
    )
)]
fn get_health() {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    fn parsed() -> Value {
        serde_json::from_str(&document()).unwrap()
    }

    #[test]
    fn the_document_is_openapi_3_1() {
        assert!(parsed()["openapi"].as_str().unwrap().starts_with("3.1"));
    }

    #[test]
    fn the_request_schemas_list_exactly_the_fields_that_are_read() {
        let check = |schema: &str, fields: &[&str]| {
            let schema = &parsed()["components"]["schemas"][schema]["properties"];
            let documented: BTreeSet<_> = schema.as_object().unwrap().keys().cloned().collect();
            let read: BTreeSet<_> = fields.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(documented, read);
        };
        check("TransactionRequest", sentinel::payment::transaction::FIELDS);
        check("PartyRequest", sentinel::payment::transaction::PARTY_FIELDS);
    }

    #[test]
    fn a_batchs_bound_is_part_of_the_contract() {
        let array = &parsed()["components"]["schemas"]["TransactionBody"]["oneOf"][1];
        assert_eq!((&array["type"], &array["maxItems"]), (&"array".into(), &500.into()));
    }

    #[test]
    fn every_reference_resolves() {
        let document = parsed();
        let text = document.to_string();
        for part in text.split("\"$ref\":\"#").skip(1) {
            let pointer = part.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }
}

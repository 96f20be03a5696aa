//! The operations on alerts.

use sentinel::cascade::alerting::Severity;
use sentinel::cascade::narrative::Explanation;
use sentinel::case::verdict::Level;
use sentinel::case::work::AlertStatus;

use crate::bodies::alerts::{
    AlertDetail, AlertList, AssignmentRequest, DispositionRequest, StepAnswer,
};

/// List alerts, newest first, or the payments that wait for review.
///
/// A payment alerts if its risk reaches the line `alert`. A payment whose risk lies between the
/// lines and which no LLM could settle is no alert: it waits separately, under `queue=reviews`, and
/// is read and explained in the same way.
#[utoipa::path(
    get,
    path = "/api/v1/alerts",
    tag = "alerts",
    params(
        ("queue" = Option<String>, Query, description = "`alerts`, or `reviews`"),
        ("status" = Option<AlertStatus>, Query, description = "All that are not closed, if absent"),
        ("assignee" = Option<String>, Query, description = "Subject of a token, or `me`"),
        ("min_score" = Option<f64>, Query, description = "0 to 1"),
        ("min_amount" = Option<f64>, Query, description = "In the base currency"),
        ("severity" = Option<Severity>, Query),
        ("level" = Option<Level>, Query, description = "The level that settled the decision"),
        ("typology" = Option<String>, Query, description = "For example `fan_in`"),
        ("account" = Option<String>, Query, description = "`account_id` of one of the payment's parties"),
        ("limit" = Option<u32>, Query, description = "1 to 1,000; 50 by default"),
        ("cursor" = Option<String>, Query, description = "Where the last page ended"),
        ("after" = Option<String>, Query, description = "A sequence: alerts after it, oldest first")
    ),
    responses(
        (status = 200, description = "A page of alerts", body = AlertList),
        (status = 400, description = "A parameter cannot be read")
    )
)]
pub(super) fn list_alerts() {}

/// Read an alert with its decision, evidence and explanation.
#[utoipa::path(
    get,
    path = "/api/v1/alerts/{id}",
    tag = "alerts",
    params(("id" = String, Path, description = "The alert's id")),
    responses(
        (status = 200, description = "The alert", body = AlertDetail),
        (status = 404, description = "Unknown id")
    )
)]
pub(super) fn get_alert() {}

/// Conclude about an alert, or approve, reject or take back a conclusion.
///
/// `dispose` concludes; where the alert is severe enough, a second person has to `approve` before it
/// closes, or sends it back with `reject`. `reopen` takes a conclusion back. A step names the version
/// that it was decided on: if another person was faster, the answer is 409 and nothing is overwritten.
/// Repeated with the same `Idempotency-Key`, a step is taken once and answered the same way again.
#[utoipa::path(
    post,
    path = "/api/v1/alerts/{id}/disposition",
    tag = "alerts",
    params(
        ("id" = String, Path, description = "The alert's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 128 characters")
    ),
    request_body = DispositionRequest,
    responses(
        (status = 200, description = "The state after the step", body = StepAnswer),
        (status = 400, description = "Not a step"),
        (status = 404, description = "Unknown id"),
        (status = 409, description = "Somebody was faster, or the status does not allow the step"),
        (status = 422, description = "A note or reason is missing, or too long")
    )
)]
pub(super) fn dispose_alert() {}

/// Hand an alert to somebody, or to nobody.
#[utoipa::path(
    post,
    path = "/api/v1/alerts/{id}/assignment",
    tag = "alerts",
    params(
        ("id" = String, Path, description = "The alert's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 128 characters")
    ),
    request_body = AssignmentRequest,
    responses(
        (status = 200, description = "The state after the step", body = StepAnswer),
        (status = 400, description = "Not an assignment"),
        (status = 404, description = "Unknown id"),
        (status = 409, description = "Somebody was faster"),
        (status = 422, description = "The assignee is empty or too long")
    )
)]
pub(super) fn assign_alert() {}

/// Explain an alert in plain language.
///
/// A template states the stored evidence. The LLM adds its view if one is configured and the budget
/// allows; every number and party in it is checked against the evidence. The first explanation is
/// kept and reused.
#[utoipa::path(
    post,
    path = "/api/v1/alerts/{id}/explanation",
    tag = "alerts",
    params(("id" = String, Path, description = "The alert's id")),
    responses(
        (status = 200, description = "The explanation", body = Explanation),
        (status = 404, description = "Unknown id")
    )
)]
pub(super) fn explain_alert() {}

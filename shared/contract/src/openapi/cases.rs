//! The operations on cases.

use sentinel::investigation::Case;

use crate::bodies::cases::{CaseDetail, CaseList, CaseStepRequest, NewCase};

/// List cases, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/cases",
    tag = "cases",
    params(
        ("ended" = Option<bool>, Query, description = "`true` lists closed and merged cases"),
        ("assignee" = Option<String>, Query, description = "Subject of a token, or `me`"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 by default"),
        ("cursor" = Option<String>, Query, description = "Where the last page ended")
    ),
    responses(
        (status = 200, description = "A page of cases", body = CaseList),
        (status = 400, description = "A parameter cannot be read")
    )
)]
pub(super) fn list_cases() {}

/// Open a case from one alert or several.
///
/// Its checklist follows from the alerts' typologies. An alert belongs to at most one case. Repeated
/// with the same `Idempotency-Key`, the case is opened once.
#[utoipa::path(
    post,
    path = "/api/v1/cases",
    tag = "cases",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 128 characters")),
    request_body = NewCase,
    responses(
        (status = 200, description = "The case that this key has opened", body = Case),
        (status = 201, description = "The case", body = Case),
        (status = 400, description = "Not a case"),
        (status = 404, description = "An alert is unknown"),
        (status = 409, description = "An alert belongs to a case already"),
        (status = 422, description = "A text or the alerts are missing, or too many")
    )
)]
pub(super) fn open_case() {}

/// Read a case with its alerts and history.
#[utoipa::path(
    get,
    path = "/api/v1/cases/{id}",
    tag = "cases",
    params(("id" = String, Path, description = "The case's id")),
    responses(
        (status = 200, description = "The case", body = CaseDetail),
        (status = 404, description = "Unknown id")
    )
)]
pub(super) fn get_case() {}

/// Take a step in an investigation.
///
/// Every step is kept with actor, time and note. `close` needs a finished checklist; an escalated case
/// is closed by somebody other than its assignee, with the scope `alerts:approve`. A step names the
/// version that it was decided on: if another person was faster, the answer is 409.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{id}/steps",
    tag = "cases",
    params(
        ("id" = String, Path, description = "The case's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 128 characters")
    ),
    request_body = CaseStepRequest,
    responses(
        (status = 200, description = "The case after the step", body = Case),
        (status = 400, description = "Not a step"),
        (status = 404, description = "Unknown id, or an unknown case or alert in the step"),
        (status = 409, description = "Somebody was faster, or the status does not allow the step"),
        (status = 422, description = "A text is missing or too long, or the checklist is open")
    )
)]
pub(super) fn take_case_step() {}

//! Requests and answers about cases.

use sentinel::case::alert_id::AlertId;
use sentinel::investigation::{Case, CaseEvent, CaseStep};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::alerts::AlertSummary;

/// A case to be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCase {
    /// 1 to 300 characters.
    pub title: String,
    /// 1 to 90 alerts, none of which belongs to a case.
    pub alerts: Vec<AlertId>,
    /// Why it is opened; at most 4,000 characters.
    #[serde(default)]
    #[schema(required = false)]
    pub note: String,
}

/// A step to be taken in an investigation.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CaseStepRequest {
    /// The version of the case that the step was decided on; 409 if it is another by now.
    pub version: u64,
    #[serde(flatten)]
    pub step: CaseStep,
}

/// A page of cases, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseList {
    pub cases: Vec<Case>,
    /// Where the next page begins; absent if there is none.
    pub cursor: Option<String>,
}

/// A case with its alerts and history.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseDetail {
    pub case: Case,
    /// Its alerts, in the order in which they joined it.
    pub alerts: Vec<AlertSummary>,
    /// Every step, oldest first.
    pub events: Vec<CaseEvent>,
}

//! Investigations: cases opened from alerts, each step of which is an event with actor, time and
//! reason. A case's state follows from its events; this module decides which steps are allowed, and
//! the table takes them, unless somebody else took one first.

mod case_id;
mod checklist;
mod steps;

pub use case_id::{CaseId, InvalidCaseId};
pub use checklist::{ChecklistItem, checklist};
pub use steps::{CaseRefusal, CaseStep, MAX_ALERTS, MAX_ATTACHMENTS, MAX_LINKS};

use serde::{Deserialize, Serialize};

use crate::case::alert_id::AlertId;
use crate::payment::utc_time::UtcTime;

/// The status of a case.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CaseStatus {
    #[default]
    Investigating,
    /// Handed to whoever decides about severe cases.
    Escalated,
    Closed,
    /// Its alerts and events went on in another case.
    Merged,
}

impl CaseStatus {
    pub const ALL: [Self; 4] = [Self::Investigating, Self::Escalated, Self::Closed, Self::Merged];

    pub fn code(self) -> &'static str {
        match self {
            Self::Investigating => "investigating",
            Self::Escalated => "escalated",
            Self::Closed => "closed",
            Self::Merged => "merged",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    /// Whether people still work on it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Investigating | Self::Escalated)
    }
}

/// What an investigation found. It never says whether a report was filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseOutcome {
    Unfounded,
    Founded,
    Inconclusive,
}

/// A document kept elsewhere, named by where it is and what it contained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Attachment {
    pub name: String,
    /// Where it is kept: a URL or an archive's own number.
    pub reference: String,
    /// SHA-256 of its content, 64 hex digits.
    pub sha256: String,
    pub by: String,
    pub at: UtcTime,
}

/// An item of the checklist that was ticked, or unticked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CheckedItem {
    #[serde(flatten)]
    pub item: ChecklistItem,
    /// Subject of the person who ticked it; unset while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at: Option<UtcTime>,
    /// What was found.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub finding: String,
}

/// A case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Case {
    pub case_id: CaseId,
    pub title: String,
    pub status: CaseStatus,
    /// Number of steps taken, with which a step says what it was decided on.
    pub version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    pub alerts: Vec<AlertId>,
    /// Cases that it is linked with.
    pub links: Vec<CaseId>,
    pub checklist: Vec<CheckedItem>,
    pub attachments: Vec<Attachment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<CaseOutcome>,
    /// The case in which a merged one goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<CaseId>,
    pub opened_by: String,
    pub opened_at: UtcTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<UtcTime>,
}

/// A step that was taken, as the case's history keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CaseEvent {
    /// The case's version after it.
    pub version: u64,
    pub at: UtcTime,
    /// Subject of the token.
    pub by: String,
    #[serde(flatten)]
    pub step: CaseStep,
}

#[cfg(test)]
mod tests;

//! Answers about transactions.

use std::borrow::Cow;

use sentinel::case::verdict::Decision;
use sentinel::json::RawValue;
use sentinel::payment::transaction::MsgId;
use sentinel::payment::utc_time::UtcTime;
use sentinel::rules::RuleTrace;
use serde::Serialize;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::Problem;

/// How far a transaction without a decision has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// It will be decided.
    Received,
    /// It was sent as history: it is or will be counted, and is never decided.
    History,
}

/// An accepted transaction.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceivedAnswer {
    pub msg_id: MsgId,
    /// `history` if the id was first received as history.
    pub status: Progress,
    pub received_at: UtcTime,
}

/// A payment received as history: later payments are judged against it, and it has no decision.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryAnswer {
    pub msg_id: MsgId,
    /// `history`.
    pub status: Progress,
    pub received_at: UtcTime,
    pub counted_at: UtcTime,
}

/// The answer about a settled transaction.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum TransactionAnswer {
    Decided(StoredDecision),
    History(HistoryAnswer),
}

/// A decision as it was written: the same bytes whenever it is read. Documented as the
/// [`DecisionDetail`] without `rules` that it is.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct StoredDecision(Box<RawValue>);

impl StoredDecision {
    /// Wraps the table's text; `None` if it is not a decision.
    pub fn new(text: String) -> Option<Self> {
        sentinel::json::read::<Decision>(&text).ok()?;
        RawValue::from_string(text).ok().map(Self)
    }
}

impl PartialSchema for StoredDecision {
    fn schema() -> RefOr<Schema> {
        DecisionDetail::schema()
    }
}

impl ToSchema for StoredDecision {
    fn name() -> Cow<'static, str> {
        DecisionDetail::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        DecisionDetail::schemas(schemas);
    }
}

/// A decision, with what every rule saw if requested.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionDetail {
    #[serde(flatten)]
    pub decision: Decision,
    /// What every rule saw; only with `rules=all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<RuleTrace>>,
}

/// The answers to a batch, in the order of its items.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchAnswer {
    pub items: Vec<BatchItem>,
}

/// The answer to one item of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchItem {
    /// Index in the batch, from 0.
    pub index: usize,
    pub status: ItemStatus,
    /// The HTTP status that a single POST would have had.
    pub status_code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub msg_id: Option<MsgId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_at: Option<UtcTime>,
    /// When it was counted, if it is history and has been.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted_at: Option<UtcTime>,
    /// Whether the id was known, with the same content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replayed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// The outcome of an item of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemStatus {
    Received,
    History,
    Refused,
}

impl From<Progress> for ItemStatus {
    fn from(progress: Progress) -> Self {
        match progress {
            Progress::Received => Self::Received,
            Progress::History => Self::History,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_as_a_decision_has_to_be_one() {
        for text in ["{", "{}", "[]", "{\"msg_id\": \"m-1\"}"] {
            assert!(StoredDecision::new(text.to_owned()).is_none(), "{text}");
        }
    }
}

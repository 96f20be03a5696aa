//! What was decided, in the words of the API: the decision a client reads, the alert an analyst
//! gets, and the reasons both rest on.

use serde::{Deserialize, Serialize};

use crate::case::alert_id::AlertId;
use crate::case::notes::Note;
use crate::payment::flag_set::FlagSet;
use crate::payment::transaction::MsgId;
use crate::payment::utc_time::UtcTime;
use crate::state::late::Late;

/// The cascade level that settled the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Rules,
    Model,
    Llm,
}

impl Level {
    pub fn code(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::Model => "model",
            Self::Llm => "llm",
        }
    }
}

/// Why a person has to look at a transaction that no level could settle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewReason {
    /// The day's budget would not cover another call.
    BudgetExhausted,
    /// The guard has shut LLM escalation.
    GateClosed,
    /// The LLM failed repeatedly and is given time to recover.
    BreakerOpen,
    /// The call failed, timed out, or its answer could not be used.
    LlmFailed,
    /// No LLM is configured.
    LlmNotConfigured,
}

/// Where a reason comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonSource {
    Rule,
    Model,
    Llm,
}

/// One reason of a decision, in an analyst's words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Reason {
    pub source: ReasonSource,
    /// The rule's id, the feature's name, or `llm`.
    pub code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typology: Option<String>,
    /// A sentence with the values filled in; holds no name and no purpose text.
    pub text: String,
    /// Points of a rule (decibans), or contribution of a feature in log-odds.
    pub weight: f64,
}

/// Versions that reproduce a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Versions {
    /// The core crate's version.
    pub core: String,
    /// Version and content hash of the rule set, `2026-11-01@ab12…`.
    pub rules: String,
    /// Version and content hash of the reference set: rates, country lists, thresholds.
    pub reference: String,
    /// SHA-256 of the ONNX file, first 16 hex digits.
    pub model: String,
    /// Hash of the feature list, first 16 hex digits.
    pub features: String,
}

/// What the LLM cost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Cost {
    pub llm_micro_usd: u64,
    pub llm_input_tokens: u64,
    pub llm_output_tokens: u64,
}

/// The decision about one transaction, as the API answers it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Decision {
    pub msg_id: MsgId,
    /// The probability of laundering: the model's, with what the rules that fired are worth. From the
    /// rule set's line `alert` on a payment alerts, from `review` on it is looked at.
    pub risk_score: f64,
    /// Whether an analyst has been alerted.
    pub alert: bool,
    /// The id of the alert or review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert_id: Option<AlertId>,
    /// The transaction is a hit on an alert that was already open.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub attached: bool,
    pub level: Level,
    /// Set if the risk lies between the lines and no LLM could settle it: the payment waits in the
    /// review queue, and is no alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<ReviewReason>,
    /// The reasons in one sentence.
    pub explanation: String,
    pub reasons: Vec<Reason>,
    pub typologies: Vec<String>,
    /// Set if newer payments of an account had been counted before; the explanation says so, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<Late>,
    /// What a reader of the decision has to know about its data.
    #[serde(default, skip_serializing_if = "FlagSet::is_empty")]
    #[schema(value_type = Vec<Note>)]
    pub notes: FlagSet<Note>,
    pub versions: Versions,
    pub cost: Cost,
    pub decided_at: UtcTime,
}

impl Decision {
    /// The same decision as a hit on an open alert.
    pub fn attached_to(self, alert_id: AlertId) -> Self {
        Self { alert_id: Some(alert_id), attached: true, ..self }
    }
}

//! The decision in the form in which the API returns it, and the reasons on which it rests.

use serde::{Deserialize, Serialize};

use crate::case::alert_id::AlertId;
use crate::case::notes::Note;
use crate::payment::flag_set::FlagSet;
use crate::payment::transaction::MsgId;
use crate::payment::utc_time::UtcTime;
use crate::state::late::Lateness;

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

    pub fn parse(code: &str) -> Option<Self> {
        [Self::Rules, Self::Model, Self::Llm].into_iter().find(|level| level.code() == code)
    }
}

/// Why a person has to look at a transaction that no level could settle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewReason {
    /// What is left of the day's budget does not cover another call.
    BudgetExhausted,
    /// The budget guard or an operator has closed the gate to the LLM.
    GateClosed,
    /// The LLM failed repeatedly and is given time to recover.
    BreakerOpen,
    /// The call failed, timed out, or its answer could not be used.
    LlmFailed,
    /// No LLM is configured.
    LlmNotConfigured,
    /// The LLM is about to look; what it finds may raise the decision to an alert.
    SecondLook,
    /// The LLM found nothing that would raise it. It cannot clear a payment.
    LlmFoundNothing,
}

impl ReviewReason {
    pub fn code(self) -> &'static str {
        match self {
            Self::BudgetExhausted => "budget_exhausted",
            Self::GateClosed => "gate_closed",
            Self::BreakerOpen => "breaker_open",
            Self::LlmFailed => "llm_failed",
            Self::LlmNotConfigured => "llm_not_configured",
            Self::SecondLook => "second_look",
            Self::LlmFoundNothing => "llm_found_nothing",
        }
    }

    /// Returns why a person has to look, as the rest of a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::BudgetExhausted => "the day's LLM budget was spent",
            Self::GateClosed => "LLM escalation was closed",
            Self::BreakerOpen => "the LLM was recovering from failures",
            Self::LlmFailed => "the LLM gave no usable answer",
            Self::LlmNotConfigured => "no LLM is configured",
            Self::SecondLook => "the LLM has not looked yet",
            Self::LlmFoundNothing => "the LLM found nothing that would raise it",
        }
    }
}

/// Where a reason comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonSource {
    Rule,
    Model,
    Llm,
}

/// One reason for a decision, in an analyst's terms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Reason {
    pub source: ReasonSource,
    /// The rule's id, the feature's name, or `llm`.
    pub code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typology: Option<String>,
    /// A sentence with the values filled in. It contains neither names nor purpose texts.
    pub text: String,
    /// Points of a rule in decibans, or contribution of a feature in log-odds.
    pub weight: f64,
}

/// The versions needed to reproduce a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Versions {
    /// The core crate's version.
    pub core: String,
    /// Version and content hash of the rule set, such as `2026-11-01@ab12…`.
    pub rules: String,
    /// Version and content hash of the reference set: rates, country lists, thresholds.
    pub reference: String,
    /// SHA-256 of the ONNX file, first 16 hex digits.
    pub model: String,
    /// Hash of the feature list, first 16 hex digits.
    pub features: String,
}

/// What the LLM cost for one decision.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Cost {
    pub llm_micro_usd: u64,
    pub llm_input_tokens: u64,
    pub llm_output_tokens: u64,
}

/// The decision on one transaction, as the API returns it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Decision {
    pub msg_id: MsgId,
    /// The probability of laundering: the model's, adjusted by the weight of the rules that fired.
    /// A payment alerts at or above the rule set's line `alert`; from `review` up to `alert` it
    /// goes to the LLM or to a person.
    pub risk_score: f64,
    /// Whether an analyst has been alerted.
    pub alert: bool,
    /// The id of the alert or review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert_id: Option<AlertId>,
    /// Whether the transaction is a hit on an alert that was already open.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub attached: bool,
    pub level: Level,
    /// Set if the risk lies between the lines and no LLM could settle the case: the payment waits
    /// in the review queue and is not an alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<ReviewReason>,
    /// The outcome and its strongest reason, in words.
    pub explanation: String,
    pub reasons: Vec<Reason>,
    pub typologies: Vec<String>,
    /// Set if newer payments of one of the accounts had been counted already; the explanation says
    /// so, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<Lateness>,
    /// Notes for readers of the decision about its data.
    #[serde(default, skip_serializing_if = "FlagSet::is_empty")]
    #[schema(value_type = Vec<Note>)]
    pub notes: FlagSet<Note>,
    pub versions: Versions,
    pub cost: Cost,
    pub decided_at: UtcTime,
}

impl Decision {
    /// Returns the same decision as a hit on an open alert.
    pub fn attached_to(self, alert_id: AlertId) -> Self {
        Self { alert_id: Some(alert_id), attached: true, ..self }
    }
}

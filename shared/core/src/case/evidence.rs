//! The evidence of a decision, stored with it: enough to explain the decision and to reproduce it
//! offline. It contains accounts (the store's own keys) but neither names nor purpose texts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::case::payment_details::PaymentDetails;
use crate::case::risk::Lines;
use crate::case::rules_verdict::RuleOutcome;
use crate::case::shadow::ShadowEvidence;
use crate::case::verdict::{ReviewReason, Versions};
use crate::llm::findings::Finding;
use crate::payment::transaction::{Account, ContentHash, EventTime, MsgId, Transaction};
use crate::state::peers::PeerMark;

/// The evidence of one decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Evidence {
    pub msg_id: MsgId,
    pub transaction_hash: ContentHash,
    pub facts: CaseFacts,
    /// Every feature's value, by name.
    pub features: BTreeMap<String, f64>,
    /// The graph's values by name, if a rule asked for the graph.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<BTreeMap<String, f64>>,
    /// The rules that fired. `RuleSet::explain` derives why the others did not from the rest of the
    /// evidence.
    pub rules: Vec<RuleOutcome>,
    /// Combined weight of these rules, in decibans.
    pub points: f64,
    /// Whether a rule alerts regardless of the risk.
    pub rules_alert: bool,
    /// Whether a clearing rule settled the case.
    pub rules_clear: bool,
    /// The risk thresholds in force.
    pub lines: Lines,
    /// `None` if the rules settled the case before the model was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelEvidence>,
    /// The answer of a model on trial, which does not affect the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenger: Option<ChallengerEvidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub llm: Option<LlmEvidence>,
    /// The results of sets in the shadow, each compared with what is live. They do not affect the
    /// decision.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shadows: Vec<ShadowEvidence>,
    pub versions: Versions,
}

/// The facts of a case: who, what, when and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CaseFacts {
    /// Time of the payment in RFC 3339, as the client gave it.
    #[schema(value_type = String, format = "date-time")]
    pub timestamp: EventTime,
    #[schema(value_type = String)]
    pub sender_account: Account,
    #[schema(value_type = String)]
    pub receiver_account: Account,
    #[serde(flatten)]
    pub details: PaymentDetails,
    /// Measures in which the payment's accounts exceed most of their peers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<PeerMark>,
}

/// Identifies the payment that a decision is about: the part of the evidence that neither rules nor
/// models read.
#[derive(Debug, Clone, PartialEq)]
pub struct Identification {
    pub msg_id: MsgId,
    pub transaction_hash: ContentHash,
    pub timestamp: EventTime,
    pub sender_account: Account,
    pub receiver_account: Account,
}

impl Identification {
    pub fn of(tx: &Transaction, transaction_hash: ContentHash) -> Self {
        Self {
            msg_id: tx.msg_id.clone(),
            transaction_hash,
            timestamp: tx.timestamp.clone(),
            sender_account: tx.sender.account.clone(),
            receiver_account: tx.receiver.account.clone(),
        }
    }
}

/// The model's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ModelEvidence {
    /// SHA-256 of the ONNX file, first 16 hex digits.
    pub hash: String,
    /// Calibrated probability, 0 to 1.
    pub probability: f64,
    /// How contributions were computed: `tree_shap` or `saabas`.
    pub method: String,
    /// The strongest contributions in log-odds, strongest first.
    pub contributions: Vec<Contribution>,
}

/// The answer of a model on trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChallengerEvidence {
    /// SHA-256 of its ONNX file, first 16 hex digits.
    pub hash: String,
    /// Calibrated probability, 0 to 1.
    pub probability: f64,
    /// Whether the payment would have alerted with it as the live model.
    pub alert: bool,
}

/// What one feature added to the model's margin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Contribution {
    pub feature: String,
    /// Value of the feature.
    pub value: f64,
    /// Contribution in log-odds.
    pub contribution: f64,
}

/// What the LLM was asked and answered, or why it was not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LlmEvidence {
    pub model: String,
    /// SHA-256 of the normalised prompt, hex.
    pub prompt_hash: String,
    /// The earlier payments whose purposes it was shown, in the order of its placeholders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<MsgId>,
    /// `None` if no usable answer came; `unavailable` then says why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessment: Option<LlmAssessment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<ReviewReason>,
    /// Served from the response cache, at no cost.
    pub cached: bool,
    pub input_tokens: u64,
    pub output_tokens: u64,
    pub cost_micro_usd: u64,
    pub latency_ms: u64,
}

/// The LLM's checked answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LlmAssessment {
    /// `true`: suspicious, the payment is raised to an alert; `false`: what was decided holds.
    pub suspicious: bool,
    /// The LLM's probability of laundering, 0 to 1.
    pub risk: f64,
    /// What it found in the payment's texts, of what the texts can show.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// The sentences whose numbers, parties and words all can be verified, with placeholders; empty
    /// if it is not suspicious.
    pub narrative: String,
    /// Number of sentences that could be verified.
    pub kept_sentences: u32,
    /// Number of sentences that were removed.
    pub dropped_sentences: u32,
}

impl LlmEvidence {
    /// Returns the evidence of an LLM that gave no answer, and cost nothing so far.
    pub fn without_answer(model: impl Into<String>, why: ReviewReason) -> Self {
        Self {
            model: model.into(),
            prompt_hash: String::new(),
            earlier: Vec::new(),
            assessment: None,
            unavailable: Some(why),
            cached: false,
            input_tokens: 0,
            output_tokens: 0,
            cost_micro_usd: 0,
            latency_ms: 0,
        }
    }
}

impl LlmAssessment {
    /// Returns what an analyst reads of it: our sentence for each finding, then its own.
    pub fn sentences(&self) -> Vec<&str> {
        let own = Some(self.narrative.trim()).filter(|narrative| !narrative.is_empty());
        self.findings.iter().map(|finding| finding.sentence()).chain(own).collect()
    }
}

#[cfg(test)]
impl CaseFacts {
    /// Returns the facts of a transfer, for tests.
    pub(crate) fn example(sender: &str, receiver: &str, details: PaymentDetails) -> Self {
        let account = |text: &str| Account::parse(text).unwrap();
        Self {
            timestamp: "2026-11-01T11:15:00.250+01:00".to_owned().try_into().unwrap(),
            sender_account: account(sender),
            receiver_account: account(receiver),
            details,
            peers: Vec::new(),
        }
    }
}

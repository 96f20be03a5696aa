//! What a decision rests on, stored beside it: enough to explain it, and to judge again offline
//! with the same result. Holds accounts (the store's own keys) but neither names nor purpose texts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::case::notes::Note;
use crate::case::risk::Lines;
use crate::case::rules_verdict::RuleOutcome;
use crate::case::shadow::ShadowEvidence;
use crate::case::verdict::{ReviewReason, Versions};
use crate::payment::transaction::{ContentHash, MsgId, Transaction};
use crate::state::facts::Facts;
use crate::state::late::Late;
use crate::state::peers::PeerMark;

/// The evidence of one decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Evidence {
    pub msg_id: MsgId,
    pub transaction_hash: ContentHash,
    pub facts: CaseFacts,
    /// Every feature's value, by name.
    pub features: BTreeMap<String, f64>,
    /// What lies two steps away, by name; only where a rule wanted to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<BTreeMap<String, f64>>,
    /// The rules that fired. The others are judged again from the rest of the evidence when
    /// somebody asks: `RuleSet::explain`.
    pub rules: Vec<RuleOutcome>,
    /// What these rules are worth together, in decibans.
    pub points: f64,
    /// Whether a rule alerts whatever the risk.
    pub rules_alert: bool,
    /// Whether a clearing rule settled the case.
    pub rules_clear: bool,
    /// Where decisions turned.
    pub lines: Lines,
    /// None where the rules settled the case before the model was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelEvidence>,
    /// What a model on trial says; it changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenger: Option<ChallengerEvidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub llm: Option<LlmEvidence>,
    /// What sets in the shadow said, each alone against what is live; nothing of the decision follows
    /// from it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shadows: Vec<ShadowEvidence>,
    pub versions: Versions,
}

/// Who, what, when and where, for explanations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CaseFacts {
    /// RFC 3339 as the client gave it.
    pub timestamp: String,
    pub sender_account: String,
    /// ISO 3166-1 alpha-2.
    pub sender_country: String,
    pub receiver_account: String,
    pub receiver_country: String,
    /// Decimal text in the payment's currency.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_currency: Option<String>,
    pub payment_type: String,
    /// `payment`, `refund`, `reversal`, `declined` or `fee`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// What kind of customer each side is, where the client says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_segment: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver_segment: Option<String>,
    /// What was seen in the parties, by code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub party_flags: Vec<String>,
    /// What was seen in the purpose text (codes, never the text).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purpose_flags: Vec<String>,
    /// The amount in the base currency; 0 where its currency has no rate, which `notes` then say.
    #[serde(default)]
    pub base_amount: f64,
    /// Where its accounts do more than most of their peers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<PeerMark>,
    /// Set where newer payments of an account had been counted before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<Late>,
    /// What whoever reads the decision has to know of its data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

/// What may be seen in the parties: accounts that were meant as IBANs and are none.
pub const PARTY_FLAGS: [&str; 2] = ["sender_iban_invalid", "receiver_iban_invalid"];

impl CaseFacts {
    pub fn of(tx: &Transaction, facts: &Facts) -> Self {
        Self {
            timestamp: tx.timestamp.as_str().to_owned(),
            sender_account: tx.sender.account.as_str().to_owned(),
            sender_country: tx.sender.bank_country.code().to_owned(),
            receiver_account: tx.receiver.account.as_str().to_owned(),
            receiver_country: tx.receiver.bank_country.code().to_owned(),
            amount: tx.amount.to_string(),
            currency: tx.amount.currency().code().to_owned(),
            received_currency: tx.received_currency.map(|currency| currency.code().to_owned()),
            payment_type: tx.payment_type.code().to_owned(),
            kind: tx.kind.code().to_owned(),
            sender_segment: tx.sender.segment.map(String::from),
            receiver_segment: tx.receiver.segment.map(String::from),
            party_flags: party_flags(tx).map(str::to_owned).collect(),
            purpose_flags: tx.purpose_flags().iter().map(|flag| flag.code().to_owned()).collect(),
            base_amount: facts.amount,
            peers: Vec::new(),
            late: None,
            notes: Note::of(tx, facts).collect(),
        }
    }
}

/// Which of [`PARTY_FLAGS`] a payment has.
pub fn party_flags(tx: &Transaction) -> impl Iterator<Item = &'static str> {
    let invalid = [&tx.sender, &tx.receiver].map(|party| party.account.is_invalid_iban());
    PARTY_FLAGS.into_iter().zip(invalid).filter_map(|(code, is)| is.then_some(code))
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
    /// Whether it would have alerted in the live model's place.
    pub alert: bool,
}

/// What one feature added to the model's margin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Contribution {
    pub feature: String,
    pub value: f64,
    pub contribution: f64,
}

/// What the LLM was asked and answered, or why it was not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LlmEvidence {
    pub model: String,
    /// SHA-256 of the normalised prompt, hex.
    pub prompt_hash: String,
    /// None where no usable answer came; `unavailable` then says why.
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
    /// `true`: suspicious, the verdict is raised to an alert; `false`: the model's verdict holds.
    pub suspicious: bool,
    /// 0 to 1.
    pub risk: f64,
    /// Sentences whose every number and party was found in the evidence; others were dropped.
    pub narrative: String,
    pub dropped_sentences: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::VersionedSet as _;

    /// What the case says of its data: notes, and what was seen in the parties.
    #[track_caller]
    fn check(kind: &str, currency: &str, account: &str, notes: &[Note], party_flags: &[&str]) {
        let tx = serde_json::json!({
            "msg_id": "m-1", "timestamp": "2026-03-02T13:10:00Z", "kind": kind,
            "sender": {"account": account, "bank_country": "DE", "segment": "business"},
            "receiver": {"account": "B", "bank_country": "DE"},
            "amount": "95", "currency": currency, "payment_type": "transfer",
        });
        let tx: Transaction = serde_json::from_value(tx).unwrap();
        let facts = Facts::of(&tx, &crate::reference::Reference::embedded().unwrap());
        let case = CaseFacts::of(&tx, &facts);
        assert_eq!((case.notes.as_slice(), case.party_flags), (notes, owned(party_flags)));
        assert_eq!((case.kind.as_str(), case.sender_segment.as_deref()), (kind, Some("business")));
    }

    fn owned(codes: &[&str]) -> Vec<String> {
        codes.iter().map(|code| (*code).to_owned()).collect()
    }

    #[test]
    fn what_a_reader_has_to_know_of_the_data_is_noted() {
        check("refund", "EUR", "DE89370400440532013000", &[], &[]);
        check("fee", "CLF", "A", &[Note::CurrencyWithoutRate], &[]);
        check("payment", "HRK", "A", &[Note::CurrencyWithdrawn], &[]);
        check("declined", "EUR", "A", &[Note::Declined], &[]);
        check("payment", "EUR", "DE89370400440532013001", &[], &["sender_iban_invalid"]);
    }
}

//! What the LLM is told about a case. Accounts become keyed tokens; names and purpose texts are not
//! in the evidence to begin with, only the codes of what was observed in a purpose. Nothing that a
//! client wrote freely (ids, texts) is included: the prompt consists of numbers, codes and our own
//! sentences, as one JSON document in the user message, separate from the instructions.
//!
//! The document is normalised as it is built (fixed order, rounded numbers, UTC), so that the same
//! case gives the same bytes and finds its earlier answer in the cache.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::case::evidence::Evidence;
use crate::payment::account_token::AccountKey;
use crate::payment::flag_set::FlagSet;
use crate::payment::money::{Currency, Money};
use crate::payment::tenant::Tenant;
use crate::payment::transaction::TextFlag;
use crate::state::features::words;

/// The system message with the instructions, which is part of the prompt's hash.
pub const SYSTEM: &str = include_str!("system.txt");
/// Number of the model's contributions that the LLM sees.
const CONTRIBUTIONS: usize = 8;

/// A prompt, and the parties whose tokens occur in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// The user message: one JSON document.
    pub user: String,
    pub parties: Parties,
}

/// The two parties' accounts and the tokens that stand for them.
#[derive(Clone, PartialEq, Eq)]
pub struct Parties {
    pub sender_token: String,
    pub receiver_token: String,
    sender_account: String,
    receiver_account: String,
}

#[derive(Serialize)]
struct Document<'a> {
    payment: Payment<'a>,
    rules_fired: Vec<FiredRule<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<Model<'a>>,
    features: BTreeMap<&'a str, f64>,
}

#[derive(Serialize)]
struct Payment<'a> {
    at: String,
    #[serde(flatten)]
    amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    received_currency: Option<Currency>,
    payment_type: String,
    sender: Party<'a>,
    receiver: Party<'a>,
    seen_in_purpose_text: FlagSet<TextFlag>,
}

#[derive(Serialize)]
struct Party<'a> {
    account: &'a str,
    bank_country: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    bank_country_name: &'static str,
}

#[derive(Serialize)]
struct FiredRule<'a> {
    typology: &'a str,
    points: f64,
    says: String,
}

#[derive(Serialize)]
struct Model<'a> {
    probability: f64,
    weighed_most: Vec<WeighedFeature<'a>>,
}

#[derive(Serialize)]
struct WeighedFeature<'a> {
    what: &'a str,
    value: f64,
    log_odds: f64,
}

impl Prompt {
    /// Builds the prompt for a case.
    pub fn about(evidence: &Evidence, tenant: &Tenant, key: &AccountKey) -> Self {
        let parties = Parties::of(evidence, tenant, key);
        let document = document(evidence, &parties);
        let user = crate::json::write(&document);
        Self { user, parties }
    }

    /// Returns the SHA-256, in hex, of everything that affects the answer.
    pub fn hash(&self, model: &str, max_tokens: u32) -> String {
        let mut hash = Sha256::new();
        for part in [model, &max_tokens.to_string(), SYSTEM, &self.user] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        hex::encode(hash.finalize())
    }
}

impl Parties {
    pub fn of(evidence: &Evidence, tenant: &Tenant, key: &AccountKey) -> Self {
        let (sender, receiver) = (&evidence.facts.sender_account, &evidence.facts.receiver_account);
        Self {
            sender_token: key.token(tenant, sender.as_str()),
            receiver_token: key.token(tenant, receiver.as_str()),
            sender_account: sender.as_str().to_owned(),
            receiver_account: receiver.as_str().to_owned(),
        }
    }

    /// Replaces tokens by their accounts, for an analyst's eyes only.
    pub fn reveal(&self, text: &str) -> String {
        text.replace(&self.sender_token, &self.sender_account)
            .replace(&self.receiver_token, &self.receiver_account)
    }

    /// Replaces the parties' accounts by their tokens, and anything else that looks like an account
    /// by a placeholder. The sentences of our own rules contain neither, but tenants may write
    /// others.
    fn conceal(&self, text: &str) -> String {
        let mut concealed = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
            let (before, word) = rest.split_at(start);
            let end = word.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(word.len());
            let (word, after) = word.split_at(end);
            let digits = word.bytes().filter(u8::is_ascii_digit).count();
            concealed.push_str(before);
            // A very short account number may be an everyday word.
            let is = |account: &str| word.len() >= 6 && word.eq_ignore_ascii_case(account);
            concealed.push_str(match word {
                _ if is(&self.sender_account) => &self.sender_token,
                _ if is(&self.receiver_account) => &self.receiver_token,
                _ if digits >= 8 => "(account)",
                _ => word,
            });
            rest = after;
        }
        concealed + rest
    }
}

impl std::fmt::Debug for Parties {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Parties({}, {})", self.sender_token, self.receiver_token)
    }
}

fn document<'a>(evidence: &'a Evidence, parties: &'a Parties) -> Document<'a> {
    let details = &evidence.facts.details;
    let party = |account: &'a str, country: &'a str| Party {
        account,
        bank_country: country,
        bank_country_name: country_name(country),
    };
    let known = evidence.features.iter().filter(|(_, value)| **value != 0.0 && **value != -1.0);
    Document {
        payment: Payment {
            at: format!("{:.0}", evidence.facts.timestamp.instant()),
            amount: details.amount,
            received_currency: details.received_currency,
            payment_type: details.payment_type.code().replace('_', " "),
            sender: party(&parties.sender_token, details.sender_country.code()),
            receiver: party(&parties.receiver_token, details.receiver_country.code()),
            seen_in_purpose_text: details.purpose_flags,
        },
        rules_fired: evidence
            .rules
            .iter()
            .map(|rule| FiredRule {
                typology: &rule.typology,
                points: rounded(rule.points),
                says: parties.conceal(&rule.text),
            })
            .collect(),
        model: evidence.model.as_ref().map(|model| Model {
            probability: (model.probability * 100.0).round() / 100.0,
            weighed_most: model
                .contributions
                .iter()
                .take(CONTRIBUTIONS)
                .map(|c| WeighedFeature {
                    what: words(&c.feature),
                    value: rounded(c.value),
                    log_odds: (c.contribution * 100.0).round() / 100.0,
                })
                .collect(),
        }),
        features: known.map(|(name, value)| (name.as_str(), rounded(*value))).collect(),
    }
}

/// Rounds to two decimals below 1,000 and to none above, which is exact enough for a sentence and
/// keeps the cache effective.
fn rounded(value: f64) -> f64 {
    if value.abs() < 1_000.0 { (value * 100.0).round() / 100.0 } else { value.round() }
}

fn country_name(alpha2: &str) -> &'static str {
    rust_iso3166::from_alpha2(alpha2).map_or("", |country| country.name)
}

#[cfg(test)]
pub(crate) mod tests;

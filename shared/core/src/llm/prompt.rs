//! What the LLM is told about a case, as one JSON document in the user message, separate from the
//! instructions. Accounts and names become placeholders; what clients wrote freely comes last, after
//! redaction ([`super::redact`]), and is marked as what it is: other people's text. Everything else
//! consists of numbers, codes and our own sentences.
//!
//! The document is normalised as it is built (fixed order, rounded numbers, UTC), so that the same
//! case gives the same bytes.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::findings::TextSummary;
use super::redact::{Kind, Redactor};
use crate::case::evidence::Evidence;
use crate::payment::flag_set::FlagSet;
use crate::payment::money::{Currency, Money};
use crate::payment::transaction::{MsgId, Party as TransactionParty, TextFlag, Transaction};
use crate::state::features::words;

/// The system message with the instructions, which is part of the prompt's hash.
pub const SYSTEM: &str = include_str!("system.txt");
/// Number of the model's contributions that the LLM sees.
const CONTRIBUTIONS: usize = 8;
/// Most purposes of earlier payments between the same parties that the LLM sees.
pub const EARLIER_BETWEEN: usize = 3;
/// Most purposes of earlier payments of the sender to others that the LLM sees.
pub const EARLIER_OF_SENDER: usize = 5;
/// Most purposes of earlier payments to the sender that the LLM sees: money that mirrors what has
/// just come in says so in its text.
pub const EARLIER_TO_SENDER: usize = 3;

/// The earlier payments whose purposes throw light on a payment's, newest first. Only those with a
/// purpose belong here.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PurposeHistory {
    /// Between the same parties, in the same direction.
    pub between: Vec<Transaction>,
    /// From the same sender to others.
    pub of_sender: Vec<Transaction>,
    /// From others to the sender.
    pub to_sender: Vec<Transaction>,
}

/// A prompt, and what it was built from.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// The user message: one JSON document.
    pub user: String,
    /// The part of it that the product vouches for: everything but other people's texts.
    pub ours: String,
    /// What its placeholders stand for.
    pub redactor: Redactor,
    pub texts: TextSummary,
    /// The purpose as it was shown.
    pub purpose: Option<String>,
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    ours: Ours<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    untrusted_texts: Option<Texts>,
}

/// What the product itself says.
#[derive(Serialize)]
struct Ours<'a> {
    payment: Payment<'a>,
    rules_fired: Vec<FiredRule<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<Model<'a>>,
    features: BTreeMap<&'a str, f64>,
    placeholders: BTreeMap<String, String>,
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
    account: String,
    bank_country: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    bank_country_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind_of_customer: Option<&'a str>,
    /// Ordinary words of its name, such as `construction`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    line_of_business: Vec<String>,
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

/// What clients wrote.
#[derive(Serialize)]
struct Texts {
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    earlier_between_the_parties: Vec<EarlierText>,
    earlier_of_the_sender: Vec<EarlierText>,
    earlier_received_by_the_sender: Vec<EarlierText>,
}

#[derive(Serialize)]
struct EarlierText {
    at: String,
    #[serde(flatten)]
    amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    purpose: String,
}

impl Prompt {
    /// Builds the prompt for a case. `history` is `None` if the LLM is not to see any text.
    pub fn about(evidence: &Evidence, tx: &Transaction, history: Option<&PurposeHistory>) -> Self {
        let mut redactor = Redactor::of(tx);
        let texts = history.map(|history| Texts::of(tx, history, &mut redactor));
        let summary = texts.as_ref().map_or_else(TextSummary::default, Texts::summary);
        let summary = TextSummary { invoice_skips: redactor.skips_documents(), ..summary };
        let purpose = texts.as_ref().and_then(|texts| texts.purpose.clone());
        let ours = ours(evidence, tx, &redactor);
        let vouched = crate::json::write(&ours);
        let user = crate::json::write(&Document { ours, untrusted_texts: texts });
        Self { user, ours: vouched, redactor, texts: summary, purpose }
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

impl PurposeHistory {
    /// Sorts earlier payments of the sender of a payment by who paid whom.
    pub fn of(tx: &Transaction, earlier: Vec<Transaction>) -> Self {
        let (sender, receiver) = (tx.sender.identity(), tx.receiver.identity());
        let mut history = Self::default();
        for past in earlier {
            let list = if past.sender.identity() != sender {
                &mut history.to_sender
            } else if past.receiver.identity() == receiver {
                &mut history.between
            } else {
                &mut history.of_sender
            };
            list.push(past);
        }
        history
    }

    /// Returns what the placeholders of a prompt about a payment stand for.
    pub fn redactor(&self, tx: &Transaction) -> Redactor {
        let mut redactor = Redactor::of(tx);
        Texts::of(tx, self, &mut redactor);
        redactor
    }

    /// Returns the payments in the order in which their texts are redacted, on which the numbers of
    /// placeholders depend.
    pub fn iter(&self) -> impl Iterator<Item = &Transaction> {
        let between = self.between.iter().take(EARLIER_BETWEEN);
        let of_sender = self.of_sender.iter().take(EARLIER_OF_SENDER);
        between.chain(of_sender).chain(self.to_sender.iter().take(EARLIER_TO_SENDER))
    }

    pub fn ids(&self) -> Vec<MsgId> {
        self.iter().map(|tx| tx.msg_id.clone()).collect()
    }
}

impl Texts {
    fn of(tx: &Transaction, history: &PurposeHistory, redactor: &mut Redactor) -> Self {
        for other in history.iter() {
            let (from, to) = (&other.sender, &other.receiver);
            redactor
                .learn(if from.account == tx.sender.account { to } else { from }, "another party");
        }
        let purpose = tx.purpose.as_ref().map(|purpose| redactor.redact(&purpose.text));
        let mut earlier = |list: &[Transaction], most: usize| {
            let texts = list.iter().take(most).filter_map(|past| {
                let name = |party: &TransactionParty, known: &TransactionParty| {
                    let other = party.account != known.account;
                    other.then(|| redactor.account_of(party)).flatten()
                };
                let (from, to) =
                    (name(&past.sender, &tx.sender), name(&past.receiver, &tx.receiver));
                Some(EarlierText {
                    at: date(past),
                    amount: past.amount,
                    // Who is paid is said where it is not this payment's receiver or its sender.
                    to: to.filter(|_| from.is_none()),
                    from,
                    purpose: redactor.redact(&past.purpose.as_ref()?.text),
                })
            });
            texts.collect()
        };
        let earlier_between_the_parties = earlier(&history.between, EARLIER_BETWEEN);
        let earlier_of_the_sender = earlier(&history.of_sender, EARLIER_OF_SENDER);
        let earlier_received_by_the_sender = earlier(&history.to_sender, EARLIER_TO_SENDER);
        Self {
            purpose,
            earlier_between_the_parties,
            earlier_of_the_sender,
            earlier_received_by_the_sender,
        }
    }

    fn summary(&self) -> TextSummary {
        let earlier = || {
            let lists = [
                &self.earlier_between_the_parties,
                &self.earlier_of_the_sender,
                &self.earlier_received_by_the_sender,
            ];
            lists.into_iter().flatten().map(|text| text.purpose.as_str())
        };
        let purpose = self.purpose.as_deref().unwrap_or_default();
        let invoices: BTreeSet<&str> = invoices(purpose).collect();
        TextSummary {
            has_purpose: self.purpose.is_some(),
            earlier: earlier().count(),
            invoice_repeats: earlier().flat_map(self::invoices).any(|one| invoices.contains(one)),
            invoice_skips: false,
        }
    }
}

/// Returns the placeholders of documents' numbers in a redacted text.
fn invoices(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with(Kind::Invoice.code()))
}

fn date(tx: &Transaction) -> String {
    tx.timestamp.instant().strftime("%Y-%m-%d").to_string()
}

fn ours<'a>(evidence: &'a Evidence, tx: &'a Transaction, redactor: &Redactor) -> Ours<'a> {
    let details = &evidence.facts.details;
    let known = evidence.features.iter().filter(|(_, value)| **value != 0.0 && **value != -1.0);
    Ours {
        payment: Payment {
            at: format!("{:.0}", evidence.facts.timestamp.instant()),
            amount: details.amount,
            received_currency: details.received_currency,
            payment_type: details.payment_type.code().replace('_', " "),
            sender: party(&tx.sender, redactor),
            receiver: party(&tx.receiver, redactor),
            seen_in_purpose_text: details.purpose_flags,
        },
        rules_fired: evidence
            .rules
            .iter()
            .map(|rule| FiredRule {
                typology: &rule.typology,
                points: rounded(rule.points),
                says: redactor.conceal(&rule.text),
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
        placeholders: redactor
            .placeholders()
            .iter()
            .map(|placeholder| (placeholder.name(), placeholder.note.clone()))
            .collect(),
    }
}

fn party<'a>(party: &'a TransactionParty, redactor: &Redactor) -> Party<'a> {
    Party {
        account: redactor.account_of(party).unwrap_or_default(),
        bank_country: party.bank_country.code(),
        bank_country_name: country_name(party.bank_country.code()),
        kind_of_customer: party.segment.as_ref().map(|segment| segment.as_str()),
        line_of_business: Redactor::business_of(party),
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

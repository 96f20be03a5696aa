//! An alert in plain language: who, what, when, where, why and how, in time order — what was known
//! before the payment, the payment, what made it stand out, and who has to look. The template's
//! sentences state the evidence; an LLM's checked sentences join them and never replace them, so
//! that the facts are complete whatever it writes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::evidence::{Evidence, LlmEvidence};
use crate::notes::Note;
use crate::reasons::OwnMoney;
use crate::transaction::Transaction;
use crate::verdict::{Decision, Level, ReasonSource, ReviewReason};

/// An explanation, kept and shown as it was first given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Explanation {
    pub alert_id: String,
    /// `llm` where an LLM's sentences are among them.
    pub source: NarrativeSource,
    /// The sentences in one text.
    pub text: String,
    /// In time order.
    pub sentences: Vec<Sentence>,
    /// What the LLM was asked and what it cost, or why it was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub llm: Option<LlmEvidence>,
    /// RFC 3339, UTC.
    pub created_at: String,
}

/// Who wrote a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NarrativeSource {
    Template,
    Llm,
}

/// The question a sentence answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Question {
    Who,
    What,
    When,
    Where,
    Why,
    How,
}

/// One sentence of an explanation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sentence {
    pub answers: Question,
    pub source: NarrativeSource,
    pub text: String,
}

/// The parties' names, where the client gave them: for the people who read an explanation. Evidence
/// holds none, so that no LLM is told any.
#[derive(Debug, Clone, Copy, Default)]
pub struct Names<'a> {
    pub sender: Option<&'a str>,
    pub receiver: Option<&'a str>,
}

impl<'a> Names<'a> {
    pub fn of(tx: &'a Transaction) -> Self {
        Self { sender: tx.sender.name.as_deref(), receiver: tx.receiver.name.as_deref() }
    }
}

impl Explanation {
    /// The template's explanation of an alert.
    pub fn of(
        alert_id: &str,
        decision: &Decision,
        evidence: &Evidence,
        names: Names<'_>,
        created_at: &str,
    ) -> Self {
        let facts = &evidence.facts;
        let mut sentences = vec![
            said(Question::Who, accounts(evidence, names)),
            said(Question::Who, acquaintance(evidence)),
            said(Question::When, moment(evidence)),
        ];
        sentences.extend(facts.late.map(|late| said(Question::When, late.sentence())));
        sentences.push(said(Question::What, payment(evidence)));
        let notes = facts.notes.iter().map(|note| note.sentence(&facts.currency));
        sentences.extend(notes.map(|text| said(Question::What, text)));
        sentences.push(said(Question::Where, places(evidence)));
        sentences.extend(pattern(decision).map(|text| said(Question::How, text)));
        sentences.extend(purpose(evidence).map(|text| said(Question::How, text)));
        sentences.extend(reasons(decision, evidence).map(|text| said(Question::Why, text)));
        sentences.push(said(Question::Why, settled(decision, evidence)));
        let mut explanation = Self {
            alert_id: alert_id.to_owned(),
            source: NarrativeSource::Template,
            text: String::new(),
            sentences,
            llm: None,
            created_at: created_at.to_owned(),
        };
        explanation.text = explanation.joined();
        explanation
    }

    /// With what an LLM wrote, if it is of use; `reveal` puts accounts in place of their tokens,
    /// for the analyst who reads this.
    pub fn with_llm(mut self, llm: LlmEvidence, reveal: impl Fn(&str) -> String) -> Self {
        let narrative = llm.assessment.as_ref().map(|assessment| assessment.narrative.trim());
        if let Some(narrative) = narrative.filter(|narrative| !narrative.is_empty()) {
            self.source = NarrativeSource::Llm;
            self.sentences.push(Sentence {
                answers: Question::Why,
                source: NarrativeSource::Llm,
                text: reveal(narrative),
            });
            self.text = self.joined();
        }
        self.llm = Some(llm);
        self
    }

    fn joined(&self) -> String {
        let texts: Vec<&str> = self.sentences.iter().map(|s| s.text.as_str()).collect();
        texts.join(" ")
    }
}

fn said(answers: Question, text: String) -> Sentence {
    Sentence { answers, source: NarrativeSource::Template, text }
}

fn accounts(evidence: &Evidence, names: Names<'_>) -> String {
    let facts = &evidence.facts;
    let party = |name: Option<&str>, account: &str| match name {
        Some(name) => format!("{name} (account {account})"),
        None => format!("account {account}"),
    };
    format!(
        "The sender is {}, {}; the receiver is {}, {}.",
        party(names.sender, &facts.sender_account),
        age(evidence, "sender_age_days"),
        party(names.receiver, &facts.receiver_account),
        age(evidence, "receiver_age_days"),
    )
}

/// The reasons, gravest first; of rules that rest on the same kind of evidence the strongest alone,
/// so that nothing is said twice.
fn reasons(decision: &Decision, evidence: &Evidence) -> impl Iterator<Item = String> {
    let mut kinds: Vec<&str> = Vec::new();
    let mut texts = Vec::new();
    for reason in &decision.reasons {
        let rule = evidence.rules.iter().find(|rule| rule.id == reason.code);
        let again = rule.is_some_and(|rule| kinds.contains(&rule.evidence.as_str()));
        if reason.source == ReasonSource::Llm || reason.text.is_empty() || again {
            continue;
        }
        kinds.extend(rule.map(|rule| rule.evidence.as_str()));
        texts.push(reason.text.clone());
    }
    texts.into_iter()
}

/// A feature's value; None where it is unknown (`-1` stands for never).
fn feature(evidence: &Evidence, name: &str) -> Option<f64> {
    evidence.features.get(name).copied().filter(|value| *value >= 0.0)
}

fn age(evidence: &Evidence, name: &str) -> String {
    match feature(evidence, name) {
        None => "not seen before".to_owned(),
        Some(days) if days < 1.0 => "first seen less than a day before".to_owned(),
        Some(days) => format!("first seen {} before", count(days, "day", "days")),
    }
}

fn acquaintance(evidence: &Evidence) -> String {
    let before = feature(evidence, "pair_count").unwrap_or_default();
    let back = feature(evidence, "reverse_count").unwrap_or_default();
    let mut text = if before < 1.0 {
        "The sender had never paid the receiver before".to_owned()
    } else {
        format!("The sender had paid the receiver {} before", count(before, "time", "times"))
    };
    if back >= 1.0 {
        text += &format!(", and the receiver had paid the sender {}", count(back, "time", "times"));
    }
    text + "."
}

fn moment(evidence: &Evidence) -> String {
    let given = &evidence.facts.timestamp;
    match given.parse::<Timestamp>() {
        Ok(at) => format!("The payment was made on {}.", at.strftime("%Y-%m-%d at %H:%M:%S UTC")),
        Err(_) => format!("The payment was made at {given}."),
    }
}

fn payment(evidence: &Evidence) -> String {
    let facts = &evidence.facts;
    let kind = words(&facts.payment_type);
    let moved = match facts.notes.contains(&Note::Declined) {
        true => "It was to move",
        false => "It moved",
    };
    let mut text = format!("{moved} {}, by {kind}", OwnMoney::of(facts).of_payment());
    if let Some(received) = facts.received_currency.as_ref().filter(|to| **to != facts.currency) {
        text += &format!(", and arrived in {received}");
    }
    text + "."
}

fn places(evidence: &Evidence) -> String {
    let (from, to) = (&evidence.facts.sender_country, &evidence.facts.receiver_country);
    if from == to {
        return format!("Both banks are in {}.", country(from));
    }
    format!("It went from a bank in {} to a bank in {}.", country(from), country(to))
}

fn country(alpha2: &str) -> String {
    match rust_iso3166::from_alpha2(alpha2) {
        Some(known) => format!("{} ({alpha2})", known.name),
        None => alpha2.to_owned(),
    }
}

fn pattern(decision: &Decision) -> Option<String> {
    let typologies: Vec<String> = decision.typologies.iter().map(|code| words(code)).collect();
    let text = format!("The pattern is that of {}.", listed(&typologies));
    (!typologies.is_empty()).then_some(text)
}

fn purpose(evidence: &Evidence) -> Option<String> {
    let seen: Vec<String> = evidence.facts.purpose_flags.iter().map(|flag| words(flag)).collect();
    let text = format!("Its purpose text holds {}.", listed(&seen));
    (!seen.is_empty()).then_some(text)
}

fn settled(decision: &Decision, evidence: &Evidence) -> String {
    let risk = format!(
        "The risk of laundering is put at {} %",
        crate::reasons::number(decision.risk_score * 100.0)
    );
    let why = match (decision.review, decision.level) {
        (None, Level::Rules) if evidence.rules_alert => "a rule alerts here whatever the risk",
        (None, Level::Rules) => "what the rules found would have sufficed for an alert",
        (None, Level::Model) => "the statistical model and the rules together settled it",
        (None, Level::Llm) => "rules and model were unsure and the LLM settled it",
        (Some(reason), _) => {
            return format!(
                "{risk}, between the lines for review and for an alert, and a person decides because \
                 {}.",
                why_a_person(reason)
            );
        }
    };
    format!("{risk}; {why}, and an analyst decides what follows.")
}

fn why_a_person(reason: ReviewReason) -> &'static str {
    match reason {
        ReviewReason::BudgetExhausted => "the day's LLM budget was spent",
        ReviewReason::GateClosed => "LLM escalation was closed",
        ReviewReason::BreakerOpen => "the LLM was recovering from failures",
        ReviewReason::LlmFailed => "the LLM gave no usable answer",
        ReviewReason::LlmNotConfigured => "no LLM is configured",
    }
}

/// A code in words: `fan_in` is "fan in".
fn words(code: &str) -> String {
    code.replace(['_', '-'], " ")
}

/// "a", "a and b", "a, b and c".
fn listed(words: &[String]) -> String {
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

fn count(number: f64, one: &str, many: &str) -> String {
    let whole = number.floor();
    format!("{whole:.0} {}", if whole == 1.0 { one } else { many })
}

#[cfg(test)]
mod tests;

//! An alert in plain language: who, what, when, where, why and how, in time order. It tells what
//! was known before the payment, the payment itself, what made it stand out, and who has to look.
//! The template's sentences state the evidence; an LLM's checked sentences join them and never
//! replace them, so that the facts are complete whatever it writes.

use serde::{Deserialize, Serialize};

use crate::case::alert_id::AlertId;
use crate::case::evidence::{Evidence, LlmAssessment, LlmEvidence};
use crate::case::notes::Note;
use crate::case::payment_details::PartyFlag;
use crate::case::verdict::{Decision, Level, ReasonSource};
use crate::payment::transaction::{Kind, Transaction};
use crate::payment::utc_time::UtcTime;
use crate::wording::money::MoneyFormatter;
use crate::wording::numbers::{days_of, in_percent, number};

/// An explanation of an alert, stored and shown as it was first given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Explanation {
    pub alert_id: AlertId,
    /// `llm` if it includes an LLM's sentences.
    pub source: NarrativeSource,
    /// The sentences joined to one text.
    pub text: String,
    /// The sentences in time order.
    pub sentences: Vec<Sentence>,
    /// The LLM's answer and its cost, or why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub llm: Option<LlmEvidence>,
    pub created_at: UtcTime,
}

/// Who wrote a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NarrativeSource {
    Template,
    Llm,
}

/// The question a sentence answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Sentence {
    pub answers: Question,
    pub source: NarrativeSource,
    pub text: String,
}

/// The parties' names if the client gave them, for the people who read an explanation. Evidence has
/// no names, so that no LLM ever sees them.
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
    /// Returns the template's explanation of an alert.
    pub fn of(
        alert_id: AlertId,
        decision: &Decision,
        evidence: &Evidence,
        names: Names<'_>,
        created_at: UtcTime,
    ) -> Self {
        let facts = &evidence.facts;
        let mut sentences = vec![
            sentence(Question::Who, accounts(decision, evidence, names)),
            sentence(Question::Who, acquaintance(evidence)),
        ];
        let details = &facts.details;
        let invalid = details.party_flags.iter().map(invalid_account);
        sentences.extend(invalid.map(|text| sentence(Question::Who, text)));
        sentences.push(sentence(Question::When, moment(evidence)));
        sentences.extend(details.late.map(|late| sentence(Question::When, late.sentence())));
        sentences.push(sentence(Question::What, payment(evidence)));
        let currency = details.amount.currency();
        let notes = details.notes.iter().map(|note| note.sentence(currency));
        sentences.extend(notes.map(|text| sentence(Question::What, text)));
        sentences.push(sentence(Question::Where, places(evidence)));
        sentences.extend(pattern(decision).map(|text| sentence(Question::How, text)));
        sentences.extend(purpose(evidence).map(|text| sentence(Question::How, text)));
        let reasons: Vec<String> = reasons(decision, evidence).collect();
        let windows = windows(&reasons);
        sentences.extend(reasons.into_iter().map(|text| sentence(Question::Why, text)));
        sentences.extend(windows.map(|text| sentence(Question::Why, text)));
        sentences.push(sentence(Question::Why, settled(decision, evidence)));
        let mut explanation = Self {
            alert_id,
            source: NarrativeSource::Template,
            text: String::new(),
            sentences,
            llm: None,
            created_at,
        };
        explanation.text = explanation.joined();
        explanation
    }

    /// Adds the LLM's answer, with what it found and wrote if that is suspicious; `reveal` replaces
    /// placeholders by what they stand for, for the analyst who reads it.
    pub fn with_llm(mut self, llm: LlmEvidence, reveal: impl Fn(&str) -> String) -> Self {
        let suspicious = llm.assessment.as_ref().filter(|assessment| assessment.suspicious);
        for said in suspicious.map(LlmAssessment::sentences).unwrap_or_default() {
            self.source = NarrativeSource::Llm;
            self.sentences.push(Sentence {
                answers: Question::Why,
                source: NarrativeSource::Llm,
                text: reveal(said),
            });
        }
        self.text = self.joined();
        self.llm = Some(llm);
        self
    }

    fn joined(&self) -> String {
        let texts: Vec<&str> = self.sentences.iter().map(|s| s.text.as_str()).collect();
        texts.join(" ")
    }
}

fn sentence(answers: Question, text: String) -> Sentence {
    Sentence { answers, source: NarrativeSource::Template, text }
}

/// Names the accounts and how long they have been known, unless a reason already begins with that.
fn accounts(decision: &Decision, evidence: &Evidence, names: Names<'_>) -> String {
    let facts = &evidence.facts;
    let party = |name: Option<&str>, account: &str, side: &str| {
        let told = format!("The {side}'s account was first seen");
        let who = match name {
            Some(name) => format!("{name} (account {account})"),
            None => format!("account {account}"),
        };
        match decision.reasons.iter().any(|reason| reason.text.starts_with(&told)) {
            true => who,
            false => format!("{who}, {}", age(evidence, &format!("{side}_age_days"))),
        }
    };
    format!(
        "The sender is {}; the receiver is {}.",
        party(names.sender, facts.sender_account.as_str(), "sender"),
        party(names.receiver, facts.receiver_account.as_str(), "receiver"),
    )
}

/// Says that an account number in the form of an IBAN is not a valid one.
fn invalid_account(flag: PartyFlag) -> String {
    let side = match flag {
        PartyFlag::SenderIbanInvalid => "sender",
        PartyFlag::ReceiverIbanInvalid => "receiver",
    };
    format!("The {side}'s account number has the form of an IBAN, but is not a valid one.")
}

/// Returns the reasons, the most serious first. Of rules that rest on the same kind of evidence
/// only the strongest is kept, so that nothing is said twice.
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

/// Says how windows are counted, if a reason names one.
fn windows(reasons: &[String]) -> Option<String> {
    let names = |words: &str| reasons.iter().any(|text| text.contains(words));
    let days = names("within two days") || names("within seven days");
    let is_usual = names("in a usual week") || names("in usual weeks") || names("a usual week's");
    let usual = "a usual week is the mean of up to four calendar weeks before this one";
    match (days, is_usual) {
        (false, false) => None,
        (true, false) => Some(format!("{DAYS}.")),
        (true, true) => Some(format!("{DAYS}; {usual}.")),
        (false, true) => Some(usual.replacen('a', "A", 1) + "."),
    }
}

/// Days as [`crate::state::profile::View::days`] counts them.
const DAYS: &str = "Days are calendar days in UTC, the last of them the payment's own";

/// Returns a feature's value; `None` if it is unknown (`-1`).
fn feature(evidence: &Evidence, name: &str) -> Option<f64> {
    evidence.features.get(name).copied().filter(|value| *value >= 0.0)
}

fn age(evidence: &Evidence, name: &str) -> String {
    match feature(evidence, name) {
        None => "not seen before".to_owned(),
        Some(days) => format!("first seen {} before", days_of(days)),
    }
}

fn acquaintance(evidence: &Evidence) -> String {
    let before = feature(evidence, "pair_count").unwrap_or_default();
    let back = feature(evidence, "reverse_count").unwrap_or_default();
    // If the payment is late, only the pair's first payment is sure to have come before it.
    let times = |count: f64| match evidence.facts.details.late {
        Some(_) => format!("at least {}", times(count)),
        None => times(count),
    };
    let mut text = if before < 1.0 {
        "The sender had never paid the receiver before".to_owned()
    } else {
        format!("The sender had paid the receiver {} before", times(before))
    };
    if back >= 1.0 {
        text += &format!(", and the receiver had paid the sender {}", times(back));
    }
    text + "."
}

fn times(count: f64) -> String {
    match number(count).as_str() {
        "1" => "once".to_owned(),
        "2" => "twice".to_owned(),
        many => format!("{many} times"),
    }
}

fn moment(evidence: &Evidence) -> String {
    let at = evidence.facts.timestamp.instant();
    format!("The payment was made on {}.", at.strftime("%Y-%m-%d at %H:%M:%S UTC"))
}

fn payment(evidence: &Evidence) -> String {
    let details = &evidence.facts.details;
    let moved = match details.kind {
        Kind::Payment => "It moved",
        Kind::Declined => "It was to move",
        Kind::Refund => "It is a refund of",
        Kind::Reversal => "It is the reversal of a payment of",
        Kind::Fee => "It is a fee of",
    };
    let by = details.payment_type.words();
    let mut text = format!("{moved} {}, by {by}", MoneyFormatter::of(details).of_payment());
    let exchanged = details.received_currency.filter(|to| *to != details.amount.currency());
    if let Some(received) = exchanged {
        let arrived = if details.notes.contains(Note::Declined) { "to arrive" } else { "arriving" };
        text += &format!(", {arrived} in {}", received.code());
    }
    text + "."
}

fn places(evidence: &Evidence) -> String {
    let details = &evidence.facts.details;
    let (from, to) = (details.sender_country.code(), details.receiver_country.code());
    if from == to {
        return format!("Both banks are in {}.", country(from));
    }
    format!("The sender's bank is in {}, the receiver's in {}.", country(from), country(to))
}

fn country(alpha2: &str) -> String {
    match rust_iso3166::from_alpha2(alpha2) {
        Some(known) => format!("{} ({alpha2})", in_a_sentence(known.name)),
        None => alpha2.to_owned(),
    }
}

/// Turns a name in ISO 3166-1, which is made for lists, into words for a sentence: "Iran (Islamic
/// Republic of)" becomes "the Islamic Republic of Iran", and some names get an article.
fn in_a_sentence(name: &str) -> String {
    const ARTICLE: [&str; 14] = [
        "Bahamas",
        "Cayman",
        "Central African",
        "Comoros",
        "Congo",
        "Cook",
        "Czech Republic",
        "Dominican Republic",
        "Gambia",
        "Maldives",
        "Netherlands",
        "Philippines",
        "Russian",
        "United",
    ];
    let turned = name.strip_suffix(')').and_then(|name| name.split_once(" ("));
    match turned {
        Some((name, "British")) => format!("the British {name}"),
        Some((name, "U.S.")) => format!("the U.S. {name}"),
        Some((name, of)) if of.ends_with(" of") => format!("the {of} {name}"),
        _ if ARTICLE.iter().any(|start| name.starts_with(start)) => format!("the {name}"),
        _ if name.ends_with("Islands") => format!("the {name}"),
        _ => name.to_owned(),
    }
}

fn pattern(decision: &Decision) -> Option<String> {
    let typologies: Vec<String> = decision.typologies.iter().map(|code| words(code)).collect();
    let noun = if typologies.len() == 1 { "Typology" } else { "Typologies" };
    (!typologies.is_empty()).then(|| format!("{noun}: {}.", listed(&typologies)))
}

/// Says what stands out in the purpose text, unless a rule on the text has fired.
fn purpose(evidence: &Evidence) -> Option<String> {
    let is_told = evidence.rules.iter().any(|rule| rule.evidence == "text");
    let seen: Vec<String> = evidence.facts.details.purpose_flags.codes().map(words).collect();
    let text = format!("What stands out in its purpose text: {}.", listed(&seen));
    (!seen.is_empty() && !is_told).then_some(text)
}

fn settled(decision: &Decision, evidence: &Evidence) -> String {
    let risk = format!("The risk of laundering is put at {}", in_percent(decision.risk_score));
    let why = match (decision.review, decision.level) {
        (None, Level::Rules) if evidence.rules_alert => "a rule alerts here whatever the risk",
        (None, Level::Rules) => "what the rules found would have sufficed for an alert",
        (None, Level::Model) if evidence.points <= 0.0 => "the statistical model settled it",
        (None, Level::Model) => "the statistical model and the rules together settled it",
        (None, Level::Llm) => "rules and model were unsure and the LLM raised it",
        (Some(reason), _) => {
            return format!(
                "{risk}, between the lines for review and for an alert, and a person decides because \
                 {}.",
                reason.words()
            );
        }
    };
    format!("{risk}; {why}, and an analyst decides what follows.")
}

/// Writes a code in words: `fan_in` is "fan in".
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

#[cfg(test)]
mod tests;

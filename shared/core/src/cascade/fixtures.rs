//! A rule's fixtures: stories that make it fire and near misses that do not, run through the real
//! path (parsing, memory, features, graph, rules). A near miss fails exactly one of the rule's
//! conditions, so that it shows where the rule draws the line.
//!
//! A story has one payment per line:
//!
//! ```text
//! 2026-03-01T09:30 anna@GB(Anna_Smith) > bob@FR 9500.00 GBP>EUR wire "invoice 17"
//! ```
//!
//! Time (noon), countries (GB), names, currencies (USD), type (transfer) and purpose may be left
//! out. `{1..7}` repeats a line; several ranges in one line advance together. A payment that such a
//! line cannot express is written in the API's own JSON, also on one line.

use serde::Deserialize;

use crate::cascade::Policy;
use crate::case::rules_verdict::RulesVerdict;
use crate::json::{self, Unreadable};
use crate::payment::transaction::Transaction;
use crate::rules::{Rule, RuleTrace};
use crate::state::facts::Facts;
use crate::state::features::Features;
use crate::state::memory::Memory;

/// One rule's fixtures.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    pub fires: Vec<Story>,
    pub near_misses: Vec<Story>,
}

/// A history, and the payment that is judged after it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// Why the rule fires, or which condition fails.
    pub because: String,
    #[serde(default)]
    pub history: Vec<String>,
    pub judged: String,
}

/// A fixture that cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum FixtureError {
    #[error("not the JSON of fixtures, line {}, column {}", .0.line, .0.column)]
    Json(Unreadable),
    #[error("no payment: {0}")]
    Payment(String),
    #[error("the set has no rule {0}")]
    NoRule(String),
}

/// The outcome of a story.
pub struct StoryOutcome {
    /// The verdict of all rules, with the graph.
    pub verdict: RulesVerdict,
    /// Whether a rule waited for the graph before it was gathered.
    pub waited: bool,
    /// The trace of the rule that the story is about.
    pub trace: RuleTrace,
}

impl Fixture {
    pub fn parse(json: &str) -> Result<Self, FixtureError> {
        json::read(json).map_err(FixtureError::Json)
    }

    /// Runs every story of a rule and returns what is wrong, one sentence each.
    pub fn check(&self, rule: &str, policy: &Policy) -> Vec<String> {
        let mut faults = Vec::new();
        if self.fires.is_empty() || self.near_misses.is_empty() {
            faults.push("needs a story that fires and a near miss".to_owned());
        }
        let fires = self.fires.iter().map(|story| (true, story));
        let misses = self.near_misses.iter().map(|story| (false, story));
        for (fires, story) in fires.chain(misses) {
            let fault = match story.outcome(rule, policy) {
                Ok(told) if fires => told.fires(policy),
                Ok(told) => told.misses_nearly(),
                Err(error) => Some(error.to_string()),
            };
            faults.extend(fault.map(|fault| format!("\"{}\": {fault}", story.because)));
        }
        faults
    }
}

impl Story {
    /// Records the story's history and judges its last payment.
    pub fn outcome(&self, rule: &str, policy: &Policy) -> Result<StoryOutcome, FixtureError> {
        let mut memory = Memory::default();
        for line in &self.history {
            for tx in payments(line)? {
                memory.apply(&Facts::of(&tx, &policy.reference));
            }
        }
        let tx = payment(&self.judged)?;
        let facts = Facts::of(&tx, &policy.reference);
        let around = memory.neighbourhood(&facts);
        let examined = policy.examine(&tx, facts, &around);
        let (case, features): (_, &Features) = (&examined.details, &examined.features);
        let graph = memory.graph(&facts, &around);
        let verdict = policy.rules.judge(case, features, Some(&graph));
        let traces = policy.rules.explain(case, features, Some(&graph));
        let trace = traces.into_iter().find(|trace| trace.id == rule);
        let trace = trace.ok_or_else(|| FixtureError::NoRule(rule.to_owned()))?;
        Ok(StoryOutcome { verdict, waited: examined.rules.waits_for_graph, trace })
    }
}

impl StoryOutcome {
    fn fires(&self, policy: &Policy) -> Option<String> {
        let graph = policy.rules.rule(&self.trace.id).is_some_and(Rule::is_graph_rule);
        match &self.trace.why_not {
            Some(why) => Some(format!("does not fire. {}{}", why.text, self.seen())),
            None if graph && !self.waited => Some("does not wait for the graph".to_owned()),
            None if self.trace.text.contains(['{', '?']) => {
                Some("the sentence has gaps".to_owned())
            }
            None => None,
        }
    }

    fn misses_nearly(&self) -> Option<String> {
        let failed = self.trace.conditions.iter().filter(|condition| !condition.holds).count();
        match failed {
            0 => Some("fires".to_owned()),
            1 => None,
            many => Some(format!("misses {many} conditions, not one{}", self.seen())),
        }
    }

    fn seen(&self) -> String {
        let failed = self.trace.conditions.iter().filter(|condition| !condition.holds);
        let texts = failed.map(|c| format!("\n    {} is {:?}", c.expression, c.value));
        texts.collect()
    }
}

/// Parses the payments that a line stands for.
pub fn payments(line: &str) -> Result<Vec<Transaction>, FixtureError> {
    repeated(line).iter().map(|line| payment(line)).collect()
}

/// Returns the lines that a line with ranges stands for.
fn repeated(line: &str) -> Vec<String> {
    let Some((from, to)) = range(line) else { return vec![line.to_owned()] };
    (from..=to).map(|n| numbered(line, n - from)).collect()
}

/// Returns the first range in a line.
fn range(line: &str) -> Option<(u32, u32)> {
    let inner = line.split_once('{')?.1.split_once('}')?.0;
    let (from, to) = inner.split_once("..")?;
    Some((from.parse().ok()?, to.parse().ok()?))
}

/// Replaces every range in a line with its number at `step`, padded to the width of its first
/// number.
fn numbered(line: &str, step: u32) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('{') {
        let (inner, after) = after.split_once('}').unwrap_or((after, ""));
        let from = inner.split("..").next().unwrap_or_default();
        let number = from.parse::<u32>().unwrap_or_default() + step;
        text += &format!("{before}{number:0width$}", width = from.len());
        rest = after;
    }
    text + rest
}

/// Parses a payment from its line.
fn payment(line: &str) -> Result<Transaction, FixtureError> {
    let fault = || FixtureError::Payment(line.to_owned());
    if line.starts_with("{\"") {
        return Transaction::parse(line.as_bytes(), jiff::Timestamp::MAX).map_err(|_| fault());
    }
    let (head, purpose) = match line.split_once('"') {
        Some((head, purpose)) => (head, Some(purpose.strip_suffix('"').ok_or_else(fault)?)),
        None => (line, None),
    };
    let mut words = head.split_whitespace();
    let mut next = || words.next().ok_or_else(fault);
    let (time, from, arrow, to, amount) = (next()?, next()?, next()?, next()?, next()?);
    if arrow != ">" {
        return Err(fault());
    }
    let time = match time.split_once('T') {
        Some((day, time)) => format!("{day}T{time}:00Z"),
        None => format!("{time}T12:00:00Z"),
    };
    let mut body = serde_json::json!({
        "msg_id": "story", "timestamp": time, "sender": party(from), "receiver": party(to),
        "amount": amount, "currency": "USD", "payment_type": "transfer",
    });
    for word in words {
        if word.starts_with(|c: char| c.is_ascii_uppercase()) {
            let (sent, received) = word.split_once('>').unwrap_or((word, word));
            body["currency"] = sent.into();
            if received != sent {
                body["received_currency"] = received.into();
            }
        } else {
            body["payment_type"] = word.into();
        }
    }
    if let Some(purpose) = purpose {
        body["purpose"] = purpose.into();
    }
    let parsed = Transaction::parse(body.to_string().as_bytes(), jiff::Timestamp::MAX);
    parsed.map_err(|_| fault())
}

/// Reads `account`, `account@CC` or `account@CC(Their_Name)`; the name also serves as party id.
fn party(text: &str) -> serde_json::Value {
    let (text, name) = match text.split_once('(') {
        Some((text, name)) => (text, Some(name.trim_end_matches(')').replace('_', " "))),
        None => (text, None),
    };
    let (account, country) = text.split_once('@').unwrap_or((text, "GB"));
    let mut party = serde_json::json!({ "account": account, "bank_country": country });
    if let Some(name) = name {
        party["party_id"] = name.as_str().into();
        party["name"] = name.into();
    }
    party
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_payment() {
        let line = r#"2026-03-01T09:30 anna@FR(Anna_Smith) > bob 9500.00 GBP>EUR wire "rent, May""#;
        let tx = payment(line).unwrap();
        assert_eq!(tx.sender.name.as_deref(), Some("Anna Smith"));
        assert_eq!((tx.sender.bank_country.code(), tx.receiver.bank_country.code()), ("FR", "GB"));
        assert_eq!((tx.amount.to_string().as_str(), tx.changes_currency()), ("9500.00", true));
        assert_eq!(tx.purpose.unwrap().text, "rent, May");
        assert!(payment("2026-03-01 a b 100").is_err());
        let json = r#"{"msg_id": "r", "timestamp": "2026-03-01T09:30:00Z", "amount": "9500",
            "currency": "CLP", "sender": {"account": "anna", "bank_country": "CL"}, "receiver":
            {"account": "bob", "bank_country": "CL", "segment": "person"}, "payment_type": "wire"}"#;
        assert_eq!(payments(json).unwrap()[0].msg_id.as_str(), "r");
    }

    #[test]
    fn ranges_repeat_a_line() {
        let lines = repeated("2026-03-{09..11} p{1..3} > mule 9{1..3}00");
        let last = "2026-03-11 p3 > mule 9300";
        assert_eq!((lines.len(), lines[0].as_str()), (3, "2026-03-09 p1 > mule 9100"));
        assert_eq!(lines[2], last);
    }
}

//! The cases: labelled payments with the earlier payments that they follow.

use anyhow::{Context as _, ensure};
use jiff::{SignedDuration, Timestamp};
use model::Model;
use sentinel::cascade::{Answers, Examination, Policy};
use sentinel::case::evidence::{Evidence, Identification};
use sentinel::llm::prompt::{Prompt, PurposeHistory};
use sentinel::payment::transaction::Transaction;
use sentinel::state::facts::Facts;
use sentinel::state::memory::Memory;
use serde::{Deserialize, Serialize};
use serde_json::json;

const EMBEDDED: &str = include_str!("cases.json");
/// When every case's payment is made.
const AT: &str = "2026-06-15T10:00:00Z";

/// What a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    Honest,
    Suspicious,
}

/// A labelled payment.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub id: String,
    pub label: Label,
    pub kind: String,
    pub language: String,
    payment: Payment,
    earlier: Vec<EarlierPayment>,
    /// Why the label is right.
    #[expect(dead_code, reason = "for people who read the file")]
    why: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payment {
    payment_type: String,
    amount: String,
    currency: String,
    purpose: String,
    sender: Party,
    receiver: Party,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Party {
    name: String,
    country: String,
    segment: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct EarlierPayment {
    days_before: f64,
    amount: String,
    purpose: String,
    currency: Option<String>,
    payment_type: Option<String>,
    /// Who was paid, if not the case's receiver.
    to: Option<Party>,
    /// Who paid the case's sender, if it is not the sender who paid.
    from: Option<Party>,
}

/// A case as the first two levels judge it, and what the third is told.
pub struct JudgedCase {
    /// Whether the rules alone alert.
    pub rules: bool,
    /// Whether rules and model alert.
    pub model: bool,
    pub prompt: Prompt,
}

pub fn embedded() -> anyhow::Result<Vec<Case>> {
    read(EMBEDDED)
}

pub fn read(text: &str) -> anyhow::Result<Vec<Case>> {
    serde_json::from_str(text).context("the cases are not readable")
}

impl Case {
    /// Judges the case after its earlier payments.
    pub fn judge(&self, policy: &Policy, model: &Model) -> anyhow::Result<JudgedCase> {
        let tx = self.payment()?;
        let mut memory = Memory::default();
        let mut earlier = self.earlier()?;
        earlier.sort_by_key(|past| past.timestamp.instant());
        for past in &earlier {
            memory.record(past.msg_id.as_str(), &Facts::of(past, &policy.reference));
        }
        earlier.reverse();
        let history = PurposeHistory::of(&tx, earlier);
        let facts = Facts::of(&tx, &policy.reference);
        let around = memory.neighbourhood(&facts);
        let mut examined = policy.examine(&tx, facts, &around);
        if examined.wants_graph() {
            let graph = memory.graph(&facts, &around);
            policy.add_graph(&mut examined, graph);
        }
        let rules = examined.outcome(None).alert;
        let evidence = evidence(examined, &tx, policy, model)?;
        let prompt = Prompt::about(&evidence, &tx, Some(&history));
        Ok(JudgedCase { rules, model: evidence.outcome_without_llm().alert, prompt })
    }

    fn payment(&self) -> anyhow::Result<Transaction> {
        let Payment { payment_type, amount, currency, purpose, sender, receiver } = &self.payment;
        self.transaction((0, 0.0), (sender, receiver), (amount, currency), payment_type, purpose)
    }

    fn earlier(&self) -> anyhow::Result<Vec<Transaction>> {
        let of = &self.payment;
        let transaction = |(at, past): (usize, &EarlierPayment)| {
            ensure!(past.days_before > 0.0, "{}: an earlier payment is not earlier", self.id);
            let parties = match (&past.to, &past.from) {
                (None, None) => (&of.sender, &of.receiver),
                (Some(to), None) => (&of.sender, to),
                (None, Some(from)) => (from, &of.sender),
                (Some(to), Some(from)) => (from, to),
            };
            let currency = past.currency.as_ref().unwrap_or(&of.currency);
            let payment_type = past.payment_type.as_ref().unwrap_or(&of.payment_type);
            let amount = (&past.amount, currency);
            self.transaction(
                (1 + at, past.days_before),
                parties,
                amount,
                payment_type,
                &past.purpose,
            )
        };
        self.earlier.iter().enumerate().map(transaction).collect()
    }

    fn transaction(
        &self,
        (number, days_before): (usize, f64),
        (sender, receiver): (&Party, &Party),
        (amount, currency): (&String, &String),
        payment_type: &str,
        purpose: &str,
    ) -> anyhow::Result<Transaction> {
        let at: Timestamp = AT.parse()?;
        let before = SignedDuration::try_from_secs_f64(86_400.0 * days_before)?;
        let party = |party: &Party| {
            json!({
                "account": account(&party.name),
                "bank_country": party.country,
                "segment": party.segment,
                "name": party.name,
            })
        };
        let body = json!({
            "msg_id": format!("{}-{number}", self.id),
            "timestamp": (at - before).to_string(),
            "sender": party(sender),
            "receiver": party(receiver),
            "amount": amount,
            "currency": currency,
            "payment_type": payment_type,
            "purpose": purpose,
        });
        let read = Transaction::parse(body.to_string().as_bytes(), at);
        read.map_err(|fault| anyhow::anyhow!("{}: {fault}", self.id))
    }
}

/// Returns the account of a party: the same name has the same one.
fn account(name: &str) -> String {
    let sum = name
        .bytes()
        .fold(0_u64, |sum, byte| sum.wrapping_mul(1_099_511_628_211).wrapping_add(u64::from(byte)));
    format!("{:010}", sum % 10_000_000_000)
}

fn evidence(
    examined: Examination,
    tx: &Transaction,
    policy: &Policy,
    model: &Model,
) -> anyhow::Result<Evidence> {
    let asked = examined.wants_model();
    let answer = asked.then(|| model.evidence(&examined.features)).transpose()?;
    let answers = Answers { model: answer, ..Answers::default() };
    let id = Identification::of(tx, tx.content_hash());
    Ok(examined.into_evidence(id, answers, policy.versions(model.hash())))
}

//! Rule sets load or say why not; rules fire on what they are for and not on a near miss.

use super::*;
use crate::facts::{Facts, Reference};
use crate::memory::Memory;
use crate::transaction::Transaction;

#[track_caller]
fn check_error(rule: &str, message: &str) {
    let json = format!(r#"{{"version":"1","alert_points":100,"rules":[{rule}]}}"#);
    let error = RuleSet::load(&json).err().expect("an error").to_string();
    assert!(error.contains(message), "{error}");
}

fn rule(when: &str, params: &str, sentence: &str) -> String {
    format!(
        r#"{{"id":"r","typology":"t","effect":"flag","points":1,"when":"{when}",
            "params":{params},"sentence":"{sentence}","source":"s"}}"#
    )
}

#[test]
fn a_broken_rule_is_refused_by_name_and_place() {
    check_error(&rule("amount >", "{}", "s"), "rule r: the expression does not parse");
    check_error(&rule("amuont > 1.0", "{}", "s"), "did you mean amount?");
    check_error(
        &rule("amount > low", r#"{"low":1,"high":2}"#, "s"),
        "parameter high is never used",
    );
    check_error(&rule("amount > 1.0", "{}", "{amuont}"), "rule r: the sentence names amuont");
    check_error(&rule("amount > 1.0", "{}", "{amount"), "this brace is never closed");
    let twice = rule("amount > 1.0", "{}", "s");
    check_error(&format!("{twice},{twice}"), "two rules have the id r");
}

/// A little history, then the verdict on one more transaction.
struct Story {
    memory: Memory,
    reference: Reference,
    rules: RuleSet,
    next: u32,
}

impl Story {
    fn new() -> Self {
        Self {
            memory: Memory::default(),
            reference: Reference::embedded().unwrap(),
            rules: RuleSet::embedded().unwrap(),
            next: 0,
        }
    }

    fn transaction(&mut self, day: &str, from: &str, to: &str, amount: &str) -> Transaction {
        self.next += 1;
        let (from, from_country) = from.split_once('@').unwrap_or((from, "GB"));
        let (to, to_country) = to.split_once('@').unwrap_or((to, "GB"));
        let body = serde_json::json!({
            "msg_id": self.next.to_string(), "timestamp": format!("{day}T12:00:00Z"),
            "sender": {"account": from, "bank_country": from_country},
            "receiver": {"account": to, "bank_country": to_country},
            "amount": amount, "currency": "GBP", "payment_type": "transfer"
        });
        Transaction::parse(body.to_string().as_bytes(), jiff::Timestamp::MAX).unwrap()
    }

    fn happened(&mut self, day: &str, from: &str, to: &str, amount: &str) -> &mut Self {
        let tx = self.transaction(day, from, to, amount);
        let facts = Facts::of(&tx, &self.reference);
        self.memory.record(tx.msg_id.as_str(), &facts);
        self
    }

    #[track_caller]
    fn fires(&mut self, day: &str, from: &str, to: &str, amount: &str, expect: &[&str]) {
        let tx = self.transaction(day, from, to, amount);
        let facts = Facts::of(&tx, &self.reference);
        let features = Features::extract(&facts, &self.memory.neighbourhood(&facts));
        let verdict = self.rules.judge(&CaseFacts::of(&tx, &facts), &features, None);
        let fired: Vec<_> = verdict.fired.iter().map(|o| o.id.as_str()).collect();
        assert_eq!(fired, expect, "{:#?}", features.by_name());
        assert!(verdict.fired.iter().all(|o| !o.text.contains('?')));
    }
}

#[test]
fn structuring_needs_a_pattern_and_an_aggregate() {
    let mut story = Story::new();
    story.fires("2026-03-03", "a", "x", "9500", &[]);
    story.happened("2026-03-01", "a", "b", "9500").happened("2026-03-02", "a", "c", "9700");
    story.fires("2026-03-03", "a", "d", "9600", &["structuring-aggregate"]);
    story.fires("2026-03-03", "a", "d", "8000", &[]);
}

#[test]
fn new_payers_converge_but_a_hub_is_no_mule() {
    let mut story = Story::new();
    for n in 0..7 {
        story.happened("2026-03-01", &format!("p{n}"), "mule", "300");
    }
    story.fires("2026-03-01", "p7", "mule", "300", &["fan-in-new-payers"]);
    story.fires("2026-03-01", "p6", "mule", "300", &[]);
}

#[test]
fn new_receivers_diverge() {
    let mut story = Story::new();
    for n in 0..7 {
        story.happened("2026-03-01", "a", &format!("r{n}"), "300");
    }
    story.fires("2026-03-01", "a", "r7", "300", &["fan-out-new-receivers"]);
}

#[test]
fn money_that_leaves_as_it_came_passes_through() {
    let mut story = Story::new();
    story.happened("2026-03-01", "a", "mule", "8000");
    story.fires("2026-03-01", "mule", "b", "7600", &["pass-through"]);
    story.fires("2026-03-01", "mule", "b", "2500", &[]);
    story.fires("2026-03-09", "mule", "b", "7600", &[]);
}

#[test]
fn money_that_comes_back_closes_a_cycle() {
    let mut story = Story::new();
    story.happened("2026-03-01", "a", "b", "5000");
    story.fires("2026-03-06", "b", "a", "4900", &["money-comes-back"]);
    story.fires("2026-03-20", "b", "a", "4900", &[]);
}

#[test]
fn a_call_for_action_jurisdiction_alerts_by_itself() {
    let mut story = Story::new();
    story.fires("2026-03-01", "a", "b@IR", "500", &["high-risk-country"]);
    story.fires("2026-03-01", "a", "b@FR", "500", &[]);
}

#[test]
fn a_dormant_account_wakes() {
    let mut story = Story::new();
    story.happened("2025-01-01", "a", "b", "50");
    story.fires("2025-09-01", "a", "b", "6000", &["dormant-account-wakes"]);
    story.fires("2025-02-01", "a", "b", "6000", &[]);
}

#[test]
fn a_new_account_takes_in_much() {
    let mut story = Story::new();
    story.happened("2026-03-01", "a", "new", "30000");
    story.fires("2026-03-03", "b", "new", "20000", &["new-account-large-flow"]);
    story.fires("2026-03-20", "b", "new", "20000", &[]);
}

#[test]
fn an_amount_out_of_all_proportion_stands_out() {
    let mut story = Story::new();
    for n in 1..=9 {
        story.happened(&format!("2026-03-0{n}"), "a", "shop", "100");
    }
    story.fires("2026-03-10", "a", "shop", "20000", &["large-against-history"]);
    story.fires("2026-03-10", "a", "shop", "110", &[]);
}

#[test]
fn round_amounts_repeat() {
    let mut story = Story::new();
    for n in 1..=6 {
        story.happened(&format!("2026-03-0{n}"), "a", "b", "2000");
    }
    story.fires("2026-03-06", "a", "b", "3000", &["round-amounts-repeat"]);
    story.fires("2026-03-06", "a", "b", "3001", &[]);
}

#[test]
fn small_payments_among_friends_are_cleared() {
    let mut story = Story::new();
    for n in 1..=5 {
        story.happened(&format!("2026-03-0{n}"), "a", "b", "12");
    }
    story.fires("2026-03-06", "a", "b", "12", &["small-and-familiar"]);
    story.fires("2026-03-06", "a", "c", "12", &[]);
}

#[test]
fn values_stand_in_the_sentence() {
    let mut story = Story::new();
    story.happened("2026-03-01", "a", "mule", "8000");
    let tx = story.transaction("2026-03-01", "mule", "b", "7600");
    let facts = Facts::of(&tx, &story.reference);
    let features = Features::extract(&facts, &story.memory.neighbourhood(&facts));
    let verdict = story.rules.judge(&CaseFacts::of(&tx, &facts), &features, None);
    let text = &verdict.fired[0].text;
    assert_eq!(text, "95 % of the day's income leaves again, 0 days after it came.");
}

//! `sentinel explain`: one decision with every rule, its values, and why it did not fire.

use std::process::ExitCode;

use anyhow::Context as _;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sentinel::case::verdict::{Decision, ReasonSource, Versions};
use sentinel::rules::{ConditionTrace, RuleTrace, TraceValue};
use serde::Deserialize;

use crate::api::Api;
use crate::terminal::{print, table};

/// Explains one decision: every rule, its values, and why it did not fire.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The transaction's id.
    pub id: String,
    #[command(flatten)]
    pub api: Api,
    /// Print the API's answer unchanged.
    #[arg(long)]
    pub json: bool,
}

/// The decision with its rules.
#[derive(Debug, Deserialize)]
struct ExplainedDecision {
    #[serde(flatten)]
    decision: Decision,
    #[serde(default)]
    rules: Vec<RuleTrace>,
}

/// Asks the API and prints the explanation.
pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    sentinel::payment::transaction::MsgId::parse(&args.id)
        .context("this is not a transaction's id")?;
    let id = utf8_percent_encode(&args.id, NON_ALPHANUMERIC);
    let path = format!("/api/v1/transactions?msg_id={id}&rules=all");
    let body = args.api.get(&path).await?;
    let body = body.with_context(|| format!("{} is not decided yet", args.id))?;
    if args.json {
        print(&body)?;
    } else {
        let explained: ExplainedDecision = serde_json::from_str(&body)
            .context("the API's answer is not what its contract says")?;
        print(&explained.text())?;
    }
    Ok(ExitCode::SUCCESS)
}

impl ExplainedDecision {
    fn text(&self) -> String {
        let decision = &self.decision;
        let mut text = format!(
            "{}: risk {:.2}, {}\n{}\n",
            decision.msg_id.as_str(),
            decision.risk_score,
            if decision.alert { "alert" } else { "no alert" },
            decision.explanation
        );
        for reason in &decision.reasons {
            let source = match reason.source {
                ReasonSource::Rule => "rule",
                ReasonSource::Model => "model",
                ReasonSource::Llm => "LLM",
            };
            text += &format!("  {source} {}: {}\n", reason.code, reason.text);
        }
        let Versions { rules, reference, model, .. } = &decision.versions;
        text += &format!("Rules {rules}, reference data {reference}, model {model}\n");
        let (fired, silent): (Vec<&RuleTrace>, Vec<_>) =
            self.rules.iter().partition(|rule| rule.fired);
        if !fired.is_empty() {
            text += "\nRules that fired\n";
            for rule in &fired {
                text += &format!("\n{} ({}, {} points)\n", rule.id, rule.typology, rule.points);
                text += &format!("{}\n{}\n", rule.text, conditions(rule));
            }
        }
        if !silent.is_empty() {
            let rows: Vec<Vec<String>> = silent.iter().map(|rule| row(rule)).collect();
            let heading = ["rule", "value", "", "threshold", "why it did not fire"];
            text += &format!("\nRules that did not fire\n\n{}\n", table(&heading, &rows));
        }
        text.trim_end().to_owned()
    }
}

fn conditions(rule: &RuleTrace) -> String {
    let rows: Vec<Vec<String>> = rule.conditions.iter().map(cells).collect();
    table(&["  condition", "value", "", "threshold"], &rows)
}

fn cells(condition: &ConditionTrace) -> Vec<String> {
    vec![
        format!("  {}", condition.words),
        condition.value.as_ref().map_or_else(String::new, shown),
        condition.operator.clone().unwrap_or_default(),
        condition.threshold.as_ref().map_or_else(String::new, shown),
    ]
}

/// The row of a rule that did not fire, with the condition that failed.
fn row(rule: &RuleTrace) -> Vec<String> {
    let failed = rule.conditions.iter().find(|condition| !condition.holds);
    let mut row = failed.map_or_else(|| vec![String::new(); 4], cells);
    row[0].clone_from(&rule.id);
    row.push(rule.why_not.as_ref().map_or_else(String::new, |why| why.text.clone()));
    row
}

fn shown(value: &TraceValue) -> String {
    match value {
        TraceValue::Flag(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        TraceValue::Number(number) => {
            let text = format!("{number:.2}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        TraceValue::Text(text) => text.clone(),
        TraceValue::List(texts) => texts.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_shown_with_the_rules_that_fired_and_the_others() {
        let body = serde_json::json!({
            "msg_id": "t-1", "risk_score": 0.5, "alert": false, "level": "model",
            "explanation": "No level found reason for an alert.", "typologies": [], "cost": {
                "llm_micro_usd": 0, "llm_input_tokens": 0, "llm_output_tokens": 0 },
            "reasons": [], "decided_at": "2026-11-01T10:00:00Z",
            "versions": { "core": "0", "rules": "r@1", "reference": "d@1", "model": "m", "features": "f" },
            "rules": [
                { "id": "large", "typology": "single_large", "effect": "flag",
                  "account": "sender", "fired": true, "points": 10.0, "text": "A large payment.",
                  "conditions": [{ "expression": "amount >= limit", "words": "amount",
                    "value": 6000.0, "operator": ">=", "threshold": 5000.0, "holds": true }] },
                { "id": "larger", "typology": "single_large", "effect": "flag",
                  "account": "sender", "fired": false, "points": 20.0,
                  "conditions": [{ "expression": "amount >= limit", "words": "amount",
                    "value": 6000.0, "operator": ">=", "threshold": 9000.0, "holds": false }],
                  "why_not": { "kind": "amount", "text": "Needs at least 9,000 USD." } }
            ]
        });
        let explained: ExplainedDecision = serde_json::from_value(body).unwrap();
        let expected = "\
t-1: risk 0.50, no alert
No level found reason for an alert.
Rules r@1, reference data d@1, model m

Rules that fired

large (single_large, 10 points)
A large payment.
  condition  value      threshold
  amount     6000   >=  5000

Rules that did not fire

rule    value      threshold  why it did not fire
larger  6000   >=  9000       Needs at least 9,000 USD.";
        assert_eq!(explained.text(), expected);
    }
}

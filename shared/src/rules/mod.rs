//! The first level of the cascade: rules as data. A rule set is a versioned, hashed document whose
//! rules are CEL expressions over a transaction's facts, its features and the rule's parameters.
//! CEL because it is a specified, non-Turing-complete language that compliance teams already meet
//! in policy engines, and because its Rust crate (`cel`) is the maintained one.

mod load;
mod sentence;

use std::collections::BTreeMap;

use cel::common::types::{CelDouble, CelString};
use cel::common::value::CowVal;
use cel::context::VariableResolver;
use serde::{Deserialize, Serialize};

pub use load::RuleSetError;

use crate::evidence::{CaseFacts, RuleOutcome};
use crate::facts::Facts;
use crate::features::Features;
use sentence::Sentence;

/// What a rule does when it fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Settles the case without the later levels, unless a rule alerts.
    Clear,
    /// Adds its points; enough of them alert.
    Flag,
    /// Alerts by itself.
    Alert,
}

/// A rule, compiled.
pub struct Rule {
    pub id: String,
    pub typology: String,
    pub effect: Effect,
    pub points: f64,
    /// The red flag's source.
    pub source: String,
    params: BTreeMap<String, f64>,
    program: cel::Program,
    sentence: Sentence,
}

/// A rule set in force.
pub struct RuleSet {
    rules: Vec<Rule>,
    alert_points: f64,
    version: String,
    env: std::sync::Arc<cel::Env>,
}

/// What all rules together say.
#[derive(Debug, Clone, PartialEq)]
pub struct RulesVerdict {
    pub outcomes: Vec<RuleOutcome>,
    pub points: f64,
    pub alert: bool,
    pub clear: bool,
}

impl RuleSet {
    /// Version and content hash, `2026-11-23@0a1b2c3d4e5f6071`.
    pub fn version(&self) -> &str {
        &self.version
    }

    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Evaluates every rule. A rule that fails to evaluate counts as not fired; expressions are
    /// checked against the known names at load, so that this cannot hide a misspelt one.
    pub fn judge(&self, facts: &Facts, case: &CaseFacts, features: &Features) -> RulesVerdict {
        let mut verdict =
            RulesVerdict { outcomes: Vec::new(), points: 0.0, alert: false, clear: false };
        for rule in &self.rules {
            let scope = Scope { rule, facts, case, features };
            let fired = self.fires(&scope);
            if fired {
                verdict.points += rule.points;
                verdict.alert |= rule.effect == Effect::Alert;
                verdict.clear |= rule.effect == Effect::Clear;
            }
            verdict.outcomes.push(RuleOutcome {
                id: rule.id.clone(),
                typology: rule.typology.clone(),
                fired,
                points: if fired { rule.points } else { 0.0 },
                text: if fired { rule.sentence.fill(&scope) } else { String::new() },
            });
        }
        verdict.alert |= verdict.points >= self.alert_points;
        verdict.clear &= !verdict.alert;
        verdict
    }

    fn fires(&self, scope: &Scope<'_>) -> bool {
        let mut context = cel::Context::with_env(self.env.clone());
        context.set_variable_resolver(scope);
        matches!(scope.rule.program.execute(&context), Ok(cel::Value::Bool(true)))
    }
}

/// The names a rule's expression and sentence may use.
struct Scope<'a> {
    rule: &'a Rule,
    facts: &'a Facts,
    case: &'a CaseFacts,
    features: &'a Features,
}

/// Facts beside the features, by name.
const TEXTS: [&str; 4] = ["payment_type", "currency", "sender_country", "receiver_country"];

impl Scope<'_> {
    fn number(&self, name: &str) -> Option<f64> {
        if name == "amount" {
            return Some(self.facts.amount);
        }
        let param = self.rule.params.get(name).copied();
        param.or_else(|| self.features.get(name).map(f64::from))
    }

    fn text(&self, name: &str) -> Option<&str> {
        match name {
            "payment_type" => Some(self.facts.payment_type.code()),
            "currency" => Some(&self.case.currency),
            "sender_country" => Some(&self.case.sender_country),
            "receiver_country" => Some(&self.case.receiver_country),
            _ => None,
        }
    }
}

impl VariableResolver for Scope<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        if let Some(number) = self.number(name) {
            return Some(CowVal::Owned(Box::new(CelDouble::from(number))));
        }
        let text = self.text(name)?;
        Some(CowVal::Owned(Box::new(CelString::from(text))))
    }
}

#[cfg(test)]
mod tests;

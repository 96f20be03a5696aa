//! From a document to a rule set, or to an error that names the rule and the place. A broken set is
//! never half loaded, so it cannot replace a working one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::sentence::Sentence;
use super::{Effect, Rule, RuleSet, TEXTS};
use crate::features::NAMES;

/// Why a document is not a rule set.
#[derive(Debug, thiserror::Error)]
pub enum RuleSetError {
    #[error("the rule set is not valid JSON of its schema: {0}")]
    Json(#[from] serde_json::Error),
    #[error("two rules have the id {0}")]
    DuplicateId(String),
    #[error(
        "rule {rule}: the expression does not parse at line {line}, column {column}: {message}"
    )]
    Syntax { rule: String, line: isize, column: isize, message: String },
    #[error(
        "rule {rule}: {place} names {name}, which is neither a feature, a fact nor a parameter"
    )]
    UnknownName { rule: String, place: &'static str, name: String },
    #[error("rule {rule}: the parameter {name} is never used")]
    UnusedParameter { rule: String, name: String },
    #[error("rule {rule}: the sentence has an unclosed brace")]
    Sentence { rule: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: String,
    alert_points: f64,
    rules: Vec<RuleDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleDocument {
    id: String,
    typology: String,
    effect: Effect,
    points: f64,
    when: String,
    #[serde(default)]
    params: BTreeMap<String, f64>,
    sentence: String,
    source: String,
}

impl RuleSet {
    /// Compiles and checks a rule set.
    pub fn load(json: &str) -> Result<Self, RuleSetError> {
        let document: Document = serde_json::from_str(json)?;
        let env = Arc::new(cel::Env::stdlib());
        let mut ids = BTreeSet::new();
        let mut rules = Vec::with_capacity(document.rules.len());
        for rule in document.rules {
            if !ids.insert(rule.id.clone()) {
                return Err(RuleSetError::DuplicateId(rule.id));
            }
            rules.push(compile(&env, rule)?);
        }
        let hash = hex::encode(Sha256::digest(json));
        let version = format!("{}@{}", document.version, &hash[..16]);
        Ok(Self { rules, alert_points: document.alert_points, version, env })
    }

    /// The set that comes with this version.
    pub fn embedded() -> Result<Self, RuleSetError> {
        Self::load(include_str!("../../rules/core.json"))
    }
}

fn compile(env: &cel::Env, rule: RuleDocument) -> Result<Rule, RuleSetError> {
    let program = env.compile(&rule.when).map_err(|errors| {
        let first = errors.errors.first();
        let (line, column) = first.map_or((0, 0), |err| err.pos);
        let message = first.map_or_else(String::new, |err| err.msg.clone());
        RuleSetError::Syntax { rule: rule.id.clone(), line, column, message }
    })?;
    let known = |name: &str| {
        name == "amount"
            || rule.params.contains_key(name)
            || NAMES.contains(&name)
            || TEXTS.contains(&name)
    };
    let references = program.references();
    let used: BTreeSet<String> = references.variables().into_iter().map(str::to_owned).collect();
    let unknown = |place, name: &str| RuleSetError::UnknownName {
        rule: rule.id.clone(),
        place,
        name: name.to_owned(),
    };
    if let Some(name) = used.iter().find(|name| !known(name)) {
        return Err(unknown("the expression", name));
    }
    if let Some(name) = rule.params.keys().find(|name| !used.contains(*name)) {
        return Err(RuleSetError::UnusedParameter { rule: rule.id.clone(), name: name.clone() });
    }
    let sentence = Sentence::parse(&rule.sentence)
        .ok_or_else(|| RuleSetError::Sentence { rule: rule.id.clone() })?;
    if let Some(name) = sentence.names().find(|name| !known(name)) {
        return Err(unknown("the sentence", name));
    }
    Ok(Rule {
        id: rule.id,
        typology: rule.typology,
        effect: rule.effect,
        points: rule.points,
        source: rule.source,
        params: rule.params,
        program,
        sentence,
    })
}

//! Rule sets and their changes as text and as JSON.

use sentinel::register::VersionedSet as _;
use sentinel::rules::{RuleSet, RuleSetChanges};
use serde_json::json;

use crate::terminal::table;

pub(super) fn list(set: &RuleSet) -> String {
    let rows: Vec<Vec<String>> = set
        .rules()
        .iter()
        .map(|rule| {
            vec![
                rule.id.clone(),
                rule.typology.clone(),
                rule.effect.code().to_owned(),
                rule.evidence.clone(),
                rule.points.to_string(),
                rule.account.code().to_owned(),
                if rule.is_graph_rule() { "graph" } else { "" }.to_owned(),
                rule.source.clone(),
            ]
        })
        .collect();
    let heading =
        ["rule", "typology", "effect", "evidence", "points", "account", "reads", "source"];
    let rules = table(&heading, &rows);
    format!(
        "{rules}\n\n{} rules, version {}; alerts from a risk of {}, reviews from {}",
        set.rules().len(),
        set.version(),
        set.lines().alert,
        set.lines().review
    )
}

pub(super) fn list_json(set: &RuleSet) -> serde_json::Result<String> {
    let rules = set.rules().iter().map(|rule| {
        json!({
            "id": rule.id, "typology": rule.typology, "effect": rule.effect,
            "evidence": rule.evidence, "points": rule.points, "account": rule.account,
            "when": rule.when, "params": rule.params,
            "sentence": rule.sentence(), "source": rule.source, "graph": rule.is_graph_rule(),
        })
    });
    serde_json::to_string_pretty(&json!({
        "version": set.version(), "description": set.description(),
        "lines": set.lines(), "rules": rules.collect::<Vec<_>>(),
    }))
}

pub(super) fn changes(changes: &RuleSetChanges) -> String {
    let mut lines = Vec::new();
    lines.extend(changes.added.iter().map(|id| format!("+ {id}")));
    lines.extend(changes.removed.iter().map(|id| format!("- {id}")));
    for (id, fields) in &changes.changed {
        lines.push(format!("~ {id}"));
        for change in fields {
            let side =
                |value: &Option<String>| value.clone().unwrap_or_else(|| "(none)".to_owned());
            let (old, new) = (side(&change.old), side(&change.new));
            lines.push(format!("    {}: {old} -> {new}", change.field));
        }
    }
    if lines.is_empty() { "No differences.".to_owned() } else { lines.join("\n") }
}

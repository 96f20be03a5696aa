//! Rule sets and their changes as text and as JSON.

use std::io::Write as _;

use sentinel::rules::{RuleSet, RuleSetChanges};
use serde_json::json;

/// A table: a heading and rows of as many cells, columns as wide as their widest cell.
pub(crate) fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let chars = |text: &str| text.chars().count();
    let widths: Vec<usize> = heading
        .iter()
        .enumerate()
        .map(|(at, name)| rows.iter().map(|row| chars(&row[at])).fold(chars(name), usize::max))
        .collect();
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let heading = line(heading.to_vec());
    let rows = rows.iter().map(|row| line(row.iter().map(String::as_str).collect()));
    [heading].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

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
        "{rules}\n\n{} rules, version {}; a risk of {} alerts, of {} is reviewed",
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

/// To standard output; a reader that stops early is no error.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

//! A rule's sentence with its values filled in: `{name}` shows a number as a person would write it,
//! `{name:pct}` as a percentage.

use super::Scope;

/// A parsed template.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sentence(Vec<Part>);

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Words(String),
    Value { name: String, percent: bool },
}

impl Sentence {
    /// None where a brace stays open.
    pub(super) fn parse(template: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = template;
        while let Some(open) = rest.find('{') {
            let close = open + rest[open..].find('}')?;
            parts.push(Part::Words(rest[..open].to_owned()));
            let inner = &rest[open + 1..close];
            let (name, percent) = match inner.strip_suffix(":pct") {
                Some(name) => (name, true),
                None => (inner, false),
            };
            parts.push(Part::Value { name: name.to_owned(), percent });
            rest = &rest[close + 1..];
        }
        parts.push(Part::Words(rest.to_owned()));
        Some(Self(parts))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Value { name, .. } => Some(name.as_str()),
            Part::Words(_) => None,
        })
    }

    pub(super) fn fill(&self, scope: &Scope<'_>) -> String {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Words(words) => text.push_str(words),
                Part::Value { name, percent } => match (scope.number(name), scope.text(name)) {
                    (Some(number), _) if *percent => {
                        text.push_str(&format!("{:.0} %", number * 100.0));
                    }
                    (Some(number), _) => text.push_str(&plain(name, number)),
                    (None, Some(words)) => text.push_str(words),
                    (None, None) => text.push('?'),
                },
            }
        }
        text
    }
}

/// Amounts with thousands and their currency, other numbers with at most one decimal.
fn plain(name: &str, number: f64) -> String {
    if name == "amount" || name.contains("_amount_") && !name.ends_with("_ratio") {
        let digits = format!("{number:.0}");
        let groups = digits.as_bytes().rchunks(3).rev();
        let groups: Vec<_> = groups.map(|group| String::from_utf8_lossy(group)).collect();
        return format!("{} USD", groups.join(","));
    }
    let rounded = format!("{number:.1}");
    rounded.strip_suffix(".0").map_or(rounded.clone(), str::to_owned)
}

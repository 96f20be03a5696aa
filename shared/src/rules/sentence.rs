//! A rule's sentence with its values filled in: `{name}` shows a number as a person would write it,
//! `{name:pct}` as a percentage.

use std::collections::BTreeMap;

use super::names::{self, Name, Values};

/// A parsed template.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sentence {
    template: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Words(String),
    /// A value, by name and place in the template.
    Value {
        at: usize,
        name: String,
        percent: bool,
    },
}

impl Sentence {
    /// Fails with the place of a brace that stays open.
    pub(super) fn parse(template: &str) -> Result<Self, usize> {
        let mut parts = Vec::new();
        let mut from = 0;
        while let Some(found) = template[from..].find('{') {
            let open = from + found;
            let close = open + template[open..].find('}').ok_or(open)?;
            parts.push(Part::Words(template[from..open].to_owned()));
            let inner = &template[open + 1..close];
            let (name, percent) = match inner.strip_suffix(":pct") {
                Some(name) => (name, true),
                None => (inner, false),
            };
            parts.push(Part::Value { at: open + 1, name: name.to_owned(), percent });
            from = close + 1;
        }
        parts.push(Part::Words(template[from..].to_owned()));
        Ok(Self { template: template.to_owned(), parts })
    }

    pub(super) fn template(&self) -> &str {
        &self.template
    }

    /// The names with their places.
    pub(super) fn names(&self) -> impl Iterator<Item = (usize, &str)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value { at, name, .. } => Some((*at, name.as_str())),
            Part::Words(_) => None,
        })
    }

    pub(super) fn fill(&self, params: &BTreeMap<String, f64>, values: &Values<'_>) -> String {
        let mut text = String::with_capacity(self.template.len());
        for part in &self.parts {
            match part {
                Part::Words(words) => text.push_str(words),
                Part::Value { name, percent, .. } => {
                    let number = params.get(name).copied();
                    let shown = match (number, names::find(name)) {
                        (Some(number), _) => shown(name, number, *percent),
                        (None, Some(Name::Number(at))) => shown(name, values.numbers[at], *percent),
                        (None, Some(Name::Text(at))) => values.texts[at].to_owned(),
                        (None, Some(Name::Flag(at))) => values.flag(at).to_string(),
                        (None, None) => "?".to_owned(),
                    };
                    text.push_str(&shown);
                }
            }
        }
        text
    }
}

fn shown(name: &str, number: f64, percent: bool) -> String {
    if percent { format!("{:.0} %", number * 100.0) } else { plain(name, number) }
}

/// Whether a value is an amount in the base currency.
pub(super) fn is_amount(name: &str) -> bool {
    let amount = name == "amount" || name.contains("_amount");
    amount && !name.contains("ratio") && !name.contains("similar_amounts") && name != "round_amount"
}

/// Amounts with thousands and their currency, other numbers with at most one decimal.
pub(super) fn plain(name: &str, number: f64) -> String {
    if is_amount(name) {
        let digits = format!("{:.0}", number.abs());
        let groups = digits.as_bytes().rchunks(3).rev();
        let groups: Vec<_> = groups.map(|group| String::from_utf8_lossy(group)).collect();
        let sign = if number < 0.0 { "-" } else { "" };
        return format!("{sign}{} USD", groups.join(","));
    }
    let rounded = format!("{number:.1}");
    rounded.strip_suffix(".0").map_or(rounded.clone(), str::to_owned)
}

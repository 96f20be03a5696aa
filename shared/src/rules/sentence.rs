//! A rule's sentence with its values filled in: `{name}` shows a number as a person would write it,
//! `{name:pct}` as a percentage, times as "3 hours", amounts in the payment's own currency beside the
//! base currency.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::names::{self, Name, Values};
use crate::reasons::days_of;

/// A parsed template.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sentence {
    template: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Words(String),
    Value {
        /// Its place in the template.
        at: usize,
        name: String,
        shown: Shown,
        from: Source,
    },
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shown {
    Percent,
    Amount,
    /// Days and their parts: "3 hours", "12 days".
    Span,
    Plain,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
enum Source {
    Param(f64),
    Name(Name),
    Unknown,
}

impl Sentence {
    /// Fails with the place of a brace that stays open.
    pub(super) fn parse(template: &str, params: &BTreeMap<String, f64>) -> Result<Self, usize> {
        let mut parts = Vec::new();
        let mut from = 0;
        while let Some(found) = template[from..].find('{') {
            let open = from + found;
            let close = open + template[open..].find('}').ok_or(open)?;
            parts.push(Part::Words(template[from..open].to_owned()));
            let inner = &template[open + 1..close];
            let (name, shown) = match inner.strip_suffix(":pct") {
                Some(name) => (name, Shown::Percent),
                None if is_amount(inner) => (inner, Shown::Amount),
                None if is_span(inner) => (inner, Shown::Span),
                None => (inner, Shown::Plain),
            };
            let source = match (params.get(name), names::find(name)) {
                (Some(number), _) => Source::Param(*number),
                (None, Some(name)) => Source::Name(name),
                (None, None) => Source::Unknown,
            };
            parts.push(Part::Value { at: open + 1, name: name.to_owned(), shown, from: source });
            from = close + 1;
        }
        parts.push(Part::Words(template[from..].to_owned()));
        Ok(Self { template: template.to_owned(), parts })
    }

    pub(super) fn template(&self) -> &str {
        &self.template
    }

    /// The names nobody knows, with their places.
    pub(super) fn unknown_names(&self) -> impl Iterator<Item = (usize, &str)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value { at, name, from: Source::Unknown, .. } => Some((*at, name.as_str())),
            _ => None,
        })
    }

    pub(super) fn fill(&self, values: &Values<'_>) -> String {
        let mut text = String::with_capacity(self.template.len() + 16);
        for part in &self.parts {
            match part {
                Part::Words(words) => text.push_str(words),
                Part::Value { shown, from, .. } => match from {
                    Source::Param(number) => shown.write(*number, &mut text),
                    Source::Name(Name::Number(0)) => text.push_str(&values.money.of_payment()),
                    Source::Name(Name::Number(at)) if *shown == Shown::Amount => {
                        text.push_str(&values.money.of_sum(values.numbers[*at]));
                    }
                    Source::Name(Name::Number(at)) => shown.write(values.numbers[*at], &mut text),
                    Source::Name(Name::Text(at)) => text.push_str(values.texts[*at]),
                    Source::Name(Name::Flag(at)) => {
                        text.push_str(if values.flag(*at) { "yes" } else { "no" });
                    }
                    Source::Unknown => text.push('?'),
                },
            }
        }
        text
    }
}

impl Shown {
    fn write(self, number: f64, text: &mut String) {
        // Writing to a String cannot fail.
        let _ = match self {
            Self::Percent => write!(text, "{:.0} %", number * 100.0),
            Self::Amount => {
                amount(number, text);
                Ok(())
            }
            Self::Span => write!(text, "{}", days_of(number)),
            Self::Plain => {
                let from = text.len();
                let written = write!(text, "{number:.1}");
                if text[from..].ends_with(".0") {
                    text.truncate(text.len() - 2);
                }
                written
            }
        };
    }
}

/// Whether a value is an amount in the base currency.
pub(super) fn is_amount(name: &str) -> bool {
    let amount = name == "amount" || name.contains("_amount");
    amount && !name.contains("ratio") && !name.contains("similar_amounts") && name != "round_amount"
}

/// Whether a value is a time in days.
fn is_span(name: &str) -> bool {
    name.contains("_days_since_") || name.ends_with("_days")
}

/// Amounts with thousands and their currency, other numbers with at most one decimal.
pub(super) fn plain(name: &str, number: f64) -> String {
    let mut text = String::new();
    let shown = if is_amount(name) { Shown::Amount } else { Shown::Plain };
    shown.write(number, &mut text);
    text
}

fn amount(number: f64, text: &mut String) {
    let digits = format!("{:.0}", number.abs());
    if number < 0.0 {
        text.push('-');
    }
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text.push_str(" USD");
}

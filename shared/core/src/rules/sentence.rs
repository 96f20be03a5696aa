//! A rule's sentence with its values filled in: `{name}` shows a number as a person would write it,
//! `{name:pct}` as a percentage, `{name:payment/payments}` as a count with its noun, times as
//! "3 hours", amounts in the payment's own currency beside the base currency.
//!
//! A sentence says "about" where a value is not exact: of a late payment's windows, and beside what is
//! only usual.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::names::{self, Name, Values};
use crate::wording::money::OwnMoney;
use crate::wording::money::grouped_text as thousands;
use crate::wording::numbers::{days_of, part_of_all, payment_words};

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
        /// Whether it is a sum or a count over a window, which a late payment sees approximately.
        windowed: bool,
        from: Source,
    },
}

/// How a number is written.
#[derive(Debug, Clone, PartialEq)]
enum Shown {
    Percent,
    /// A percentage of what came in: what has left of it is never more than all.
    PartOfAll,
    Amount,
    /// Days and their parts: "3 hours", "12 days".
    Span,
    /// So many times, up to where the feature stops counting.
    Times(f64),
    /// So many of a thing, which has one noun for one and another for many.
    Counted(String, String),
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
            let (name, shown) = Shown::of(inner);
            let source = match (params.get(name), names::find(name)) {
                (Some(number), _) => Source::Param(*number),
                (None, Some(name)) => Source::Name(name),
                (None, None) => Source::Unknown,
            };
            let (at, windowed) = (open + 1, is_windowed(name));
            parts.push(Part::Value { at, name: name.to_owned(), shown, windowed, from: source });
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

    pub(super) fn fill(&self, values: &Values<'_>, money: OwnMoney<'_>) -> String {
        let mut text = String::with_capacity(self.template.len() + 16);
        for part in &self.parts {
            match part {
                Part::Words(words) => text.push_str(words),
                Part::Value { shown, windowed, from, name, .. } => match from {
                    Source::Param(number) => shown.write(*number, &mut text),
                    Source::Name(Name::Number(0)) => text.push_str(&money.of_payment()),
                    Source::Name(Name::Number(at)) if *shown == Shown::Amount => {
                        text.push_str(&money.of_sum(values.numbers[*at]));
                    }
                    Source::Name(Name::Number(at)) => {
                        if *windowed && money.is_approximate() {
                            text.push_str("about ");
                        }
                        shown.write(values.numbers[*at], &mut text);
                    }
                    Source::Name(Name::Text(at)) if name == "payment_type" => {
                        text.push_str(&payment_words(values.texts[*at]));
                    }
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
    /// The name between braces, and how its value is written.
    fn of(inner: &str) -> (&str, Self) {
        match inner.split_once(':') {
            Some((name, "pct")) if name.contains("pass_through") => (name, Self::PartOfAll),
            Some((name, "pct")) => (name, Self::Percent),
            Some((name, nouns)) if nouns.contains('/') => {
                let (one, many) = nouns.split_once('/').unwrap_or_default();
                (name, Self::Counted(one.to_owned(), many.to_owned()))
            }
            _ if is_amount(inner) => (inner, Self::Amount),
            _ if is_span(inner) => (inner, Self::Span),
            _ => (inner, most_times(inner).map_or(Self::Plain, Self::Times)),
        }
    }

    fn write(&self, number: f64, text: &mut String) {
        // Writing to a String cannot fail.
        let _ = match self {
            Self::Percent => write!(text, "{:.0} %", number * 100.0),
            Self::PartOfAll => write!(text, "{}", part_of_all(number)),
            Self::Amount => {
                amount(number, text);
                Ok(())
            }
            Self::Span => write!(text, "{}", days_of(number)),
            Self::Times(most) if number >= *most => write!(text, "at least {}", one_decimal(*most)),
            Self::Times(_) | Self::Plain => write!(text, "{}", one_decimal(number)),
            Self::Counted(one, many) => {
                let shown = one_decimal(number);
                let noun = if shown == "1" { one } else { many };
                write!(text, "{shown} {noun}")
            }
        };
    }
}

/// With thousands, and at most one decimal.
fn one_decimal(number: f64) -> String {
    thousands(&format!("{number:.1}"))
}

/// Where features that say "so many times" stop counting.
fn most_times(name: &str) -> Option<f64> {
    match name {
        _ if name.ends_with("_exceptional") || name.ends_with("_volume_jump") => Some(1_000.0),
        _ if name.ends_with("_ratio") => Some(100.0),
        _ => None,
    }
}

/// Whether a value is counted over a window of days or weeks.
fn is_windowed(name: &str) -> bool {
    let last = name.rsplit('_').next().unwrap_or_default();
    matches!(last, "1h" | "1d" | "2d" | "7d" | "2w" | "5w" | "30d") || name.ends_with("_jump")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(inner: &str, number: f64, expect: &str) {
        let (_, shown) = Shown::of(inner);
        let mut text = String::new();
        shown.write(number, &mut text);
        assert_eq!(text, expect, "{inner}");
    }

    #[test]
    fn values_are_written_as_a_person_would() {
        check("sender_out_new_7d:new receiver/new receivers", 1.0, "1 new receiver");
        check("sender_out_usual_new:new receiver/new receivers", 0.5, "0.5 new receivers");
        check("sender_out_count_7d:payment/payments", 1_234.0, "1,234 payments");
        check("sender_pass_through_7d:pct", 0.984, "98 %");
        check("sender_pass_through_7d:pct", 0.999, "99 %");
        check("sender_pass_through_7d:pct", 1.03, "all");
        check("receiver_in_spread_30d:pct", 0.08, "8 %");
        check("sender_out_exceptional", 12.34, "12.3");
        check("sender_out_exceptional", 1_000.0, "at least 1,000");
        check("pair_amount_ratio", 100.0, "at least 100");
        check("sender_days_since_in", 23.0 / 24.0, "23 hours");
    }

    #[test]
    fn what_a_late_payment_sees_of_a_window_is_about_right() {
        let windowed = ["sender_out_count_7d", "sender_pass_through_2d", "upstream_out_new_7d"];
        assert!(windowed.into_iter().all(is_windowed));
        assert!(
            !["sender_age_days", "pair_count", "sender_out_usual_new"].into_iter().any(is_windowed)
        );
    }
}

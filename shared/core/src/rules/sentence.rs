//! A rule's sentence with its values filled in. `{name}` writes a value as a person would, given
//! its unit (times as "3 hours", amounts in the payment's own currency and the base currency),
//! `{name:pct}` writes a percentage, and `{name:payment/payments}` a count with its noun. A
//! parameter has no unit: `{name:amount}` and `{name:days}` state one.
//!
//! Values over a window get an "about" if the payment came late, since they are not exact then; for
//! amounts see [`MoneyFormatter::of_sum`].

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::names::{self, Name, Values};
use crate::state::unit::Unit;
use crate::wording::money::MoneyFormatter;
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
        /// Byte offset of the name in the template.
        at: usize,
        name: String,
        shown: NumberFormat,
        /// Whether it is a sum or a count over a window, which is approximate for a late payment.
        windowed: bool,
        from: Source,
    },
}

/// How a number is written.
#[derive(Debug, Clone, PartialEq)]
enum NumberFormat {
    Percent,
    /// A percentage of what came in; more than all of it is written as "all".
    PartOfAll,
    Amount,
    /// A number of days in words: "3 hours", "12 days".
    Span,
    /// A multiple, with the cap at which the feature stops counting.
    Times(f64),
    /// A count, with the singular and the plural of its noun.
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
    /// Parses a template; the error is the byte offset of a brace that is never closed.
    pub(super) fn parse(template: &str, params: &BTreeMap<String, f64>) -> Result<Self, usize> {
        let mut parts = Vec::new();
        let mut from = 0;
        while let Some(found) = template[from..].find('{') {
            let open = from + found;
            let close = open + template[open..].find('}').ok_or(open)?;
            parts.push(Part::Words(template[from..open].to_owned()));
            let inner = &template[open + 1..close];
            let (name, format) = match inner.split_once(':') {
                Some((name, format)) if is_format(format) => (name, Some(format)),
                _ => (inner, None),
            };
            let source = match (params.get(name), names::find(name)) {
                (Some(number), _) => Source::Param(*number),
                (None, Some(name)) => Source::Name(name),
                (None, None) => Source::Unknown,
            };
            let shown = NumberFormat::of(format, source.unit());
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

    /// Returns the unknown names with their byte offsets.
    pub(super) fn unknown_names(&self) -> impl Iterator<Item = (usize, &str)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value { at, name, from: Source::Unknown, .. } => Some((*at, name.as_str())),
            _ => None,
        })
    }

    pub(super) fn fill(&self, values: &Values<'_>, money: MoneyFormatter<'_>) -> String {
        let mut text = String::with_capacity(self.template.len() + 16);
        for part in &self.parts {
            match part {
                Part::Words(words) => text.push_str(words),
                Part::Value { shown, windowed, from, name, .. } => match from {
                    Source::Param(number) => shown.write(*number, &mut text),
                    Source::Name(Name::Number(0)) => text.push_str(&money.of_payment()),
                    Source::Name(Name::Number(at)) if *shown == NumberFormat::Amount => {
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

/// Returns whether a text is a format, which is what may follow a colon.
fn is_format(text: &str) -> bool {
    matches!(text, "pct" | "amount" | "days") || text.contains('/')
}

impl Source {
    /// Returns `None` for a parameter, whose unit is not declared.
    fn unit(&self) -> Option<Unit> {
        match self {
            Self::Name(name) => name.unit(),
            Self::Param(_) | Self::Unknown => None,
        }
    }
}

impl NumberFormat {
    /// Follows the format after the colon or, without one, the unit.
    fn of(format: Option<&str>, unit: Option<Unit>) -> Self {
        match (format, unit) {
            (Some("pct"), Some(Unit::PassedOn)) => Self::PartOfAll,
            (Some("pct"), _) => Self::Percent,
            (Some("amount"), _) => Self::Amount,
            (Some("days"), _) => Self::Span,
            (Some(nouns), _) => {
                let (one, many) = nouns.split_once('/').unwrap_or_default();
                Self::Counted(one.to_owned(), many.to_owned())
            }
            (None, Some(Unit::Amount)) => Self::Amount,
            (None, Some(Unit::Days)) => Self::Span,
            (None, Some(Unit::TimesUpTo(most))) => Self::Times(f64::from(most)),
            _ => Self::Plain,
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

/// Writes a number with thousands separators and at most one decimal.
fn one_decimal(number: f64) -> String {
    thousands(&format!("{number:.1}"))
}

/// Returns whether a value is a sum or count over a window, by the end of its name.
fn is_windowed(name: &str) -> bool {
    let last = name.rsplit('_').next().unwrap_or_default();
    matches!(last, "1h" | "1d" | "2d" | "7d" | "2w" | "5w" | "30d") || name.ends_with("_jump")
}

/// Writes an amount in the base currency.
pub(super) fn base_amount(number: f64) -> String {
    let mut text = String::new();
    amount(number, &mut text);
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
        let params = BTreeMap::from([("most".to_owned(), 3.0)]);
        let sentence = Sentence::parse(&format!("{{{inner}}}"), &params).unwrap();
        let Part::Value { shown, from, .. } = &sentence.parts[1] else { panic!("{inner}") };
        assert_ne!(*from, Source::Unknown, "{inner}");
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
        check("log_amount", 9.21, "9.2");
        check("sender_out_usual_cash", 9_000.0, "9,000 USD");
        check("round_amount", 1.0, "1");
        check("most", 3.0, "3");
        check("most:amount", 9_000.0, "9,000 USD");
        check("most:days", 3.0, "3 days");
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

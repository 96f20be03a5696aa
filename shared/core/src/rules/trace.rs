//! Traces of rules: each rule's conditions with their values and thresholds and, if it did not
//! fire, one sentence saying why. Computed on demand from stored evidence, never stored.

use serde::{Deserialize, Serialize};

use super::compact::{Arithmetic, Bool, Num, Operator, Text};
use super::condition::{Condition, Test};
use super::names::{Name, Values};
use super::rule::{Answer, Effect, Rule};
use super::sentence::base_amount;
use crate::payment::side::Side;
use crate::state::unit::Unit;
use crate::wording::money::MoneyFormatter;

/// How one rule judged one transaction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RuleTrace {
    pub id: String,
    pub typology: String,
    pub effect: Effect,
    /// The side whose behaviour the rule is about.
    pub account: Side,
    pub fired: bool,
    /// Decibans that the rule adds to the risk when it fires.
    pub points: f64,
    /// The rule's sentence with values filled in; empty if the rule did not fire, since it would be
    /// untrue.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The rule's conditions; it fires if all hold.
    pub conditions: Vec<ConditionTrace>,
    /// `None` if the rule fired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_not: Option<WhyNot>,
}

/// One condition of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConditionTrace {
    /// The condition as written in the rule.
    pub expression: String,
    /// What the condition looks at, in an analyst's words.
    pub words: String,
    /// `None` if the value is unknown because the graph was not gathered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<TraceValue>,
    /// `<`, `<=`, `>`, `>=`, `==`, `!=` or `in`; `None` if the condition is not a comparison.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// The threshold with parameters resolved; `None` if the condition is not a comparison.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<TraceValue>,
    pub holds: bool,
}

/// A value in a trace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum TraceValue {
    Flag(bool),
    Number(f64),
    Text(String),
    /// The list that `in` searches.
    List(Vec<String>),
}

/// Why a rule did not fire: the first condition that did not hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WhyNot {
    pub kind: WhyNotKind,
    /// The reason in one sentence.
    pub text: String,
}

/// The kind of a condition that did not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyNotKind {
    /// There is no history to compare with.
    NoHistory,
    /// A time: too long ago, too recent, too old or too new.
    Window,
    Amount,
    Count,
    Ratio,
    /// A property of the transaction itself.
    Fact,
    GraphNotGathered,
}

/// The two sides of a condition; `value` is the side that the condition is about.
struct Sides {
    value: TraceValue,
    operator: &'static str,
    threshold: TraceValue,
    words: String,
}

impl RuleTrace {
    pub(super) fn of(rule: &Rule, values: &Values<'_>, money: MoneyFormatter<'_>) -> Self {
        let conditions: Vec<ConditionTrace> =
            rule.fit(values).conditions.iter().map(|c| seen(c, values)).collect();
        let fired = rule.answer(values) == Answer::Fires;
        Self {
            id: rule.id.clone(),
            typology: rule.typology.clone(),
            effect: rule.effect,
            account: rule.account,
            fired,
            points: rule.points,
            text: if fired { rule.fit(values).sentence.fill(values, money) } else { String::new() },
            why_not: (!fired).then(|| why_not(rule, &conditions, values)),
            conditions,
        }
    }
}

fn seen(condition: &Condition, values: &Values<'_>) -> ConditionTrace {
    let sides = match &condition.test {
        Test::Compact(test) => sides(test, values),
        Test::Cel(_) => None,
    };
    let expression = condition.text.clone();
    let words = || {
        let words: Vec<String> = condition.names.iter().map(|name| name.words()).collect();
        words.join("; ")
    };
    if condition.graph && !values.graph {
        let (words, operator, threshold) = match sides {
            Some(sides) => (sides.words, Some(sides.operator.to_owned()), Some(sides.threshold)),
            None => (words(), None, None),
        };
        return ConditionTrace {
            expression,
            words,
            value: None,
            operator,
            threshold,
            holds: false,
        };
    }
    let holds = condition.holds(values) == Some(true);
    match sides {
        Some(sides) => ConditionTrace {
            expression,
            words: sides.words,
            value: Some(sides.value),
            operator: Some(sides.operator.to_owned()),
            threshold: Some(sides.threshold),
            holds,
        },
        None => ConditionTrace {
            expression,
            words: words(),
            value: Some(TraceValue::Flag(holds)),
            operator: None,
            threshold: None,
            holds,
        },
    }
}

/// Returns `None` if the condition is not a comparison, or a side has no finite value.
fn sides(test: &Bool, values: &Values<'_>) -> Option<Sides> {
    let numbers = |operator: Operator, a: &Num, b: &Num| {
        let finite = |side: &Num| side.value(values).filter(|number| number.is_finite());
        Some(Sides {
            value: TraceValue::Number(finite(a)?),
            operator: operator.sign(),
            threshold: TraceValue::Number(finite(b)?),
            words: number_words(a),
        })
    };
    let flag = |at: usize, wanted: bool| Sides {
        value: TraceValue::Flag(values.flag(at)),
        operator: "==",
        threshold: TraceValue::Flag(wanted),
        words: Name::Flag(at).words(),
    };
    let text = |side: &Text| TraceValue::Text(side.value(values).to_owned());
    match test {
        Bool::Limit(operator, at, limit) => {
            numbers(*operator, &Num::Slot(*at), &Num::Const(*limit))
        }
        Bool::Compare(operator, sides) => match sides.as_ref() {
            [constant @ Num::Const(_), value] => numbers(operator.mirrored(), value, constant),
            [a, b] => numbers(*operator, a, b),
        },
        Bool::Same(same, sides) => {
            let [a, b] = match sides.as_ref() {
                [constant @ Text::Const(_), value @ Text::Slot(_)] => [value, constant],
                [a, b] => [a, b],
            };
            let operator = if *same { "==" } else { "!=" };
            Some(Sides { value: text(a), operator, threshold: text(b), words: text_words(a) })
        }
        Bool::NumberIn(parts) => {
            let list = parts.1.iter().map(ToString::to_string).collect();
            let value = parts.0.value(values).filter(|number| number.is_finite())?;
            let (value, threshold) = (TraceValue::Number(value), TraceValue::List(list));
            Some(Sides { value, operator: "in", threshold, words: number_words(&parts.0) })
        }
        Bool::TextIn(parts) => {
            let list = parts.1.iter().map(ToString::to_string).collect();
            let (value, threshold) = (text(&parts.0), TraceValue::List(list));
            Some(Sides { value, operator: "in", threshold, words: text_words(&parts.0) })
        }
        Bool::Flag(at) => Some(flag(*at, true)),
        Bool::Not(inner) => match inner.as_ref() {
            Bool::Flag(at) => Some(flag(*at, false)),
            _ => None,
        },
        _ => None,
    }
}

fn text_words(text: &Text) -> String {
    match text {
        Text::Const(text) => text.to_string(),
        Text::Slot(at) => Name::Text(*at).words(),
    }
}

fn number_words(number: &Num) -> String {
    match number {
        Num::Const(number) => number.to_string(),
        Num::Slot(at) => Name::Number(*at).words(),
        Num::Negative(inner) => format!("minus {}", number_words(inner)),
        Num::Of(how, sides) => {
            let sign = match how {
                Arithmetic::Add => "plus",
                Arithmetic::Subtract => "less",
                Arithmetic::Multiply => "times",
                Arithmetic::Divide => "divided by",
            };
            format!("{} {sign} {}", number_words(&sides[0]), number_words(&sides[1]))
        }
        Num::If(parts) => format!("{} or {}", number_words(&parts.1), number_words(&parts.2)),
    }
}

fn why_not(rule: &Rule, conditions: &[ConditionTrace], values: &Values<'_>) -> WhyNot {
    let waits = |condition: &Condition| condition.graph && !values.graph;
    let mut failed = rule.fit(values).conditions.iter().zip(conditions);
    let failed = failed.find(|(condition, trace)| !trace.holds && !waits(condition));
    let Some((condition, trace)) = failed else {
        let missing = conditions.iter().find(|trace| !trace.holds);
        let words = missing.map_or("", |trace| trace.words.as_str());
        let text = format!("The accounts two steps away were not looked at ({words}).");
        return WhyNot { kind: WhyNotKind::GraphNotGathered, text };
    };
    let kinds = condition.names.iter().map(|name| (name, kind(name.unit())));
    let never = |(name, kind): &(&Name, WhyNotKind)| match (name, kind) {
        (Name::Number(at), WhyNotKind::Window | WhyNotKind::Ratio) => values.numbers[*at] == -1.0,
        _ => false,
    };
    if let Some((name, _)) = kinds.clone().find(never) {
        let text = format!("There is no history to speak of: {}.", name.words());
        return WhyNot { kind: WhyNotKind::NoHistory, text };
    }
    let kind = kinds.map(|(_, kind)| kind).next().unwrap_or(WhyNotKind::Fact);
    let unit = condition.names.first().and_then(|name| name.unit());
    WhyNot { kind, text: sentence(kind, unit, trace) }
}

/// Returns the kind of a condition on a value of this unit; a text has none and is a fact.
fn kind(unit: Option<Unit>) -> WhyNotKind {
    match unit {
        None | Some(Unit::YesNo) => WhyNotKind::Fact,
        Some(Unit::Amount | Unit::LogAmount) => WhyNotKind::Amount,
        Some(Unit::Days) => WhyNotKind::Window,
        Some(Unit::Count) => WhyNotKind::Count,
        Some(Unit::Share | Unit::PassedOn | Unit::Times | Unit::TimesUpTo(_) | Unit::Score) => {
            WhyNotKind::Ratio
        }
    }
}

/// Says why a condition fails: "Needs at least 5 new payers, seven days; there were 0."
fn sentence(kind: WhyNotKind, unit: Option<Unit>, trace: &ConditionTrace) -> String {
    let words = &trace.words;
    let (Some(value), Some(operator), Some(threshold)) =
        (&trace.value, &trace.operator, &trace.threshold)
    else {
        return format!("This does not hold: {} ({words}).", trace.expression);
    };
    let yes = match threshold {
        TraceValue::Flag(yes) => Some(*yes),
        TraceValue::Number(number) if kind == WhyNotKind::Fact => Some(*number != 0.0),
        _ => None,
    };
    if let (Some(yes), "==") = (yes, operator.as_str()) {
        return if yes {
            format!("Not so here: {words}.")
        } else {
            format!("It must not be so, and is: {words}.")
        };
    }
    let limit = match operator.as_str() {
        ">=" => "at least ",
        ">" => "more than ",
        "<=" => "at most ",
        "<" => "less than ",
        "!=" => "anything but ",
        "in" => "one of ",
        _ => "",
    };
    let (value, threshold) = (shown(unit, value), shown(unit, threshold));
    match kind {
        WhyNotKind::Count => format!("Needs {limit}{threshold} {words}; there were {value}."),
        _ => format!("Needs {limit}{threshold}: {words}; here it is {value}."),
    }
}

fn shown(unit: Option<Unit>, value: &TraceValue) -> String {
    match value {
        TraceValue::Flag(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        TraceValue::Number(number) if unit == Some(Unit::Amount) => base_amount(*number),
        // Two decimals, because one would hide a near miss.
        TraceValue::Number(number) => {
            let text = format!("{number:.2}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        TraceValue::Text(text) => text.clone(),
        TraceValue::List(texts) => texts.join(", "),
    }
}

//! A rule's expression in compact form: numbers, texts and Booleans, with names resolved to slots
//! and parameters folded in. It means exactly what the same expression means to the `cel` crate
//! (the property test in `compact/tests.rs` compares the two), at a hundredth of the cost.
//!
//! An evaluation error in CEL (such as ordering a NaN) is `None` here, and propagates as in CEL:
//! `error && false` is false, `error || true` is true.

use super::names::Values;

/// An expression that yields a number.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Num {
    Const(f64),
    Slot(usize),
    Negative(Box<Num>),
    Of(Arithmetic, Box<[Num; 2]>),
    If(Box<(Bool, Num, Num)>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// An expression that yields a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Text {
    Const(Box<str>),
    Slot(usize),
}

/// A comparison's operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

/// An expression that yields a Boolean.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Bool {
    Const(bool),
    Flag(usize),
    /// The common case of [`Bool::Compare`]: a slot and a constant.
    Limit(Operator, usize, f64),
    Compare(Operator, Box<[Num; 2]>),
    /// Whether two texts are equal (`true`) or different (`false`).
    Same(bool, Box<[Text; 2]>),
    NumberIn(Box<(Num, Vec<f64>)>),
    TextIn(Box<(Text, Vec<Box<str>>)>),
    /// Whether two Booleans are equal (`true`) or different (`false`).
    Equal(bool, Box<[Bool; 2]>),
    Not(Box<Bool>),
    And(Vec<Bool>),
    Or(Vec<Bool>),
    If(Box<(Bool, Bool, Bool)>),
}

impl Arithmetic {
    pub(super) fn of(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Add => a + b,
            Self::Subtract => a - b,
            Self::Multiply => a * b,
            Self::Divide => a / b,
        }
    }
}

impl Operator {
    /// Compares as CEL does: ordering a NaN is an error, while a NaN equals nothing.
    pub(super) fn holds(self, a: f64, b: f64) -> Option<bool> {
        match self {
            Self::Equal => Some(a == b),
            Self::NotEqual => Some(a != b),
            _ if a.is_nan() || b.is_nan() => None,
            Self::Less => Some(a < b),
            Self::LessOrEqual => Some(a <= b),
            Self::Greater => Some(a > b),
            Self::GreaterOrEqual => Some(a >= b),
        }
    }

    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
        }
    }

    /// Returns the operator for the same comparison with its sides exchanged: `5 < x` is `x > 5`.
    pub(super) fn mirrored(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            Self::Equal | Self::NotEqual => self,
        }
    }
}

impl Num {
    pub(super) fn value(&self, values: &Values<'_>) -> Option<f64> {
        match self {
            Self::Const(number) => Some(*number),
            Self::Slot(at) => Some(values.numbers[*at]),
            Self::Negative(inner) => inner.value(values).map(|number| -number),
            Self::Of(how, sides) => Some(how.of(sides[0].value(values)?, sides[1].value(values)?)),
            Self::If(parts) => {
                if parts.0.holds(values)? { &parts.1 } else { &parts.2 }.value(values)
            }
        }
    }

    /// Returns the comparison of two numbers in its cheapest form.
    pub(super) fn compared(self, operator: Operator, other: Self) -> Bool {
        match (self, other) {
            (Self::Const(a), Self::Const(b)) if !a.is_nan() && !b.is_nan() => {
                Bool::Const(operator.holds(a, b).unwrap_or(false))
            }
            (Self::Slot(at), Self::Const(limit)) => Bool::Limit(operator, at, limit),
            (Self::Const(limit), Self::Slot(at)) => Bool::Limit(operator.mirrored(), at, limit),
            (a, b) => Bool::Compare(operator, Box::new([a, b])),
        }
    }
}

impl Text {
    pub(super) fn value<'a>(&'a self, values: &Values<'a>) -> &'a str {
        match self {
            Self::Const(text) => text,
            Self::Slot(at) => values.texts[*at],
        }
    }
}

impl Bool {
    /// Returns `None` where CEL reports an error.
    pub(super) fn holds(&self, values: &Values<'_>) -> Option<bool> {
        match self {
            Self::Const(answer) => Some(*answer),
            Self::Flag(at) => Some(values.flag(*at)),
            Self::Limit(operator, at, limit) => operator.holds(values.numbers[*at], *limit),
            Self::Compare(operator, sides) => {
                operator.holds(sides[0].value(values)?, sides[1].value(values)?)
            }
            Self::Same(same, sides) => {
                Some((sides[0].value(values) == sides[1].value(values)) == *same)
            }
            Self::NumberIn(parts) => {
                let number = parts.0.value(values)?;
                Some(parts.1.contains(&number))
            }
            Self::TextIn(parts) => {
                let text = parts.0.value(values);
                Some(parts.1.iter().any(|one| **one == *text))
            }
            Self::Equal(same, sides) => {
                Some((sides[0].holds(values)? == sides[1].holds(values)?) == *same)
            }
            Self::Not(inner) => inner.holds(values).map(|answer| !answer),
            Self::And(parts) => settled(parts, values, false),
            Self::Or(parts) => settled(parts, values, true),
            Self::If(parts) => {
                if parts.0.holds(values)? { &parts.1 } else { &parts.2 }.holds(values)
            }
        }
    }
}

/// Evaluates `&&` or `||`: a single false (or true) settles it, even after an error.
fn settled(parts: &[Bool], values: &Values<'_>, by: bool) -> Option<bool> {
    let mut answer = Some(!by);
    for part in parts {
        match part.holds(values) {
            Some(held) if held == by => return Some(by),
            Some(_) => {}
            None => answer = None,
        }
    }
    answer
}

#[cfg(test)]
mod tests;

//! One condition of a rule: a part of its expression between top-level `&&`. Rules are judged and
//! explained condition by condition.

use std::collections::BTreeMap;
use std::sync::Arc;

use cel::common::ast::{Expr, operators};
use cel::common::types::{CelBool, CelDouble, CelString};
use cel::common::value::CowVal;
use cel::context::VariableResolver;
use cel::{Env, Program};

use super::compact::Bool;
use super::names::{self, Name, Values};

/// A compiled condition.
pub(super) struct Condition {
    pub test: Test,
    /// Whether it reads a value of the graph, and so has to wait for the graph.
    pub graph: bool,
    /// The condition as written in the rule.
    pub text: String,
    /// The values it reads, in the order in which it names them; parameters are left out.
    pub names: Vec<Name>,
}

/// How a condition is evaluated.
pub(super) enum Test {
    Compact(Bool),
    /// An expression that has no compact form.
    Cel(Box<CelCondition>),
}

/// A condition that the `cel` crate evaluates.
pub(super) struct CelCondition {
    pub env: Arc<Env>,
    pub program: Program,
    pub params: BTreeMap<String, f64>,
}

impl Condition {
    /// Returns `None` if the evaluation fails.
    pub(super) fn holds(&self, values: &Values<'_>) -> Option<bool> {
        match &self.test {
            Test::Compact(condition) => condition.holds(values),
            Test::Cel(foreign) => foreign.holds(values),
        }
    }
}

impl CelCondition {
    fn holds(&self, values: &Values<'_>) -> Option<bool> {
        match self.evaluate(values) {
            Ok(cel::Value::Bool(answer)) => Some(answer),
            _ => None,
        }
    }

    pub(super) fn evaluate(&self, values: &Values<'_>) -> cel::ResolveResult {
        let scope = Scope { params: &self.params, values };
        let mut context = cel::Context::with_env(self.env.clone());
        context.set_variable_resolver(&scope);
        self.program.execute(&context)
    }
}

struct Scope<'a> {
    params: &'a BTreeMap<String, f64>,
    values: &'a Values<'a>,
}

impl VariableResolver for Scope<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        if let Some(number) = self.params.get(name) {
            return Some(CowVal::Owned(Box::new(CelDouble::from(*number))));
        }
        Some(match names::find(name)? {
            Name::Number(at) => CowVal::Owned(Box::new(CelDouble::from(self.values.numbers[at]))),
            Name::Text(at) => CowVal::Owned(Box::new(CelString::from(self.values.texts[at]))),
            Name::Flag(at) => CowVal::Owned(Box::new(CelBool::from(self.values.flag(at)))),
        })
    }
}

/// Splits an expression into its conditions, each with its byte offset. An expression that is not a
/// conjunction at the top level is a single condition.
pub(super) fn split<'a>(expression: &'a str, program: &Program) -> Vec<(usize, &'a str)> {
    let whole = vec![(0, expression)];
    let conjunction = matches!(&program.expression().expr,
        Expr::Call(call) if call.func_name == operators::LOGICAL_AND && call.target.is_none());
    // The scan below does not know comments, which may hold quotes and brackets.
    if !conjunction || expression.contains("//") {
        return whole;
    }
    let bytes = expression.as_bytes();
    let (mut depth, mut quote, mut from, mut at) = (0_usize, None, 0, 0);
    let mut parts = Vec::new();
    while at < bytes.len() {
        match (quote, bytes[at]) {
            (Some(_), b'\\') => at += 1,
            (Some(open), byte) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, byte @ (b'"' | b'\'')) => quote = Some(byte),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            (None, b'&') if depth == 0 && bytes.get(at + 1) == Some(&b'&') => {
                parts.push((from, &expression[from..at]));
                at += 1;
                from = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    parts.push((from, &expression[from..]));
    let trimmed =
        |(from, part): (usize, &'a str)| (from + part.len() - part.trim_start().len(), part.trim());
    parts.into_iter().map(trimmed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expression: &str, parts: &[(usize, &str)]) {
        let program = Program::compile(expression).unwrap();
        assert_eq!(split(expression, &program), parts);
    }

    #[test]
    fn an_expression_is_split_where_it_is_a_conjunction() {
        check("a > 1.0", &[(0, "a > 1.0")]);
        check("a > 1.0 &&  b", &[(0, "a > 1.0"), (12, "b")]);
        check("(a && b) && c", &[(0, "(a && b)"), (12, "c")]);
        check("a && b || c", &[(0, "a && b || c")]);
        check("x == '&&' && y == \"\\\"&&\"", &[(0, "x == '&&'"), (13, "y == \"\\\"&&\"")]);
    }
}

//! An expression's conditions, compiled and checked: syntax, names, functions and types, every
//! fault at its own place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cel::common::ast::{EntryExpr, Expr, IdedExpr};
use cel::{Env, Program};

use super::condition::{CelCondition, Condition, Test, split};
use super::loader::{Loader, unknown};
use super::lower::{Fault, condition as lowered};
use super::names::{self, NUMBER_COUNT, Values};
use crate::payment::flag_set::FlagSet;
use crate::register::document::{PlacedText, did_you_mean};

/// A compiled expression.
pub(super) struct Conditions {
    pub conditions: Vec<Condition>,
    /// Every name it uses, parameters included.
    pub used: BTreeSet<String>,
}

/// CEL's functions that make sense on our values. Operators are calls, too, but their names are not
/// identifiers.
const FUNCTIONS: [&str; 7] =
    ["size", "contains", "startsWith", "endsWith", "double", "int", "string"];

/// Longest expression in bytes: rule sets are data, and every payment evaluates every expression.
const MOST_BYTES: usize = 2_000;

/// Compiles an expression and notes its faults; `None` if it is too long or does not parse.
pub(super) fn conditions<'a>(
    loader: &mut Loader<'_, 'a>,
    env: &Arc<Env>,
    when: &PlacedText<'a>,
    params: &BTreeMap<String, f64>,
    known: &[String],
) -> Option<Conditions> {
    // The parser has its own limit on nesting.
    if when.text.len() > MOST_BYTES {
        loader.reader.note_inside(
            when,
            0,
            format!("the expression is longer than {MOST_BYTES} bytes"),
        );
        return None;
    }
    let program = match env.compile(&when.text) {
        Ok(program) => program,
        Err(errors) => {
            // Later errors are mostly consequences of the first.
            if let Some(error) = errors.errors.first() {
                let message = match error.msg.lines().next().unwrap_or_default() {
                    deep if deep.to_lowercase().contains("recursion limit") => "it nests too deep",
                    message => message,
                };
                let at = byte(&when.text, error.pos);
                let message = format!("the expression does not parse: {message}");
                loader.reader.note_inside(when, at, message);
            }
            return None;
        }
    };
    let mut parts: Vec<(usize, &str, Program)> = split(&when.text, &program)
        .into_iter()
        .filter_map(|(from, text)| Some((from, text, env.compile(text).ok()?)))
        .collect();
    // If a part does not parse on its own, the split was wrong: keep the expression whole.
    if parts.len() != split(&when.text, &program).len() {
        parts = vec![(0, when.text.as_str(), program)];
    }
    let mut conditions = Vec::with_capacity(parts.len());
    let mut used = BTreeSet::new();
    for (from, text, program) in parts {
        let part = Part { when, from, program: &program };
        let faults = part.check_names(loader, known, &mut used);
        let names: Vec<_> = used_names(program.expression());
        let lowered = lowered(program.expression(), params);
        let test = match lowered {
            Ok(condition) => Test::Compact(condition),
            Err(Fault::Type { at, message }) => {
                loader.reader.note_inside(when, part.place(at), format!("this {message}"));
                continue;
            }
            Err(Fault::NotCompact) => {
                let params = params.clone();
                let foreign = CelCondition { env: env.clone(), program, params };
                // After an unknown name or function, a trial would only repeat that fault.
                if !faults && let Some(message) = trial(&foreign) {
                    loader.reader.note_inside(when, from, message);
                }
                Test::Cel(Box::new(foreign))
            }
        };
        let graph = names.iter().any(|name| name.is_graph());
        conditions.push(Condition { test, graph, text: text.to_owned(), names });
    }
    Some(Conditions { conditions, used })
}

/// Evaluates a condition once on placeholder values and returns its fault, if any, so that one that
/// yields no Boolean, or adds a text to a number, is found at load.
fn trial(foreign: &CelCondition) -> Option<String> {
    let numbers = [1.0; NUMBER_COUNT];
    let values = Values {
        numbers,
        texts: ["transfer", "USD", "USD", "GB", "GB"],
        flags: FlagSet::EMPTY,
        graph: true,
        segments: [0, 0],
    };
    match foreign.evaluate(&values) {
        Ok(cel::Value::Bool(_)) => None,
        Ok(_) => Some("this is a value, not a condition".to_owned()),
        Err(error) => Some(format!("this cannot be evaluated: {error}")),
    }
}

/// One condition's place in the expression.
struct Part<'p, 'a> {
    when: &'p PlacedText<'a>,
    from: usize,
    program: &'p Program,
}

impl<'a> Part<'_, 'a> {
    /// Returns a node's byte offset in the whole expression.
    fn place(&self, node: u64) -> usize {
        let offset = self.program.source_info().offset_for(node);
        self.from + offset.map_or(0, |(start, _)| start as usize)
    }

    /// Notes unknown names, unknown functions and nested loops. Returns whether there were any.
    fn check_names(
        &self,
        loader: &mut Loader<'_, 'a>,
        known: &[String],
        used: &mut BTreeSet<String>,
    ) -> bool {
        let mut faults = false;
        let functions: Vec<String> = FUNCTIONS.iter().map(|name| (*name).to_owned()).collect();
        walk(self.program.expression(), &mut Vec::new(), &mut |node, word| match word {
            Mention::Name(name) => {
                used.insert(name.to_owned());
                if !known.iter().any(|known| known == name) {
                    let message = unknown("the expression", name, known);
                    loader.reader.note_inside(self.when, self.place(node), message);
                    faults = true;
                }
            }
            Mention::Function(name) if !FUNCTIONS.contains(&name) => {
                let hint = did_you_mean(name, &functions);
                let message = format!("there is no function {name}{hint}");
                loader.reader.note_inside(self.when, self.place(node), message);
                faults = true;
            }
            Mention::Function(_) => {}
            Mention::LoopInLoop => {
                let message = "loops within loops cost too much".to_owned();
                loader.reader.note_inside(self.when, self.place(node), message);
                faults = true;
            }
        });
        faults
    }
}

/// Returns the known names of an expression, each once, in written order.
fn used_names(expr: &IdedExpr) -> Vec<names::Name> {
    let mut found = Vec::new();
    walk(expr, &mut Vec::new(), &mut |_, word| {
        if let Mention::Name(name) = word
            && let Some(name) = names::find(name)
            && !found.contains(&name)
        {
            found.push(name);
        }
    });
    found
}

/// What [`walk`] reports of an expression.
enum Mention<'e> {
    Name(&'e str),
    Function(&'e str),
    /// `all`, `exists`, `map` or `filter` within another.
    LoopInLoop,
}

/// Visits names and functions in written order; `bound` are the variables of enclosing macros.
fn walk<'e>(expr: &'e IdedExpr, bound: &mut Vec<&'e str>, see: &mut impl FnMut(u64, Mention<'e>)) {
    match &expr.expr {
        Expr::Ident(name) if !name.starts_with('@') && !bound.contains(&name.as_str()) => {
            see(expr.id, Mention::Name(name));
        }
        Expr::Call(call) => {
            if call.func_name.starts_with(|c: char| c.is_ascii_alphabetic()) {
                see(expr.id, Mention::Function(&call.func_name));
            }
            for part in call.target.iter().map(AsRef::as_ref).chain(&call.args) {
                walk(part, bound, see);
            }
        }
        Expr::List(list) => list.elements.iter().for_each(|part| walk(part, bound, see)),
        Expr::Select(select) => walk(&select.operand, bound, see),
        Expr::Map(map) => {
            for entry in &map.entries {
                if let EntryExpr::MapEntry(entry) = &entry.expr {
                    walk(&entry.key, bound, see);
                    walk(&entry.value, bound, see);
                }
            }
        }
        Expr::Comprehension(inner) => {
            if !bound.is_empty() {
                see(expr.id, Mention::LoopInLoop);
            }
            walk(&inner.iter_range, bound, see);
            let outer = bound.len();
            bound.extend([inner.iter_var.as_str(), inner.accu_var.as_str()]);
            bound.extend(inner.iter_var2.as_deref());
            for part in [&inner.accu_init, &inner.loop_cond, &inner.loop_step, &inner.result] {
                walk(part, bound, see);
            }
            bound.truncate(outer);
        }
        _ => {}
    }
}

/// Returns the byte offset of a line and column, both counted from 1.
fn byte(text: &str, (line, column): (isize, isize)) -> usize {
    let line = usize::try_from(line).unwrap_or(1).max(1);
    let column = usize::try_from(column).unwrap_or(1).max(1);
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    (start + column - 1).min(text.len())
}

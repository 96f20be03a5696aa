//! Lowers CEL's syntax tree to the compact form and checks types on the way: an expression that can
//! only ever fail is refused here, because at run time it would merely look like a rule at rest.

use std::collections::BTreeMap;

use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr, LiteralValue, operators};

use super::compact::{Arithmetic, Bool, Num, Operator, Text};
use super::names::{self, Name};

/// Why an expression has no compact form.
pub(super) enum Fault {
    /// The compact form does not cover it; the `cel` crate evaluates it.
    NotCompact,
    /// It cannot be evaluated at all. `at` is the id of the faulty node.
    Type { at: u64, message: String },
}

/// An expression with its type.
enum TypedExpr {
    Num(Num),
    /// An integer, a separate type in CEL: it compares with decimals, but does not add to them.
    Whole(i64),
    Text(Text),
    Bool(Bool),
}

type Lowered = Result<TypedExpr, Fault>;

/// Lowers a condition to the compact form.
pub(super) fn condition(expr: &IdedExpr, params: &BTreeMap<String, f64>) -> Result<Bool, Fault> {
    match (Lowering { params }).expr(expr)? {
        TypedExpr::Bool(condition) => Ok(condition),
        other => wrong(expr, format!("is {}, not a condition", other.kind())),
    }
}

struct Lowering<'a> {
    params: &'a BTreeMap<String, f64>,
}

impl Lowering<'_> {
    fn expr(&self, expr: &IdedExpr) -> Lowered {
        match &expr.expr {
            Expr::Literal(literal) => match literal {
                LiteralValue::Boolean(answer) => Ok(TypedExpr::Bool(Bool::Const(*answer.inner()))),
                LiteralValue::Double(number) => Ok(TypedExpr::Num(Num::Const(*number.inner()))),
                LiteralValue::Int(number) => Ok(TypedExpr::Whole(*number.inner())),
                LiteralValue::String(text) => Ok(TypedExpr::Text(Text::Const(text.inner().into()))),
                _ => Err(Fault::NotCompact),
            },
            Expr::Ident(name) => self.name(name),
            Expr::Call(call) if call.target.is_none() => self.call(expr, call),
            _ => Err(Fault::NotCompact),
        }
    }

    fn name(&self, name: &str) -> Lowered {
        if let Some(number) = self.params.get(name) {
            return Ok(TypedExpr::Num(Num::Const(*number)));
        }
        Ok(match names::find(name).ok_or(Fault::NotCompact)? {
            Name::Number(at) => TypedExpr::Num(Num::Slot(at)),
            Name::Text(at) => TypedExpr::Text(Text::Slot(at)),
            Name::Flag(at) => TypedExpr::Bool(Bool::Flag(at)),
        })
    }

    fn call(&self, expr: &IdedExpr, call: &CallExpr) -> Lowered {
        match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::LOGICAL_AND, parts) => {
                Ok(TypedExpr::Bool(Bool::And(self.conditions(parts)?)))
            }
            (operators::LOGICAL_OR, parts) => {
                Ok(TypedExpr::Bool(Bool::Or(self.conditions(parts)?)))
            }
            (operators::LOGICAL_NOT, [inner]) => {
                let inner = condition(inner, self.params)?;
                Ok(TypedExpr::Bool(Bool::Not(Box::new(inner))))
            }
            (operators::NEGATE, [inner]) => self.negative(inner),
            (operators::CONDITIONAL, [guard, yes, no]) => self.choice(expr, guard, yes, no),
            (operators::IN, [needle, list]) => self.membership(needle, list),
            (name, [left, right]) => {
                if let Some(operator) = comparison(name) {
                    self.compare(expr, operator, left, right)
                } else if let Some(how) = arithmetic(name) {
                    self.calculate(expr, how, left, right)
                } else if name == operators::MODULO {
                    wrong(expr, "decimals have no remainder (%)".to_owned())
                } else {
                    Err(Fault::NotCompact)
                }
            }
            _ => Err(Fault::NotCompact),
        }
    }

    fn conditions(&self, parts: &[IdedExpr]) -> Result<Vec<Bool>, Fault> {
        let parts: Vec<_> = parts.iter().map(|part| condition(part, self.params)).collect();
        // A type error takes precedence over a part that merely has no compact form.
        let faulty = |part: &Result<Bool, Fault>| matches!(part, Err(Fault::Type { .. }));
        match parts.iter().position(faulty) {
            Some(at) => parts.into_iter().nth(at).map_or(Ok(vec![]), |part| Ok(vec![part?])),
            None => parts.into_iter().collect(),
        }
    }

    fn negative(&self, inner: &IdedExpr) -> Lowered {
        match self.expr(inner)? {
            TypedExpr::Num(Num::Const(number)) => Ok(TypedExpr::Num(Num::Const(-number))),
            TypedExpr::Num(number) => Ok(TypedExpr::Num(Num::Negative(Box::new(number)))),
            TypedExpr::Whole(number) => whole(inner, number.checked_neg()),
            other => wrong(inner, format!("is {}, which has no negative", other.kind())),
        }
    }

    fn choice(&self, expr: &IdedExpr, guard: &IdedExpr, yes: &IdedExpr, no: &IdedExpr) -> Lowered {
        let guard = condition(guard, self.params)?;
        match (self.expr(yes)?, self.expr(no)?) {
            (TypedExpr::Num(yes), TypedExpr::Num(no)) => {
                Ok(TypedExpr::Num(Num::If(Box::new((guard, yes, no)))))
            }
            (TypedExpr::Bool(yes), TypedExpr::Bool(no)) => {
                Ok(TypedExpr::Bool(Bool::If(Box::new((guard, yes, no)))))
            }
            (yes, no) if yes.kind() == no.kind() => Err(Fault::NotCompact),
            (yes, no) => wrong(expr, format!("chooses between {} and {}", yes.kind(), no.kind())),
        }
    }

    fn compare(
        &self,
        expr: &IdedExpr,
        operator: Operator,
        left: &IdedExpr,
        right: &IdedExpr,
    ) -> Lowered {
        let same = match operator {
            Operator::Equal => Some(true),
            Operator::NotEqual => Some(false),
            _ => None,
        };
        Ok(TypedExpr::Bool(match (self.expr(left)?, self.expr(right)?, same) {
            (TypedExpr::Text(a), TypedExpr::Text(b), Some(same)) => {
                Bool::Same(same, Box::new([a, b]))
            }
            (TypedExpr::Bool(a), TypedExpr::Bool(b), Some(same)) => {
                Bool::Equal(same, Box::new([a, b]))
            }
            (TypedExpr::Text(_), TypedExpr::Text(_), None)
            | (TypedExpr::Bool(_), TypedExpr::Bool(_), None) => {
                return Err(Fault::NotCompact);
            }
            (TypedExpr::Whole(_), TypedExpr::Whole(_), _) => return Err(Fault::NotCompact),
            (a, b, _) => match (a.number(), b.number()) {
                (Ok(a), Ok(b)) => a.compared(operator, b),
                (a, b) => {
                    let kind = |side: Result<Num, &'static str>| side.err().unwrap_or("a number");
                    return wrong(expr, format!("compares {} with {}", kind(a), kind(b)));
                }
            },
        }))
    }

    fn calculate(
        &self,
        expr: &IdedExpr,
        how: Arithmetic,
        left: &IdedExpr,
        right: &IdedExpr,
    ) -> Lowered {
        match (self.expr(left)?, self.expr(right)?) {
            (TypedExpr::Num(Num::Const(a)), TypedExpr::Num(Num::Const(b))) => {
                Ok(TypedExpr::Num(Num::Const(how.of(a, b))))
            }
            (TypedExpr::Num(a), TypedExpr::Num(b)) => {
                Ok(TypedExpr::Num(Num::Of(how, Box::new([a, b]))))
            }
            (TypedExpr::Whole(a), TypedExpr::Whole(b)) => whole(
                expr,
                match how {
                    Arithmetic::Add => a.checked_add(b),
                    Arithmetic::Subtract => a.checked_sub(b),
                    Arithmetic::Multiply => a.checked_mul(b),
                    Arithmetic::Divide => a.checked_div(b),
                },
            ),
            (TypedExpr::Num(_), TypedExpr::Whole(n)) | (TypedExpr::Whole(n), TypedExpr::Num(_)) => {
                wrong(expr, format!("calculates with a decimal and a whole number: write {n}.0"))
            }
            (TypedExpr::Text(_), TypedExpr::Text(_)) => Err(Fault::NotCompact),
            (a, b) => wrong(expr, format!("calculates with {} and {}", a.kind(), b.kind())),
        }
    }

    fn membership(&self, needle: &IdedExpr, list: &IdedExpr) -> Lowered {
        let Expr::List(elements) = &list.expr else { return Err(Fault::NotCompact) };
        if !elements.optional_indices.is_empty() {
            return Err(Fault::NotCompact);
        }
        let needle = self.expr(needle)?;
        let (mut numbers, mut texts) = (Vec::new(), Vec::new());
        for element in &elements.elements {
            match (&needle, self.expr(element)?) {
                (TypedExpr::Num(_), TypedExpr::Num(Num::Const(number))) => numbers.push(number),
                #[expect(clippy::cast_precision_loss, reason = "as CEL compares them")]
                (TypedExpr::Num(_), TypedExpr::Whole(number)) => numbers.push(number as f64),
                (TypedExpr::Text(_), TypedExpr::Text(Text::Const(text))) => texts.push(text),
                (needle, other) if needle.kind() == other.kind() => return Err(Fault::NotCompact),
                (needle, other) => {
                    let message = format!("looks for {} among {}", needle.kind(), other.kind());
                    return wrong(element, message);
                }
            }
        }
        match needle {
            TypedExpr::Num(number) => {
                Ok(TypedExpr::Bool(Bool::NumberIn(Box::new((number, numbers)))))
            }
            TypedExpr::Text(text) => Ok(TypedExpr::Bool(Bool::TextIn(Box::new((text, texts))))),
            _ => Err(Fault::NotCompact),
        }
    }
}

impl TypedExpr {
    fn kind(&self) -> &'static str {
        match self {
            Self::Num(_) => "a number",
            Self::Whole(_) => "a whole number",
            Self::Text(_) => "a text",
            Self::Bool(_) => "a yes or no",
        }
    }

    /// Returns the number to compare with; the error names what the expression is instead.
    fn number(self) -> Result<Num, &'static str> {
        match self {
            Self::Num(number) => Ok(number),
            #[expect(clippy::cast_precision_loss, reason = "as CEL compares them")]
            Self::Whole(number) => Ok(Num::Const(number as f64)),
            other => Err(other.kind()),
        }
    }
}

fn wrong<T>(expr: &IdedExpr, message: String) -> Result<T, Fault> {
    Err(Fault::Type { at: expr.id, message })
}

fn whole(expr: &IdedExpr, result: Option<i64>) -> Lowered {
    match result {
        Some(number) => Ok(TypedExpr::Whole(number)),
        None => wrong(expr, "has no result: it overflows or divides by zero".to_owned()),
    }
}

fn comparison(name: &str) -> Option<Operator> {
    Some(match name {
        operators::LESS => Operator::Less,
        operators::LESS_EQUALS => Operator::LessOrEqual,
        operators::GREATER => Operator::Greater,
        operators::GREATER_EQUALS => Operator::GreaterOrEqual,
        operators::EQUALS => Operator::Equal,
        operators::NOT_EQUALS => Operator::NotEqual,
        _ => return None,
    })
}

fn arithmetic(name: &str) -> Option<Arithmetic> {
    Some(match name {
        operators::ADD => Arithmetic::Add,
        operators::SUBSTRACT => Arithmetic::Subtract,
        operators::MULTIPLY => Arithmetic::Multiply,
        operators::DIVIDE => Arithmetic::Divide,
        _ => return None,
    })
}

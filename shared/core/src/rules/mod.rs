//! The first level of the cascade: rules as data. A rule set is a versioned, hashed document whose
//! rules are CEL expressions over a transaction's facts, its features and the rule's parameters.
//! We use CEL because it is a specified, non-Turing-complete language that compliance teams already
//! meet in policy engines, and because its Rust crate (`cel`) is maintained.
//!
//! The crate parses every expression. Most are then evaluated in our own compact form (`compact`),
//! because a bank's stream leaves less than a microsecond for all rules together; the crate
//! evaluates those that have no compact form.
//!
//! Rules are judged from stored evidence alone (the case's facts, its features, its graph), so that
//! any decision can be judged and explained again later.

mod check;
mod compact;
mod condition;
mod diff;
mod load;
mod loader;
mod lower;
mod names;
mod param;
mod params;
mod rule;
mod sentence;
mod set;
mod trace;

pub use diff::{FieldChange, RuleSetChanges};
pub use names::known_names;
pub use param::{Param, Quantile};
pub use rule::{Effect, Rule};
pub use set::RuleSet;
pub use trace::{ConditionTrace, RuleTrace, TraceValue, WhyNot, WhyNotKind};

#[cfg(test)]
mod quantile_tests;
#[cfg(test)]
mod tests;

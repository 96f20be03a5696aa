//! What the rules say of a case: those that fired, and what they come to together.

use serde::{Deserialize, Serialize};

use crate::case::risk;
use crate::payment::side::Side;

/// What all rules together say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RulesVerdict {
    /// The rules that fired, in the set's order.
    pub fired: Vec<RuleOutcome>,
    /// What they are worth together, in decibans.
    pub points: f64,
    /// A rule alerts whatever the risk.
    pub alert: bool,
    /// A clearing rule fired, none alerts, and none waits.
    pub clear: bool,
    /// A rule would look at the graph, which was not given: it counts as not fired until then.
    pub waits_for_graph: bool,
}

/// A rule that fired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RuleOutcome {
    pub id: String,
    pub typology: String,
    /// Whose behaviour it is about, and so whose alert.
    #[serde(default)]
    pub account: Side,
    /// What kind of observation it rests on: of one kind the strongest rule counts.
    pub evidence: String,
    /// What it is worth, in decibans.
    pub points: f64,
    /// Whether it alerts whatever the risk.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alerts: bool,
    /// The rule's sentence with values filled in.
    #[serde(default)]
    pub text: String,
}

/// What rules that fired are worth together, in decibans.
pub fn points(fired: &[RuleOutcome]) -> f64 {
    risk::points(fired.iter().map(|rule| (rule.evidence.as_str(), rule.points)))
}

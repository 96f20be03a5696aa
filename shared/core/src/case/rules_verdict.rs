//! The rules' verdict on a case: the rules that fired and their combined weight.

use serde::{Deserialize, Serialize};

use crate::case::risk;
use crate::payment::side::Side;

/// The verdict of all rules.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RulesVerdict {
    /// The rules that fired, in the set's order.
    pub fired: Vec<RuleOutcome>,
    /// Their combined weight, in decibans.
    pub points: f64,
    /// Whether a rule alerts regardless of the risk.
    pub alert: bool,
    /// Whether a clearing rule fired while no rule alerts and none waits.
    pub clear: bool,
    /// Whether a rule needs the graph, which was not given; such a rule counts as not fired.
    pub waits_for_graph: bool,
}

/// A rule that fired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RuleOutcome {
    pub id: String,
    pub typology: String,
    /// The side whose behaviour the rule observes and whose account its alert is about.
    #[serde(default)]
    pub account: Side,
    /// Kind of evidence that the rule rests on; within a kind only the strongest rule counts.
    pub evidence: String,
    /// Its weight, in decibans.
    pub points: f64,
    /// Whether it alerts regardless of the risk.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alerts: bool,
    /// The rule's sentence with values filled in.
    #[serde(default)]
    pub text: String,
}

/// Returns the combined weight of the rules that fired, in decibans.
pub fn points(fired: &[RuleOutcome]) -> f64 {
    risk::points(fired.iter().map(|rule| (rule.evidence.as_str(), rule.points)))
}

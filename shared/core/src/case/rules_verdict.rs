//! The rules' verdict on a case: those that fired, and their weight together.

use serde::{Deserialize, Serialize};

use crate::case::risk;
use crate::payment::side::Side;

/// The verdict of all rules.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RulesVerdict {
    /// The rules that fired, in the set's order.
    pub fired: Vec<RuleOutcome>,
    /// Their weight together, in decibans.
    pub points: f64,
    /// A rule alerts regardless of the risk.
    pub alert: bool,
    /// A clearing rule fired, none alerts, and none waits.
    pub clear: bool,
    /// A rule needs the graph, which was not given; it counts as not fired until then.
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
    /// Its weight, in decibans.
    pub points: f64,
    /// Whether it alerts regardless of the risk.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alerts: bool,
    /// The rule's sentence with values filled in.
    #[serde(default)]
    pub text: String,
}

/// The weight of the fired rules together, in decibans.
pub fn points(fired: &[RuleOutcome]) -> f64 {
    risk::points(fired.iter().map(|rule| (rule.evidence.as_str(), rule.points)))
}

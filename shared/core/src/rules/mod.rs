//! The first level of the cascade: rules as data. A rule set is a versioned, hashed document whose
//! rules are CEL expressions over a transaction's facts, its features and the rule's parameters.
//! CEL because it is a specified, non-Turing-complete language that compliance teams already meet
//! in policy engines, and because its Rust crate (`cel`) is the maintained one.
//!
//! The crate parses; most expressions are then judged in a compact form of our own (`compact`),
//! because a bank's stream leaves less than a microsecond for all rules together. What the compact
//! form does not speak the crate evaluates.
//!
//! Rules are judged from stored evidence alone (the case's facts, its features, its graph), so that
//! any decision can be judged and explained again later.

mod check;
mod compact;
mod condition;
mod diff;
pub mod fixtures;
mod load;
mod lower;
mod names;
mod param;
mod params;
mod sentence;
mod shadow;
mod trace;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use diff::{FieldChange, RuleSetChanges};
pub use names::known_names;
pub use param::{Param, Quantile};
pub use shadow::{Agreement, ShadowDifference, ShadowEvidence, ShadowReport};
pub use trace::{ConditionTrace, RuleTrace, TraceValue, WhyNot, WhyNotKind};

use crate::cascade::risk::{self, Lines};
use crate::case::evidence::{CaseFacts, RuleOutcome};
use crate::state::facts::Facts;
use crate::state::features::Features;
use crate::state::graph::Graph;
use crate::state::peers::{PeerMark, Peers, Percentile};
use condition::Condition;
use names::Values;
use sentence::Sentence;

/// What a rule does when it fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Settles the case without the later levels, unless a rule alerts.
    Clear,
    /// Adds its points to the risk.
    Flag,
    /// Adds its points and alerts, whatever the risk: policy.
    Alert,
}

impl Effect {
    pub const ALL: [Self; 3] = [Self::Clear, Self::Flag, Self::Alert];

    pub fn code(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Flag => "flag",
            Self::Alert => "alert",
        }
    }
}

/// Whose behaviour a rule is about, and so whose alert it raises.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    #[default]
    Sender,
    Receiver,
}

impl Account {
    pub const ALL: [Self; 2] = [Self::Sender, Self::Receiver];

    pub fn code(self) -> &'static str {
        match self {
            Self::Sender => "sender",
            Self::Receiver => "receiver",
        }
    }
}

/// A rule, compiled.
pub struct Rule {
    pub id: String,
    pub typology: String,
    pub effect: Effect,
    /// What kind of observation it rests on; its typology where the document names none.
    pub evidence: String,
    /// Decibans, see [`crate::cascade::risk`].
    pub points: f64,
    pub account: Account,
    /// The red flag's source.
    pub source: String,
    /// The expression, as it is written.
    pub when: String,
    pub params: BTreeMap<String, Param>,
    /// For accounts of no segment first, then for each segment of the set's peers where a parameter is a
    /// quantile.
    fits: Vec<Fit>,
}

/// A rule as it is for the accounts of one segment: with its parameters as numbers.
struct Fit {
    conditions: Vec<Condition>,
    sentence: Sentence,
}

/// A rule set in force.
pub struct RuleSet {
    rules: Vec<Rule>,
    lines: Lines,
    peers: Option<Peers>,
    version: String,
    description: String,
}

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

/// What one rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Fires,
    /// All its conditions hold but for those on the graph, which is not there.
    Waits,
    Rests,
}

impl Rule {
    /// The sentence, with its placeholders.
    pub fn sentence(&self) -> &str {
        self.fits[0].sentence.template()
    }

    /// Whether it names a value of the graph.
    pub fn is_graph_rule(&self) -> bool {
        self.fits[0].conditions.iter().any(|condition| condition.graph)
    }

    /// Whether every condition has the compact form.
    pub fn is_compact(&self) -> bool {
        let compact = |c: &Condition| matches!(c.test, condition::Test::Compact(_));
        self.fits[0].conditions.iter().all(compact)
    }

    /// The rule for the segment of the account it is about.
    fn fit(&self, values: &Values<'_>) -> &Fit {
        self.fits.get(values.segments[self.account as usize]).unwrap_or(&self.fits[0])
    }

    /// Conditions are tried in written order; the first that does not hold ends it. One that fails
    /// to evaluate does not hold; names and types are checked at load, so that this cannot hide a
    /// misspelt one.
    fn answer(&self, values: &Values<'_>) -> Answer {
        let mut answer = Answer::Fires;
        for condition in &self.fit(values).conditions {
            if condition.graph && !values.graph {
                answer = Answer::Waits;
            } else if condition.holds(values) != Some(true) {
                return Answer::Rests;
            }
        }
        answer
    }

    fn outcome(&self, values: &Values<'_>) -> RuleOutcome {
        RuleOutcome {
            id: self.id.clone(),
            typology: self.typology.clone(),
            account: self.account,
            evidence: self.evidence.clone(),
            points: self.points,
            alerts: self.effect == Effect::Alert,
            text: self.fit(values).sentence.fill(values),
        }
    }
}

impl RuleSet {
    /// Version and content hash, `2026-11-23@0a1b2c3d4e5f6071`.
    pub fn version(&self) -> &str {
        &self.version
    }

    pub fn description(&self) -> &str {
        &self.description
    }

    /// Where decisions turn.
    pub fn lines(&self) -> Lines {
        self.lines
    }

    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What is usual among peers, where the set says so.
    pub fn peers(&self) -> Option<&Peers> {
        self.peers.as_ref()
    }

    /// The quantiles that its parameters ask for.
    pub fn quantiles(&self) -> BTreeSet<(&'static str, Percentile)> {
        let params = self.rules.iter().flat_map(|rule| rule.params.values());
        params.filter_map(Param::quantile).map(|q| (q.of.name, q.percentile)).collect()
    }

    /// Where the accounts do more than most of their peers.
    pub fn marks(&self, facts: &Facts, features: &Features) -> Vec<PeerMark> {
        self.peers.as_ref().map_or_else(Vec::new, |peers| peers.marks(facts, features))
    }

    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// Judges a case from its evidence. Without the graph, rules that would look at it wait.
    pub fn judge(
        &self,
        case: &CaseFacts,
        features: &Features,
        graph: Option<&Graph>,
    ) -> RulesVerdict {
        let values = self.values(case, features, graph);
        let mut verdict = RulesVerdict::default();
        for rule in &self.rules {
            match rule.answer(&values) {
                Answer::Rests => {}
                Answer::Waits => verdict.waits_for_graph = true,
                Answer::Fires => {
                    verdict.alert |= rule.effect == Effect::Alert;
                    verdict.clear |= rule.effect == Effect::Clear;
                    verdict.fired.push(rule.outcome(&values));
                }
            }
        }
        verdict.points = points(&verdict.fired);
        verdict.clear &= !verdict.alert && !verdict.waits_for_graph;
        verdict
    }

    /// Every rule with its conditions, their values and thresholds, and why it did not fire.
    pub fn explain(
        &self,
        case: &CaseFacts,
        features: &Features,
        graph: Option<&Graph>,
    ) -> Vec<RuleTrace> {
        let values = self.values(case, features, graph);
        self.rules.iter().map(|rule| RuleTrace::of(rule, &values)).collect()
    }

    fn values<'a>(
        &self,
        case: &'a CaseFacts,
        features: &Features,
        graph: Option<&Graph>,
    ) -> Values<'a> {
        let segments = [&case.sender_segment, &case.receiver_segment];
        let segments = segments.map(|segment| match (segment, &self.peers) {
            // The same order as that of a rule's fits.
            (Some(segment), Some(peers)) => {
                let place = peers.segments.keys().position(|known| known == segment);
                place.map_or(0, |at| at + 1)
            }
            _ => 0,
        });
        Values { segments, ..Values::of(case, features, graph) }
    }
}

/// What rules that fired are worth together, in decibans.
pub fn points(fired: &[RuleOutcome]) -> f64 {
    risk::points(fired.iter().map(|rule| (rule.evidence.as_str(), rule.points)))
}

#[cfg(test)]
mod quantile_tests;
#[cfg(test)]
mod tests;

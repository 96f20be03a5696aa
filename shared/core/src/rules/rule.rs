//! One rule, compiled: its conditions and its sentence, for each segment that its parameters tell
//! apart.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::condition::{Condition, Test};
use super::names::Values;
use super::param::Param;
use super::sentence::Sentence;
use crate::case::rules_verdict::RuleOutcome;
use crate::payment::side::Side;
use crate::wording::money::OwnMoney;

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

/// A rule, compiled.
pub struct Rule {
    pub id: String,
    pub typology: String,
    pub effect: Effect,
    /// What kind of observation it rests on; its typology where the document names none.
    pub evidence: String,
    /// Decibans, see [`crate::case::risk`].
    pub points: f64,
    pub account: Side,
    /// The red flag's source.
    pub source: String,
    /// The expression, as it is written.
    pub when: String,
    pub params: BTreeMap<String, Param>,
    /// For accounts of no segment first, then for each segment of the set's peers where a parameter is a
    /// quantile.
    pub(super) fits: Vec<Fit>,
}

/// A rule as it is for the accounts of one segment: with its parameters as numbers.
pub(super) struct Fit {
    pub conditions: Vec<Condition>,
    pub sentence: Sentence,
}

/// What one rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
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
        let compact = |c: &Condition| matches!(c.test, Test::Compact(_));
        self.fits[0].conditions.iter().all(compact)
    }

    /// The rule for the segment of the account it is about.
    pub(super) fn fit(&self, values: &Values<'_>) -> &Fit {
        self.fits.get(values.segments[self.account as usize]).unwrap_or(&self.fits[0])
    }

    /// Conditions are tried in written order; the first that does not hold ends it. One that fails
    /// to evaluate does not hold; names and types are checked at load, so that this cannot hide a
    /// misspelt one.
    pub(super) fn answer(&self, values: &Values<'_>) -> Answer {
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

    pub(super) fn outcome(&self, values: &Values<'_>, money: OwnMoney<'_>) -> RuleOutcome {
        RuleOutcome {
            id: self.id.clone(),
            typology: self.typology.clone(),
            account: self.account,
            evidence: self.evidence.clone(),
            points: self.points,
            alerts: self.effect == Effect::Alert,
            text: self.fit(values).sentence.fill(values, money),
        }
    }
}

//! One compiled rule: its conditions and its sentence, for each segment that its parameters
//! distinguish.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::condition::{Condition, Test};
use super::names::Values;
use super::param::Param;
use super::sentence::Sentence;
use crate::case::rules_verdict::RuleOutcome;
use crate::payment::side::Side;
use crate::wording::money::MoneyFormatter;

/// What a rule does when it fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Settles the case without the later levels, unless a rule alerts.
    Clear,
    /// Adds its points to the risk.
    Flag,
    /// Adds its points and alerts whatever the risk, as a matter of policy.
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

/// A compiled rule.
pub struct Rule {
    pub id: String,
    pub typology: String,
    pub effect: Effect,
    /// The kind of observation it rests on; its typology if the document names none.
    pub evidence: String,
    /// Points in decibans, see [`crate::case::risk`].
    pub points: f64,
    /// The side whose behaviour the rule is about.
    pub account: Side,
    /// The red flag's source.
    pub source: String,
    /// The expression as written.
    pub when: String,
    pub params: BTreeMap<String, Param>,
    /// The fit for accounts without a segment, followed by one for each segment of the set's peers
    /// if a parameter is a quantile.
    pub(super) fits: Vec<Fit>,
}

/// A rule compiled for the accounts of one segment, with its parameters as numbers.
pub(super) struct Fit {
    pub conditions: Vec<Condition>,
    pub sentence: Sentence,
}

/// A rule's answer to one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Fires,
    /// All conditions hold except those on the graph, which has not been gathered.
    Waits,
    /// Some condition does not hold.
    Rests,
}

impl Rule {
    /// Returns the sentence with its placeholders.
    pub fn sentence(&self) -> &str {
        self.fits[0].sentence.template()
    }

    /// Returns whether it reads a value of the graph.
    pub fn is_graph_rule(&self) -> bool {
        self.fits[0].conditions.iter().any(|condition| condition.graph)
    }

    /// Returns whether every condition has a compact form.
    pub fn is_compact(&self) -> bool {
        let compact = |c: &Condition| matches!(c.test, Test::Compact(_));
        self.fits[0].conditions.iter().all(compact)
    }

    /// Returns the fit for the segment of the account that the rule is about.
    pub(super) fn fit(&self, values: &Values<'_>) -> &Fit {
        self.fits.get(values.segments[self.account as usize]).unwrap_or(&self.fits[0])
    }

    /// Tries the conditions in written order and stops at the first that does not hold. A condition
    /// that fails to evaluate does not hold; this cannot hide a misspelt name, because names and
    /// types are checked at load.
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

    pub(super) fn outcome(&self, values: &Values<'_>, money: MoneyFormatter<'_>) -> RuleOutcome {
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

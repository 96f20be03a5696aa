//! A loaded rule set: judges a case from its evidence and explains each rule's answer.

use std::collections::BTreeSet;

use super::names::Values;
use super::param::Param;
use super::rule::{Answer, Effect, Rule};
use super::trace::RuleTrace;
use crate::case::payment_details::PaymentDetails;
use crate::case::risk::Lines;
use crate::case::rules_verdict::{RulesVerdict, points};
use crate::state::facts::Facts;
use crate::state::features::Features;
use crate::state::graph::Graph;
use crate::state::peers::{PeerMark, Peers, Percentile};
use crate::wording::money::MoneyFormatter;

/// A loaded rule set without faults.
pub struct RuleSet {
    pub(super) rules: Vec<Rule>,
    pub(super) lines: Lines,
    pub(super) peers: Option<Peers>,
    pub(super) version: String,
    pub(super) description: String,
}

impl RuleSet {
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Returns the risks from which a payment alerts or goes to review.
    pub fn lines(&self) -> Lines {
        self.lines
    }

    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Returns the peer figures, if the set has any.
    pub fn peers(&self) -> Option<&Peers> {
        self.peers.as_ref()
    }

    /// Returns the quantiles that the rules' parameters use, as measure and percentile.
    pub fn quantiles(&self) -> BTreeSet<(&'static str, Percentile)> {
        let params = self.rules.iter().flat_map(|rule| rule.params.values());
        params.filter_map(Param::quantile).map(|q| (q.of.name, q.percentile)).collect()
    }

    /// Returns the measures in which the payment's accounts exceed most of their peers.
    pub fn marks(&self, facts: &Facts, features: &Features) -> Vec<PeerMark> {
        self.peers.as_ref().map_or_else(Vec::new, |peers| peers.marks(facts, features))
    }

    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// Judges a case from its evidence. Without the graph, rules that read it wait.
    pub fn judge(
        &self,
        details: &PaymentDetails,
        features: &Features,
        graph: Option<&Graph>,
    ) -> RulesVerdict {
        let values = self.values(details, features, graph);
        let money = MoneyFormatter::of(details);
        let mut verdict = RulesVerdict::default();
        for rule in &self.rules {
            match rule.answer(&values) {
                Answer::Rests => {}
                Answer::Waits => verdict.waits_for_graph = true,
                Answer::Fires => {
                    verdict.alert |= rule.effect == Effect::Alert;
                    verdict.clear |= rule.effect == Effect::Clear;
                    verdict.fired.push(rule.outcome(&values, money));
                }
            }
        }
        verdict.points = points(&verdict.fired);
        verdict.clear &= !verdict.alert && !verdict.waits_for_graph;
        verdict
    }

    /// Returns each rule's trace: conditions with values and thresholds, and why it did not fire.
    pub fn explain(
        &self,
        details: &PaymentDetails,
        features: &Features,
        graph: Option<&Graph>,
    ) -> Vec<RuleTrace> {
        let values = self.values(details, features, graph);
        let money = MoneyFormatter::of(details);
        self.rules.iter().map(|rule| RuleTrace::of(rule, &values, money)).collect()
    }

    fn values<'a>(
        &self,
        details: &'a PaymentDetails,
        features: &Features,
        graph: Option<&Graph>,
    ) -> Values<'a> {
        let segments = [details.sender_segment, details.receiver_segment];
        let segments = segments.map(|segment| match (segment, &self.peers) {
            // `Rule::fits` is in the same order, after the fit for no segment.
            (Some(segment), Some(peers)) => {
                let place = peers.segments.keys().position(|known| *known == segment);
                place.map_or(0, |at| at + 1)
            }
            _ => 0,
        });
        Values { segments, ..Values::of(details, features, graph) }
    }
}

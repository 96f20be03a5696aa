//! The changes from one rule set to another, field by field, for an approver to read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rule::Rule;
use super::set::RuleSet;
use crate::state::peers::Peers;

/// The changes from one set to the next.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RuleSetChanges {
    /// Ids of the rules that only the new set has.
    pub added: Vec<String>,
    /// Ids of the rules that only the old set has.
    pub removed: Vec<String>,
    /// Changed fields by rule id; `(set)` stands for the set's own fields.
    pub changed: BTreeMap<String, Vec<FieldChange>>,
}

/// A field whose value has changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldChange {
    /// Name of the field, such as `points`, `when` or `params.min_new`.
    pub field: String,
    /// `None` if the field is new.
    pub old: Option<String>,
    /// `None` if the field is gone.
    pub new: Option<String>,
}

impl RuleSetChanges {
    pub fn between(old: &RuleSet, new: &RuleSet) -> Self {
        let lacks = |set: &RuleSet, rule: &Rule| set.rule(&rule.id).is_none();
        let only = |set: &RuleSet, other: &RuleSet| {
            let rules = set.rules().iter().filter(|rule| lacks(other, rule));
            rules.map(|rule| rule.id.clone()).collect()
        };
        let mut changed = BTreeMap::new();
        let set = changes(&set_fields(old), &set_fields(new));
        let rules = new.rules().iter().filter_map(|rule| {
            Some((rule.id.clone(), changes(&fields(old.rule(&rule.id)?), &fields(rule))))
        });
        changed.extend([("(set)".to_owned(), set)].into_iter().chain(rules));
        changed.retain(|_, changes: &mut Vec<FieldChange>| !changes.is_empty());
        Self { added: only(new, old), removed: only(old, new), changed }
    }

    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

type Fields = BTreeMap<String, String>;

fn set_fields(set: &RuleSet) -> Fields {
    let fields = [
        ("lines.alert", set.lines().alert.to_string()),
        ("lines.review", set.lines().review.to_string()),
        ("description", set.description().to_owned()),
    ];
    let fields = fields.map(|(field, value)| (field.to_owned(), value));
    fields.into_iter().chain(set.peers().into_iter().flat_map(peer_fields)).collect()
}

/// Returns the days of the peer figures, and each figure under a name such as
/// `peers.retail.receiver_in_new_7d.p99.5`.
fn peer_fields(peers: &Peers) -> Vec<(String, String)> {
    let mut fields = vec![("peers.days".to_owned(), format!("{} to {}", peers.from, peers.until))];
    for (segment, measures) in &peers.segments {
        for (measure, figure) in measures {
            fields.extend(figure.percentiles.iter().map(|(percentile, value)| {
                (format!("peers.{}.{measure}.{percentile}", segment.as_str()), value.to_string())
            }));
        }
    }
    fields
}

fn fields(rule: &Rule) -> Fields {
    let fields = [
        ("typology", rule.typology.clone()),
        ("effect", rule.effect.code().to_owned()),
        ("evidence", rule.evidence.clone()),
        ("points", rule.points.to_string()),
        ("account", rule.account.code().to_owned()),
        ("when", rule.when.clone()),
        ("sentence", rule.sentence().to_owned()),
        ("source", rule.source.clone()),
    ];
    let fields = fields.map(|(field, value)| (field.to_owned(), value));
    let params =
        rule.params.iter().map(|(name, value)| (format!("params.{name}"), value.to_string()));
    fields.into_iter().chain(params).collect()
}

fn changes(old: &Fields, new: &Fields) -> Vec<FieldChange> {
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort();
    names.dedup();
    let differs = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    differs
        .map(|name| FieldChange {
            field: name.clone(),
            old: old.get(name).cloned(),
            new: new.get(name).cloned(),
        })
        .collect()
}

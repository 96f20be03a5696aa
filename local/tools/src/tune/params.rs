//! How the proposed peer figures change the rules whose parameters are quantiles of them.

use std::collections::{BTreeMap, BTreeSet};

use sentinel::payment::transaction::Segment;
use sentinel::rules::{Rule, RuleSet};
use serde::Serialize;

use super::lines::Scores;
use crate::backtest::{DecisionRequest, Firing, Sample, ScoredPayment, sample};

/// How a rule changes.
#[derive(Debug, Clone, Serialize)]
pub(super) struct RuleChange {
    pub(super) rule: String,
    pub(super) params: Vec<ParamChange>,
    /// Payments it fires on at present.
    pub(super) fired: Counts,
    pub(super) fires_no_longer: Counts,
    pub(super) fires_newly: Counts,
    /// The payments nearest to the threshold on which it still fires.
    pub(super) just_above: Vec<Sample>,
    /// The nearest on which it no longer fires.
    pub(super) just_below: Vec<Sample>,
}

/// A parameter's numbers.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ParamChange {
    pub(super) name: String,
    /// `p99.5 of receiver_in_new_7d, from 5 to 40`.
    pub(super) quantile: String,
    /// For accounts without a segment.
    pub(super) otherwise: f64,
    /// By segment.
    pub(super) numbers: BTreeMap<Segment, Numbers>,
}

/// The number in each set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Numbers {
    pub(super) present: f64,
    pub(super) proposed: f64,
}

/// Payments, and how many of them are labelled as laundering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    pub(super) payments: u64,
    /// `None` without labels.
    pub(super) laundering: Option<u64>,
}

/// The change of every rule with a quantile from the present set to the proposed.
pub(super) fn changes(
    present: Scores<'_>,
    proposed: Scores<'_>,
    number: usize,
) -> anyhow::Result<Vec<RuleChange>> {
    let (now, then) = (present.engine.judge.rules(), proposed.engine.judge.rules());
    let mut drawn = Vec::new();
    for (at, rule) in then.rules().iter().enumerate() {
        let params = numbers(rule, now, then);
        if params.is_empty() {
            continue;
        }
        let fired =
            |scores: Scores<'_>| scores.pass.peers.fired.get(&at).cloned().unwrap_or_default();
        let (before, after) = (fired(present), fired(proposed));
        let events = |fired: &[Firing]| fired.iter().map(|f| f.event).collect::<BTreeSet<u32>>();
        let (were, are) = (events(&before), events(&after));
        let lost: Vec<Firing> =
            before.iter().filter(|f| !are.contains(&f.event)).copied().collect();
        let counts = |events: &mut dyn Iterator<Item = u32>| {
            let rows: Vec<&ScoredPayment> =
                events.filter_map(|event| row(proposed, event)).collect();
            let laundering = rows.iter().filter(|row| proposed.engine.is_positive(row)).count();
            Counts {
                payments: rows.len() as u64,
                laundering: proposed.has_labels().then_some(laundering as u64),
            }
        };
        let change = RuleChange {
            rule: rule.id.clone(),
            params,
            fired: counts(&mut were.iter().copied()),
            fires_no_longer: counts(&mut lost.iter().map(|fired| fired.event)),
            fires_newly: counts(&mut are.difference(&were).copied()),
            just_above: Vec::new(),
            just_below: Vec::new(),
        };
        drawn.push((change, nearest(after, false, number), nearest(lost, true, number)));
    }
    told(present, proposed, drawn)
}

/// The firings nearest to a threshold: the lowest above it, or the highest below.
fn nearest(mut fired: Vec<Firing>, highest: bool, number: usize) -> Vec<u32> {
    fired.sort_by(|a, b| {
        let order = a.value.total_cmp(&b.value);
        (if highest { order.reverse() } else { order }).then(a.event.cmp(&b.event))
    });
    fired.into_iter().take(number).map(|fired| fired.event).collect()
}

/// Adds the drawn payments, with the reasons of the set that fires on them.
fn told(
    present: Scores<'_>,
    proposed: Scores<'_>,
    drawn: Vec<(RuleChange, Vec<u32>, Vec<u32>)>,
) -> anyhow::Result<Vec<RuleChange>> {
    let samples = |scores: Scores<'_>, events: &mut dyn Iterator<Item = u32>| {
        let wanted = events.map(|event| DecisionRequest { event, by_against: false });
        let decisions = scores.engine.revisit(&wanted.collect())?;
        let told = decisions.iter().filter_map(|(wanted, decision)| {
            Some((wanted.event, sample(scores.engine, row(scores, wanted.event)?, decision)))
        });
        anyhow::Ok(told.collect::<BTreeMap<u32, Sample>>())
    };
    let above =
        samples(proposed, &mut drawn.iter().flat_map(|(_, above, _)| above.iter().copied()))?;
    let below =
        samples(present, &mut drawn.iter().flat_map(|(_, _, below)| below.iter().copied()))?;
    let pick = |from: &BTreeMap<u32, Sample>, events: &[u32]| {
        events.iter().filter_map(|event| from.get(event).cloned()).collect()
    };
    let changes = drawn.into_iter().map(|(change, over, under)| RuleChange {
        just_above: pick(&above, &over),
        just_below: pick(&below, &under),
        ..change
    });
    Ok(changes.collect())
}

/// The row of an event; rows are ordered by event.
fn row(scores: Scores<'_>, event: u32) -> Option<&ScoredPayment> {
    let rows = &scores.pass.rows;
    rows.binary_search_by_key(&event, |row| row.event).ok().map(|at| &rows[at])
}

/// The numbers of a rule's quantiles in both sets.
pub(super) fn numbers(rule: &Rule, present: &RuleSet, proposed: &RuleSet) -> Vec<ParamChange> {
    let peers = [present.peers(), proposed.peers()].into_iter().flatten();
    let segments: BTreeSet<Segment> =
        peers.flat_map(|peers| peers.segments.keys().copied()).collect();
    let params = rule.params.iter().filter(|(_, param)| param.quantile().is_some());
    params
        .map(|(name, param)| ParamChange {
            name: name.clone(),
            quantile: param.to_string(),
            otherwise: param.value(proposed.peers(), None),
            numbers: segments
                .iter()
                .map(|segment| {
                    let of = |set: &RuleSet| param.value(set.peers(), Some(*segment));
                    (*segment, Numbers { present: of(present), proposed: of(proposed) })
                })
                .collect(),
        })
        .collect()
}

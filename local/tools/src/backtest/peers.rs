//! What a pass counts for whoever tunes thresholds: what payments of peers look like, and on which
//! payments the rules fired whose parameters are quantiles of it.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use sentinel::rules::Param;
use sentinel::state::peers::{PeerSketches, Risk};

use super::judge::{Judge, Judged, Seen};

/// Counts over some rows.
#[derive(Default)]
pub(crate) struct PeerTally {
    pub(crate) sketches: PeerSketches,
    /// By the rule's place in the set.
    pub(crate) fired: BTreeMap<usize, Vec<Fired>>,
}

/// A payment that a rule fired on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fired {
    /// Place in the history.
    pub(crate) event: u32,
    /// What the rule's first quantile is compared with.
    pub(crate) value: f64,
}

impl PeerTally {
    pub(super) fn count(&mut self, judge: &Judge, event: u32, seen: &Seen, judged: &Judged) {
        let (facts, features) = (&seen.examined.facts, &seen.examined.features);
        let outcome = &judged.outcome;
        let risk = Risk { score: outcome.risk_score, unsure: outcome.review.is_some() };
        self.sketches.count(facts, features, Some(risk));
        for (at, rule) in judge.fired(seen) {
            let Some(quantile) = rule.params.values().find_map(Param::quantile) else { continue };
            let value = quantile.of.value(facts, features).unwrap_or_default();
            self.fired.entry(at).or_default().push(Fired { event, value });
        }
    }
}

impl AddAssign<Self> for PeerTally {
    fn add_assign(&mut self, other: Self) {
        self.sketches.merge(&other.sketches);
        for (at, fired) in other.fired {
            self.fired.entry(at).or_default().extend(fired);
        }
    }
}

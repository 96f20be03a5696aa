//! What a pass counts for tuning: figures of peers' payments, and the payments on which rules fired
//! whose parameters are quantiles of these figures.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use sentinel::rules::Param;
use sentinel::state::peers::{PeerSketches, Risk};

use super::judge::{Examinations, Judge, Judgement};

/// Counts over some rows.
#[derive(Default)]
pub(crate) struct PeerTally {
    pub(crate) sketches: PeerSketches,
    /// By the rule's position in the set.
    pub(crate) fired: BTreeMap<usize, Vec<Firing>>,
}

/// A rule firing on a payment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Firing {
    /// Position in the history.
    pub(crate) event: u32,
    /// The value that the rule's first quantile is compared with.
    pub(crate) value: f64,
}

impl PeerTally {
    pub(super) fn count(
        &mut self,
        judge: &Judge,
        event: u32,
        examination: &Examinations,
        judged: &Judgement,
    ) {
        let (facts, features) = (&examination.examined.facts, &examination.examined.features);
        let outcome = &judged.outcome;
        let risk = Risk { score: outcome.risk_score, unsure: outcome.review.is_some() };
        self.sketches.count(facts, features, Some(risk));
        for (at, rule) in judge.fired(examination) {
            let Some(quantile) = rule.params.values().find_map(Param::quantile) else { continue };
            let value = quantile.of.value(facts, features).unwrap_or_default();
            self.fired.entry(at).or_default().push(Firing { event, value });
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

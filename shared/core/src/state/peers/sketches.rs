//! Counting what payments look like: one sketch per group and measure.

use std::collections::BTreeMap;

use sketches_ddsketch::{Config, DDSketch};

use super::measures::{self, MEASURES, RISK, Risk, UNSURE};
use crate::payment::side::Side;
use crate::payment::transaction::Segment;
use crate::state::facts::Facts;
use crate::state::features::Features;

/// The group of all accounts, with or without a segment.
pub const EVERYBODY: &str = "*";
/// Most segments that are kept apart. Accounts of further ones count in [`EVERYBODY`] only, so that
/// a client that names a segment for each customer takes no more space than others.
pub const MOST_GROUPS: usize = 32;

/// Relative precision of quantiles.
const PRECISION: f64 = 0.01;

/// Sketches of payments by group, one for each of [`MEASURES`].
#[derive(Clone, Default)]
pub struct PeerSketches {
    groups: BTreeMap<String, Vec<DDSketch>>,
}

/// Bytes that are not a sketch, or a sketch with other parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sketch is damaged, or of another kind")]
pub struct DamagedSketch;

impl PeerSketches {
    /// Counts a judged payment with what its two accounts had done before it.
    pub fn count(&mut self, facts: &Facts, features: &Features, risk: Option<Risk>) {
        if !facts.kind.counts() {
            return;
        }
        self.add(EVERYBODY, facts, features, risk, None);
        let sides =
            [(facts.sender_segment, Side::Sender), (facts.receiver_segment, Side::Receiver)];
        for (segment, side) in sides {
            if let Some(segment) = segment {
                self.add(Segment::as_str(&segment), facts, features, risk, Some(side));
            }
        }
    }

    fn add(
        &mut self,
        group: &str,
        facts: &Facts,
        features: &Features,
        risk: Option<Risk>,
        side: Option<Side>,
    ) {
        let Some(sketches) = self.group(group) else { return };
        let shown = MEASURES.iter().zip(measures::values(facts, features, risk));
        for ((measure, value), sketch) in shown.zip(sketches) {
            if let Some(value) = value.filter(|_| side.is_none_or(|side| side == measure.account)) {
                sketch.add(value);
            }
        }
    }

    /// Returns the sketches of a group, new ones if need be; `None` if there are too many groups.
    fn group(&mut self, group: &str) -> Option<&mut Vec<DDSketch>> {
        if !self.groups.contains_key(group) {
            if group != EVERYBODY && self.groups.len() > MOST_GROUPS {
                return None;
            }
            let new = vec![DDSketch::new(Config::defaults()); MEASURES.len()];
            self.groups.insert(group.to_owned(), new);
        }
        self.groups.get_mut(group)
    }

    /// Returns the groups that were counted, including [`EVERYBODY`].
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.groups.keys().map(String::as_str)
    }

    /// Returns the number of payments with a value for a measure.
    pub fn payments(&self, group: &str, measure: &str) -> u64 {
        self.sketch(group, measure).map_or(0, |sketch| sketch.count() as u64)
    }

    /// Returns the value that a share of a group's payments does not exceed, to within one percent;
    /// `None` without payments.
    pub fn quantile(&self, group: &str, measure: &str, share: f64) -> Option<f64> {
        self.sketch(group, measure)?.quantile(share).ok().flatten()
    }

    /// Returns the number of payments at or above a value, to the precision of quantiles.
    pub fn payments_from(&self, group: &str, measure: &str, value: f64) -> u64 {
        let payments = self.payments(group, measure);
        let below = |rank: u64| {
            let share = if payments > 1 { rank as f64 / (payments - 1) as f64 } else { 0.0 };
            self.quantile(group, measure, share).is_some_and(|found| found < value)
        };
        // Find the first rank that is not below.
        let (mut low, mut high) = (0, payments);
        while low < high {
            let middle = u64::midpoint(low, high);
            if below(middle) { low = middle + 1 } else { high = middle }
        }
        payments - low
    }

    /// Returns the lowest risk at or above which the payments in review are no more than a share of
    /// all payments; `None` if all of those in review are few enough.
    pub fn riskiest(&self, share: f64) -> Option<f64> {
        let (payments, unsure) = (self.payments(EVERYBODY, RISK), self.payments(EVERYBODY, UNSURE));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let most = (share * payments as f64).floor() as u64;
        if unsure <= most {
            return None;
        }
        // The riskiest payment that is one too many; those with the same risk are left out with it.
        let share = (unsure - most - 1) as f64 / (unsure - 1).max(1) as f64;
        let risk = self.quantile(EVERYBODY, UNSURE, share)?;
        Some((risk * (1.0 + 2.0 * PRECISION)).min(1.0))
    }

    fn sketch(&self, group: &str, measure: &str) -> Option<&DDSketch> {
        let at = MEASURES.iter().position(|known| known.name == measure)?;
        self.groups.get(group)?.get(at)
    }

    /// Adds the counts of others.
    pub fn merge(&mut self, others: &Self) {
        for (group, sketches) in &others.groups {
            let Some(own) = self.group(group) else { continue };
            for (own, other) in own.iter_mut().zip(sketches) {
                // All have the same parameters, see `add_bytes`, so this cannot fail.
                let _ = own.merge(other);
            }
        }
    }

    /// Returns a group's sketches that are not empty, by measure, in the encoding that `DDSketch`
    /// libraries of other languages can read.
    pub fn to_bytes(&self, group: &str) -> BTreeMap<String, Vec<u8>> {
        let sketches = self.groups.get(group).into_iter().flatten();
        let held = MEASURES.iter().zip(sketches).filter(|(_, sketch)| sketch.count() > 0);
        held.map(|(measure, sketch)| (measure.name.to_owned(), sketch.to_java_bytes())).collect()
    }

    /// Adds a sketch from its encoding. A measure that this version does not know is ignored.
    pub fn add_bytes(
        &mut self,
        group: &str,
        measure: &str,
        bytes: &[u8],
    ) -> Result<(), DamagedSketch> {
        let sketch = DDSketch::from_java_bytes(bytes).map_err(|_| DamagedSketch)?;
        let Some(at) = MEASURES.iter().position(|known| known.name == measure) else {
            return Ok(());
        };
        match self.group(group) {
            Some(own) => own[at].merge(&sketch).map_err(|_| DamagedSketch),
            None => Ok(()),
        }
    }
}

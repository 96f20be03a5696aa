//! Counting: a sketch for every group and measure.

use std::collections::BTreeMap;

use sketches_ddsketch::{Config, DDSketch};

use super::measures::{self, MEASURES, RISK, Risk, UNSURE};
use crate::payment::side::Side;
use crate::payment::transaction::Segment;
use crate::state::facts::Facts;
use crate::state::features::Features;

/// The group of all accounts, of whatever segment or none.
pub const EVERYBODY: &str = "*";
/// Segments that are told apart; accounts of further ones count among everybody only, so that a
/// client that names a segment for each customer costs no more than others.
pub const MOST_GROUPS: usize = 32;

/// Quantiles are within so much of themselves.
const PRECISION: f64 = 0.01;

/// What payments look like, by group.
#[derive(Clone, Default)]
pub struct PeerSketches {
    groups: BTreeMap<String, Vec<DDSketch>>,
}

/// Bytes that are no sketch, or one of another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sketch is damaged, or of another kind")]
pub struct DamagedSketch;

impl PeerSketches {
    /// Counts a payment that was judged: what it showed of its two accounts before it.
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

    /// The sketches of a group; `None` if it would be one too many.
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

    /// The groups that were counted, [`EVERYBODY`] among them.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.groups.keys().map(String::as_str)
    }

    /// Payments that showed something of a measure.
    pub fn payments(&self, group: &str, measure: &str) -> u64 {
        self.sketch(group, measure).map_or(0, |sketch| sketch.count() as u64)
    }

    /// The value that a share of a group's payments does not exceed, within one percent of itself;
    /// `None` if there are none.
    pub fn quantile(&self, group: &str, measure: &str, share: f64) -> Option<f64> {
        self.sketch(group, measure)?.quantile(share).ok().flatten()
    }

    /// Payments that showed so much or more, as far as quantiles tell.
    pub fn payments_from(&self, group: &str, measure: &str, value: f64) -> u64 {
        let payments = self.payments(group, measure);
        let below = |rank: u64| {
            let share = if payments > 1 { rank as f64 / (payments - 1) as f64 } else { 0.0 };
            self.quantile(group, measure, share).is_some_and(|found| found < value)
        };
        // The first rank that is not below.
        let (mut low, mut high) = (0, payments);
        while low < high {
            let middle = u64::midpoint(low, high);
            if below(middle) { low = middle + 1 } else { high = middle }
        }
        payments - low
    }

    /// The lowest risk from which on no more payments wait for review than a share of all; `None` if
    /// all of them are few enough.
    pub fn riskiest(&self, share: f64) -> Option<f64> {
        let (payments, unsure) = (self.payments(EVERYBODY, RISK), self.payments(EVERYBODY, UNSURE));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let most = (share * payments as f64).floor() as u64;
        if unsure <= most {
            return None;
        }
        // The riskiest that is one too many; with it go all that are as risky.
        let share = (unsure - most - 1) as f64 / (unsure - 1).max(1) as f64;
        let risk = self.quantile(EVERYBODY, UNSURE, share)?;
        Some((risk * (1.0 + 2.0 * PRECISION)).min(1.0))
    }

    fn sketch(&self, group: &str, measure: &str) -> Option<&DDSketch> {
        let at = MEASURES.iter().position(|known| known.name == measure)?;
        self.groups.get(group)?.get(at)
    }

    /// Adds what others counted.
    pub fn merge(&mut self, others: &Self) {
        for (group, sketches) in &others.groups {
            let Some(own) = self.group(group) else { continue };
            for (own, other) in own.iter_mut().zip(sketches) {
                // All have the same parameters: see `from_bytes`.
                let _ = own.merge(other);
            }
        }
    }

    /// The sketches of a group that hold anything, by measure, in the encoding that the `DDSketch`
    /// libraries of other languages read as well.
    pub fn to_bytes(&self, group: &str) -> BTreeMap<String, Vec<u8>> {
        let sketches = self.groups.get(group).into_iter().flatten();
        let held = MEASURES.iter().zip(sketches).filter(|(_, sketch)| sketch.count() > 0);
        held.map(|(measure, sketch)| (measure.name.to_owned(), sketch.to_java_bytes())).collect()
    }

    /// Adds a sketch from its encoding. A measure that this version does not know is left alone.
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

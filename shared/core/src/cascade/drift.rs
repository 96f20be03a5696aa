//! Drift: whether the rows scored today look like those the model was trained on. The card holds, for
//! each feature and for the score, the bins of the training rows and the share in each; rows are
//! counted into the same bins and compared by the population stability index
//! `Σ (found − expected)·ln(found / expected)`. Below 0.1 is called stable, above 0.25 shifted
//! (Siddiqi, "Credit Risk Scorecards", 2006).
//!
//! A window of n rows and b bins has an index of about (b − 1)/n by chance alone, 0.01 here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Rows that are compared at a time.
pub const WINDOW: u32 = 1_000;
/// An empty bin counts as this share, so that the logarithm stays finite.
const LEAST: f64 = 1e-4;

/// The card's part about drift.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct DriftReference {
    pub score: Bins,
    /// By feature.
    pub features: BTreeMap<String, Bins>,
}

/// Bin `i` holds `edges[i−1] < x ≤ edges[i]`; the first has no lower edge, the last no upper one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Bins {
    pub edges: Vec<f64>,
    /// Of the training rows; one more than edges.
    pub shares: Vec<f64>,
}

impl Bins {
    fn bin(&self, value: f64) -> usize {
        self.edges.partition_point(|edge| *edge < value)
    }
}

impl DriftReference {
    pub fn check(&self) -> Result<(), &'static str> {
        let all = self.features.values().chain([&self.score]);
        for bins in all {
            let rising = bins.edges.windows(2).all(|pair| pair[0] < pair[1]);
            let sum: f64 = bins.shares.iter().sum();
            if !rising || bins.shares.len() != bins.edges.len() + 1 || (sum - 1.0).abs() > 0.01 {
                return Err("bins need rising edges and one share more that add up to one");
            }
        }
        Ok(())
    }
}

/// How many rows fell into each bin. Counts of many processes add up, whatever their order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftCounts {
    pub rows: u32,
    score: Vec<u32>,
    features: Vec<Vec<u32>>,
}

impl DriftCounts {
    /// Adds others; false, and unchanged, where they are of other bins.
    pub fn add(&mut self, others: &Self) -> bool {
        if self.rows == 0 {
            self.clone_from(others);
            return true;
        }
        let lengths = |counts: &Self| {
            counts.features.iter().chain([&counts.score]).map(Vec::len).collect::<Vec<_>>()
        };
        if lengths(self) != lengths(others) {
            return false;
        }
        self.rows += others.rows;
        let own = self.features.iter_mut().chain([&mut self.score]).flatten();
        let added = others.features.iter().chain([&others.score]).flatten();
        own.zip(added).for_each(|(own, added)| *own += added);
        true
    }
}

/// How a full window compares.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    pub score: f64,
    /// The feature that moved most.
    pub worst_feature: String,
    pub worst: f64,
    /// Features above 0.25.
    pub shifted: u32,
}

/// The card's bins in the order of the model's columns.
#[derive(Debug)]
pub struct DriftBins {
    score: Bins,
    features: Vec<(String, Bins)>,
}

impl DriftBins {
    pub fn new(reference: &DriftReference, features: &[String]) -> Self {
        // A feature without bins has one that holds everything, and never drifts.
        let one = Bins { edges: vec![], shares: vec![1.0] };
        let bins = |name: &String| reference.features.get(name).unwrap_or(&one).clone();
        Self {
            score: reference.score.clone(),
            features: features.iter().map(|name| (name.clone(), bins(name))).collect(),
        }
    }

    /// Counts a row of the model's columns.
    pub fn count(&self, counts: &mut DriftCounts, row: &[f32], probability: f64) {
        if counts.rows == 0 {
            let empty = |bins: &Bins| vec![0; bins.shares.len()];
            counts.score = empty(&self.score);
            counts.features = self.features.iter().map(|(_, bins)| empty(bins)).collect();
        }
        counts.rows += 1;
        counts.score[self.score.bin(probability)] += 1;
        for ((value, (_, bins)), found) in row.iter().zip(&self.features).zip(&mut counts.features)
        {
            found[bins.bin(f64::from(*value))] += 1;
        }
    }

    /// The indices of counted rows.
    pub fn compare(&self, counts: &DriftCounts) -> Drift {
        let mut drift = Drift {
            score: stability(&self.score, &counts.score, counts.rows),
            worst_feature: String::new(),
            worst: 0.0,
            shifted: 0,
        };
        for ((name, bins), found) in self.features.iter().zip(&counts.features) {
            let stability = stability(bins, found, counts.rows);
            drift.shifted += u32::from(stability > 0.25);
            if stability > drift.worst {
                (drift.worst, drift.worst_feature) = (stability, name.clone());
            }
        }
        drift
    }
}

fn stability(bins: &Bins, found: &[u32], rows: u32) -> f64 {
    let term = |(expected, found): (&f64, &u32)| {
        let expected = expected.max(LEAST);
        let share = (f64::from(*found) / f64::from(rows)).max(LEAST);
        (share - expected) * (share / expected).ln()
    };
    bins.shares.iter().zip(found).map(term).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bins() -> DriftBins {
        let bins = Bins { edges: vec![0.0, 1.0], shares: vec![0.5, 0.3, 0.2] };
        let features = BTreeMap::from([("a".to_owned(), bins.clone())]);
        let reference = DriftReference { score: bins, features };
        reference.check().unwrap();
        DriftBins::new(&reference, &["a".to_owned(), "unbinned".to_owned()])
    }

    fn counted(rows: std::ops::Range<u32>, value: impl Fn(u32) -> f32) -> DriftCounts {
        let mut counts = DriftCounts::default();
        rows.for_each(|n| bins().count(&mut counts, &[value(n), 7.0], f64::from(value(n))));
        counts
    }

    #[test]
    fn rows_as_in_training_are_stable() {
        // An edge belongs to the bin below it.
        let same = |n: u32| match n % 10 {
            0..5 => 0.0,
            5..8 => 1.0,
            _ => 1.5,
        };
        let drift = bins().compare(&counted(0..1_000, same));
        assert!(drift.score.abs() < 1e-12 && drift.shifted == 0, "{drift:?}");
    }

    #[test]
    fn a_shift_is_measured() {
        let drift = bins().compare(&counted(0..1_000, |n| if n % 10 < 2 { 0.0 } else { 1.0 }));
        // (0.2-0.5)ln(0.4) + (0.8-0.3)ln(8/3) + (1e-4-0.2)ln(5e-4)
        assert!((drift.worst - 2.2848).abs() < 1e-3, "{drift:?}");
        assert_eq!((drift.worst_feature.as_str(), drift.shifted), ("a", 1));
    }

    #[test]
    fn counts_of_many_processes_add_up() {
        let value = |n: u32| [0.0, 1.0, 2.0][n as usize % 3];
        let mut together = DriftCounts::default();
        for part in [counted(40..100, value), counted(0..40, value)] {
            assert!(together.add(&part));
        }
        assert_eq!(together, counted(0..100, value));
        let text = serde_json::to_string(&together).unwrap();
        assert_eq!(serde_json::from_str::<DriftCounts>(&text).unwrap(), together);
        let other = DriftCounts { rows: 1, score: vec![1], features: vec![] };
        assert!(!together.clone().add(&other));
    }

    #[test]
    fn bins_that_contradict_themselves_are_refused() {
        let bins = |edges: &[f64], shares: &[f64]| {
            let score = Bins { edges: edges.to_vec(), shares: shares.to_vec() };
            DriftReference { score, features: BTreeMap::new() }.check()
        };
        assert!(bins(&[0.0, 0.0], &[0.4, 0.3, 0.3]).is_err());
        assert!(bins(&[0.0], &[1.0]).is_err());
        assert!(bins(&[0.0], &[0.5, 0.4]).is_err());
    }
}

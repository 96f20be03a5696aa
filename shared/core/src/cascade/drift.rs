//! Drift: whether the rows scored today look like those the model was trained on. For each feature
//! and for the score, the card holds bins and the share of training rows in each. Scored rows are
//! counted into the same bins and compared by the population stability index `Σ (found −
//! expected)·ln(found / expected)`; below 0.1 counts as stable, above 0.25 as shifted (Siddiqi,
//! "Credit Risk Scorecards", 2006).
//!
//! A window of n rows and b bins has an index of about (b − 1)/n by chance alone, which is 0.01
//! here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Number of rows that are compared at a time.
pub const WINDOW: u32 = 1_000;
/// An empty bin counts as this share, so that the logarithm stays finite.
const LEAST: f64 = 1e-4;

/// The part of the model card about drift.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct DriftReference {
    pub score: Bins,
    /// Bins by feature.
    pub features: BTreeMap<String, Bins>,
}

/// Bin `i` holds `edges[i−1] < x ≤ edges[i]`; the first has no lower edge, the last no upper one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Bins {
    pub edges: Vec<f64>,
    /// Shares of the training rows; one more than there are edges.
    pub shares: Vec<f64>,
}

impl Bins {
    fn bin(&self, value: f64) -> usize {
        self.edges.partition_point(|edge| *edge < value)
    }
}

impl DriftReference {
    /// Returns what is wrong with the bins, if anything.
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

/// Number of rows in each bin. Counts of several processes add up in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftCounts {
    pub rows: u32,
    score: Vec<u32>,
    features: Vec<Vec<u32>>,
}

impl DriftCounts {
    /// Adds other counts. Returns false and changes nothing if they have other bins.
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

/// Stability indices of a window.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// Index of the score.
    pub score: f64,
    /// The feature with the largest index.
    pub worst_feature: String,
    /// Index of that feature.
    pub worst: f64,
    /// Number of features with an index above 0.25.
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
        // A feature without bins gets one that holds everything, and so never drifts.
        let one = Bins { edges: vec![], shares: vec![1.0] };
        let bins = |name: &String| reference.features.get(name).unwrap_or(&one).clone();
        Self {
            score: reference.score.clone(),
            features: features.iter().map(|name| (name.clone(), bins(name))).collect(),
        }
    }

    /// Counts a row of the model's columns and its score.
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

    /// Returns the indices of the counted rows.
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

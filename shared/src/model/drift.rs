//! Drift: whether the rows scored today look like those the model was trained on. The card holds, for
//! each feature and for the score, the bins of the training rows and the share in each; rows are
//! counted into the same bins and compared by the population stability index
//! `Σ (found − expected)·ln(found / expected)`. Below 0.1 is called stable, above 0.25 shifted
//! (Siddiqi, "Credit Risk Scorecards", 2006).
//!
//! A window of n rows and b bins has an index of about (b − 1)/n by chance alone, 0.01 here.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Rows of a window.
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
    pub(super) fn check(&self) -> Result<(), &'static str> {
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

/// Counts of a window of rows.
#[derive(Debug)]
pub struct DriftWindow {
    rows: u32,
    score: Counts,
    features: Vec<Counts>,
    names: Vec<String>,
}

#[derive(Debug)]
struct Counts {
    bins: Bins,
    found: Vec<u32>,
}

impl Counts {
    fn of(bins: Bins) -> Self {
        let found = vec![0; bins.shares.len()];
        Self { bins, found }
    }

    fn note(&mut self, value: f64) {
        let bin = self.bins.bin(value);
        self.found[bin] += 1;
    }

    fn stability(&mut self, rows: u32) -> f64 {
        let term = |(expected, found): (&f64, &mut u32)| {
            let expected = expected.max(LEAST);
            let share = (f64::from(std::mem::take(found)) / f64::from(rows)).max(LEAST);
            (share - expected) * (share / expected).ln()
        };
        self.bins.shares.iter().zip(&mut self.found).map(term).sum()
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

impl DriftWindow {
    /// A window for rows of the model's columns, named by `features`.
    pub fn new(reference: &DriftReference, features: &[String]) -> Self {
        let known = features.iter().map(|name| reference.features.get(name).cloned());
        // A feature without bins has one that holds everything, and never drifts.
        let one = Bins { edges: vec![], shares: vec![1.0] };
        Self {
            rows: 0,
            score: Counts::of(reference.score.clone()),
            features: known.map(|bins| Counts::of(bins.unwrap_or_else(|| one.clone()))).collect(),
            names: features.to_vec(),
        }
    }

    /// Counts a row; the comparison when the window is full, and it begins anew.
    pub fn note(&mut self, row: &[f32], probability: f64) -> Option<Drift> {
        self.score.note(probability);
        for (counts, value) in self.features.iter_mut().zip(row) {
            counts.note(f64::from(*value));
        }
        self.rows += 1;
        (self.rows == WINDOW).then(|| self.compare())
    }

    fn compare(&mut self) -> Drift {
        let rows = std::mem::take(&mut self.rows);
        let mut drift = Drift {
            score: self.score.stability(rows),
            worst_feature: String::new(),
            worst: 0.0,
            shifted: 0,
        };
        for (counts, name) in self.features.iter_mut().zip(&self.names) {
            let stability = counts.stability(rows);
            drift.shifted += u32::from(stability > 0.25);
            if stability > drift.worst {
                (drift.worst, drift.worst_feature) = (stability, name.clone());
            }
        }
        drift
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window() -> DriftWindow {
        let bins = Bins { edges: vec![0.0, 1.0], shares: vec![0.5, 0.3, 0.2] };
        let features = BTreeMap::from([("a".to_owned(), bins.clone())]);
        let reference = DriftReference { score: bins, features };
        reference.check().unwrap();
        DriftWindow::new(&reference, &["a".to_owned(), "unbinned".to_owned()])
    }

    fn filled(window: &mut DriftWindow, row: impl Fn(u32) -> f32) -> Drift {
        let drifts = (0..WINDOW).filter_map(|n| window.note(&[row(n), 7.0], f64::from(row(n))));
        let drifts: Vec<_> = drifts.collect();
        assert_eq!(drifts.len(), 1);
        drifts.into_iter().next().unwrap()
    }

    #[test]
    fn rows_as_in_training_are_stable() {
        // An edge belongs to the bin below it.
        let same = |n: u32| match n % 10 {
            0..5 => 0.0,
            5..8 => 1.0,
            _ => 1.5,
        };
        let drift = filled(&mut window(), same);
        assert!(drift.score.abs() < 1e-12 && drift.shifted == 0, "{drift:?}");
    }

    #[test]
    fn a_shift_is_measured_and_the_next_window_begins_empty() {
        let mut window = window();
        let drift = filled(&mut window, |n| if n % 10 < 2 { 0.0 } else { 1.0 });
        // (0.2-0.5)ln(0.4) + (0.8-0.3)ln(8/3) + (1e-4-0.2)ln(5e-4)
        assert!((drift.worst - 2.2848).abs() < 1e-3, "{drift:?}");
        assert_eq!((drift.worst_feature.as_str(), drift.shifted), ("a", 1));
        let calm = filled(&mut window, |n| {
            [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 2.0, 2.0][n as usize % 10]
        });
        assert!(calm.worst < 1e-12, "{calm:?}");
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

//! The risk score: one probability that a payment is laundering, by which all payments are ordered.
//!
//! It starts from the model's calibrated probability, or from [`PRIOR`] if no model was asked, and
//! adds the weight of the rules that fired. Their points are decibans (Good 1950, after Turing):
//! ten points multiply the odds of laundering by ten, twenty by a hundred. Two thresholds
//! ([`Lines`]) lie on the same scale: at or above `alert` a payment alerts; from `review` up to
//! `alert` it goes to the LLM or waits in the review queue.

use serde::{Deserialize, Serialize};

/// The probability of laundering assumed if the model was not asked.
pub const PRIOR: f64 = 0.001;
/// Weight of each kind of evidence other than the strongest: red flags of different kinds often
/// have one cause, so they count as half independent.
const FURTHER: f64 = 0.5;
/// Bound on the model's probability: with exactly 0 or 1, no other evidence would have any effect.
const EDGE: f64 = 1e-6;

/// The thresholds of the risk score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Lines {
    /// A payment alerts at this risk or above.
    pub alert: f64,
    /// From this risk up to `alert`, the case is uncertain.
    pub review: f64,
}

impl Lines {
    /// Returns `None` unless `0 <= review <= alert <= 1`.
    pub fn new(alert: f64, review: f64) -> Option<Self> {
        let rising = 0.0 <= review && review <= alert && alert <= 1.0;
        rising.then_some(Self { alert, review })
    }

    /// Whether a risk lies between the lines.
    pub fn is_unsure(self, risk: f64) -> bool {
        (self.review..self.alert).contains(&risk)
    }
}

/// Returns the combined weight of rules, given the kind of evidence and the points of each. Within
/// a kind only the strongest rule counts, because the others repeat the same observation; of the
/// kinds, the strongest counts in full and the others count by half.
pub fn points<'a>(fired: impl Iterator<Item = (&'a str, f64)>) -> f64 {
    let mut kinds: Vec<(&str, f64)> = Vec::new();
    for (kind, points) in fired {
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, most)) => *most = most.max(points),
            None => kinds.push((kind, points)),
        }
    }
    let all = kinds.iter().fold(0.0, |sum, (_, points)| sum + points);
    let most = kinds.iter().fold(0.0_f64, |most, (_, points)| most.max(*points));
    most + FURTHER * (all - most)
}

/// Returns the risk from the model's probability, or [`PRIOR`], and the points of the rules that
/// fired.
pub fn of(probability: Option<f64>, points: f64) -> f64 {
    let prior = probability.unwrap_or(PRIOR).clamp(EDGE, 1.0 - EDGE);
    let odds = prior / (1.0 - prior) * libm::exp10(points / 10.0);
    odds / (1.0 + odds)
}

/// Returns the risk of a case that the LLM finds suspicious: its own risk, mapped to the range from
/// `alert` to 1.
pub fn of_llm(risk: f64, lines: Lines) -> f64 {
    lines.alert + (1.0 - lines.alert) * risk.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_points_make_it_ten_times_as_likely() {
        let odds = |risk: f64| risk / (1.0 - risk);
        for probability in [0.0001, 0.02, 0.4] {
            let (before, after) = (of(Some(probability), 0.0), of(Some(probability), 10.0));
            assert!((before - probability).abs() < 1e-12);
            assert!((odds(after) / odds(before) - 10.0).abs() < 1e-9);
        }
        assert!((of(None, 0.0) - PRIOR).abs() < 1e-12);
    }

    #[test]
    fn what_says_the_same_counts_once() {
        let sum = |fired: &[(&str, f64)]| points(fired.iter().copied());
        assert!((sum(&[]) - 0.0).abs() < 1e-12);
        assert!((sum(&[("onward", 20.0)]) - 20.0).abs() < 1e-12);
        assert!((sum(&[("onward", 20.0), ("onward", 12.0)]) - 20.0).abs() < 1e-12);
        assert!((sum(&[("onward", 12.0), ("place", 6.0), ("onward", 20.0)]) - 23.0).abs() < 1e-12);
    }

    #[test]
    fn more_points_are_more_risk() {
        for probability in [None, Some(0.0), Some(0.003), Some(0.4), Some(1.0)] {
            let risks: Vec<f64> = (0..60).map(|points| of(probability, points.into())).collect();
            assert!(risks.windows(2).all(|pair| pair[0] < pair[1]), "{probability:?}: {risks:?}");
        }
        // Whatever else fires.
        let fired = [("onward", 20.0), ("place", 6.0), ("onward", 12.0), ("size", 30.0)];
        let sums: Vec<f64> = (0..=4).map(|n| points(fired[..n].iter().copied())).collect();
        assert!(sums.windows(2).all(|pair| pair[0] <= pair[1]), "{sums:?}");
    }

    #[test]
    fn certainty_leaves_room_for_evidence() {
        assert!(of(Some(0.0), 60.0) > 0.4);
        assert!(of(Some(1.0), 0.0) < 1.0);
    }

    #[test]
    fn lines_rise() {
        assert!(Lines::new(0.2, 0.05).unwrap().is_unsure(0.05));
        assert!(!Lines::new(0.2, 0.05).unwrap().is_unsure(0.2));
        for (alert, review) in [(0.05, 0.2), (1.1, 0.2), (0.2, -0.1), (f64::NAN, 0.1)] {
            assert_eq!(Lines::new(alert, review), None);
        }
    }
}

//! The risk score: one probability that a payment is laundering, by which all payments are ordered.
//!
//! It begins with the model's calibrated probability, or where no model was asked with the share of
//! laundering that the model's authors started from, and adds what the rules that fired are worth.
//! Their points are decibans (Good 1950, after Turing): ten points make laundering ten times as
//! likely, twenty a hundred times, in odds. What a person decides about lies on the same scale: from
//! the line `alert` on a payment surfaces, from `review` on it is looked at by an LLM or waits in the
//! review queue.

use serde::{Deserialize, Serialize};

/// The probability assumed without a model's answer.
pub const PRIOR: f64 = 0.001;
/// What evidence of a second kind counts beside the strongest: red flags of different kinds often
/// come of one cause, so they are no more than half independent.
const FURTHER: f64 = 0.5;
/// A probability of exactly 0 or 1 would silence everything else.
const EDGE: f64 = 1e-6;

/// The thresholds on the scale of the risk score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Lines {
    /// A payment alerts from this risk on.
    pub alert: f64,
    /// From this risk on, and below `alert`, the case is uncertain.
    pub review: f64,
}

impl Lines {
    /// `None` unless they rise from 0 to 1.
    pub fn new(alert: f64, review: f64) -> Option<Self> {
        let rising = 0.0 <= review && review <= alert && alert <= 1.0;
        rising.then_some(Self { alert, review })
    }

    /// Whether a risk lies between the lines.
    pub fn is_unsure(self, risk: f64) -> bool {
        (self.review..self.alert).contains(&risk)
    }
}

/// What rules are worth together: per kind of evidence the strongest alone, since rules that rest on
/// the same observation say it once; of the kinds the strongest whole and the others by half.
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

/// The model's probability, or [`PRIOR`], with the points of the rules that fired.
pub fn of(probability: Option<f64>, points: f64) -> f64 {
    let held = probability.unwrap_or(PRIOR).clamp(EDGE, 1.0 - EDGE);
    let odds = held / (1.0 - held) * libm::exp10(points / 10.0);
    odds / (1.0 + odds)
}

/// Of an LLM that finds a case suspicious: above the line.
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

//! Calibration turns a classifier's score into a probability that can be taken literally: of the
//! transactions at 0.3, three in ten are suspicious. Training fits it on rows that were not used to
//! grow the trees.

use serde::Deserialize;

/// Scores are kept at least this far from 0 and 1, so that their log-odds are finite.
const EDGE: f64 = 1e-9;
const MAX_POINTS: usize = 4096;

/// How a raw probability is calibrated, as the card states it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Calibration {
    None,
    /// Platt (1999): logistic regression on the log-odds `z` of the score, `1 / (1 + e^-(a·z+b))`.
    Platt {
        a: f64,
        b: f64,
    },
    /// Zadrozny and Elkan (2002): the points `(x, y)` of a monotone function, joined by lines and
    /// level beyond the ends.
    Isotonic {
        x: Vec<f64>,
        y: Vec<f64>,
    },
}

impl Calibration {
    /// Checks that this maps probabilities to probabilities and keeps their order.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        match self {
            Self::None => Ok(()),
            Self::Platt { a, b } if a.is_finite() && b.is_finite() && *a > 0.0 => Ok(()),
            Self::Platt { .. } => Err("platt needs finite a > 0 and b"),
            Self::Isotonic { x, y } => check_points(x, y),
        }
    }

    /// Returns the calibrated probability for a raw one.
    pub(super) fn apply(&self, raw: f64) -> f64 {
        match self {
            Self::None => raw,
            Self::Platt { a, b } => {
                let held = raw.clamp(EDGE, 1.0 - EDGE);
                super::forest::logistic(a * (held / (1.0 - held)).ln() + b)
            }
            Self::Isotonic { x, y } => interpolate(x, y, raw),
        }
    }
}

fn check_points(x: &[f64], y: &[f64]) -> Result<(), &'static str> {
    let is_probability = |v: &f64| (0.0..=1.0).contains(v);
    if x.len() != y.len() || !(2..=MAX_POINTS).contains(&x.len()) {
        return Err("isotonic needs 2 to 4096 points");
    }
    if !x.iter().chain(y).all(is_probability) {
        return Err("isotonic points must lie between 0 and 1");
    }
    if !x.windows(2).all(|w| w[0] < w[1]) || !y.windows(2).all(|w| w[0] <= w[1]) {
        return Err("isotonic points must rise");
    }
    Ok(())
}

/// Interpolates linearly between the points; level beyond the ends.
fn interpolate(x: &[f64], y: &[f64], at: f64) -> f64 {
    let above = x.partition_point(|&point| point <= at);
    if above == 0 {
        return y[0];
    }
    if above == x.len() {
        return y[above - 1];
    }
    let (low, high) = (above - 1, above);
    let part = (at - x[low]) / (x[high] - x[low]);
    (y[low] + part * (y[high] - y[low])).clamp(y[low], y[high])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platt_with_one_and_zero_changes_nothing() {
        let platt = Calibration::Platt { a: 1.0, b: 0.0 };
        for p in [0.001, 0.2, 0.5, 0.97] {
            assert!((platt.apply(p) - p).abs() < 1e-12);
        }
    }

    #[test]
    fn platt_stays_a_probability_at_both_ends() {
        let platt = Calibration::Platt { a: 3.0, b: -1.0 };
        assert!(platt.apply(0.0) > 0.0 && platt.apply(0.0) < 1e-20);
        assert!(platt.apply(1.0) < 1.0 + f64::EPSILON && platt.apply(1.0) > 0.999);
    }

    #[test]
    fn isotonic_joins_its_points_and_is_level_beyond() {
        let isotonic = Calibration::Isotonic { x: vec![0.1, 0.5, 0.9], y: vec![0.0, 0.2, 1.0] };
        for (raw, expected) in [(0.0, 0.0), (0.1, 0.0), (0.3, 0.1), (0.5, 0.2), (0.7, 0.6)] {
            assert!((isotonic.apply(raw) - expected).abs() < 1e-12, "{raw}");
        }
        assert!((isotonic.apply(1.0) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_calibration_that_would_turn_the_order_round_is_refused() {
        assert!(Calibration::Platt { a: -1.0, b: 0.0 }.check().is_err());
        assert!(Calibration::Platt { a: f64::NAN, b: 0.0 }.check().is_err());
        for (x, y) in [
            (vec![0.1], vec![0.1]),
            (vec![0.1, 0.2], vec![0.1]),
            (vec![0.2, 0.1], vec![0.1, 0.2]),
            (vec![0.1, 0.1], vec![0.1, 0.2]),
            (vec![0.1, 0.2], vec![0.2, 0.1]),
            (vec![0.1, 0.2], vec![0.2, 1.1]),
            (vec![0.1, f64::NAN], vec![0.2, 0.3]),
        ] {
            assert!(Calibration::Isotonic { x, y }.check().is_err());
        }
    }
}

//! The risk score: one scale for what rules, model and LLM say, so that a list ordered by it has the
//! gravest first whoever found it. The levels' own scales cannot be compared: a calibrated probability
//! of 0.03 may be far above a model's threshold, and 80 points below that of the rules.
//!
//! From 0.5 on a level alerts; from 0.25 on the model is unsure. In between each level's scale is
//! stretched evenly, so that its own order is kept.

/// From here on a level alerts.
const ALERTS: f64 = 0.5;
/// From here on the model is unsure.
const UNSURE: f64 = 0.25;
/// Points that alert in the usual rule set.
const POINTS: f64 = 100.0;

/// Of rules: all their points, and those of the strongest. A rule that alerts alone is certain; weak
/// signs that add up never quite get there.
pub(crate) fn of_rules(points: f64, strongest: f64, alert: bool) -> f64 {
    match alert {
        true if strongest >= POINTS => 1.0,
        true => (1.0 - (1.0 - ALERTS) * POINTS / points.max(POINTS)).max(ALERTS),
        // Just below the line at most.
        false => (ALERTS * points.max(0.0) / POINTS).min(ALERTS - 0.001),
    }
}

/// Of the model's probability; from `low` on it is unsure, from `high` on it alerts.
pub(crate) fn of_model(probability: f64, low: f64, high: f64) -> f64 {
    let between = |from: f64, to: f64| {
        if to > from { ((probability - from) / (to - from)).clamp(0.0, 1.0) } else { 1.0 }
    };
    if probability >= high {
        ALERTS + (1.0 - ALERTS) * between(high, 1.0)
    } else if probability >= low {
        // Rounding does not carry it over the line.
        (UNSURE + (ALERTS - UNSURE) * between(low, high)).min(ALERTS - 1e-6)
    } else {
        UNSURE * between(0.0, low)
    }
}

/// Of an LLM that finds a case suspicious.
pub(crate) fn of_llm(risk: f64) -> f64 {
    ALERTS + (1.0 - ALERTS) * risk.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(probability: f64) -> f64 {
        of_model(probability, 0.004, 0.028)
    }

    #[test]
    fn the_lines_of_all_levels_meet() {
        assert!((model(0.004) - UNSURE).abs() < 1e-12 && (model(0.028) - ALERTS).abs() < 1e-12);
        assert_eq!((model(0.0), model(1.0)), (0.0, 1.0));
        assert_eq!(of_rules(100.0, 50.0, true), ALERTS);
        assert_eq!((of_llm(0.0), of_llm(1.0)), (ALERTS, 1.0));
        assert_eq!(of_rules(0.0, 0.0, false), 0.0);
    }

    #[test]
    fn what_does_not_alert_stays_below_the_line() {
        // A set whose line is at 200 points.
        assert!(of_rules(190.0, 100.0, false) < ALERTS);
        assert!(model(0.028 - 1e-12) < ALERTS - 5e-7);
    }

    #[test]
    fn more_is_never_less() {
        let steps = |score: &dyn Fn(f64) -> f64, most: f64| {
            let scores: Vec<f64> = (0..=1_000).map(|n| score(most * f64::from(n) / 1e3)).collect();
            assert!(scores.windows(2).all(|pair| pair[0] <= pair[1]), "{scores:?}");
        };
        steps(&model, 1.0);
        steps(&|points| of_rules(points, 40.0, points >= 100.0), 1_000.0);
        assert_eq!(of_rules(100.0, 100.0, true), 1.0);
    }

    #[test]
    fn a_model_that_is_never_unsure_has_no_band() {
        assert_eq!((of_model(0.5, 1.0, 1.0), of_model(1.0, 1.0, 1.0)), (0.125, 1.0));
        assert_eq!(of_model(0.0, 0.0, 0.0), ALERTS);
    }
}

//! The same answers as onnxruntime and LightGBM.

use super::super::{Method, Scale};
use super::{ALL, FOREST, LIGHTGBM, LIGHTGBM_AS_EXPORTED, MODES};

#[test]
fn risks_are_onnxruntimes_to_a_millionth() {
    for fixture in ALL {
        let (model, expected) = (fixture.model(), fixture.expected());
        for (row, probability) in expected.rows().iter().zip(&expected.probabilities) {
            let risk = model.risk(row).unwrap();
            assert!((risk.raw() - probability).abs() <= 1e-6, "{row:?}");
            assert!((risk.probability() - risk.raw()).abs() < f64::EPSILON, "not calibrated");
        }
    }
}

#[test]
fn labels_are_onnxruntimes() {
    for fixture in ALL {
        let (model, expected) = (fixture.model(), fixture.expected());
        let forest = &model.plan.forest;
        for (row, label) in expected.rows().iter().zip(&expected.labels) {
            assert_eq!(forest.scores(forest.margin(row)).label, *label, "{row:?}");
        }
        assert!(expected.labels.contains(&0) && expected.labels.contains(&1));
    }
}

#[test]
fn a_batch_answers_as_its_rows_do_one_by_one() {
    for fixture in ALL {
        let (model, rows) = (fixture.model(), fixture.expected().rows());
        let one_by_one: Vec<_> = rows.iter().map(|row| model.risk(row).unwrap()).collect();
        assert_eq!(model.risk_batch(&rows).unwrap(), one_by_one);
    }
}

#[test]
fn contributions_are_lightgbms() {
    let (model, expected) = (LIGHTGBM.model(), LIGHTGBM.expected());
    assert_eq!(expected.contributions.len(), expected.rows.len());
    for (row, theirs) in expected.rows().iter().zip(&expected.contributions) {
        let ours = model.contributions(row).unwrap();
        assert_eq!((ours.method, ours.scale), (Method::TreeShap, Scale::LogOdds));
        let (bias, values) = theirs.split_last().unwrap();
        assert!((ours.bias - bias).abs() < 1e-6);
        // Leaves are 32-bit floats here and 64-bit floats in LightGBM.
        for (a, b) in ours.values.iter().zip(values) {
            assert!((a - b).abs() < 1e-6, "{a} for {b}");
        }
    }
}

#[test]
fn contributions_and_bias_sum_to_the_margin() {
    for fixture in ALL {
        let model = fixture.model();
        for row in fixture.expected().rows() {
            let contributions = model.contributions(&row).unwrap();
            let margin = model.plan.forest.margin(&row);
            assert!((contributions.margin() - margin).abs() < 1e-9);
        }
    }
}

#[test]
fn contributions_say_how_they_were_found() {
    let cases = [
        (LIGHTGBM, Method::TreeShap, Scale::LogOdds),
        (LIGHTGBM_AS_EXPORTED, Method::Saabas, Scale::LogOdds),
        (FOREST, Method::TreeShap, Scale::Probability),
        (MODES, Method::Saabas, Scale::LogOdds),
    ];
    for (fixture, method, scale) in cases {
        let found = fixture.model().contributions(&[0.0; 6]).unwrap();
        assert_eq!((found.method, found.scale), (method, scale));
    }
}

#[test]
fn the_strongest_features_come_first() {
    let found = LIGHTGBM.model().contributions(&[2.0, -1.0, 0.5, f32::NAN, 1.0, 0.0]).unwrap();
    let ranked = found.strongest();
    assert!(ranked.windows(2).all(|w| w[0].1.abs() >= w[1].1.abs()));
    assert!(ranked.iter().all(|(feature, value)| found.values[*feature] == *value));
}

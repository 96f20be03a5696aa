//! The shipped model answers as it did in training.

use model::Model;
use serde::Deserialize;

/// A row with onnxruntime's answer before and after calibration, written by training.
#[derive(Deserialize)]
struct Example {
    values: Vec<f32>,
    raw: f64,
    probability: f64,
}

#[test]
fn the_shipped_model_answers_as_in_training() {
    let examples: Vec<Example> =
        serde_json::from_str(include_str!("../examples.json")).expect("training writes JSON");
    let model = Model::embedded().expect("the model fits this version");
    for (index, example) in examples.iter().enumerate() {
        assert_eq!(example.values.len(), model.card().features.len());
        let risk = model.risk(&example.values).expect("a row of features has a risk");
        assert!((risk.raw() - example.raw).abs() < 1e-6, "raw of example {index}");
        let difference = (risk.probability() - example.probability).abs();
        assert!(difference < 1e-6, "probability of example {index}");
    }
    // The examples span the scores, so a model with one answer for everything would fail.
    let (least, most) = (&examples[0], &examples[examples.len() - 1]);
    assert!(most.raw - least.raw > 0.5, "the examples span the scores");
}

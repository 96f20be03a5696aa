//! Tests of the model: its answers are those of onnxruntime and LightGBM (fixtures made by
//! `training/fixtures.py`), and on random forests those of a naive walker and of Shapley's
//! definition; nothing that cannot be run exactly is loaded.

mod parity;
mod random;
mod refusals;

use serde::Deserialize;

use super::{Model, ModelError};

const FEATURES: [&str; 6] =
    ["feature_0", "feature_1", "feature_2", "feature_3", "feature_4", "feature_5"];

/// A model file, its card, and the answers of the reference implementations.
struct Fixture {
    onnx: &'static [u8],
    card: &'static str,
    expected: &'static str,
}

macro_rules! fixture {
    ($name:literal) => {
        Fixture {
            onnx: include_bytes!(concat!("../fixtures/", $name, ".onnx")),
            card: include_str!(concat!("../fixtures/", $name, ".card.json")),
            expected: include_str!(concat!("../fixtures/", $name, ".json")),
        }
    };
}

const LIGHTGBM: Fixture = fixture!("lightgbm");
const LIGHTGBM_AS_EXPORTED: Fixture = fixture!("lightgbm-as-exported");
const FOREST: Fixture = fixture!("forest");
const MODES: Fixture = fixture!("modes");
const ALL: [&Fixture; 4] = [&LIGHTGBM, &LIGHTGBM_AS_EXPORTED, &FOREST, &MODES];

#[derive(Deserialize)]
struct Expected {
    /// `None` stands for NaN, and ±1e39, which does not fit 32 bits, for infinity.
    rows: Vec<Vec<Option<f64>>>,
    labels: Vec<i64>,
    probabilities: Vec<f64>,
    /// LightGBM's `pred_contrib`: one value per feature, then the bias.
    #[serde(default)]
    contributions: Vec<Vec<f64>>,
}

impl Fixture {
    fn load(&self) -> Result<Model, ModelError> {
        Model::load(self.onnx, self.card, &FEATURES)
    }

    fn model(&self) -> Model {
        self.load().unwrap()
    }

    fn expected(&self) -> Expected {
        serde_json::from_str(self.expected).unwrap()
    }
}

impl Expected {
    #[expect(clippy::cast_possible_truncation, reason = "they were 32-bit floats")]
    fn rows(&self) -> Vec<Vec<f32>> {
        let value = |v: &Option<f64>| v.map_or(f32::NAN, |v| v as f32);
        self.rows.iter().map(|row| row.iter().map(value).collect()).collect()
    }
}

//! The model's answer as evidence, and the model that comes with this version.

use super::shap::Method;
use super::{Model, ModelError, Thresholds};
use crate::evidence::{Contribution, ModelEvidence};
use crate::features::{Features, NAMES};

/// How many contributions evidence keeps.
const KEPT_CONTRIBUTIONS: usize = 10;

impl Model {
    /// The model that comes with this version.
    ///
    /// # Errors
    /// A model that does not fit this version's features; a test rules that out.
    pub fn embedded() -> Result<Self, ModelError> {
        let onnx = include_bytes!("../../model/model.onnx");
        Self::load(onnx, include_str!("../../model/card.json"), &NAMES)
    }

    /// Judges features, with the reasons. `thresholds` are the card's or the operator's.
    ///
    /// # Errors
    /// An answer that is no probability.
    pub fn evidence(
        &self,
        features: &Features,
        thresholds: Thresholds,
    ) -> Result<ModelEvidence, ModelError> {
        let row = features.values();
        let risk = self.risk(row)?;
        let parts = self.contributions(row)?;
        let contributions = parts
            .strongest()
            .into_iter()
            .take(KEPT_CONTRIBUTIONS)
            .map(|(at, contribution)| Contribution {
                feature: NAMES[at].to_owned(),
                value: f64::from(row[at]),
                contribution,
            })
            .collect();
        Ok(ModelEvidence {
            hash: self.hash().to_owned(),
            probability: risk.probability(),
            uncertain_low: thresholds.uncertain_low,
            uncertain_high: thresholds.alert,
            method: match parts.method {
                Method::TreeShap => "tree_shap".to_owned(),
                Method::PathUnweighted => "path_unweighted".to_owned(),
            },
            contributions,
        })
    }
}

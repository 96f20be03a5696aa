//! The model as the cascade asks it: the embedded file, a transaction's features in, evidence out.

use super::{Model, ModelError, Thresholds};
use crate::evidence::{Contribution, ModelEvidence};
use crate::features::{Features, NAMES};

/// How many contributions the evidence keeps: enough for the reasons an analyst reads, and few
/// enough that they do not cost a second write unit.
const CONTRIBUTIONS: usize = 8;

impl Model {
    /// The model this crate was built with.
    ///
    /// # Errors
    /// If it does not fit its card or this crate's features: a build that must not score.
    pub fn embedded() -> Result<Self, ModelError> {
        let onnx = include_bytes!("../../model/model.onnx");
        Self::load(onnx, include_str!("../../model/card.json"), &NAMES)
    }

    /// The model's part of a decision's evidence, with the card's thresholds or the operator's.
    ///
    /// # Errors
    /// If the model cannot be run.
    pub fn evidence(
        &self,
        features: &Features,
        thresholds: Thresholds,
    ) -> Result<ModelEvidence, ModelError> {
        let row = features.values();
        let risk = self.risk(row)?;
        let found = self.contributions(row)?;
        let contribution = |(feature, contribution): (usize, f64)| Contribution {
            feature: NAMES[feature].to_owned(),
            value: f64::from(row[feature]),
            contribution,
        };
        let strongest = found.strongest().into_iter().take(CONTRIBUTIONS);
        Ok(ModelEvidence {
            hash: self.hash().to_owned(),
            probability: risk.probability(),
            uncertain_low: thresholds.uncertain_low,
            uncertain_high: thresholds.alert,
            method: found.method.as_str().to_owned(),
            contributions: strongest.map(contribution).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(value: f64) -> std::collections::BTreeMap<String, f64> {
        NAMES.iter().map(|name| ((*name).to_owned(), value)).collect()
    }

    fn evidence(value: f64) -> ModelEvidence {
        let values = values(value);
        let model = Model::embedded().unwrap();
        let features = Features::from_names(&values).unwrap();
        model.evidence(&features, model.thresholds()).unwrap()
    }

    #[test]
    fn the_embedded_model_fits_its_card_and_this_crates_features() {
        let model = Model::embedded().unwrap();
        assert_eq!(model.hash().len(), 16);
        assert!(model.card().onnx_sha256.starts_with(model.hash()));
        assert!(model.thresholds().uncertain_low < model.thresholds().alert);
    }

    #[test]
    fn evidence_names_the_strongest_contributions_first() {
        let evidence = evidence(1.0);
        assert_eq!((evidence.method.as_str(), evidence.contributions.len()), ("tree_shap", 8));
        let strength = |at: usize| evidence.contributions[at].contribution.abs();
        assert!((1..8).all(|at| strength(at - 1) >= strength(at) && strength(at) > 0.0));
        assert!(evidence.contributions.iter().all(|c| c.value == 1.0));
    }

    #[test]
    fn evidence_carries_the_band_it_was_judged_by() {
        let band = Thresholds::new(0.25, 0.75).unwrap();
        let features = Features::from_names(&values(1.0)).unwrap();
        let evidence = Model::embedded().unwrap().evidence(&features, band).unwrap();
        assert_eq!((evidence.uncertain_low, evidence.uncertain_high), (0.25, 0.75));
        assert_eq!(Thresholds::new(0.75, 0.25).map(|band| band.alert), None);
    }

    #[test]
    fn the_same_features_give_the_same_evidence() {
        assert_eq!(evidence(0.5), evidence(0.5));
        assert_ne!(evidence(0.5).probability, evidence(8.0).probability);
    }
}

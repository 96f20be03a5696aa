//! The model's answer as evidence, and the model embedded in this version.

use super::{Card, Model, ModelError};
use sentinel::case::evidence::{Contribution, ModelEvidence};
use sentinel::state::features::{Features, NAMES, shortest};

const ONNX: &[u8] = include_bytes!("../model.onnx");
const CARD: &str = include_str!("../card.json");

/// The most contributions kept in evidence.
const KEPT_CONTRIBUTIONS: usize = 16;

impl Model {
    /// Loads the model embedded in this version. File and card are compiled in together and a test
    /// compares their hashes, so that a cold start need not: where SHA-256 runs without processor
    /// instructions, as it does on arm64, hashing the file takes as long as reading it.
    ///
    /// # Errors
    /// A model that does not fit this version's features; a test rules that out.
    pub fn embedded() -> Result<Self, ModelError> {
        Self::of(ONNX, Card::parse(CARD)?, &NAMES)
    }

    /// Scores features; returns the calibrated probability with the strongest contributions,
    /// rounded to a millionth.
    ///
    /// # Errors
    /// Those of [`Self::risk`]; a row of the wrong length cannot occur.
    pub fn evidence(&self, features: &Features) -> Result<ModelEvidence, ModelError> {
        let row = &self.row(features.values());
        let risk = self.risk(row)?;
        let parts = self.contributions(row)?;
        let contributions = parts
            .strongest()
            .into_iter()
            .take(KEPT_CONTRIBUTIONS)
            .map(|(at, contribution)| Contribution {
                feature: self.card().features[at].clone(),
                value: shortest(row[at]),
                contribution: (contribution * 1e6).round() / 1e6,
            })
            .collect();
        Ok(ModelEvidence {
            hash: self.hash().to_owned(),
            probability: risk.probability(),
            method: parts.method.as_str().to_owned(),
            contributions,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(value: f64) -> ModelEvidence {
        let values = NAMES.iter().map(|name| ((*name).to_owned(), value)).collect();
        let features = Features::from_names(&values).unwrap();
        Model::embedded().unwrap().evidence(&features).unwrap()
    }

    #[test]
    fn the_embedded_file_is_its_cards() {
        let loaded = Model::load(ONNX, CARD, &NAMES).unwrap();
        assert_eq!(loaded.hash(), Model::embedded().unwrap().hash());
    }

    #[test]
    fn the_embedded_models_contributions_are_exact() {
        assert_eq!(evidence(1.0).method, "tree_shap");
    }

    #[test]
    fn the_strongest_contributions_come_first() {
        let kept = evidence(1.0).contributions;
        assert_eq!(kept.len(), KEPT_CONTRIBUTIONS);
        assert!(kept.windows(2).all(|w| w[0].contribution.abs() >= w[1].contribution.abs()));
        assert!(kept.iter().all(|c| c.value == 1.0 && c.contribution != 0.0));
    }

    #[test]
    fn the_same_features_give_the_same_evidence() {
        assert_eq!(evidence(0.5), evidence(0.5));
        assert_ne!(evidence(0.5).probability, evidence(8.0).probability);
    }
}

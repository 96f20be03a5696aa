//! What watches the model: whether today's rows still look like those it was trained on, and what a
//! challenger would have said. Neither ever changes a decision or keeps one from being made.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use sentinel::evidence::{ChallengerEvidence, Evidence};
use sentinel::features::{Features, NAMES};
use sentinel::model::drift::DriftWindow;
use sentinel::model::{Model, ModelError};
use sentinel::verdict::Decision;

/// The watch over one model.
pub struct Watch {
    challenger: Option<Model>,
    /// One window an instance; none where the card has no bins.
    drift: Option<Mutex<DriftWindow>>,
}

/// Why a challenger cannot be tried.
#[derive(Debug, thiserror::Error)]
pub enum ChallengerError {
    #[error("the challenger's {0} cannot be read")]
    File(&'static str),
    #[error("the challenger was refused: {0}")]
    Model(#[from] ModelError),
}

impl Watch {
    /// `challenger_dir` holds `model.onnx` and `card.json`, as a layer brings them; empty means none.
    pub fn over(model: &Model, challenger_dir: &str) -> Result<Self, ChallengerError> {
        let challenger = (!challenger_dir.is_empty()).then(|| load(Path::new(challenger_dir)));
        let card = model.card();
        let window = |reference| Mutex::new(DriftWindow::new(reference, &card.features));
        Ok(Self { challenger: challenger.transpose()?, drift: card.drift.as_ref().map(window) })
    }

    /// What the challenger says.
    pub fn challenge(&self, features: &Features) -> Option<ChallengerEvidence> {
        let model = self.challenger.as_ref()?;
        match model.risk(&model.row(features.values())) {
            Ok(risk) => Some(ChallengerEvidence {
                hash: model.hash().to_owned(),
                probability: risk.probability(),
                alert: risk.probability() >= model.thresholds().alert,
            }),
            Err(err) => {
                tracing::warn!("The challenger has no answer: {err}");
                None
            }
        }
    }

    /// Counts a decision that has been written.
    pub fn count(&self, model: &Model, evidence: &Evidence, decision: &Decision) {
        let Some(answer) = &evidence.model else { return };
        if let Some(challenger) = &evidence.challenger {
            let agreement = match (decision.alert, challenger.alert) {
                (false, true) => "gained",
                (true, false) => "lost",
                _ => "same",
            };
            metrics::counter!("challenger_decisions_total", "agreement" => agreement).increment(1);
        }
        let (Some(window), Some(features)) =
            (&self.drift, Features::from_names(&evidence.features))
        else {
            return;
        };
        let row = model.row(features.values());
        let full =
            window.lock().unwrap_or_else(PoisonError::into_inner).note(&row, answer.probability);
        if let Some(drift) = full {
            metrics::gauge!("drift_score_psi").set(drift.score);
            metrics::gauge!("drift_worst_feature_psi").set(drift.worst);
            metrics::gauge!("drift_features_shifted").set(f64::from(drift.shifted));
            tracing::info!(
                score_psi = drift.score,
                feature = drift.worst_feature,
                feature_psi = drift.worst,
                "Compared a window of rows with the training rows"
            );
        }
    }
}

fn load(dir: &Path) -> Result<Model, ChallengerError> {
    let onnx =
        std::fs::read(dir.join("model.onnx")).map_err(|_| ChallengerError::File("model.onnx"))?;
    let card = std::fs::read_to_string(dir.join("card.json"))
        .map_err(|_| ChallengerError::File("card.json"))?;
    Ok(Model::load(&onnx, &card, &NAMES)?)
}

//! Watches the model: whether today's rows still look like those it was trained on, and what a
//! challenger would have answered. Neither ever changes or prevents a decision.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use model::{Model, ModelError};
use sentinel::cascade::Examination;
use sentinel::cascade::drift::{Drift, DriftBins, DriftCounts};
use sentinel::case::evidence::{ChallengerEvidence, Evidence};
use sentinel::case::shadow::Agreement;
use sentinel::case::verdict::Decision;
use sentinel::payment::tenant::Tenant;
use sentinel::state::features::{Features, NAMES};
use store::Store;

/// Number of rows after which a process adds its counts to the table's.
const ADD_ROWS: u32 = 100;
/// Time after which it adds them even if there are fewer.
const ADD_AFTER: Duration = Duration::from_secs(60);

/// The watch over one model.
pub struct ModelWatch {
    challenger: Option<Model>,
    /// `None` if the card has no bins.
    bins: Option<DriftBins>,
    counts: Mutex<HashMap<Tenant, PendingCounts>>,
}

/// What this process has counted and not added yet.
struct PendingCounts {
    counts: DriftCounts,
    since: Instant,
}

/// Why a challenger cannot be tried.
#[derive(Debug, thiserror::Error)]
pub enum ChallengerError {
    #[error("the challenger's {0} cannot be read")]
    File(&'static str),
    #[error("the challenger was refused: {0}")]
    Model(#[from] ModelError),
}

impl ModelWatch {
    /// Creates the watch; `challenger_dir` (of a Lambda layer) has `model.onnx` and `card.json`.
    pub fn over(model: &Model, challenger_dir: Option<&Path>) -> Result<Self, ChallengerError> {
        let challenger = challenger_dir.map(load);
        let card = model.card();
        let bins = card.drift.as_ref().map(|drift| DriftBins::new(drift, &card.features));
        Ok(Self { challenger: challenger.transpose()?, bins, counts: Mutex::default() })
    }

    /// Returns the challenger's answer; `None` without a challenger or if it fails.
    pub fn challenge(&self, examined: &Examination) -> Option<ChallengerEvidence> {
        let model = self.challenger.as_ref()?;
        match model.risk(&model.row(examined.features.values())) {
            Ok(risk) => Some(ChallengerEvidence {
                hash: model.hash().to_owned(),
                probability: risk.probability(),
                alert: examined.outcome(Some(risk.probability())).alert,
            }),
            Err(err) => {
                tracing::warn!("The challenger has no answer: {err}");
                None
            }
        }
    }

    /// Counts a recorded decision on which the model was asked.
    pub fn count(
        &self,
        tenant: &Tenant,
        model: &Model,
        features: &Features,
        evidence: &Evidence,
        decision: &Decision,
    ) {
        let Some(answer) = &evidence.model else { return };
        if let Some(challenger) = &evidence.challenger {
            let agreement = Agreement::between(decision.alert, challenger.alert).code();
            metrics::counter!("challenger_decisions_total", "agreement" => agreement).increment(1);
        }
        let Some(bins) = &self.bins else { return };
        let mut tenants = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = tenants.entry(tenant.clone()).or_insert_with(PendingCounts::new);
        bins.count(&mut counted.counts, &model.row(features.values()), answer.probability);
    }

    /// Adds the counts that are due to the table's windows and compares those that are full. Called
    /// once per batch; after a failure the counts are kept for a later one.
    pub async fn compare(&self, store: &Store, model: &Model) {
        let Some(bins) = &self.bins else { return };
        for (tenant, counts) in self.due() {
            match store.add_drift(&tenant, model.hash(), &counts).await {
                Ok(Some(window)) => publish(&bins.compare(&window)),
                Ok(None) => {}
                Err(err) => {
                    tracing::warn!("Rows are not counted for drift yet: {err}");
                    self.put_back(tenant, &counts);
                }
            }
        }
    }

    fn due(&self) -> Vec<(Tenant, DriftCounts)> {
        let mut tenants = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let due = tenants.iter_mut().filter(|(_, counted)| counted.is_due());
        due.map(|(tenant, counted)| {
            (tenant.clone(), std::mem::replace(counted, PendingCounts::new()).counts)
        })
        .collect()
    }

    fn put_back(&self, tenant: Tenant, counts: &DriftCounts) {
        let mut tenants = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        tenants.entry(tenant).or_insert_with(PendingCounts::new).counts.add(counts);
    }
}

impl PendingCounts {
    fn new() -> Self {
        Self { counts: DriftCounts::default(), since: Instant::now() }
    }

    fn is_due(&self) -> bool {
        let rows = self.counts.rows;
        rows >= ADD_ROWS || (rows > 0 && self.since.elapsed() >= ADD_AFTER)
    }
}

fn publish(drift: &Drift) {
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

fn load(dir: &Path) -> Result<Model, ChallengerError> {
    let onnx =
        std::fs::read(dir.join("model.onnx")).map_err(|_| ChallengerError::File("model.onnx"))?;
    let card = std::fs::read_to_string(dir.join("card.json"))
        .map_err(|_| ChallengerError::File("card.json"))?;
    Ok(Model::load(&onnx, &card, &NAMES)?)
}

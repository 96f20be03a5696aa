//! The model: an ensemble of trees that turns a transaction's features into a risk. The ONNX file
//! runs in tract with our own operator ([`operator`]); its card ([`Card`]) must match the file and
//! the runtime's features, or the model is not loaded.
//!
//! The forest in memory ([`forest`]) is used twice: the operator walks it for the risk, and
//! [`shap`] for what each feature contributed to it.

mod build;
mod calibration;
mod card;
mod evidence;
pub mod forest;
pub mod onnx;
mod operator;
pub mod shap;
#[cfg(test)]
mod tests;

pub use calibration::Calibration;
pub use card::{Card, CardError, Covers, features_sha256};
pub use operator::MAX_ROWS;
use sha2::{Digest, Sha256};
pub use shap::{Contributions, Method, Scale};

use operator::Plan;

/// A loaded model that matches its card and the runtime's features.
#[derive(Debug)]
pub struct Model {
    plan: Plan,
    card: Card,
    /// For each column of the model, the index of its feature among the runtime's.
    columns: Vec<usize>,
}

/// Why a model or a row was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ModelError {
    #[error("The model card was refused: {0}")]
    Card(#[from] CardError),
    #[error("The card belongs to another ONNX file")]
    OnnxHash,
    #[error("The ONNX file was refused: {0}")]
    Onnx(String),
    #[error("The ONNX file has {onnx} input columns, its card names {card} features")]
    Columns { onnx: usize, card: usize },
    #[error("The card says nodes_hitrates hold covers, but they do not add up")]
    Covers,
    #[error("A row of {found} values, the model takes {expected}")]
    Row { found: usize, expected: usize },
    #[error("{0} rows at once are more than the model takes")]
    Rows(usize),
    #[error("The model could not be run: {0}")]
    Run(String),
    #[error("The model answered something that is not a probability")]
    NotAProbability,
}

/// A number from 0 to 1, never NaN.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Probability(f64);

impl Probability {
    /// Returns `None` for NaN and numbers outside 0 to 1.
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }

    pub fn get(self) -> f64 {
        self.0
    }
}

/// The model's answer for one row, before and after calibration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Risk {
    raw: Probability,
    calibrated: Probability,
}

impl Risk {
    /// The probability that the ONNX file's forest gives, before calibration.
    pub fn raw(self) -> f64 {
        self.raw.get()
    }

    /// The calibrated probability that the transaction is suspicious.
    pub fn probability(self) -> f64 {
        self.calibrated.get()
    }
}

impl Model {
    /// Loads the ONNX file `onnx` with its card. `runtime_features` names the values that a
    /// transaction has, in order; the model may use only some of them.
    ///
    /// # Errors
    /// If the card is invalid, the three do not belong together, or the file cannot be run exactly.
    pub fn load(
        onnx: &[u8],
        card_json: &str,
        runtime_features: &[&str],
    ) -> Result<Self, ModelError> {
        let card = Card::parse(card_json)?;
        if hex::encode(Sha256::digest(onnx)) != card.onnx_sha256 {
            return Err(ModelError::OnnxHash);
        }
        Self::of(onnx, card, runtime_features)
    }

    /// Loads a model like [`Self::load`], but does not check that the card belongs to this file.
    fn of(onnx: &[u8], card: Card, runtime_features: &[&str]) -> Result<Self, ModelError> {
        let columns = card.columns(runtime_features)?;
        let plan = Plan::load(onnx).map_err(|e| ModelError::Onnx(format!("{e:#}")))?;
        if plan.columns != card.features.len() {
            let (onnx, card) = (plan.columns, card.features.len());
            return Err(ModelError::Columns { onnx, card });
        }
        if card.covers == Covers::NodesHitrates && !plan.forest.has_covers() {
            return Err(ModelError::Covers);
        }
        Ok(Self { plan, card, columns })
    }

    /// The first 16 hex digits of the ONNX file's SHA-256, which are the model's version in
    /// evidence.
    pub fn hash(&self) -> &str {
        &self.card.onnx_sha256[..16]
    }

    pub fn card(&self) -> &Card {
        &self.card
    }

    /// Picks the model's columns from a transaction's values, one per runtime feature, in the order
    /// in which the model was loaded.
    ///
    /// # Panics
    /// If the values end before one of the model's columns.
    pub fn row(&self, values: &[f32]) -> Vec<f32> {
        self.columns.iter().map(|column| values[*column]).collect()
    }

    /// Returns the risk of one row; NaN stands for a missing value.
    ///
    /// # Errors
    /// A row of the wrong length, a run that fails, or an answer that is not a probability.
    pub fn risk(&self, row: &[f32]) -> Result<Risk, ModelError> {
        self.check(row)?;
        let probabilities = self.run(row)?;
        let raw = probabilities.first().copied().ok_or(ModelError::NotAProbability)?;
        self.calibrated(raw)
    }

    /// Returns the risks of many rows, in order; cheaper than one at a time.
    ///
    /// # Errors
    /// Those of [`Self::risk`], or more than [`MAX_ROWS`] rows.
    pub fn risk_batch<R: AsRef<[f32]>>(&self, rows: &[R]) -> Result<Vec<Risk>, ModelError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        if rows.len() > MAX_ROWS {
            return Err(ModelError::Rows(rows.len()));
        }
        let mut flat = Vec::with_capacity(rows.len() * self.plan.columns);
        for row in rows {
            self.check(row.as_ref())?;
            flat.extend_from_slice(row.as_ref());
        }
        self.run(&flat)?.into_iter().map(|raw| self.calibrated(raw)).collect()
    }

    /// Returns what each feature added to the row's margin, before link and calibration; see
    /// [`shap`].
    ///
    /// # Errors
    /// A row of the wrong length.
    pub fn contributions(&self, row: &[f32]) -> Result<Contributions, ModelError> {
        self.check(row)?;
        Ok(shap::contributions(&self.plan.forest, row))
    }

    fn check(&self, row: &[f32]) -> Result<(), ModelError> {
        let (found, expected) = (row.len(), self.plan.columns);
        if found == expected { Ok(()) } else { Err(ModelError::Row { found, expected }) }
    }

    fn run(&self, rows: &[f32]) -> Result<Vec<f32>, ModelError> {
        self.plan.run(rows).map_err(|e| ModelError::Run(format!("{e:#}")))
    }

    fn calibrated(&self, raw: f32) -> Result<Risk, ModelError> {
        // A forest's probability is a sum of weights kept in 32 bits: 1.0000001 stands for 1.
        const ROUNDING: f64 = 1e-5;
        let raw = f64::from(raw);
        let held =
            if (-ROUNDING..=1.0 + ROUNDING).contains(&raw) { raw.clamp(0.0, 1.0) } else { raw };
        let raw = Probability::new(held).ok_or(ModelError::NotAProbability)?;
        let calibrated = Probability::new(self.card.calibration.apply(raw.get()));
        Ok(Risk { raw, calibrated: calibrated.ok_or(ModelError::NotAProbability)? })
    }
}

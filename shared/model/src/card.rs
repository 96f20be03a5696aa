//! The model card: a JSON file next to the ONNX file that says where the model comes from and how
//! it performed when measured. Training writes it; a model whose card does not match it is refused.
//!
//! ```json
//! {
//!   "name": "lightgbm-2026-11-23",
//!   "created": "2026-11-23T07:00:00Z",
//!   "command": "python training/train.py …",
//!   "data": {"files": [{"name": "m1.parquet", "sha256": "…", "rows": 668984, "positives": 884}]},
//!   "split": {},
//!   "features": ["…"],
//!   "features_sha256": "hex SHA-256 of the names joined by \n",
//!   "onnx_sha256": "hex SHA-256 of the ONNX file",
//!   "calibration": {"method": "platt", "a": 1.0, "b": 0.0},
//!   "metrics": {},
//!   "covers": "nodes_hitrates",
//!   "limits": ["…"]
//! }
//! ```
//!
//! `split` and `metrics` are free-form. `covers` is `nodes_hitrates` if that ONNX attribute holds
//! the number of training rows that reached each node (contributions are then exact), else `none`.
//! `drift` ([`DriftReference`]) is optional, and members not listed here are ignored.

use sentinel::json::Value;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::calibration::Calibration;
use sentinel::cascade::drift::DriftReference;

/// A card that has been read and is consistent.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Card {
    pub name: String,
    /// Time of training (RFC 3339).
    pub created: String,
    /// The command that trains this model again.
    pub command: String,
    pub data: Data,
    pub split: Value,
    /// Names of the model's columns, in order.
    pub features: Vec<String>,
    /// See [`features_sha256`].
    pub features_sha256: String,
    /// SHA-256 of the ONNX file, 64 lower-case hex digits.
    pub onnx_sha256: String,
    pub calibration: Calibration,
    pub metrics: Value,
    pub covers: Covers,
    /// Bins of the training rows; without them, drift is not measured.
    #[serde(default)]
    pub drift: Option<DriftReference>,
    /// What the model is not good for, one sentence each.
    pub limits: Vec<String>,
}

/// What the model was trained and measured on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Data {
    pub files: Vec<DataFile>,
}

/// One data set: the number of its labelled rows, and how many of them are suspicious.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DataFile {
    pub name: String,
    pub sha256: String,
    pub rows: u64,
    pub positives: u64,
}

/// The attribute of the ONNX file that holds the number of training rows that reached each node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Covers {
    NodesHitrates,
    None,
}

/// Why a card was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CardError {
    #[error("line {line}, column {column}: not the JSON of a model card")]
    Json { line: usize, column: usize },
    #[error("calibration: {0}")]
    Calibration(&'static str),
    #[error("drift: {0}")]
    Drift(&'static str),
    #[error("onnx_sha256 is not a SHA-256 in lower-case hex digits")]
    OnnxHash,
    #[error("features_sha256 is not the hash of the card's features")]
    FeaturesHash,
    #[error("the model's feature {index}, `{name}`, is none of the runtime's")]
    UnknownFeature { index: usize, name: String },
}

impl Card {
    /// Reads a card and checks that it is consistent.
    ///
    /// # Errors
    /// Any [`CardError`] except [`CardError::UnknownFeature`], which needs the runtime's features.
    pub fn parse(json: &str) -> Result<Self, CardError> {
        let card: Self = sentinel::json::read(json)
            .map_err(|e| CardError::Json { line: e.line, column: e.column })?;
        card.calibration.check().map_err(CardError::Calibration)?;
        card.drift.as_ref().map_or(Ok(()), DriftReference::check).map_err(CardError::Drift)?;
        if !is_sha256(&card.onnx_sha256) {
            return Err(CardError::OnnxHash);
        }
        if features_sha256(&card.features) != card.features_sha256 {
            return Err(CardError::FeaturesHash);
        }
        Ok(card)
    }

    /// Returns the index of each of the model's features among the runtime's. The runtime may have
    /// more, so that a new feature for a rule does not mean retraining the model.
    ///
    /// # Errors
    /// [`CardError::UnknownFeature`] for the first feature that the runtime does not know.
    pub fn columns(&self, runtime: &[&str]) -> Result<Vec<usize>, CardError> {
        let column = |(index, name): (usize, &String)| {
            let unknown = CardError::UnknownFeature { index, name: name.clone() };
            runtime.iter().position(|known| known == name).ok_or(unknown)
        };
        self.features.iter().enumerate().map(column).collect()
    }
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Returns the hash of a feature list: the hex SHA-256 of the names joined by line feeds.
pub fn features_sha256<S: AsRef<str>>(names: &[S]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    hex::encode(Sha256::digest(names.join("\n")))
}

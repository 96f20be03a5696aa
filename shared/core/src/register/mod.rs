//! Registers of what a tenant's payments are judged by and may change without a deployment: rule sets
//! and reference sets. Both are versioned, hashed JSON documents, and both live the same life.

pub mod document;
mod lifecycle;
pub mod members;
pub mod parts;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use lifecycle::{
    EMBEDDED, Head, Move, Refusal, RegisteredSet, SetChange, SetState, rollback, transition,
};

use crate::register::document::DocumentError;
use crate::register::parts::Part;

/// What is registered.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Register {
    #[default]
    Rules,
    Reference,
}

impl Register {
    pub const ALL: [Self; 2] = [Self::Rules, Self::Reference];

    /// In keys and metrics.
    pub fn code(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::Reference => "reference",
        }
    }

    /// What a set of it is called.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Rules => "rule set",
            Self::Reference => "reference set",
        }
    }

    /// Where the API has it.
    pub fn path(self) -> &'static str {
        match self {
            Self::Rules => "/api/v1/rule-sets",
            Self::Reference => "/api/v1/reference-sets",
        }
    }
}

/// What a register keeps of a document beside its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetSummary {
    /// The document's version and hash.
    pub version: String,
    pub description: String,
    /// Rules; or rates, listed countries and thresholds.
    pub entries: u64,
    /// Of a reference set.
    pub dates: BTreeMap<Part, Date>,
}

/// A set as it is loaded from its document: rules, or reference data.
pub trait VersionedSet: Sized {
    const REGISTER: Register;

    /// The document that comes with this version of the core.
    const EMBEDDED_DOCUMENT: &'static str;

    /// Checks the document whole; every fault is told with its place.
    fn load(document: &str) -> Result<Self, DocumentError>;

    /// [`Self::load`] for a document that is new today: none of its parts may be of a later day.
    fn draft(document: &str, today: Date) -> Result<Self, DocumentError>;

    /// The set that comes with this version of the core.
    fn embedded() -> Result<Self, DocumentError> {
        Self::load(Self::EMBEDDED_DOCUMENT)
    }

    /// Version and content hash, `2026-11-25@0a1b2c3d4e5f6071`.
    fn version(&self) -> &str;

    /// What a register keeps of it.
    fn summary(&self) -> SetSummary;
}

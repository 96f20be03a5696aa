//! Registers of what a tenant's payments are judged by and may change without a deployment: rule sets
//! and reference sets. Both are versioned, hashed JSON documents, and both live the same life.

pub mod document;
mod lifecycle;
pub mod members;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use lifecycle::{
    EMBEDDED, Head, Move, Refusal, RegisteredSet, SetChange, SetState, rollback, transition,
};

use crate::reference::{Part, Reference};
use crate::register::document::DocumentError;
use crate::rules::RuleSet;

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

    /// Checks a document of the register and says what a register keeps of it beside its text.
    pub fn summarise(self, document: &str) -> Result<SetSummary, DocumentError> {
        match self {
            Self::Rules => RuleSet::load(document).map(|set| set.summary()),
            Self::Reference => Reference::load(document).map(|set| set.summary()),
        }
    }

    /// [`Self::summarise`] for a document that is new today: no part of it is of a later day.
    pub fn draft(self, document: &str, today: Date) -> Result<SetSummary, DocumentError> {
        match self {
            Self::Rules => self.summarise(document),
            Self::Reference => Reference::draft(document, today).map(|set| set.summary()),
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

    /// Checks the document whole; every fault is told with its place.
    fn load(document: &str) -> Result<Self, DocumentError>;

    /// The document that comes with this version of the core.
    fn embedded_document() -> &'static str;

    /// Version and content hash.
    fn version(&self) -> &str;

    fn summary(&self) -> SetSummary;
}

impl VersionedSet for RuleSet {
    const REGISTER: Register = Register::Rules;

    fn load(document: &str) -> Result<Self, DocumentError> {
        Self::load(document)
    }

    fn embedded_document() -> &'static str {
        Self::embedded_document()
    }

    fn version(&self) -> &str {
        self.version()
    }

    fn summary(&self) -> SetSummary {
        SetSummary {
            version: self.version().to_owned(),
            description: self.description().to_owned(),
            entries: self.rules().len() as u64,
            dates: BTreeMap::new(),
        }
    }
}

impl VersionedSet for Reference {
    const REGISTER: Register = Register::Reference;

    fn load(document: &str) -> Result<Self, DocumentError> {
        Self::load(document)
    }

    fn embedded_document() -> &'static str {
        Self::embedded_document()
    }

    fn version(&self) -> &str {
        self.version()
    }

    fn summary(&self) -> SetSummary {
        SetSummary {
            version: self.version().to_owned(),
            description: self.description().to_owned(),
            entries: self.entries() as u64,
            dates: self.dates(),
        }
    }
}

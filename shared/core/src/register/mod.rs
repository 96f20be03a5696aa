//! Registers of the sets by which a tenant's payments are judged and which may change without a
//! deployment: rule sets and reference sets. Both are versioned, hashed JSON documents with the
//! same lifecycle.

pub mod document;
mod lifecycle;
pub mod members;
pub mod parts;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use lifecycle::{
    EMBEDDED, Head, Move, MoveRefusal, RegisteredSet, SetChange, SetState, rollback, transition,
};

use crate::register::document::DocumentError;
use crate::register::parts::Part;

/// A register, by the kind of set it holds.
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

    /// Returns its name in keys and metrics.
    pub fn code(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::Reference => "reference",
        }
    }

    /// Returns the name of a set of this register in a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Rules => "rule set",
            Self::Reference => "reference set",
        }
    }

    /// Returns its path in the API.
    pub fn path(self) -> &'static str {
        match self {
            Self::Rules => "/api/v1/rule-sets",
            Self::Reference => "/api/v1/reference-sets",
        }
    }
}

/// What a register stores about a document in addition to its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetSummary {
    /// The document's version and hash.
    pub version: String,
    pub description: String,
    /// Number of rules, or of rates, listed countries and thresholds.
    pub entries: u64,
    /// The date of each part of a reference set; empty for a rule set.
    pub dates: BTreeMap<Part, Date>,
}

/// A set that is loaded from a document: rules or reference data.
pub trait VersionedSet: Sized {
    const REGISTER: Register;

    /// The document that comes with this version of the core.
    const EMBEDDED_DOCUMENT: &'static str;

    /// Loads a document, or returns every fault in it with its position.
    fn load(document: &str) -> Result<Self, DocumentError>;

    /// [`Self::load`] for a new document, whose parts must not be dated in the future. `today` is
    /// the date in UTC; the next day is accepted too, because it may have begun elsewhere.
    fn draft(document: &str, today: Date) -> Result<Self, DocumentError>;

    /// The set that comes with this version of the core.
    fn embedded() -> Result<Self, DocumentError> {
        Self::load(Self::EMBEDDED_DOCUMENT)
    }

    /// Returns version and content hash, such as `2026-11-25@0a1b2c3d4e5f6071`.
    fn version(&self) -> &str;

    /// Returns what a register stores about it.
    fn summary(&self) -> SetSummary;
}

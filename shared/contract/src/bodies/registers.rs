//! Answers about rule sets and reference sets.

use sentinel::register::parts::PartAge;
use sentinel::register::{Head, RegisteredSet, SetChange};
use serde::Serialize;
use utoipa::ToSchema;

/// A tenant's rule sets.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleSetList {
    pub head: Head,
    pub rule_sets: Vec<RegisteredSet>,
    /// The newest 50 lines of the history, newest first.
    pub changes: Vec<SetChange>,
}

/// A rule set with its document.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleSetDetail {
    pub rule_set: RegisteredSet,
    /// JSON as it was drafted, byte for byte: its hash is part of the version.
    pub document: String,
}

/// A reference set with the ages of its parts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferenceSet {
    #[serde(flatten)]
    pub set: RegisteredSet,
    /// As of now.
    pub parts: Vec<PartAge>,
    /// Currencies that the deployment's own set has a rate for and this one has not: payments in them
    /// are judged without an amount. Not told in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unrated_currencies: Option<Vec<String>>,
}

/// A tenant's reference sets.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferenceSetList {
    pub head: Head,
    /// How old what is live is, as of now.
    pub live_parts: Vec<PartAge>,
    pub reference_sets: Vec<ReferenceSet>,
    /// The newest 50 lines of the history, newest first.
    pub changes: Vec<SetChange>,
}

/// A reference set with its document.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferenceSetDetail {
    pub reference_set: ReferenceSet,
    /// JSON as it was drafted, byte for byte: its hash is part of the version.
    pub document: String,
}

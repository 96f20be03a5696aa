//! Answers about rule sets and reference sets.

use sentinel::register::parts::PartAge;
use sentinel::register::{Head, RegisteredSet, SetChange};
use serde::Serialize;
use utoipa::ToSchema;

/// A tenant's rule sets, and which of them are in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleSetList {
    pub head: Head,
    pub rule_sets: Vec<RegisteredSet>,
    /// The newest 50 changes, newest first.
    pub changes: Vec<SetChange>,
}

/// A rule set with its document.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleSetDetail {
    pub rule_set: RegisteredSet,
    /// The JSON byte for byte as it was drafted: its hash is part of the version.
    pub document: String,
}

/// A reference set with the ages of its parts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferenceSet {
    #[serde(flatten)]
    pub set: RegisteredSet,
    /// Ages of its parts at the time of the answer.
    pub parts: Vec<PartAge>,
    /// Currencies for which the deployment's own set has a rate and this one does not: payments in
    /// them are judged without an amount. Omitted from lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unrated_currencies: Option<Vec<String>>,
}

/// A tenant's reference sets, and which of them are in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferenceSetList {
    pub head: Head,
    /// Ages of the live set's parts at the time of the answer.
    pub live_parts: Vec<PartAge>,
    pub reference_sets: Vec<ReferenceSet>,
    /// The newest 50 changes, newest first.
    pub changes: Vec<SetChange>,
}

/// A reference set with its document.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferenceSetDetail {
    pub reference_set: ReferenceSet,
    /// The JSON byte for byte as it was drafted: its hash is part of the version.
    pub document: String,
}

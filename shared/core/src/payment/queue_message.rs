//! What travels from ingest to score. While a new version is deployed, functions of both versions
//! read and write one queue, so the message says its version: fields that a reader does not know
//! are ignored, since a field that changes how a transaction is judged comes with a new version,
//! and a version that it does not know is left to a reader that does.

use serde::{Deserialize, Serialize};

use crate::payment::tenant::Tenant;
use crate::payment::transaction::Transaction;

/// The version that is written, and the newest that is read.
pub const VERSION: u32 = 1;

/// A received transaction on its way to be judged: in full, so that scoring needs nothing that could
/// be missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueueMessage {
    /// [`VERSION`] of whoever wrote it.
    pub v: u32,
    pub tenant: Tenant,
    /// The request that brought it, carried on to logs and alerts.
    pub request_id: String,
    /// RFC 3339, UTC.
    pub received_at: String,
    /// It happened before the system was there to judge it: it is counted, and not judged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub history: bool,
    pub transaction: Transaction,
}

//! What travels from ingest to score. While a new version is deployed, functions of both versions
//! read and write one queue, so the message says its version: fields that a reader does not know
//! are ignored, since a field that changes how a transaction is judged comes with a new version,
//! and a version that it does not know is left to a reader that does.

use serde::{Deserialize, Serialize};

use crate::json::{self, Unreadable};
use crate::payment::tenant::Tenant;
use crate::payment::transaction::{ContentHash, Transaction};
use crate::payment::utc_time::UtcTime;

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
    pub received_at: UtcTime,
    /// It happened before the system was there to judge it: it is counted, and not judged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub history: bool,
    /// Of the transaction as it was received. It is not computed again: a reader of an older release
    /// knows fewer fields.
    pub content_hash: ContentHash,
    pub transaction: Transaction,
}

/// Why a message is not read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnreadMessage {
    #[error("it is not a queued transaction at line {}, column {}", .0.line, .0.column)]
    Malformed(Unreadable),
    /// A newer function wrote it; one of that version reads it when it comes again.
    #[error("it is of version {0}, and this function reads versions up to {VERSION}")]
    Newer(u32),
}

impl QueueMessage {
    /// Of a transaction that has just been received, to be judged.
    pub fn new(
        tenant: Tenant,
        request_id: impl Into<String>,
        received_at: UtcTime,
        transaction: Transaction,
    ) -> Self {
        Self {
            v: VERSION,
            tenant,
            request_id: request_id.into(),
            received_at,
            history: false,
            content_hash: transaction.content_hash(),
            transaction,
        }
    }

    /// Reads a message's body.
    pub fn parse(body: &str) -> Result<Self, UnreadMessage> {
        let version = |v: u32| if v > VERSION { Err(UnreadMessage::Newer(v)) } else { Ok(()) };
        match json::read::<Self>(body) {
            Ok(message) => version(message.v).map(|()| message),
            Err(unreadable) => {
                /// All that every version has.
                #[derive(Deserialize)]
                struct Versioned {
                    v: u32,
                }
                if let Ok(Versioned { v }) = json::read(body) {
                    version(v)?;
                }
                Err(UnreadMessage::Malformed(unreadable))
            }
        }
    }

    /// As it travels.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers always serialise")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn message(change: impl FnOnce(&mut Value)) -> Result<QueueMessage, UnreadMessage> {
        let mut message = json!({
            "v": VERSION,
            "tenant": "main",
            "request_id": "r-1",
            "received_at": "2026-03-02T13:10:00.000000Z",
            "content_hash": "00ff",
            "transaction": {
                "msg_id": "m-1",
                "timestamp": "2026-03-02T13:10:00Z",
                "sender": {"account": "A", "bank_country": "DE"},
                "receiver": {"account": "B", "bank_country": "DE"},
                "amount": "95.00",
                "currency": "EUR",
                "payment_type": "transfer",
            },
        });
        change(&mut message);
        QueueMessage::parse(&message.to_string())
    }

    #[test]
    fn what_is_written_is_read() {
        let written = message(|_| ()).unwrap();
        assert_eq!(QueueMessage::parse(&written.to_json()), Ok(written));
    }

    #[test]
    fn fields_of_a_later_release_do_not_stop_an_older_one() {
        let plain = message(|_| ());
        assert!(plain.is_ok());
        assert_eq!(message(|body| body["trace"] = "t-1".into()), plain);
        assert_eq!(message(|body| body["transaction"]["channel"] = "app".into()), plain);
        assert_eq!(message(|body| body["transaction"]["sender"]["lei"] = "x".into()), plain);
    }

    #[test]
    fn a_newer_version_is_left_to_who_knows_it_whatever_its_form() {
        let newer = |body: &mut Value| body["v"] = (VERSION + 1).into();
        assert_eq!(message(newer), Err(UnreadMessage::Newer(VERSION + 1)));
        let other = json!({"v": 7, "payment": {}}).to_string();
        assert_eq!(QueueMessage::parse(&other), Err(UnreadMessage::Newer(7)));
    }

    #[test]
    fn what_cannot_be_read_is_not_quoted() {
        for text in
            ["", "{", "DE89370400440532013000", r#"{"v":1,"tenant":"DE89370400440532013000"}"#]
        {
            let err = QueueMessage::parse(text).unwrap_err();
            assert!(matches!(err, UnreadMessage::Malformed(_)));
            assert!(!err.to_string().contains("DE89"), "{err}");
        }
        assert!(message(|body| body["transaction"]["amount"] = "DE89".into()).is_err());
    }
}

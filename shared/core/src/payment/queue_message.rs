//! The messages between functions: ingest sends a transaction to score, and score sends an unsure
//! case to second-look. During a deployment, functions of two versions share one queue, so every
//! message states its version. A reader ignores fields that it does not know, because a field that
//! changes how a transaction is judged requires a new version, and leaves messages of a newer
//! version to a newer reader.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::json::{self, Unreadable};
use crate::payment::tenant::Tenant;
use crate::payment::transaction::{ContentHash, MsgId, Transaction};
use crate::payment::utc_time::UtcTime;

/// The version of both messages that this release writes, and the newest that it reads.
pub const VERSION: u32 = 1;

/// A received transaction on its way to be judged. It is complete, so that scoring depends on no
/// other copy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueueMessage {
    /// [`VERSION`] of the writer.
    pub v: u32,
    pub tenant: Tenant,
    /// Id of the request that submitted it, carried on to logs and alerts.
    pub request_id: String,
    pub received_at: UtcTime,
    /// The payment predates the system: it is counted but not judged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub history: bool,
    /// Hash of the transaction as received. Readers do not recompute it, because an older release
    /// knows fewer fields.
    pub content_hash: ContentHash,
    pub transaction: Transaction,
}

/// A decision that is unsure and waits for the LLM. Everything else about it is in the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SecondLookMessage {
    /// [`VERSION`] of the writer.
    pub v: u32,
    pub tenant: Tenant,
    pub msg_id: MsgId,
    /// Id of the request that submitted the transaction.
    pub request_id: String,
}

/// Why a message cannot be read by this function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueueMessageError {
    #[error("it is not the expected message at line {}, column {}", .0.line, .0.column)]
    Malformed(Unreadable),
    /// A newer function wrote it. After redelivery, a function of that version can read it.
    #[error("it is of version {0}, and this function reads versions up to {VERSION}")]
    Newer(u32),
}

impl QueueMessage {
    /// Creates the message for a transaction that is to be judged.
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

    /// Reads the body of a message.
    pub fn parse(body: &str) -> Result<Self, QueueMessageError> {
        read(body, |message: &Self| message.v)
    }

    /// Returns the body of the message.
    pub fn to_json(&self) -> String {
        json::write(self)
    }
}

impl SecondLookMessage {
    pub fn new(tenant: Tenant, msg_id: MsgId, request_id: impl Into<String>) -> Self {
        Self { v: VERSION, tenant, msg_id, request_id: request_id.into() }
    }

    /// Reads the body of a message.
    pub fn parse(body: &str) -> Result<Self, QueueMessageError> {
        read(body, |message: &Self| message.v)
    }

    /// Returns the body of the message.
    pub fn to_json(&self) -> String {
        json::write(self)
    }
}

/// Reads a message unless it is of a newer version, whatever its form.
fn read<M: DeserializeOwned>(
    body: &str,
    version_of: impl Fn(&M) -> u32,
) -> Result<M, QueueMessageError> {
    let version = |v: u32| if v > VERSION { Err(QueueMessageError::Newer(v)) } else { Ok(()) };
    match json::read::<M>(body) {
        Ok(message) => version(version_of(&message)).map(|()| message),
        Err(unreadable) => {
            /// The part that all versions share.
            #[derive(Deserialize)]
            struct Versioned {
                v: u32,
            }
            if let Ok(Versioned { v }) = json::read(body) {
                version(v)?;
            }
            Err(QueueMessageError::Malformed(unreadable))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn message(change: impl FnOnce(&mut Value)) -> Result<QueueMessage, QueueMessageError> {
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
        assert_eq!(message(newer), Err(QueueMessageError::Newer(VERSION + 1)));
        let other = json!({"v": 7, "payment": {}}).to_string();
        assert_eq!(QueueMessage::parse(&other), Err(QueueMessageError::Newer(7)));
    }

    #[test]
    fn the_request_for_a_second_look_is_versioned_as_well() {
        let (tenant, id) = (Tenant::parse("main").unwrap(), MsgId::parse("m-1").unwrap());
        let written = SecondLookMessage::new(tenant, id, "r-1");
        assert_eq!(SecondLookMessage::parse(&written.to_json()), Ok(written.clone()));
        let newer = SecondLookMessage { v: VERSION + 1, ..written };
        let read = SecondLookMessage::parse(&newer.to_json());
        assert_eq!(read, Err(QueueMessageError::Newer(VERSION + 1)));
    }

    #[test]
    fn what_cannot_be_read_is_not_quoted() {
        for text in
            ["", "{", "DE89370400440532013000", r#"{"v":1,"tenant":"DE89370400440532013000"}"#]
        {
            let err = QueueMessage::parse(text).unwrap_err();
            assert!(matches!(err, QueueMessageError::Malformed(_)));
            assert!(!err.to_string().contains("DE89"), "{err}");
        }
        assert!(message(|body| body["transaction"]["amount"] = "DE89".into()).is_err());
    }
}

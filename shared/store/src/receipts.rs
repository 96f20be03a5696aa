//! Receipts: the durable record that a transaction was received, made before the client hears so.
//! The same item is the idempotency record and later carries the decision.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};

use super::item::{self, Item, key, s};
use super::key::{TRANSACTION_SORT, last_part, transaction};
use super::{Origin, Store, StoreError};
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::{MsgId, Transaction};

/// What the table knows of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub msg_id: String,
    /// The transaction's canonical JSON.
    pub body: String,
    pub body_hash: String,
    /// RFC 3339, UTC.
    pub received_at: String,
    /// The request that brought it.
    pub request_id: String,
    /// Brought in as history: counted, and never judged. What an id was first received as it stays.
    pub history: bool,
    /// When it was decided, or counted as history: RFC 3339, UTC.
    pub settled_at: Option<String>,
    /// The decision as JSON text, once there is one.
    pub decision: Option<String>,
    /// The evidence as JSON text, with the decision.
    pub evidence: Option<String>,
}

/// The outcome of receiving a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    New(Receipt),
    /// The id is known, with this very content.
    Replayed(Receipt),
    /// The id is known with another content; the first stands.
    Conflict,
}

impl Store {
    /// Records that a transaction was received, once per id.
    pub async fn receive(
        &self,
        tenant: &Tenant,
        tx: &Transaction,
        origin: Origin<'_>,
        history: bool,
    ) -> Result<Received, StoreError> {
        let receipt = Receipt {
            msg_id: tx.msg_id.as_str().to_owned(),
            body: tx.to_canonical_json(),
            body_hash: tx.content_hash(),
            received_at: origin.received_at.to_owned(),
            request_id: origin.request_id.to_owned(),
            history,
            settled_at: None,
            decision: None,
            evidence: None,
        };
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(key(transaction(tenant, &receipt.msg_id), TRANSACTION_SORT)))
            .item("body", s(&receipt.body))
            .item("body_hash", s(&receipt.body_hash))
            .item("received_at", s(origin.received_at))
            .item("request_id", s(origin.request_id))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = if history { put.item("history", AttributeValue::Bool(true)) } else { put };
        match put.send().await {
            Ok(_) => Ok(Received::New(receipt)),
            Err(err) => match err.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    let known = read(failed.item().ok_or(StoreError::Item("pk"))?)?;
                    let same = known.body_hash == receipt.body_hash;
                    Ok(if same { Received::Replayed(known) } else { Received::Conflict })
                }
                _ => Err(StoreError::service("PutItem", &err)),
            },
        }
    }

    /// Takes a receipt back when the transaction could not be queued, unless it was decided or is
    /// another request's by now.
    pub async fn retract(&self, tenant: &Tenant, receipt: &Receipt) -> Result<(), StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key(transaction(tenant, &receipt.msg_id), TRANSACTION_SORT)))
            .condition_expression("request_id = :request AND attribute_not_exists(decided_at)")
            .expression_attribute_values(":request", s(&receipt.request_id));
        match delete.send().await {
            Ok(_) => Ok(()),
            Err(err)
                if err
                    .as_service_error()
                    .is_some_and(|e| e.is_conditional_check_failed_exception()) =>
            {
                Ok(())
            }
            Err(err) => Err(StoreError::service("DeleteItem", &err)),
        }
    }

    /// What is known of a transaction.
    pub async fn receipt(
        &self,
        tenant: &Tenant,
        msg_id: &MsgId,
    ) -> Result<Option<Receipt>, StoreError> {
        let item = self.item(key(transaction(tenant, msg_id.as_str()), TRANSACTION_SORT)).await?;
        item.as_ref().map(read).transpose()
    }
}

pub(super) fn read(item: &Item) -> Result<Receipt, StoreError> {
    Ok(Receipt {
        msg_id: last_part(&item::text(item, "pk")?),
        body: item::text(item, "body")?,
        body_hash: item::text(item, "body_hash")?,
        received_at: item::text(item, "received_at")?,
        request_id: item::text(item, "request_id")?,
        history: item::flag(item, "history"),
        settled_at: item::optional_text(item, "decided_at"),
        decision: item::optional_text(item, "decision"),
        evidence: item::optional_text(item, "evidence"),
    })
}

//! Receipts: the durable record that a transaction was received, written before the client is told
//! so. The same item is the idempotency record and later holds the decision.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};

use super::item::{self, Item, key, s};
use super::key::{TRANSACTION_SORT, last_part, transaction};
use super::{Store, StoreError};
use sentinel::case::alert_id::AlertId;
use sentinel::payment::queue_message::QueueMessage;
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::{ContentHash, MsgId};
use sentinel::payment::utc_time::UtcTime;

/// What the table knows of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub msg_id: MsgId,
    /// The transaction's canonical JSON.
    pub body: String,
    pub content_hash: ContentHash,
    pub received_at: UtcTime,
    /// Id of the request that delivered it first.
    pub request_id: String,
    /// Whether it was first received as history, which is counted and never judged. Never changes.
    pub history: bool,
    /// When it was decided, or counted as history.
    pub settled_at: Option<UtcTime>,
    /// The decision as JSON text, once there is one.
    pub decision: Option<String>,
    /// The evidence as JSON text, stored with the decision.
    pub evidence: Option<String>,
    /// The alert or review that it belongs to.
    pub alert_id: Option<AlertId>,
    /// Whether the decision waits for the LLM's look.
    pub awaits_second_look: bool,
}

/// The outcome of receiving a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptOutcome {
    New(Receipt),
    /// The id is known with the same content.
    Replayed(Receipt),
    /// The id is known with different content; the first stands.
    Conflict,
}

impl Store {
    /// Records that a transaction was received, once per id.
    pub async fn receive(&self, message: &QueueMessage) -> Result<ReceiptOutcome, StoreError> {
        let receipt = Receipt {
            msg_id: message.transaction.msg_id.clone(),
            body: message.transaction.to_canonical_json(),
            content_hash: message.content_hash.clone(),
            received_at: message.received_at,
            request_id: message.request_id.clone(),
            history: message.history,
            settled_at: None,
            decision: None,
            evidence: None,
            alert_id: None,
            awaits_second_look: false,
        };
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(key(transaction(&message.tenant, &receipt.msg_id), TRANSACTION_SORT)))
            .item("body", s(&receipt.body))
            .item("body_hash", s(receipt.content_hash.as_str()))
            .item("received_at", s(receipt.received_at.to_string()))
            .item("request_id", s(&receipt.request_id))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put =
            if receipt.history { put.item("history", AttributeValue::Bool(true)) } else { put };
        match put.send().await {
            Ok(_) => Ok(ReceiptOutcome::New(receipt)),
            Err(err) => match err.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    let known = read(failed.item().ok_or(StoreError::Item("pk"))?)?;
                    let same = known.content_hash == receipt.content_hash;
                    Ok(if same {
                        ReceiptOutcome::Replayed(known)
                    } else {
                        ReceiptOutcome::Conflict
                    })
                }
                _ => Err(StoreError::service("PutItem", &err)),
            },
        }
    }

    /// Takes back the receipt of a transaction that could not be queued, unless it has been settled
    /// or belongs to another request by now.
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

    /// Reads what is known of a transaction.
    pub async fn receipt(
        &self,
        tenant: &Tenant,
        msg_id: &MsgId,
    ) -> Result<Option<Receipt>, StoreError> {
        let item = self.item(key(transaction(tenant, msg_id), TRANSACTION_SORT)).await?;
        item.as_ref().map(read).transpose()
    }
}

/// What `second_look` holds while the LLM's look at a decision is waited for.
pub(super) const PENDING: &str = "pending";

/// Whether the decision on a transaction's item waits for the LLM's look.
pub(super) fn awaits_second_look(item: &Item) -> bool {
    item::optional_text(item, "second_look").as_deref() == Some(PENDING)
}

pub(super) fn read(item: &Item) -> Result<Receipt, StoreError> {
    Ok(Receipt {
        msg_id: item::parsed(item, "pk", |key| MsgId::parse(&last_part(key)).ok())?,
        body: item::text(item, "body")?,
        content_hash: ContentHash::stored(item::text(item, "body_hash")?),
        received_at: item::time(item, "received_at")?,
        request_id: item::text(item, "request_id")?,
        history: item::flag(item, "history"),
        settled_at: item::optional_time(item, "decided_at")?,
        decision: item::optional_text(item, "decision"),
        evidence: item::optional_text(item, "evidence"),
        alert_id: item::optional_text(item, "alert_id").and_then(|id| AlertId::parse(&id).ok()),
        awaits_second_look: awaits_second_look(item),
    })
}

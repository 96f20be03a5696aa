//! Writes several items together or not at all.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::TransactWriteItem;

use super::{Store, StoreError};

impl Store {
    /// Writes all items or none; `false` if a condition does not hold or another transaction is
    /// writing the same items.
    pub(crate) async fn commit(&self, items: Vec<TransactWriteItem>) -> Result<bool, StoreError> {
        let write = self.client.transact_write_items().set_transact_items(Some(items));
        let Err(err) = write.send().await else { return Ok(true) };
        let canceled = match err.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => canceled,
            Some(TransactWriteItemsError::TransactionInProgressException(_)) => return Ok(false),
            _ => return Err(StoreError::service("TransactWriteItems", &err)),
        };
        let faster = ["ConditionalCheckFailed", "TransactionConflict", "None"];
        let codes = canceled.cancellation_reasons().iter().filter_map(|reason| reason.code());
        match codes.into_iter().find(|code| !faster.contains(code)) {
            Some(code) => {
                Err(StoreError::Service { operation: "TransactWriteItems", code: code.to_owned() })
            }
            None => Ok(false),
        }
    }
}

//! Items that many processes add to: each reads, adds, and writes if nobody else has written since.

use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;

use super::item::{Item, n};
use super::{Store, StoreError};

/// Attempts to add to an item that other processes write at the same time.
pub(super) const ATTEMPTS: u32 = 5;

impl Store {
    /// Writes an item that had this revision when it was read, or 0 for a new one. `false` if
    /// another process was faster.
    pub(super) async fn put_revised(
        &self,
        key: Item,
        revision: u64,
        with: impl FnOnce(PutItemFluentBuilder) -> PutItemFluentBuilder,
    ) -> Result<bool, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(key))
            .item("revision", n(revision + 1))
            .condition_expression("attribute_not_exists(pk) OR revision = :before")
            .expression_attribute_values(":before", n(revision));
        match with(put).send().await {
            Ok(_) => Ok(true),
            Err(err) => match err.as_service_error() {
                Some(error) if error.is_conditional_check_failed_exception() => Ok(false),
                _ => Err(StoreError::service("PutItem", &err)),
            },
        }
    }
}

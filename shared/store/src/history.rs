//! Past payments: counted once, like decided ones, in profiles, pairs and parties, but never
//! judged. The transaction's item has the flag `history`, and `decided_at` is when it was counted,
//! so that one attribute shows for both kinds whether a transaction is settled.

use aws_sdk_dynamodb::types::AttributeValue;

use super::item::{self, s};
use super::record::SETTLED;
use super::{RecordOutcome, Store, StoreError, Surroundings, TransactionEffect};
use sentinel::payment::queue_message::QueueMessage;
use sentinel::payment::utc_time::UtcTime;

impl Store {
    /// Counts a past payment in one transaction.
    pub async fn record_history(
        &self,
        queued: &QueueMessage,
        around: &Surroundings,
        effect: &TransactionEffect,
        counted_at: UtcTime,
    ) -> Result<RecordOutcome, StoreError> {
        let own = self
            .settled_item(queued, around)
            .update_expression(format!("{SETTLED}, history = :true, decided_at = :counted_at"))
            // A receipt of the live path is judged, even if it replaced one of history.
            .condition_expression(
                "attribute_not_exists(decided_at) AND (attribute_not_exists(body_hash) OR \
                 (body_hash = :hash AND history = :true))",
            )
            .expression_attribute_values(":true", AttributeValue::Bool(true))
            .expression_attribute_values(":counted_at", s(counted_at.to_string()));
        let mut items = vec![item::update(own)?];
        items.extend(self.state_updates(&queued.tenant, &queued.transaction, around, effect)?);
        self.write_once(&queued.content_hash, items).await
    }
}

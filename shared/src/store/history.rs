//! Payments of before: counted once, like decided ones, in profiles, pairs and parties, and never
//! judged. The transaction's item says `history`; `decided_at` is when it was counted, so that
//! whatever asks whether a transaction is settled asks the same of both.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure, Update};

use super::item::{self, float, key, s};
use super::key::{TRANSACTION_SORT, transaction};
use super::{Effect, Origin, Recorded, Store, StoreError, Surroundings};
use crate::tenant::Tenant;
use crate::transaction::Transaction;

impl Store {
    /// Counts a payment of before in one transaction. `counted_at` is RFC 3339, UTC.
    pub async fn record_history(
        &self,
        tenant: &Tenant,
        tx: &Transaction,
        origin: Origin<'_>,
        around: &Surroundings,
        effect: &Effect,
        counted_at: &str,
    ) -> Result<Recorded, StoreError> {
        let own = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(transaction(tenant, tx.msg_id.as_str()), TRANSACTION_SORT)))
            .update_expression(
                "SET history = :true, decided_at = :counted_at, body = :body, body_hash = :hash, \
                 base_amount = :base_amount, \
                 received_at = if_not_exists(received_at, :received_at), \
                 request_id = if_not_exists(request_id, :request_id)",
            )
            // A receipt of the live path is judged, whatever came of an earlier one of history.
            .condition_expression(
                "attribute_not_exists(decided_at) AND (attribute_not_exists(body_hash) OR \
                 (body_hash = :hash AND history = :true))",
            )
            .expression_attribute_values(":true", AttributeValue::Bool(true))
            .expression_attribute_values(":counted_at", s(counted_at))
            .expression_attribute_values(":body", s(tx.to_canonical_json()))
            .expression_attribute_values(":hash", s(tx.content_hash()))
            .expression_attribute_values(":base_amount", float(around.facts.amount))
            .expression_attribute_values(":received_at", s(origin.received_at))
            .expression_attribute_values(":request_id", s(origin.request_id))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let mut items = vec![item::update(own)?];
        items.extend(self.state_updates(tenant, tx, around, effect)?);
        self.write_once(tx, items).await
    }
}

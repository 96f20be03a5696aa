//! The gate on the item of a budget day, and what the guard remembers between its rounds.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use jiff::Timestamp;

use super::Store;
use super::ledger::{LedgerError, key, number, read, read_gate, store_error, text};
use sentinel::payment::tenant::Tenant;
use sentinel::spend::budget::{BudgetDay, Gate};
use sentinel::spend::guard::GuardMemory;

impl Store {
    /// Closes or opens the day's gate if it is still in the state `from`. `false` if it is not:
    /// another guard or a person was faster, and their change stands.
    pub async fn change_gate(
        &self,
        tenant: &Tenant,
        day: BudgetDay,
        (from, to): (Gate, Gate),
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(tenant, day, "day")))
            .expression_attribute_values(":now", number(now.as_second()));
        update = match from {
            Gate::Open => update
                .condition_expression("attribute_not_exists(gate) OR gate = :from")
                .expression_attribute_values(":from", text("open")),
            Gate::Closed(reason) => update
                .condition_expression("gate = :from AND gate_reason = :from_reason")
                .expression_attribute_values(":from", text("closed"))
                .expression_attribute_values(":from_reason", text(reason.code())),
        };
        update = match to {
            Gate::Open => update
                .update_expression("SET gate = :to, gate_since = :now REMOVE gate_reason")
                .expression_attribute_values(":to", text("open")),
            Gate::Closed(reason) => update
                .update_expression("SET gate = :to, gate_since = :now, gate_reason = :reason")
                .expression_attribute_values(":to", text("closed"))
                .expression_attribute_values(":reason", text(reason.code())),
        };
        match update.send().await {
            Ok(_) => Ok(true),
            Err(err) => match err.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(store_error(&err)),
            },
        }
    }

    /// Returns what the guard remembered after its last round; `None` before its first.
    pub async fn guard_memory(&self, tenant: &Tenant) -> Result<Option<GuardMemory>, LedgerError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", text(&format!("{tenant}#budget")))
            .key("sk", text("guard"))
            .consistent_read(true)
            .send()
            .await
            .map_err(|err| store_error(&err))?;
        Ok(answer.item().and_then(|item| {
            let day = BudgetDay::parse(item.get("day")?.as_s().ok()?)?;
            let (calls, latency_ms_sum) = (read(item, "calls"), read(item, "latency_ms_sum"));
            Some(GuardMemory { day, calls, latency_ms_sum, gate: read_gate(item) })
        }))
    }

    /// Stores what the guard remembers for its next round.
    pub async fn remember_guard(
        &self,
        tenant: &Tenant,
        memory: &GuardMemory,
    ) -> Result<(), LedgerError> {
        let mut put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item("pk", text(&format!("{tenant}#budget")))
            .item("sk", text("guard"))
            .item("day", text(&memory.day.to_string()))
            .item("calls", number(memory.calls))
            .item("latency_ms_sum", number(memory.latency_ms_sum));
        put = match memory.gate {
            Gate::Open => put.item("gate", text("open")),
            Gate::Closed(reason) => {
                put.item("gate", text("closed")).item("gate_reason", text(reason.code()))
            }
        };
        put.send().await.map(|_| ()).map_err(|err| store_error(&err))
    }
}

//! The gate on the item of a budget day, and what the guard remembers between its rounds.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use jiff::Timestamp;

use super::Store;
use super::key::{BUDGET, BUDGET_DAY_SORT};
use super::ledger::{LedgerError, count, key, number, read_gate, store_error, text};
use sentinel::spend::budget::{BudgetDay, Gate};
use sentinel::spend::guard::GuardMemory;

impl Store {
    /// Closes or opens the day's gate if it is still in the state `from`. `false` if it is not:
    /// another guard or a person was faster, and their change stands.
    pub async fn change_gate(
        &self,
        day: BudgetDay,
        (from, to): (Gate, Gate),
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(day, BUDGET_DAY_SORT)))
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
    pub async fn guard_memory(&self) -> Result<Option<GuardMemory>, LedgerError> {
        let memory_key = [("pk", text(BUDGET)), ("sk", text("guard"))];
        let memory_key = memory_key.map(|(name, value)| (name.to_owned(), value));
        let Some(item) = self.ledger_item(memory_key.into()).await? else { return Ok(None) };
        let day = item.get("day").and_then(|day| BudgetDay::parse(day.as_s().ok()?));
        Ok(Some(GuardMemory {
            day: day.ok_or(LedgerError::Unreadable("day"))?,
            calls: count(&item, "calls")?,
            latency_ms_sum: count(&item, "latency_ms_sum")?,
            gate: read_gate(&item),
        }))
    }

    /// Stores what the guard remembers for its next round.
    pub async fn remember_guard(&self, memory: &GuardMemory) -> Result<(), LedgerError> {
        let mut put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item("pk", text(BUDGET))
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

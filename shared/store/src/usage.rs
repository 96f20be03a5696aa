//! What the LLM was used for, per day, tenant and model: the part of the ledger that people read. Calls
//! are counted in the transaction that settles them; cache hits and alerts found are added when they
//! happen.

use aws_sdk_dynamodb::types::Update;
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use sentinel::payment::tenant::Tenant;
use sentinel::spend::budget::{BudgetDay, MicroUsd};

use super::Store;
use super::charge::Charge;
use super::item::Item;
use super::key::{budget_day, last_part, usage_sort, usage_sorts};
use super::ledger::{LedgerError, Reservation, count, key, number, store_error, text};

/// What a tenant used of a model on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    pub day: BudgetDay,
    pub tenant: Tenant,
    pub model: String,
    pub calls: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    pub spent: MicroUsd,
    pub latency_ms_sum: u64,
    /// Cases that were answered without a call.
    pub cache_hits: u64,
    /// Payments that the LLM raised to an alert.
    pub alerts: u64,
}

/// Something about the LLM that costs nothing and is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsageEvent {
    CacheHit,
    AlertFound,
}

impl Store {
    /// Returns the update that counts a settled call.
    pub(super) fn usage_update(
        &self,
        of: &Reservation,
        calls: u64,
        charge: &Charge,
    ) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(of.day, &usage_sort(&of.tenant, &of.model))))
            .update_expression(
                "ADD calls :calls, input_tokens :input, output_tokens :output, \
                 spent_micros :spent, latency_ms_sum :latency",
            )
            .expression_attribute_values(":calls", number(calls))
            .expression_attribute_values(":input", number(charge.input_tokens))
            .expression_attribute_values(":output", number(charge.output_tokens))
            .expression_attribute_values(":spent", number(charge.cost.0))
            .expression_attribute_values(":latency", number(charge.latency_ms()))
    }

    /// Counts an event. It is not part of the transaction that it belongs to, so a crash in between
    /// loses it: only figures for people depend on it.
    pub async fn count_usage(
        &self,
        (tenant, model, day): (&Tenant, &str, BudgetDay),
        event: UsageEvent,
    ) -> Result<(), LedgerError> {
        let name = match event {
            UsageEvent::CacheHit => "cache_hits",
            UsageEvent::AlertFound => "alerts",
        };
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(day, &usage_sort(tenant, model))))
            .update_expression(format!("ADD {name} :one"))
            .expression_attribute_values(":one", number(1))
            .send()
            .await
            .map(|_| ())
            .map_err(|err| store_error(&err))
    }

    /// Returns what was used on a day, of one tenant or of all.
    pub async fn usage(
        &self,
        day: BudgetDay,
        tenant: Option<&Tenant>,
    ) -> Result<Vec<Usage>, LedgerError> {
        let sorts = tenant.map_or_else(|| "use#".to_owned(), usage_sorts);
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", text(&budget_day(day)))
            .expression_attribute_values(":sk", text(&sorts))
            .into_paginator()
            .send();
        let mut usage = Vec::new();
        while let Some(page) = pages.next().await {
            for item in page.map_err(|err| store_error(&err))?.items() {
                usage.push(read(item, day)?);
            }
        }
        Ok(usage)
    }
}

fn read(item: &Item, day: BudgetDay) -> Result<Usage, LedgerError> {
    let unreadable = LedgerError::Unreadable("sk");
    let sort = item.get("sk").and_then(|value| value.as_s().ok()).ok_or(unreadable.clone())?;
    let tenant = sort.split('#').nth(1).and_then(|tenant| Tenant::parse(tenant).ok());
    Ok(Usage {
        day,
        tenant: tenant.ok_or(unreadable)?,
        model: last_part(sort),
        calls: count(item, "calls")?,
        input_tokens: count(item, "input_tokens")?,
        output_tokens: count(item, "output_tokens")?,
        spent: MicroUsd(count(item, "spent_micros")?),
        latency_ms_sum: count(item, "latency_ms_sum")?,
        cache_hits: count(item, "cache_hits")?,
        alerts: count(item, "alerts")?,
    })
}
